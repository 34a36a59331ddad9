"""A list whose rows stay where they are: a row that changes is told alone, so that what draws it lives on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    Property,
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

Row = dict[str, Any]
_FIRST_ROLE = Qt.ItemDataRole.UserRole + 1


class RowListModel(QAbstractListModel):
    """Lives on the UI thread. The roles are the names in `roles`, the first of which tells rows apart."""

    countChanged = Signal()

    def __init__(self, roles: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._roles = tuple(roles)
        self._rows: list[Row] = []

    def show(self, rows: Sequence[Row]) -> None:
        """Becomes these rows; those that are there already keep their delegates while their order stays."""
        key = self._roles[0]
        wanted = {row[key] for row in rows}
        self._remove([index for index, row in enumerate(self._rows) if row[key] not in wanted])
        for index, row in enumerate(rows):
            if index >= len(self._rows) or self._rows[index][key] != row[key]:
                self._put(index, row)
            elif self._rows[index] != row:
                self._rows[index] = row
                place = self.index(index)
                self.dataChanged.emit(place, place)

    def _put(self, index: int, row: Row) -> None:
        """A new row, or one from further down that changes its place."""
        key = self._roles[0]
        self._remove([at for at in range(index, len(self._rows)) if self._rows[at][key] == row[key]])
        self.beginInsertRows(QModelIndex(), index, index)
        self._rows.insert(index, row)
        self.endInsertRows()
        self.countChanged.emit()

    def _remove(self, indices: Sequence[int]) -> None:
        for index in reversed(indices):
            self.beginRemoveRows(QModelIndex(), index, index)
            del self._rows[index]
            self.endRemoveRows()
        if indices:
            self.countChanged.emit()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown, as Python sees it."""
        return tuple(self._rows)

    def rowCount(self, _parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        if not index.isValid() or not _FIRST_ROLE <= role < _FIRST_ROLE + len(self._roles):
            return None
        return self._rows[index.row()][self._roles[role - _FIRST_ROLE]]

    def roleNames(self) -> dict[int, QByteArray]:
        return {_FIRST_ROLE + index: QByteArray(name.encode()) for index, name in enumerate(self._roles)}

    count = Property(int, lambda self: len(self._rows), notify=countChanged)
