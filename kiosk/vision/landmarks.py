"""The 106 points of a face: where they lie (PFLD, run by onnxruntime) and what can be read from them.

The points are those of the 106-point set of the JD challenge (Liu et al., 2019): 0-32 the outline from the
picture's left to its right, 33-50 the brows, 51-54 the ridge of the nose down to its tip, 55-65 its sides and
base, 66-83 the eyes, 84-103 the mouth, 104-105 the pupils.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.alignment import square_around
from kiosk.vision.manifest import Preprocessing, read_manifest, read_weights
from kiosk.vision.onnx_session import as_input, open_session, unusable
from kiosk.vision.types import Box, FloatArray, Pixels

POINTS = 106
_SIDE_PX = 112
_MARGIN = 1.2  # the cut's side over the box's, as the network was trained

_Places = tuple[int, ...]
# Each eye: upper lid, lower lid, lower edge of the brow above it.
_EYES: tuple[tuple[_Places, _Places, _Places], ...] = (
    ((67, 68, 69), (71, 72, 73), (39, 40)),
    ((76, 77, 78), (80, 81, 82), (48, 49)),
)
_EYE_CENTRES: tuple[_Places, _Places] = (tuple(range(66, 74)), tuple(range(75, 83)))
# Three rows across the face: the point in its middle, the outline to the left and to the right of it.
_ROOT: tuple[_Places, _Places, _Places] = ((51,), (0, 1), (32, 31))
_TIP: tuple[_Places, _Places, _Places] = ((54,), (3, 4), (29, 28))
_LIP: tuple[_Places, _Places, _Places] = ((87,), (6, 7), (26, 25))


@dataclass(frozen=True, slots=True)
class FaceShape:
    """What the points of one face say of its lids and of its depth; no unit depends on the face's size.

    `openness`: the gap between the lids over the distance from the brow's lower edge to the lower lid, of the
    eye that is open wider. The points lie in a line, so however a picture is moved, tilted or bent, the ratio
    stays; only a lid changes it.
    `turn`: how far the middle line of the face lies from the middle of its outline, over the outline's width;
    positive is to the picture's right; 0.1 is about 10 degrees.
    `relief`: how much further to that side the tip of the nose lies than its root and the upper lip do. A
    head that turns moves it, for the nose stands out in both directions; on a surface that is flat, or bent
    in one direction as paper is, all three rows move alike.
    """

    openness: float
    turn: float
    relief: float


def face_shape(points: FloatArray) -> FaceShape:
    """Reads the shape from 106 x 2 `points`; degenerate points give zeros."""
    places = points.astype(np.float64)
    if not np.isfinite(places).all():
        return FaceShape(0.0, 0.0, 0.0)
    left, right = (places[list(eye)].mean(axis=0) for eye in _EYE_CENTRES)
    across = right - left
    distance = float(np.hypot(*across))
    if distance < 1e-6:
        return FaceShape(0.0, 0.0, 0.0)
    axis = across / distance
    down = np.array([-axis[1], axis[0]])
    root, tip, lip = (_turn(places, row, axis) for row in (_ROOT, _TIP, _LIP))
    return FaceShape(
        openness=max(_openness(places, eye, down) for eye in _EYES),
        turn=(root + tip + lip) / 3,
        relief=tip - (root + lip) / 2,
    )


def _openness(
    places: NDArray[np.float64], eye: tuple[_Places, _Places, _Places], down: NDArray[np.float64]
) -> float:
    upper, lower, brow = (float((places[list(part)].mean(axis=0)) @ down) for part in eye)
    return (lower - upper) / (lower - brow) if lower - brow > 1e-6 else 0.0


def _turn(
    places: NDArray[np.float64], row: tuple[_Places, _Places, _Places], axis: NDArray[np.float64]
) -> float:
    middle, left, right = (float((places[list(part)].mean(axis=0)) @ axis) for part in row)
    width = right - left
    return (middle - (left + right) / 2) / width if width > 1e-6 else 0.0


class LandmarkNet:
    """Finds the 106 points of faces. Safe from several threads (onnxruntime's own guarantee)."""

    def __init__(self, weights: bytes, preprocessing: Preprocessing, threads: int = 1) -> None:
        """`weights` are the bytes of the ONNX file; `threads` for one call.

        Raises KnownError(WEIGHTS_UNUSABLE) when they are not a network from n x 3 x 112 x 112 to n x 212.
        """
        self._preprocessing = preprocessing
        self._session = open_session(weights, threads, "the landmarks")
        self._input = self._session.get_inputs()[0].name
        shape = self._session.get_outputs()[0].shape
        if list(shape[1:]) != [2 * POINTS]:
            raise unusable("the landmarks", f"the output is {shape}, not n x {2 * POINTS}")

    def find(self, pixels: Pixels, box: Box) -> FloatArray:
        """The points of the face in `box`, 106 x 2 float32, in pixels of the picture."""
        cut, corner, side = square_around(pixels, box, _MARGIN, _SIDE_PX)
        tensor = as_input(cut[None], self._preprocessing)
        shares = np.asarray(self._session.run(None, {self._input: tensor})[0], np.float32)
        return np.asarray(shares.reshape(POINTS, 2) * np.float32(side) + corner, np.float32)


class LandmarkFinder:
    """The network of a folder of weights, read and loaded with the first use. Safe from several threads."""

    def __init__(self, models: Path, threads: int = 1) -> None:
        self._models = models
        self._threads = threads
        self._lock = threading.Lock()
        self._net: LandmarkNet | None = None

    def warm_up(self) -> None:
        """Loads the network now.

        Raises KnownError: MANIFEST_INVALID, WEIGHTS_MISSING, WEIGHTS_HASH, WEIGHTS_UNUSABLE.
        """
        self._loaded()

    def find(self, pixels: Pixels, box: Box) -> FloatArray:
        """As `LandmarkNet.find`; the first call raises what `warm_up` raises."""
        return self._loaded().find(pixels, box)

    def _loaded(self) -> LandmarkNet:
        with self._lock:
            if self._net is None:
                entry = read_manifest(self._models).entry("landmarks")
                weights = read_weights(self._models, entry)
                self._net = LandmarkNet(weights, entry.preprocessing, self._threads)
            return self._net
