"""A video clip as a camera: stands in where there is none, and for tests."""

from __future__ import annotations

import time
from pathlib import Path

import cv2

from kiosk.camera.types import Frame, Pixels
from kiosk.errors import BugError, ErrorCode, KnownError

_DEFAULT_FPS = 30.0
_HIGHEST_FPS = 240.0


class ClipCamera:
    """Plays the clip at `path` at its own pace, or at `fps`; over and over if `loop`.

    Like a camera it does not wait for a slow reader: pictures whose time has passed are left out. A clip
    that breaks off counts as ended there.
    """

    def __init__(self, path: Path, loop: bool = True, fps: float | None = None) -> None:
        self._path = path
        self._loop = loop
        self._wished_fps = fps
        self._capture: cv2.VideoCapture | None = None
        self._ahead: Pixels | None = None
        self._period_s = 1.0 / _DEFAULT_FPS
        self._due_s = 0.0
        self._sequence = 0

    @property
    def name(self) -> str:
        return f"clip {self._path.name}"

    def open(self) -> None:
        """Raises KnownError: CAMERA_NOT_FOUND (no such file), CLIP_UNREADABLE (no picture in it)."""
        if self._capture is not None:
            return
        if not self._path.is_file():
            raise KnownError(
                ErrorCode.CAMERA_NOT_FOUND, f"{self.name} is not there.", "Correct the camera source."
            )
        # One thread: a small picture gains nothing from more, and the cores belong to the screen.
        capture = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        is_whole, pixels = capture.read() if capture.isOpened() else (False, None)
        if not is_whole:
            capture.release()
            raise KnownError(
                ErrorCode.CLIP_UNREADABLE,
                f"{self.name} holds no picture that can be read.",
                "Replace the file, or set another camera.",
            )
        own_fps = capture.get(cv2.CAP_PROP_FPS)
        fps = self._wished_fps or (own_fps if 0 < own_fps <= _HIGHEST_FPS else _DEFAULT_FPS)
        self._period_s = 1.0 / fps
        self._due_s = time.monotonic()
        self._capture, self._ahead = capture, pixels

    def read(self) -> Frame:
        """Raises KnownError: CAMERA_LOST at the end of a clip that is not looped, CLIP_UNREADABLE."""
        if self._capture is None:
            raise BugError(f"{self.name} is read before it is open")
        pixels = self._decode(self._capture) if self._ahead is None else self._take_ahead()
        wait_s = self._due_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        self._due_s += self._period_s
        self._sequence += 1
        return Frame(self._sequence, time.monotonic(), pixels)

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
        self._capture = self._ahead = None

    def _take_ahead(self) -> Pixels:
        pixels, self._ahead = self._ahead, None
        if pixels is None:
            raise BugError("an open clip has a first picture")
        return pixels

    def _decode(self, capture: cv2.VideoCapture) -> Pixels:
        """The next picture whose time has not passed."""
        late = int((time.monotonic() - self._due_s) / self._period_s)
        for _ in range(max(0, late)):
            self._due_s += self._period_s
            if not capture.grab():
                break
        pixels: Pixels
        is_whole, pixels = capture.read()
        if is_whole:
            return pixels
        if not self._loop:
            raise KnownError(ErrorCode.CAMERA_LOST, f"{self.name} has ended.", "Set it to be repeated.")
        # Opened anew, not wound back: that works with every container, also with a damaged one.
        self.close()
        self.open()
        return self._take_ahead()
