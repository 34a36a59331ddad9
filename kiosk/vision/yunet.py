"""YuNet, the default detector (Wu et al., 2023), run by onnxruntime.

OpenCV's `FaceDetectorYN` gives the same boxes from the same file; onnxruntime gives them in a third of the
processor time. The file is made for 640 x 640 pixels, though every layer takes any multiple of 32, so the
size is taken out of it in memory.
"""

from __future__ import annotations

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.manifest import Preprocessing
from kiosk.vision.types import Box, Detection, FloatArray, Pixels

MIN_SCORE = 0.6
_SUPPRESSION_OVERLAP = 0.3
_STRIDES = (8, 16, 32)
_PARTS = ("cls", "obj", "bbox", "kps")
_OUTPUTS = [f"{part}_{stride}" for part in _PARTS for stride in _STRIDES]


class YuNet:
    """Finds faces in a picture at the size that it has. Safe from several threads, as onnxruntime is."""

    def __init__(self, weights: bytes, preprocessing: Preprocessing, threads: int = 1) -> None:
        """`weights` are the bytes of the ONNX file; `threads` for one call.

        Raises KnownError(WEIGHTS_UNUSABLE) when they are not YuNet's network.
        """
        self._preprocessing = preprocessing
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                _for_any_size(weights), options, providers=["CPUExecutionProvider"]
            )
            self._input = self._session.get_inputs()[0].name
            self._session.run(_OUTPUTS, {self._input: np.zeros((1, 3, 32, 64), np.float32)})
        except Exception as error:  # what onnx and onnxruntime raise has no common base
            raise KnownError(
                ErrorCode.WEIGHTS_UNUSABLE,
                f"The detector's weights cannot be loaded: {type(error).__name__}.",
                "Fetch the weights again: python3 -m installer run",
            ) from error

    def detect(self, pixels: Pixels, min_score: float = MIN_SCORE) -> list[Detection]:
        """Faces of at least `min_score`, the surest first, boxes and landmarks in the picture's pixels."""
        image = _padded(pixels)
        columns = image.shape[1]
        if self._preprocessing.colour_order == "RGB":
            image = image[..., ::-1]
        tensor = np.ascontiguousarray(image.transpose(2, 0, 1)[None], dtype=np.float32)
        if (self._preprocessing.mean, self._preprocessing.scale) != (0.0, 1.0):
            tensor -= np.float32(self._preprocessing.mean)
            tensor *= np.float32(self._preprocessing.scale)
        found = self._session.run(_OUTPUTS, {self._input: tensor})
        values = dict(zip(_OUTPUTS, found, strict=True))
        faces = np.concatenate([_decoded(values, stride, columns, min_score) for stride in _STRIDES])
        return _surest(faces, min_score)


def _for_any_size(weights: bytes) -> bytes:
    import onnx  # late: it costs a moment that only the first load has to pay

    network = onnx.load_model_from_string(weights)
    for side, name in ((2, "height"), (3, "width")):
        network.graph.input[0].type.tensor_type.shape.dim[side].dim_param = name
    for output in network.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"{output.name}_places"
    del network.graph.value_info[:]
    return bytes(network.SerializeToString())


def _padded(pixels: Pixels) -> Pixels:
    """Black added to the right and below, up to multiples of the coarsest stride."""
    height, width = pixels.shape[:2]
    below, right = -height % _STRIDES[-1], -width % _STRIDES[-1]
    if not below and not right:
        return pixels
    return np.asarray(cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_CONSTANT), np.uint8)


def _decoded(values: dict[str, FloatArray], stride: int, columns: int, min_score: float) -> FloatArray:
    """n x 15 for one stride: x, y, width, height, five points, score; only what scores enough.

    Each place of the grid gives its face relative to itself: centre and points in strides, sides as
    exponents. The score is the geometric mean of "a face" and "an object".
    """
    sure, thing, boxes, points = (values[f"{part}_{stride}"][0] for part in _PARTS)
    scores = np.sqrt(np.clip(sure[:, 0], 0, 1) * np.clip(thing[:, 0], 0, 1))
    kept = np.flatnonzero(scores >= min_score)
    row, column = np.divmod(kept, columns // stride)
    origin = np.stack([column, row], axis=1).astype(np.float32)
    centre = (boxes[kept, :2] + origin) * stride
    sides = np.exp(boxes[kept, 2:]) * stride
    landmarks = (points[kept].reshape(-1, 5, 2) + origin[:, None]) * stride
    return np.concatenate(
        [centre - sides / 2, sides, landmarks.reshape(-1, 10), scores[kept, None]], axis=1
    ).astype(np.float32)


def _surest(faces: FloatArray, min_score: float) -> list[Detection]:
    """Of faces that overlap, the surest one."""
    boxes: NDArray[np.float32] = faces[:, :4]
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), faces[:, 14].tolist(), min_score, _SUPPRESSION_OVERLAP)
    return [_detection(faces[place]) for place in np.asarray(kept, dtype=np.int64).reshape(-1)]


def _detection(row: FloatArray) -> Detection:
    """The points start with the person's right eye, which is on the picture's left."""
    x, y, width, height = (float(value) for value in row[:4])
    return Detection(
        box=Box(x, y, x + width, y + height),
        score=float(row[14]),
        landmarks=row[4:14].reshape(5, 2).copy(),
    )
