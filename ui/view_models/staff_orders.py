"""All orders, searched and filtered, page by page as somebody scrolls on."""

from __future__ import annotations

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
    Slot,
)

from kiosk.staff.told import OrderRowCard, OrdersListed, StaffView
from ui.staff_facade import StaffCommands
from ui.translator import Translator
from ui.view_models.staff_words import Row, StaffPart, order_row

STATES = (
    "",
    "to_decide",
    "awaiting",
    "sending",
    "printing",
    "print_held",
    "handed_out",
    "cancelled",
    "refunded",
)
_ROW_ROLE = Qt.ItemDataRole.UserRole + 1


class StaffOrderModel(QAbstractListModel):
    """Lives on the UI thread. Its one role `row` is made into words only when a row comes into sight: of a
    hundred thousand rows only those."""

    countChanged = Signal()

    def __init__(self, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._cards: list[OrderRowCard] = []
        words.languageChanged.connect(self._say_anew)

    def show(self, cards: tuple[OrderRowCard, ...], offset: int) -> None:
        """These follow the first `offset`; what was behind goes."""
        if offset == 0 and len(cards) == len(self._cards) and cards:
            self._replace(cards)
            return
        if len(self._cards) > offset:
            self.beginRemoveRows(QModelIndex(), offset, len(self._cards) - 1)
            del self._cards[offset:]
            self.endRemoveRows()
        if cards:
            self.beginInsertRows(QModelIndex(), offset, offset + len(cards) - 1)
            self._cards += cards
            self.endInsertRows()
        self.countChanged.emit()

    def _replace(self, cards: tuple[OrderRowCard, ...]) -> None:
        for index, card in enumerate(cards):
            if self._cards[index] != card:
                self._cards[index] = card
                place = self.index(index)
                self.dataChanged.emit(place, place)

    def _say_anew(self) -> None:
        if self._cards:
            self.dataChanged.emit(self.index(0), self.index(len(self._cards) - 1))

    def rowCount(self, _parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return len(self._cards)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        if not index.isValid() or role != _ROW_ROLE:
            return None
        return order_row(self._cards[index.row()], self._words)

    def roleNames(self) -> dict[int, QByteArray]:
        return {_ROW_ROLE: QByteArray(b"row")}

    count = Property(int, lambda self: len(self._cards), notify=countChanged)


class StaffOrdersViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffOrders`. Holds no order while another page is shown, but for the one
    of its orders."""

    changed = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._model = StaffOrderModel(words, self)
        self._text = ""
        self._state = ""
        self._has_more = False
        self._is_waiting = False

    def show(self, view: StaffView) -> None:
        """What came in since is at the top, for whoever has not scrolled on yet."""
        before = self._view
        super().show(view)
        is_at_top = self._place == "orders" and not self._is_waiting
        if is_at_top and view.latest != before.latest and self._model.rowCount() <= len(view.latest) + 50:
            self._ask(0)

    def turn(self, place: str) -> None:
        super().turn(place)
        if place == "orders":
            self._ask(0)
        elif place != "order":
            self._text = self._state = ""
            self._has_more = self._is_waiting = False
            self._model.show((), 0)
            self.changed.emit()

    def take(self, event: OrdersListed) -> None:
        """A page of orders; one that is not looked for any more is passed over."""
        is_wanted = (event.text, event.state) == (self._text, self._state)
        if self._place != "orders" or not is_wanted or event.offset > self._model.rowCount():
            return
        self._is_waiting = False
        self._has_more = event.has_more
        self._model.show(event.rows, event.offset)
        self.changed.emit()

    def _ask(self, offset: int) -> None:
        self._is_waiting = True
        self._staff.find_orders(self._text, self._state, offset)
        self.changed.emit()

    @Slot()
    def more(self) -> None:
        """The end of what was read comes into sight."""
        if self._has_more and not self._is_waiting:
            self._ask(self._model.rowCount())

    @Slot(str)
    def search(self, text: str) -> None:
        """By a code or a part of one; all of them for nothing."""
        self._text = text.strip().upper()
        self._ask(0)

    @Slot(int)
    def filterBy(self, index: int) -> None:
        """One of `states`."""
        self._state = STATES[index]
        self._ask(0)

    rows = Property(QObject, lambda self: self._model, constant=True)
    text = Property(str, lambda self: self._text, notify=changed)
    stateIndex = Property(int, lambda self: STATES.index(self._state), notify=changed)
    stateNames = Property(
        list,
        lambda self: [self._say(f"staff.order.filter.{state or 'all'}") for state in STATES],
        notify=changed,
    )
    hasMore = Property(bool, lambda self: self._has_more, notify=changed)
    isWaiting = Property(bool, lambda self: self._is_waiting, notify=changed)


def rows_of(model: StaffOrderModel) -> list[Row]:
    """What is shown, as Python sees it."""
    return [model.data(model.index(row), _ROW_ROLE) for row in range(model.rowCount())]
