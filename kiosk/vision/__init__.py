"""Faces in a frame: detector, alignment, recogniser, quality, weights."""
