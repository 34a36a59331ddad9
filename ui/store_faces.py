"""Faces of people and visits for QML, by their key: read off the UI thread, kept only while they are shown.

Not an image provider, for the reason that `ui.pictures` gives; and without its memory of pictures shown
before, for a face is somebody's: once nothing shows it, nothing here holds it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import structlog
from PySide6.QtCore import Property, QObject, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtQml import qmlEngine
from PySide6.QtQuick import QQuickItem
from shiboken6 import isValid

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.types import Pixels
from ui.picture_item import PictureItem
from ui.pictures import covering, image_of
from ui.store_facade import StorePictures

_log = structlog.get_logger(__name__)
_WORKERS = 2


@dataclass(frozen=True, slots=True)
class FaceKey:
    """A face as it is shown: which (`is_shot`: of the enrolment that goes on), how large, how round."""

    key: str
    is_shot: bool
    width: int
    height: int
    radius: int


class FaceLoader(QObject):
    """Lives on the UI thread; its workers take the newest wish first. Holds wishes, never pictures."""

    _loaded = Signal(object, object)

    def __init__(self, pictures: StorePictures, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._waiting: dict[FaceKey, WeakSet[FaceView]] = {}
        self._wishes: list[FaceKey] = []
        self._changed = threading.Condition()
        self._is_over = False
        self._loaded.connect(self._take, Qt.ConnectionType.QueuedConnection)
        for number in range(_WORKERS):
            threading.Thread(target=self._work, name=f"faces-{number}", daemon=True).start()

    def request(self, key: FaceKey, view: FaceView) -> None:
        """`view.take` is called when it is there, or cannot be had."""
        self._waiting.setdefault(key, WeakSet()).add(view)
        with self._changed:
            if key in self._wishes:
                self._wishes.remove(key)
            self._wishes.append(key)
            self._changed.notify()

    def forget(self, key: FaceKey, view: FaceView) -> None:
        """The view does not want the face any more; one that nobody wants is not read."""
        views = self._waiting.get(key)
        if views is None:
            return
        views.discard(view)
        if not views:
            del self._waiting[key]
            with self._changed:
                if key in self._wishes:
                    self._wishes.remove(key)

    def close(self) -> None:
        """Ends the workers soon; does not wait."""
        with self._changed:
            self._is_over = True
            self._wishes.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wishes or self._is_over)
                if self._is_over:
                    return
                key = self._wishes.pop()
            image = self._make(key)
            try:
                self._loaded.emit(key, image)
            except RuntimeError:  # the window went away meanwhile
                return

    def _make(self, key: FaceKey) -> QImage | None:
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

    def _read(self, key: FaceKey) -> Pixels | None:
        return self._pictures.shot(key.key) if key.is_shot else self._pictures.face(key.key)

    @Slot(object, object)
    def _take(self, key: FaceKey, image: QImage | None) -> None:
        for view in self._waiting.pop(key, WeakSet()):
            if isValid(view):  # Qt may have deleted the item of a page that is gone
                view.take(key, image)


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
            self._loader.request(key, self)

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
