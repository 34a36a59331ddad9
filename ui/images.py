"""Drawings for QML's `Image`, made at once on the UI thread (never `asynchronous`, see ui/pictures.py).

image://icons/<name>?color=#F6F1E6      a line icon in that colour, `sourceSize` pixels
image://qr/<text, percent-encoded>      black on white, one pixel a module, 4 clear modules around
"""

from __future__ import annotations

from functools import cache
from urllib.parse import parse_qs, unquote

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtQml import QQmlEngine
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer

from kiosk.paths import resources_folder
from ui.qr import qr_image

# The set's lines are 2 of 24 units; a little more reads better from an arm's length.
_THIN, _STROKE = 'stroke-width="2"', 'stroke-width="2.3"'


def add_image_providers(engine: QQmlEngine) -> None:
    """Makes the above known to an engine, which owns them from then on."""
    engine.addImageProvider("icons", IconImages())
    engine.addImageProvider("qr", QrImages())


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


@cache
def _icon_source(name: str) -> str:
    return (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _icon(name: str, colour: str, side: int) -> QImage:
    source = _icon_source(name).replace("currentColor", colour).replace(_THIN, _STROKE)
    drawing = QSvgRenderer(QByteArray(source.encode()))
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
