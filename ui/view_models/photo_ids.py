"""Photo ids as a list for rows of thumbnails, kept up to date by differences: taking one out moves one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_PHOTO_ID = Qt.ItemDataRole.UserRole + 1


class PhotoIdModel(QAbstractListModel):
    """Lives on the UI thread. Delegates take `required property string photoId`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: list[str] = []

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def roleNames(self) -> dict[int, QByteArray]:
        return {_PHOTO_ID: QByteArray(b"photoId")}

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        is_known = index.isValid() and index.row() < len(self._ids) and role == _PHOTO_ID
        return self._ids[index.row()] if is_known else None

    def show(self, ids: Sequence[str]) -> None:
        """Becomes `ids`: what is no longer there goes, what is new comes at its place."""
        kept = set(ids)
        for row in range(len(self._ids) - 1, -1, -1):
            if self._ids[row] not in kept:
                self.beginRemoveRows(_TOP, row, row)
                del self._ids[row]
                self.endRemoveRows()
        if self._ids != list(ids[: len(self._ids)]):
            self.beginResetModel()
            self._ids = list(ids)
            self.endResetModel()
        elif len(ids) > len(self._ids):
            self.beginInsertRows(_TOP, len(self._ids), len(ids) - 1)
            self._ids = list(ids)
            self.endInsertRows()
