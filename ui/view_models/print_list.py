"""The prints in the basket as a list, kept up to date by differences: the keyboard stays in its row."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt

from kiosk.sales.types import Finish, PrintItem

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class PrintRole(IntEnum):
    """What a delegate can ask for, by the names of `PrintListModel.roleNames`."""

    PHOTO_ID = Qt.ItemDataRole.UserRole + 1
    PAPER = Qt.ItemDataRole.UserRole + 2
    IS_GLOSSY = Qt.ItemDataRole.UserRole + 3
    COPIES = Qt.ItemDataRole.UserRole + 4


_NAMES = {
    PrintRole.PHOTO_ID: b"photoId",
    PrintRole.PAPER: b"paper",
    PrintRole.IS_GLOSSY: b"isGlossy",
    PrintRole.COPIES: b"copies",
}


class PrintListModel(QAbstractListModel):
    """Lives on the UI thread. Delegates take `required property string photoId` and so on.

    A print keeps its row as long as it is there, on either finish, wherever the basket puts it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[PrintItem] = []

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._items)

    def roleNames(self) -> dict[int, QByteArray]:
        return {int(role): QByteArray(name) for role, name in _NAMES.items()}

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.item(index.row()) if index.isValid() else None
        if item is None:
            return None
        match role:
            case PrintRole.PHOTO_ID:
                return item.photo_id
            case PrintRole.PAPER:
                return item.size.replace("x", " × ")
            case PrintRole.IS_GLOSSY:
                return item.finish is Finish.GLOSSY
            case PrintRole.COPIES:
                return item.copies
        return None

    def item(self, row: int) -> PrintItem | None:
        """The print in a row; None where there is none."""
        return self._items[row] if 0 <= row < len(self._items) else None

    def show(self, items: Sequence[PrintItem]) -> None:
        """Becomes `items`: what is gone goes, what changed changes in its row, what is new comes last."""
        left = list(items)
        known = [_taken(left, item, is_same_finish=True) for item in self._items]
        known = [
            now or _taken(left, item, is_same_finish=False)
            for now, item in zip(known, self._items, strict=True)
        ]
        for row in range(len(known) - 1, -1, -1):
            now = known[row]
            if now is None:
                self.beginRemoveRows(_TOP, row, row)
                del self._items[row]
                self.endRemoveRows()
            elif now != self._items[row]:
                self._items[row] = now
                place = self.index(row)
                self.dataChanged.emit(place, place)
        if left:
            self.beginInsertRows(_TOP, len(self._items), len(self._items) + len(left) - 1)
            self._items += left
            self.endInsertRows()


def _taken(left: list[PrintItem], like: PrintItem, is_same_finish: bool) -> PrintItem | None:
    """Takes the print of the same photo on the same paper out of `left`."""
    for number, item in enumerate(left):
        if (item.photo_id, item.size) == (like.photo_id, like.size) and (
            not is_same_finish or item.finish is like.finish
        ):
            return left.pop(number)
    return None
