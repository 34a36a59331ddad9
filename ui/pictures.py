"""Photos for QML: read, cut and rounded on threads of our own, shown by `PhotoView`.

Not an image provider: Qt calls a provider's methods from its loading thread while it holds a lock that the UI
thread wants too, and a provider in Python needs Python's lock for that. Each then waits for the other.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import structlog
from numpy.typing import NDArray
from PySide6.QtCore import Property, QObject, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPainterPath
from PySide6.QtQml import qmlEngine
from PySide6.QtQuick import QQuickItem

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import PreviewSize
from ui.facade import KioskFacade
from ui.newest_first import NewestFirst
from ui.picture_item import PictureItem

_log = structlog.get_logger(__name__)
_KEPT_BYTES = 64 * 1024 * 1024
_TRY_AGAIN_MS = 3000
_PASSING = frozenset({ErrorCode.OBJECT_STORE_UNREACHABLE, ErrorCode.FILE_DAMAGED})
"""Why a photo cannot be had for the moment only."""
STILL = "still"
"""The size name of the visitor's own picture; with a person's id, of that one's face."""


@dataclass(frozen=True, slots=True)
class PictureKey:
    """A picture as it is shown: which photo, from which preview (or STILL), how large, how round; and for
    which look (see `PictureLoader.begin_look`)."""

    photo_id: str
    size: str
    width: int
    height: int
    radius: int
    look: int


class PictureLoader(NewestFirst[PictureKey, "tuple[QImage | None, bool]", "PhotoView"]):
    """Photos for the views that show them.

    Finished pictures are kept up to `_KEPT_BYTES`; the visitor's own picture is not kept at all. Photos that
    are elsewhere, and cannot be reached there, are tried again every few seconds as long as they are wanted.
    """

    lookChanged = Signal()
    triedAgain = Signal()

    def __init__(self, kiosk: KioskFacade, parent: QObject | None = None) -> None:
        super().__init__("pictures", parent)
        self._kiosk = kiosk
        self._kept: OrderedDict[PictureKey, QImage] = OrderedDict()
        self._kept_bytes = 0
        self.look = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TRY_AGAIN_MS)
        self._pause.timeout.connect(self.triedAgain)

    def begin_look(self) -> None:
        """Somebody else looks, or something else was found: whose face is blurred differs, so no picture made
        until now is shown again."""
        self.look += 1
        self._kept.clear()
        self._kept_bytes = 0
        self.lookChanged.emit()

    def request(self, key: PictureKey, view: PhotoView) -> QImage | None:
        """The picture if it is at hand; otherwise None, and `view.take` is called when it is there."""
        image = self._kept.get(key)
        if image is not None:
            self._kept.move_to_end(key)
        else:
            self.wish(key, view)
        return image

    def make(self, key: PictureKey) -> tuple[QImage | None, bool]:
        """The picture; without one, whether there may be one in a while."""
        try:
            pixels = self._own_pixels(key) if key.size == STILL else self._photo_pixels(key)
        except KnownError as error:
            may_come = error.code in _PASSING
            # Off line it is tried every few seconds, which would fill the log.
            (_log.debug if may_come else _log.warning)("photo_not_shown", code=str(error.code))
            return None, may_come
        if pixels is None:
            return None, False
        return covering(image_of(pixels), QSize(key.width, key.height), key.radius), False

    def hand_over(
        self, key: PictureKey, made: tuple[QImage | None, bool], views: Sequence[PhotoView]
    ) -> None:
        image, may_come = made
        if may_come and not self._pause.isActive():
            self._pause.start()
        if image is not None and key.size != STILL and key.look == self.look:
            self._keep(key, image)
        for view in views:
            view.take(key, image, may_come)

    def _photo_pixels(self, key: PictureKey) -> NDArray[np.uint8]:
        return self._kiosk.pictures.photo_pixels(key.photo_id, PreviewSize(key.size))

    def _own_pixels(self, key: PictureKey) -> NDArray[np.uint8] | None:
        """The visitor's own picture, or the face of one of them, as in a mirror; None once it is erased."""
        pictures = self._kiosk.pictures
        pixels = pictures.face_of(key.photo_id) if key.photo_id else pictures.shot_still()
        return np.ascontiguousarray(pixels[:, ::-1]) if pixels is not None else None

    def _keep(self, key: PictureKey, image: QImage) -> None:
        before = self._kept.pop(key, None)
        self._kept_bytes += image.sizeInBytes() - (before.sizeInBytes() if before is not None else 0)
        self._kept[key] = image
        while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= oldest.sizeInBytes()


