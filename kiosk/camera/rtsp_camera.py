"""A network camera, over RTSP."""

from __future__ import annotations

import os
import socket
import ssl
import time
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import cv2

from kiosk.camera.device_reader import DeviceReader
from kiosk.camera.rtsp_answer import describe
from kiosk.camera.stream_clock import StreamClock
from kiosk.camera.types import Frame
from kiosk.errors import ErrorCode, KnownError

STALE_AFTER_S = 5.0
_OPEN_TIMEOUT_MS = 3000
_READ_TIMEOUT_MS = 2000
_KNOCK_TIMEOUT_S = 1.0
_DEFAULT_PORT = 554
_NO_ENTRY = (401, 403)
_NO_SUCH_STREAM = (400, 404, 410, 451, 454)

# OpenCV prints addresses, passwords too, when it cannot open them; FFmpeg a line for each spoilt picture.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# FFmpeg is. Else OpenCV opens one stream after the other, and one that does not answer holds up all.
os.environ.setdefault("OPENCV_FFMPEG_IS_THREAD_SAFE", "1")
_AUTHORITIES_OF_DEBIAN = Path("/etc/ssl/certs/ca-certificates.crt")


def capture_options() -> str:
    """How FFmpeg is to read streams. By itself it collects pictures until it knows their rate, which nobody
    asks for (at ten a second for 2.7 s), and takes any certificate."""
    named, usual = os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile
    debian = str(_AUTHORITIES_OF_DEBIAN) if _AUTHORITIES_OF_DEBIAN.exists() else None
    authorities = named or debian or usual or certifi.where()
    return f"rtsp_flags;prefer_tcp|fpsprobesize;0|tls_verify;1|ca_file;{authorities}"


os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", capture_options())


class RtspCamera:
    """The stream at `url` (rtsp://user:password@host:port/path). Its name and errors show the host only.

    OpenCV's own limits are 30 s for opening and for each picture; here they are 3 s and 2 s. The pictures'
    `captured_at_s` counts what they waited on their way (see `StreamClock`); when that comes to more than
    5 s, the stream is let go of, for what has queued up by then never becomes the present again by itself.
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
        self._clock = StreamClock()
        self._reader = DeviceReader(self.name, self._connect, self._waited_s)

    @property
    def name(self) -> str:
        return f"rtsp {self._host}"

    def open(self) -> None:
        """Raises KnownError: CAMERA_NOT_FOUND (nobody answers there), CAMERA_REFUSED (the password, the
        path), CAMERA_FROZEN (it answers nothing), CAMERA_LOST (it answers, but not with pictures)."""
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
            # Each further thread of the decoder holds a picture back.
            cv2.CAP_PROP_N_THREADS,
            1,
        ]
        began_s = time.monotonic()
        capture = cv2.VideoCapture(self._url, cv2.CAP_FFMPEG, limits)
        if not capture.isOpened():
            capture.release()
            raise self._refusal(time.monotonic() - began_s)
        self._clock = StreamClock()
        return capture

    def _waited_s(self, capture: cv2.VideoCapture, arrived_at_s: float) -> float:
        waited_s = self._clock.waited_s(arrived_at_s, capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        if waited_s > STALE_AFTER_S:
            raise KnownError(
                ErrorCode.CAMERA_LOST,
                f"The pictures of {self.name} came more than {STALE_AFTER_S:.0f} s late.",
                "It is opened anew by itself. If that repeats, choose a smaller picture at the camera.",
            )
        return waited_s

    def _refusal(self, took_s: float) -> KnownError:
        """Why there is no stream, as the server itself says it."""
        left_s = _OPEN_TIMEOUT_MS / 1000 - took_s
        if left_s > 0 and self._url.lower().startswith("rtsps:"):
            return self._refused(
                "gives no stream",
                "path, user and password, and that this machine trusts who signed its certificate",
            )
        status = describe(self._url, left_s) if left_s > 0 else None
        if status in _NO_ENTRY:
            return self._refused("does not let this user in", "user and password")
        if status in _NO_SUCH_STREAM:
            return self._refused("has no such stream", "path in its address")
        if status is None:
            return KnownError(
                ErrorCode.CAMERA_FROZEN,
                f"{self.name} takes the call, but does not answer.",
                "Check that it is a camera; switch it off and on again.",
            )
        return KnownError(
            ErrorCode.CAMERA_LOST,
            f"{self.name} answers, but sends no picture that can be read.",
            "Switch the camera off and on again; it has to send H.264, H.265 or MJPEG.",
        )

    def _refused(self, what: str, check: str) -> KnownError:
        return KnownError(
            ErrorCode.CAMERA_REFUSED, f"{self.name} answers, but {what}.", f"Check the camera's {check}."
        )
