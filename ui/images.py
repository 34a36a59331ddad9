"""Pictures for QML, made on Qt's image-loading thread, never on the UI thread.

    image://photos/<size>/<photo_id>?radius=14     cut to `sourceSize`, corners rounded
    image://still/<anything new>                   the visitor's own picture, mirrored, as a disc
    image://icons/<name>?color=#F6F1E6             a line icon in that colour, `sourceSize` pixels
    image://qr/<text, percent-encoded>             black on white, one pixel a module, 4 clear modules around

A picture that cannot be had comes as one transparent pixel: QML sees `implicitWidth <= 1`, draws its flat
tile and says `error.photo_missing`.
"""

from __future__ import annotations

from functools import cache
from urllib.parse import parse_qs, unquote

import cv2
import numpy as np
import structlog
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath
from PySide6.QtQml import QQmlEngine
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer

from kiosk.errors import KnownError
from kiosk.paths import resources_folder
from kiosk.photos.types import PreviewSize
from ui.facade import KioskFacade
from ui.qr import qr_image

_log = structlog.get_logger(__name__)
# The set's lines are 2 of 24 units; a little more reads better from an arm's length.
_THIN, _STROKE = 'stroke-width="2"', 'stroke-width="2.3"'
_THREADED = QQuickImageProvider.Flag.ForceAsynchronousImageLoading


def add_image_providers(engine: QQmlEngine, kiosk: KioskFacade) -> None:
    """Makes all of the above known to an engine, which owns them from then on."""
    engine.addImageProvider("photos", PhotoImages(kiosk))
    engine.addImageProvider("still", StillImage(kiosk))
    engine.addImageProvider("icons", IconImages())
    engine.addImageProvider("qr", QrImages())


class PhotoImages(QQuickImageProvider):
    """Photos by size and id."""

    def __init__(self, kiosk: KioskFacade) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image, _THREADED)
        self._kiosk = kiosk

    def requestImage(self, image_id: str, size: QSize, requested: QSize) -> QImage:
        path, _, query = image_id.partition("?")
        size_name, _, photo_id = path.partition("/")
        try:
            encoded = self._kiosk.pictures.photo_bytes(unquote(photo_id), PreviewSize(size_name))
        except KnownError as error:
            _log.warning("photo_not_shown", code=str(error.code))
            return _hand_over(missing_picture(), size)
        picture = _decode(encoded)
        if picture is None:
            _log.warning("photo_not_shown", code="undecodable")
            return _hand_over(missing_picture(), size)
        radius = float(parse_qs(query).get("radius", ["0"])[0])
        return _hand_over(covering(picture, requested, radius), size)


class StillImage(QQuickImageProvider):
    """The picture that the visitor's search started from: mirrored as they saw it, upper square, round."""

    def __init__(self, kiosk: KioskFacade) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image, _THREADED)
        self._kiosk = kiosk

    def requestImage(self, image_id: str, size: QSize, requested: QSize) -> QImage:
        pixels = self._kiosk.pictures.shot_still()
        if pixels is None:
            return _hand_over(missing_picture(), size)
        picture = image_of(np.ascontiguousarray(pixels[:, ::-1]))
        side = max(requested.width(), requested.height(), 1)
        return _hand_over(covering(picture, QSize(side, side), side / 2), size)


class IconImages(QQuickImageProvider):
    """Line icons in any colour."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, image_id: str, size: QSize, requested: QSize) -> QImage:
        name, _, query = image_id.partition("?")
        colour = parse_qs(query).get("color", ["#F6F1E6"])[0]
        side = requested.width() if requested.width() > 0 else 48
        return _hand_over(_icon(name, colour, side), size)


class QrImages(QQuickImageProvider):
    """QR codes; QML enlarges them by whole pixels."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, image_id: str, size: QSize, requested: QSize) -> QImage:
        return _hand_over(qr_image(unquote(image_id)), size)


def missing_picture() -> QImage:
    """One transparent pixel: there is no picture."""
    nothing = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
    nothing.fill(Qt.GlobalColor.transparent)
    return nothing


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """A picture in OpenCV's layout (height x width x 3, blue green red) as a QImage of its own memory."""
    four = cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA)
    height, width = four.shape[:2]
    return QImage(four.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def covering(picture: QImage, wanted: QSize, radius: float) -> QImage:
    """Scaled and cut so that it fills `wanted` (its own size where that is not given), corners rounded."""
    target = wanted if wanted.width() > 0 and wanted.height() > 0 else picture.size()
    scaled = picture.scaled(
        target,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    left = (scaled.width() - target.width()) // 2
    # Faces are rarely in the lower half: what must be cut off is taken from below first.
    top = (scaled.height() - target.height()) // 3
    cut = scaled.copy(left, top, target.width(), target.height())
    if radius <= 0:
        return cut
    rounded = QImage(target, QImage.Format.Format_ARGB32_Premultiplied)
    rounded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(rounded)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(0, 0, target.width(), target.height()), radius, radius)
    painter.setClipPath(outline)
    painter.drawImage(0, 0, cut)
    painter.end()
    return rounded


def _decode(encoded: bytes) -> QImage | None:
    # OpenCV lets the other threads run while it decodes.
    pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR) if encoded else None
    return None if pixels is None else image_of(pixels)


@cache
def _icon_source(name: str) -> str:
    return (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _icon(name: str, colour: str, side: int) -> QImage:
    drawing = QSvgRenderer(
        QByteArray(_icon_source(name).replace("currentColor", colour).replace(_THIN, _STROKE).encode())
    )
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    drawing.render(painter)
    painter.end()
    return picture


def _hand_over(picture: QImage, size: QSize) -> QImage:
    size.setWidth(picture.width())
    size.setHeight(picture.height())
    return picture