class PhotoView(PictureItem):
    """A photo, cut to this item. Lives on the UI thread. `isReady` once it is shown, `isMissing` when it
    cannot be had; neither while it loads."""

    wishChanged = Signal()
    stateChanged = Signal()

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._photo_id = ""
        self._size = str(PreviewSize.MEDIUM)
        self._radius = 0
        self._loader: PictureLoader | None = None
        self._key: PictureKey | None = None
        self._is_missing = False
        self._may_come = False

    def componentComplete(self) -> None:
        super().componentComplete()
        engine: Any = qmlEngine(self)
        self._loader = engine.pictures
        self._loader.lookChanged.connect(self._wish)
        self._loader.triedAgain.connect(self._try_again)
        self._wish()

    def geometryChange(self, new: QRectF | QRect, old: QRectF | QRect) -> None:
        super().geometryChange(new, old)
        self._wish()

    @Slot()
    def _wish(self) -> None:
        width, height = round(self.width()), round(self.height())
        if self._loader is None:
            return
        is_wish = width > 0 and height > 0 and (self._photo_id != "" or self._size == STILL)
        look = self._loader.look
        key = PictureKey(self._photo_id, self._size, width, height, self._radius, look) if is_wish else None
        if key == self._key:
            return
        if self._key is not None:
            self._loader.forget(self._key, self)
        self._key = key
        self._may_come = False
        self._show(self._loader.request(key, self) if key is not None else None, is_missing=False)

    @Slot()
    def _try_again(self) -> None:
        """The flat tile stays as it is until there is a picture."""
        if not self._may_come or self._loader is None or self._key is None:
            return
        self._may_come = False
        image = self._loader.request(self._key, self)
        if image is not None:
            self._show(image, is_missing=False)

    def take(self, key: PictureKey, image: QImage | None, may_come: bool) -> None:
        """The loader brings the picture for `key`, or None for one that cannot be had, or not now."""
        if key == self._key:
            self._may_come = may_come
            self._show(image, is_missing=image is None)

    def _show(self, image: QImage | None, is_missing: bool) -> None:
        self._is_missing = is_missing
        self.draw(image)
        self.stateChanged.emit()

    def _set_photo_id(self, value: str) -> None:
        self._photo_id = value
        self._wish()
        self.wishChanged.emit()

    def _set_size(self, value: str) -> None:
        self._size = value
        self._wish()
        self.wishChanged.emit()

    def _set_radius(self, value: int) -> None:
        self._radius = value
        self._wish()
        self.wishChanged.emit()

    photoId = Property(str, lambda self: self._photo_id, _set_photo_id, notify=wishChanged)
    preview = Property(str, lambda self: self._size, _set_size, notify=wishChanged)
    corner = Property(int, lambda self: self._radius, _set_radius, notify=wishChanged)
    isReady = Property(bool, lambda self: self.has_image, notify=stateChanged)
    isMissing = Property(bool, lambda self: self._is_missing, notify=stateChanged)


def middle_cut(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The middle of a picture (height x width x 3), scaled so that it fills `width` x `height`."""
    rows, columns = pixels.shape[:2]
    scale = max(width / columns, height / rows)
    kept_columns, kept_rows = min(columns, round(width / scale)), min(rows, round(height / scale))
    left, top = (columns - kept_columns) // 2, (rows - kept_rows) // 2
    cut = pixels[top : top + kept_rows, left : left + kept_columns]
    return np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """A picture in OpenCV's layout (height x width x 3, blue green red) as a QImage of its own memory."""
    four = cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA)
    height, width = four.shape[:2]
    return QImage(four.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def covering(picture: QImage, wanted: QSize, radius: float) -> QImage:
    """Scaled and cut so that it fills `wanted`, corners rounded."""
    scaled = picture.scaled(
        wanted,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    left = (scaled.width() - wanted.width()) // 2
    # A face is what people look for, and it is nearly always at the top: what must go, goes below.
    top = (scaled.height() - wanted.height()) // 10
    cut = scaled.copy(left, top, wanted.width(), wanted.height())
    if radius <= 0:
        return cut
    rounded = QImage(wanted, QImage.Format.Format_ARGB32_Premultiplied)
    rounded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(rounded)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(0, 0, wanted.width(), wanted.height()), radius, radius)
    painter.setClipPath(outline)
    painter.drawImage(0, 0, cut)
    painter.end()
    return rounded
