"""The searchable faces: index port, exact index, Milvus index, the match decision."""
