"""Which camera a setting means."""

from __future__ import annotations

from pathlib import Path

import structlog

from kiosk.camera.clip_camera import ClipCamera
from kiosk.camera.folder_camera import FolderCamera
from kiosk.camera.opencv_camera import OpenCvCamera
from kiosk.camera.rtsp_camera import RtspCamera
from kiosk.camera.types import Camera, Wish
from kiosk.errors import ErrorCode, KnownError

_log = structlog.get_logger(__name__)


def camera_from_source(
    source: str,
    fallback_clip: Path | None = None,
    wish: Wish = Wish(),  # noqa: B008 - immutable
) -> Camera:
    """The camera that `source` names: "auto", "webcam:0", "rtsp://…", or the path of a clip or a folder.
    `wish` is for webcams; other sources give the pictures that they have.

    "auto" is webcam 0; where that cannot be opened and `fallback_clip` is given, it is the clip. To find out,
    "auto" opens the webcam and hands it over open, which takes up to 5 s; all others are not open yet.
    Raises KnownError(SETTING_INVALID).
    """
    if source == "auto":
        return _webcam_or_clip(fallback_clip, wish)
    kind, _, rest = source.partition(":")
    if kind == "webcam" and rest.isascii() and rest.isdigit():
        return OpenCvCamera(int(rest), wish)
    if kind.lower() in ("rtsp", "rtsps"):
        return RtspCamera(source)
    if not source or kind == "webcam":
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            f'"{source}" names no camera.',
            'Use "auto", "webcam:0", "rtsp://…", or the path of a clip or of a folder of pictures.',
        )
    path = Path(source).expanduser()
    return FolderCamera(path) if path.is_dir() else ClipCamera(path)


def _webcam_or_clip(fallback_clip: Path | None, wish: Wish) -> Camera:
    webcam = OpenCvCamera(0, wish)
    if fallback_clip is None:
        return webcam
    try:
        webcam.open()
    except KnownError as error:
        _log.info("webcam_replaced_by_clip", code=error.code, clip=fallback_clip.name)
        return ClipCamera(fallback_clip)
    return webcam
