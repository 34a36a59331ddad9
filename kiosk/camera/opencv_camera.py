"""A webcam, through OpenCV."""

from __future__ import annotations

import sys

import cv2

from kiosk.camera.device_reader import DeviceReader
from kiosk.camera.types import Frame, Wish
from kiosk.errors import ErrorCode, KnownError

_BACKENDS = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}


class OpenCvCamera:
    """The webcam with number `index`."""

    def __init__(self, index: int, wish: Wish = Wish()) -> None:  # noqa: B008 - immutable
        self._index = index
        self._wishes = (
            # Uncompressed pictures of this size do not fit through USB 2 at 30 a second; MJPG does.
            (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
            (cv2.CAP_PROP_FRAME_WIDTH, wish.width),
            (cv2.CAP_PROP_FRAME_HEIGHT, wish.height),
            (cv2.CAP_PROP_FPS, wish.fps),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        )
        self._reader = DeviceReader(self.name, self._connect)

    @property
    def name(self) -> str:
        return f"webcam {self._index}"

    def open(self) -> None:
        """Raises KnownError: CAMERA_NOT_FOUND, CAMERA_FROZEN."""
        self._reader.open()

    def read(self) -> Frame:
        """Raises KnownError: CAMERA_LOST, CAMERA_FROZEN."""
        return self._reader.read()

    def close(self) -> None:
        self._reader.close()

    def _connect(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(self._index, _BACKENDS.get(sys.platform, cv2.CAP_ANY))
        if not capture.isOpened():
            capture.release()
            raise KnownError(
                ErrorCode.CAMERA_NOT_FOUND,
                f"There is no {self.name}, or another program holds it.",
                "Plug it in, close other programs that use it, or set another camera.",
            )
        for wish, value in self._wishes:
            capture.set(wish, value)
        return capture
