"""Faces of people and visits for QML, by their key: read off the UI thread, kept only while they are shown.

Not an image provider, for the reason that `ui.pictures` gives; and without its memory of pictures shown
before, for a face is somebody's: once nothing shows it, nothing here holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from PySide6.QtCore import Property, QObject, QRect, QRectF, QSize, Signal
from PySide6.QtGui import QImage
from PySide6.QtQml import qmlEngine
from PySide6.QtQuick import QQuickItem

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.types import Pixels
from ui.newest_first import NewestFirst
from ui.picture_item import PictureItem
from ui.pictures import covering, image_of
from ui.store_facade import StorePictures

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FaceKey:
    """A face as it is shown: which (`is_shot`: of the enrolment that goes on), how large, how round."""

    key: str
    is_shot: bool
    width: int
    height: int
    radius: int


class FaceLoader(NewestFirst[FaceKey, "QImage | None", "FaceView"]):
    """Reads faces for the views that show them."""

    def __init__(self, pictures: StorePictures, parent: QObject | None = None) -> None:
        super().__init__("faces", parent)
        self._pictures = pictures

    def make(self, key: FaceKey) -> QImage | None:
        try:
            pixels = self._read(key)
        except KnownError as error:
            # A picture that is gone by now is what the purge is for.
            is_gone = error.code is ErrorCode.OBJECT_MISSING
            (_log.debug if is_gone else _log.warning)("face_not_shown", code=str(error.code))
            return None
        if pixels is None:
            return None
        return covering(image_of(pixels), QSize(key.width, key.height), key.radius)

    def hand_over(self, key: FaceKey, made: QImage | None, views: Sequence[FaceView]) -> None:
        for view in views:
            view.take(key, made)

    def _read(self, key: FaceKey) -> Pixels | None:
        return self._pictures.shot(key.key) if key.is_shot else self._pictures.face(key.key)


class FaceView(PictureItem):
    """A face, cut to this item. Lives on the UI thread. `pictureKey` as the store names it; with `isShot` one
    of the enrolment that goes on. `isReady` once it is shown, `isMissing` when it cannot be had; neither
    while it loads."""

    wishChanged = Signal()
    stateChanged = Signal()

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._picture_key = ""
        self._is_shot = False
        self._radius = 0
        self._loader: FaceLoader | None = None
        self._key: FaceKey | None = None
        self._is_missing = False

    def componentComplete(self) -> None:
        super().componentComplete()
        engine: Any = qmlEngine(self)
        self._loader = engine.faces
        self._wish()

    def geometryChange(self, new: QRectF | QRect, old: QRectF | QRect) -> None:
        super().geometryChange(new, old)
        self._wish()

    def _wish(self) -> None:
        if self._loader is None:
            return
        width, height = round(self.width()), round(self.height())
        is_wish = width > 0 and height > 0 and self._picture_key != ""
        key = FaceKey(self._picture_key, self._is_shot, width, height, self._radius) if is_wish else None
        if key == self._key:
            return
        if self._key is not None:
            self._loader.forget(self._key, self)
        self._key = key
        self._show(None, is_missing=False)
        if key is not None:
            self._loader.wish(key, self)

    def take(self, key: FaceKey, image: QImage | None) -> None:
        """The loader brings the face for `key`, or None for one that cannot be had."""
        if key == self._key:
            self._show(image, is_missing=image is None)

    def _show(self, image: QImage | None, is_missing: bool) -> None:
        self._is_missing = is_missing
        self.draw(image)
        self.stateChanged.emit()

    def _set_picture_key(self, value: str) -> None:
        self._picture_key = value
        self._wish()
        self.wishChanged.emit()

    def _set_shot(self, value: bool) -> None:
        self._is_shot = value
        self._wish()
        self.wishChanged.emit()

    def _set_radius(self, value: int) -> None:
        self._radius = value
        self._wish()
        self.wishChanged.emit()

    pictureKey = Property(str, lambda self: self._picture_key, _set_picture_key, notify=wishChanged)
    isShot = Property(bool, lambda self: self._is_shot, _set_shot, notify=wishChanged)
    corner = Property(int, lambda self: self._radius, _set_radius, notify=wishChanged)
    isReady = Property(bool, lambda self: self.has_image, notify=stateChanged)
    isMissing = Property(bool, lambda self: self._is_missing, notify=stateChanged)
