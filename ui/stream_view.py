"""A camera's live picture with the boxes and labels of the faces in it."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import Any

from PySide6.QtCore import Property, QObject, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtQml import qmlEngine
from PySide6.QtQuick import QQuickItem

from kiosk.visits.told import StreamFaces
from kiosk.visits.types import FaceKind, SeenFace
from ui.face_labels import Area, place_labels
from ui.picture_item import PictureItem
from ui.stream_pictures import Prepared, Tile
from ui.theme import FONT_FAMILY
from ui.translator import Translator
from ui.view_models.row_list import RowListModel

LABEL_PIXELS = 22
LABEL_HEIGHT = 40.0
_LABEL_PADDING = 14.0
_LEAST_LABEL = 160.0
_MOST_OF_WIDTH = 0.42
"""A label is no wider than this share of the picture."""
_EDGE = 4.0
"""Boxes keep off the picture's edge."""
_LEAST_SIDE = 16.0
_USUAL_RATIO = 16 / 9
_WAIT_STANDS_S = 1.5
_AROUND = 0.12
"""A box stands a little off the face, as a share of its size."""
FACE_ROLES = (
    "trackId",
    "kind",
    "faceX",
    "faceY",
    "faceWidth",
    "faceHeight",
    "label",
    "labelX",
    "labelY",
    "labelWidth",
)


def label_of(face: SeenFace, words: Translator) -> str:
    """What stands beside a face: "Staff · Nok", "Mali · visit 5"; nothing where there is nothing to say."""
    if face.kind is FaceKind.STAFF:
        return words.translate("store.box.staff", {"name": face.name})
    if face.kind is not FaceKind.KNOWN:
        return ""
    if face.visit_number is None:
        return face.name
    if not face.name:
        return words.translate("store.box.guest", {"n": face.visit_number})
    return words.translate("store.box.known", {"name": face.name, "n": face.visit_number})


