"""A network camera, over RTSP."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import cv2

from kiosk.camera.device_reader import DeviceReader
from kiosk.camera.types import Frame
from kiosk.errors import ErrorCode, KnownError

_OPEN_TIMEOUT_MS = 3000
_READ_TIMEOUT_MS = 2000
_KNOCK_TIMEOUT_S = 1.0
_DEFAULT_PORT = 554


class RtspCamera:
    """The stream at `url` (rtsp://user:password@host:port/path). Its name and errors show the host only.

    OpenCV's own limits are 30 s for opening and for each picture; here they are 3 s and 2 s.
    """

    def __init__(self, url: str) -> None:
        """Raises KnownError(SETTING_INVALID) for what is no RTSP address."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or _DEFAULT_PORT
        except ValueError:
            host, port = None, _DEFAULT_PORT
        if not host or not url.lower().startswith(("rtsp://", "rtsps://")):
            raise KnownError(
                ErrorCode.SETTING_INVALID,
                "The camera's address is not of the form rtsp://host/path.",
                "Correct the camera source in the settings.",
            )
        self._url, self._host, self._port = url, host, port
        self._reader = DeviceReader(self.name, self._connect)

    @property
    def name(self) -> str:
        return f"rtsp {self._host}"

    def open(self) -> None:
        """Raises KnownError: CAMERA_NOT_FOUND (nobody answers there), CAMERA_REFUSED, CAMERA_FROZEN."""
        self._reader.open()

    def read(self) -> Frame:
        """Raises KnownError: CAMERA_LOST, CAMERA_FROZEN."""
        return self._reader.read()

    def close(self) -> None:
        self._reader.close()

    def _connect(self) -> cv2.VideoCapture:
        # The knock first: it tells an absent host from one that refuses, which OpenCV does not.
        try:
            socket.create_connection((self._host, self._port), _KNOCK_TIMEOUT_S).close()
        except OSError as error:
            raise KnownError(
                ErrorCode.CAMERA_NOT_FOUND,
                f"Nothing answers at {self._host}, port {self._port}.",
                "Check the camera's power, network cable and address.",
            ) from error
        limits = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            _OPEN_TIMEOUT_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            _READ_TIMEOUT_MS,
        ]
        capture = cv2.VideoCapture(self._url, cv2.CAP_FFMPEG, limits)
        if not capture.isOpened():
            capture.release()
            raise KnownError(
                ErrorCode.CAMERA_REFUSED,
                f"{self.name} answers, but gives no stream.",
                "Check the path, the user and the password in the camera's address.",
            )
        return capture
