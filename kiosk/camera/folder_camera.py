"""A folder of pictures as a camera."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import structlog

from kiosk.camera.types import Frame, Pixels
from kiosk.errors import BugError, ErrorCode, KnownError

_log = structlog.get_logger(__name__)
_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


class FolderCamera:
    """Shows the pictures of `folder` by name, `fps` a second, over and over; others are left out."""

    def __init__(self, folder: Path, fps: float = 1.0) -> None:
        self._folder = folder
        self._period_s = 1.0 / fps
        self._paths: list[Path] = []
        self._next = 0
        self._due_s = 0.0
        self._sequence = 0

    @property
    def name(self) -> str:
        return f"folder {self._folder.name}"

    def open(self) -> None:
        """Raises KnownError: CAMERA_NOT_FOUND (no such folder), CLIP_UNREADABLE (no picture in it)."""
        if self._paths:
            return
        if not self._folder.is_dir():
            raise KnownError(
                ErrorCode.CAMERA_NOT_FOUND, f"{self.name} is not there.", "Correct the camera source."
            )
        self._paths = sorted(path for path in self._folder.iterdir() if path.suffix.lower() in _ENDINGS)
        self._next, self._due_s = 0, time.monotonic()
        try:
            self._decode_next()
        except KnownError:
            self.close()
            raise
        self._next = 0

    def read(self) -> Frame:
        """Raises KnownError(CLIP_UNREADABLE) once no picture is left that can be read."""
        if not self._paths:
            raise BugError(f"{self.name} is read before it is open")
        pixels = self._decode_next()
        now_s = time.monotonic()
        if now_s < self._due_s:
            time.sleep(self._due_s - now_s)
        self._due_s = max(self._due_s, now_s) + self._period_s
        self._sequence += 1
        return Frame(self._sequence, time.monotonic(), pixels)

    def close(self) -> None:
        self._paths = []

    def _decode_next(self) -> Pixels:
        while self._paths:
            self._next %= len(self._paths)
            path = self._paths[self._next]
            pixels = _decoded(path)
            if pixels is not None:
                self._next += 1
                return pixels
            _log.warning("picture_left_out", camera=self.name, path=path.name)
            self._paths.remove(path)
        raise KnownError(
            ErrorCode.CLIP_UNREADABLE,
            f"{self.name} holds no picture that can be read.",
            "Put pictures in it.",
        )


def _decoded(path: Path) -> Pixels | None:
    """The picture upright, or None. Read through numpy, for OpenCV cannot open every name on Windows."""
    try:
        data = np.fromfile(path, dtype=np.uint8)
    except OSError:
        return None
    pixels: Pixels | None = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    return pixels
