"""The live view: camera worker, face worker, guidance in words, the automatic shot."""
