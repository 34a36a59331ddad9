"""A world of painted faces: scenes, an engine that sees them exactly, and a camera that can break.

The camera obeys the contract of `kiosk.camera.types.Camera` in its faults too: it never blocks for longer
than two seconds, and raises known errors only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from kiosk.camera.types import Frame, Pixels
from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.types import EMBEDDING_SIZE, Box, Detection, Embedding

WIDTH, HEIGHT = 640, 360
Scene = Callable[[], Pixels]


def scene(*faces: tuple[int, int, int, int]) -> Pixels:
    """A black frame with faces (centre x, centre y, width, person 1..4), in good light and sharp."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    noise = np.random.default_rng(7)
    for x, y, width, person in faces:
        height = int(width * 1.25)
        patch = noise.integers(70, 190, (height, width, 1), dtype=np.uint8).repeat(3, axis=2)
        patch[..., 2] = np.clip(patch[..., 1].astype(int) + 12 * person, 0, 255).astype(np.uint8)
        top, left = max(0, y - height // 2), max(0, x - width // 2)
        room = pixels[top : top + height, left : left + width]
        room[:] = patch[: room.shape[0], : room.shape[1]]
    return pixels


class PaintedEngine:
    """Finds the patches that `scene` paints; the embedding tells the person by the patch's tint."""

    contract_id = "painted"

    def __init__(self) -> None:
        self.fault: Exception | None = None

    def detect(self, pixels: Pixels) -> list[Detection]:
        if self.fault is not None:
            raise self.fault
        mask = (pixels.max(axis=2) > 30).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        found = [_detection(*map(float, row[:4])) for row in stats[1:] if row[4] > 400]
        return sorted(found, key=lambda detection: detection.box.area, reverse=True)

    def embed(self, pixels: Pixels, detections: Sequence[Detection]) -> list[Embedding]:
        embeddings = []
        for detection in detections:
            box = detection.box
            patch = pixels[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)].astype(int)
            person = round(float(np.median(patch[..., 2] - patch[..., 1])) / 12)
            vector = np.zeros(EMBEDDING_SIZE, np.float32)
            vector[person] = 1.0
            embeddings.append(Embedding(vector, self.contract_id))
        return embeddings


def _detection(x: float, y: float, width: float, height: float) -> Detection:
    shares = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.58), (0.35, 0.75), (0.65, 0.75)]
    landmarks = np.array([(x + a * width, y + b * height) for a, b in shares], np.float32)
    return Detection(Box(x, y, x + width, y + height), 0.95, landmarks)


class SceneCamera:
    """Gives `view()` 30 times a second until something happens to it."""

    name = "scene"

    def __init__(self, view: Scene) -> None:
        self.view = view
        self.is_gone = threading.Event()
        self.is_frozen = threading.Event()
        self.fault: Exception | None = None
        self.opened = 0
        self.closed = 0
        self._sequence = 0

    def open(self) -> None:
        if self.is_gone.is_set():
            raise KnownError(ErrorCode.CAMERA_NOT_FOUND, "There is no scene.", "Plug it in.")
        self.opened += 1

    def read(self) -> Frame:
        if self.fault is not None:
            raise self.fault
        if self.is_frozen.is_set():
            time.sleep(2.0)
            raise KnownError(ErrorCode.CAMERA_FROZEN, "The scene stands still.", "Check its cable.")
        time.sleep(1 / 30)
        if self.is_gone.is_set():
            raise KnownError(ErrorCode.CAMERA_LOST, "The scene is gone.", "Plug it in.")
        self._sequence += 1
        return Frame(self._sequence, time.monotonic(), self.view())

    def close(self) -> None:
        self.closed += 1
