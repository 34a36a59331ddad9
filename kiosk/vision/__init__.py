"""Faces in a frame: detector, alignment, recogniser, quality, weights."""

import os

# ONNX Runtime would give the machine an id and note its use for its maker, from its import on.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
