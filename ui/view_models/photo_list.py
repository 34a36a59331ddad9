"""Photos as a list for a grid, kept up to date by differences, so that thousands of tiles stay fluid."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import Property as QtProperty
from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from kiosk.gallery.types import Certainty
from kiosk.session.view import PhotoTile
from ui.translator import show_time

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class PhotoRole(IntEnum):
    """What a delegate can ask for, by the names of `PhotoListModel.roleNames`."""

    PHOTO_ID = Qt.ItemDataRole.UserRole + 1
    NUMBER = Qt.ItemDataRole.UserRole + 2
    TIME = Qt.ItemDataRole.UserRole + 3
    PLACE = Qt.ItemDataRole.UserRole + 4
    IS_MAYBE = Qt.ItemDataRole.UserRole + 5
    IS_CHOSEN = Qt.ItemDataRole.UserRole + 6
    IS_FAVOURITE = Qt.ItemDataRole.UserRole + 7
    IS_BOUGHT = Qt.ItemDataRole.UserRole + 8


_NAMES = {
    PhotoRole.PHOTO_ID: b"photoId",
    PhotoRole.NUMBER: b"number",
    PhotoRole.TIME: b"time",
    PhotoRole.PLACE: b"place",
    PhotoRole.IS_MAYBE: b"isMaybe",
    PhotoRole.IS_CHOSEN: b"isChosen",
    PhotoRole.IS_FAVOURITE: b"isFavourite",
    PhotoRole.IS_BOUGHT: b"isBought",
}


class PhotoListModel(QAbstractListModel):
    """Lives on the UI thread. Delegates take `required property string photoId` and so on."""

    countChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tiles: list[PhotoTile] = []

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._tiles)

    def roleNames(self) -> dict[int, QByteArray]:
        return {int(role): QByteArray(name) for role, name in _NAMES.items()}

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._tiles):
            return None
        tile = self._tiles[index.row()]
        match role:
            case PhotoRole.PHOTO_ID:
                return tile.photo_id
            case PhotoRole.NUMBER:
                return tile.number
            case PhotoRole.TIME:
                return show_time(tile.taken_at) if tile.is_time_known else ""
            case PhotoRole.PLACE:
                return tile.place
            case PhotoRole.IS_MAYBE:
                return tile.certainty is Certainty.MAYBE
            case PhotoRole.IS_CHOSEN:
                return tile.is_chosen
            case PhotoRole.IS_FAVOURITE:
                return tile.is_favourite
            case PhotoRole.IS_BOUGHT:
                return tile.is_bought
        return None

    def show(self, tiles: Sequence[PhotoTile]) -> None:
        """Becomes `tiles` with the fewest notices: the like ends stay, what is between is taken out and put
        in, and a tile that only changed its marks is told to its delegate alone."""
        old_count = len(self._tiles)
        head = _equal_ids(self._tiles, tiles)
        tail = _equal_ids(self._tiles[head:][::-1], tiles[head:][::-1])
        if old_count - tail > head:
            self.beginRemoveRows(_TOP, head, old_count - tail - 1)
            del self._tiles[head : old_count - tail]
            self.endRemoveRows()
        added = tiles[head : len(tiles) - tail]
        if added:
            self.beginInsertRows(_TOP, head, head + len(added) - 1)
            self._tiles[head:head] = added
            self.endInsertRows()
        self._mark_changes(tiles)
        if len(self._tiles) != old_count:
            self.countChanged.emit()

    def _mark_changes(self, tiles: Sequence[PhotoTile]) -> None:
        for row, tile in enumerate(tiles):
            if self._tiles[row] != tile:
                self._tiles[row] = tile
                place = self.index(row)
                self.dataChanged.emit(place, place)

    count = QtProperty(int, lambda self: len(self._tiles), notify=countChanged)


def _equal_ids(left: Sequence[PhotoTile], right: Sequence[PhotoTile]) -> int:
    """How many photos the two begin with in common."""
    for position, (one, other) in enumerate(zip(left, right, strict=False)):
        if one.photo_id != other.photo_id:
            return position
    return min(len(left), len(right))
