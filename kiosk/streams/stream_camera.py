"""The camera of a stream: its address is put together with its password only here, when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from kiosk.camera.open_camera import camera_from_source
from kiosk.camera.types import Camera
from kiosk.visits.types import Stream


def stream_camera(stream: Stream, read_secret: Callable[[str], str]) -> Camera:
    """The camera, not open yet. Raises KnownError SETTING_INVALID (its source names no camera), and what
    `read_secret` raises (SECRET_MISSING); that is asked only where the stream has a user."""
    scheme, separator, rest = stream.source.partition("://")
    if not stream.user or not separator:
        return camera_from_source(stream.source)
    user, password = quote(stream.user, safe=""), quote(read_secret(stream.password_name), safe="")
    return camera_from_source(f"{scheme}://{user}:{password}@{rest}")