class StreamView(PictureItem):
    """Lives on the UI thread. Shows the stream `streamId` while `active`, its middle cut to this item;
    `faces` are those of the picture that is drawn, in pixels of this item; `ratio` is the camera's width over
    its height, `waited` how many seconds pictures wait for their faces."""

    streamChanged = Signal()
    activeChanged = Signal()
    hasPictureChanged = Signal()
    ratioChanged = Signal()
    waitedChanged = Signal()
    _prepared = Signal(object)

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._stream_id = ""
        self._active = False
        self._tile: Tile | None = None
        self._engine: Any = None
        self._seen: StreamFaces | None = None
        self._ratio = _USUAL_RATIO
        self._waited_s = 0.0
        self._waited_at_s = 0.0
        self._faces = RowListModel(FACE_ROLES, self)
        self.shown_pictures = 0
        font = QFont(FONT_FAMILY, weight=QFont.Weight.DemiBold)
        font.setPixelSize(LABEL_PIXELS)
        self._metrics = QFontMetricsF(font)
        self._prepared.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._stop)

    # when it is served

    def componentComplete(self) -> None:
        super().componentComplete()
        self._engine = qmlEngine(self)
        self._engine.translator.languageChanged.connect(self._mark)
        self._restart()

    def _restart(self) -> None:
        self._stop()
        if self._engine is None or not self._active or not self._stream_id:
            return
        self._tile = Tile(self._stream_id, *self._pixel_size(), self._prepared.emit)
        self._engine.stream_pictures.add(self._tile)

    def _stop(self) -> None:
        if self._tile is not None:
            self._engine.stream_pictures.remove(self._tile)
            self._tile = None

    def _pixel_size(self) -> tuple[int, int]:
        shown = self.mapRectToScene(self.boundingRect())
        return max(1, round(shown.width())), max(1, round(shown.height()))

    def geometryChange(self, new: QRectF | QRect, old: QRectF | QRect) -> None:
        super().geometryChange(new, old)
        if self._tile is not None:
            self._tile.size = self._pixel_size()

    def _set_stream(self, value: str) -> None:
        if value != self._stream_id:
            self._stream_id = value
            self._seen = None
            self._mark()
            self._restart()
            self.streamChanged.emit()

    def _set_active(self, value: bool) -> None:
        if value != self._active:
            self._active = value
            self._restart()
            self.activeChanged.emit()

    # what is drawn

    @Slot(object)
    def _take(self, prepared: Prepared) -> None:
        if not self._active:
            return
        if prepared.image is not None:
            is_first = not self.has_image
            self.draw(prepared.image)
            self.shown_pictures += 1
            if is_first:
                self.hasPictureChanged.emit()
            if prepared.ratio != self._ratio:
                self._ratio = prepared.ratio
                self.ratioChanged.emit()
            self._note_wait(prepared.waited_s)
        if prepared.faces is not None or self._seen is not None:
            self._seen = prepared.faces
            self._mark()

    def _note_wait(self, waited_s: float) -> None:
        """The longest of the last second or so: a figure that can be read."""
        now_s = monotonic()
        if waited_s < self._waited_s and now_s - self._waited_at_s < _WAIT_STANDS_S:
            return
        self._waited_s, self._waited_at_s = waited_s, now_s
        self.waitedChanged.emit()

    @Slot()
    def _mark(self) -> None:
        seen = self._seen
        self._faces.show(self._marks(seen) if seen is not None and seen.faces else [])

    def _marks(self, seen: StreamFaces) -> list[dict[str, Any]]:
        scale = max(self.width() / seen.frame_width, self.height() / seen.frame_height)
        left = (self.width() - seen.frame_width * scale) / 2
        top = (self.height() - seen.frame_height * scale) / 2
        kept: list[tuple[SeenFace, Area]] = []
        for face in seen.faces:
            wide, high = face.box.width * _AROUND, face.box.height * _AROUND
            x1 = max(_EDGE, left + (face.box.x1 - wide) * scale)
            y1 = max(_EDGE, top + (face.box.y1 - high) * scale)
            x2 = min(self.width() - _EDGE, left + (face.box.x2 + wide) * scale)
            y2 = min(self.height() - _EDGE, top + (face.box.y2 + high) * scale)
            if min(x2 - x1, y2 - y1) >= _LEAST_SIDE:
                kept.append((face, Area(x1, y1, x2 - x1, y2 - y1)))
        labels = [self._label(face) for face, _ in kept]
        sizes = [(self._width_of(text), LABEL_HEIGHT) if text else None for text in labels]
        places = place_labels([box for _, box in kept], sizes, self.width(), self.height(), _EDGE)
        return [
            {
                "trackId": face.track_id,
                "kind": str(face.kind),
                "faceX": box.x,
                "faceY": box.y,
                "faceWidth": box.width,
                "faceHeight": box.height,
                "label": text if spot is not None else "",
                "labelX": spot.x if spot is not None else 0.0,
                "labelY": spot.y if spot is not None else 0.0,
                "labelWidth": spot.width if spot is not None else 0.0,
            }
            for (face, box), text, spot in zip(kept, labels, places, strict=True)
        ]

    def _label(self, face: SeenFace) -> str:
        """A long name is cut, so that the number behind it is seen and others have room beside it."""
        words: Translator = self._engine.translator
        label = label_of(face, words)
        over = self._width_of(label) - max(_LEAST_LABEL, self.width() * _MOST_OF_WIDTH)
        if over <= 0 or not face.name:
            return label
        room = max(0.0, self._metrics.horizontalAdvance(face.name) - over)
        return label_of(
            replace(face, name=self._metrics.elidedText(face.name, Qt.TextElideMode.ElideRight, room)), words
        )

    def _width_of(self, text: str) -> float:
        return self._metrics.horizontalAdvance(text) + 2 * _LABEL_PADDING

    streamId = Property(str, lambda self: self._stream_id, _set_stream, notify=streamChanged)
    active = Property(bool, lambda self: self._active, _set_active, notify=activeChanged)
    hasPicture = Property(bool, lambda self: self.has_image, notify=hasPictureChanged)
    ratio = Property(float, lambda self: self._ratio, notify=ratioChanged)
    waited = Property(float, lambda self: self._waited_s, notify=waitedChanged)
    faces = Property(QObject, lambda self: self._faces, constant=True)
