"""The staff's objects of the QML module `Kiosk`, for the engine of the kiosk's window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from kiosk.language import Language
from kiosk.staff.told import StaffView
from kiosk.staff.types import Right
from ui.staff_bridge import StaffBridge
from ui.staff_facade import StaffCommands
from ui.staff_navigator import StaffNavigator
from ui.translator import Translator
from ui.view_models.row_list import RowListModel
from ui.view_models.staff import StaffViewModel
from ui.view_models.staff_log import StaffClosingViewModel, StaffLogViewModel
from ui.view_models.staff_members import StaffMembersViewModel
from ui.view_models.staff_money import StaffMoneyViewModel
from ui.view_models.staff_order import StaffOrderViewModel
from ui.view_models.staff_orders import StaffOrderModel, StaffOrdersViewModel
from ui.view_models.staff_outbox import StaffOutboxViewModel, StaffWishesViewModel
from ui.view_models.staff_photos import StaffPhotosViewModel
from ui.view_models.staff_printers import StaffPrintersViewModel
from ui.view_models.staff_today import StaffTodayViewModel
from ui.view_models.staff_vouchers import StaffVouchersViewModel
from ui.view_models.staff_words import StaffPart
from ui.view_models.store_typing import TypingViewModel

SINGLETONS: dict[str, type[QObject]] = {
    "Staff": StaffViewModel,
    "StaffNavigator": StaffNavigator,
    "StaffToday": StaffTodayViewModel,
    "StaffMoney": StaffMoneyViewModel,
    "StaffOrders": StaffOrdersViewModel,
    "StaffOrder": StaffOrderViewModel,
    "StaffPrinters": StaffPrintersViewModel,
    "StaffPhotos": StaffPhotosViewModel,
    "StaffVouchers": StaffVouchersViewModel,
    "StaffOutbox": StaffOutboxViewModel,
    "StaffWishes": StaffWishesViewModel,
    "StaffMembers": StaffMembersViewModel,
    "StaffLog": StaffLogViewModel,
    "StaffClosing": StaffClosingViewModel,
    "Typing": TypingViewModel,
}
"""QML name and class of each; they are registered with the window's own."""

MODELS: tuple[type[QObject], ...] = (StaffOrderModel, RowListModel, StaffPart)
"""Classes that QML meets only as the value of a property, or as what another one is made from."""


class StaffObjects(QObject):
    """One instance of each of `SINGLETONS` in `objects`, by its QML name; they follow the desk until `close`.
    A technician who signs in while `wants_wizard` goes on with the first run, which was left before its end.
    `languageChanged` where the staff's pages are, or are not any more, what decides on the language."""

    languageChanged = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject) -> None:
        super().__init__(parent)
        self._view = staff.view
        self.wants_wizard: Callable[[], bool] = lambda: False
        self.navigator = StaffNavigator(parent)
        self._typing = TypingViewModel(parent)
        orders = StaffOrdersViewModel(staff, words, parent)
        order = StaffOrderViewModel(staff, words, parent)
        photos = StaffPhotosViewModel(staff, words, parent)
        vouchers = StaffVouchersViewModel(staff, words, parent)
        money = StaffMoneyViewModel(staff, words, parent)
        outbox = StaffOutboxViewModel(staff, words, parent)
        wishes = StaffWishesViewModel(staff, words, parent)
        log = StaffLogViewModel(staff, words, parent)
        closing = StaffClosingViewModel(staff, words, parent)
        self._parts: dict[str, StaffPart] = {
            "StaffToday": StaffTodayViewModel(staff, words, parent),
            "StaffMoney": money,
            "StaffOrders": orders,
            "StaffOrder": order,
            "StaffPrinters": StaffPrintersViewModel(staff, words, parent),
            "StaffPhotos": photos,
            "StaffVouchers": vouchers,
            "StaffOutbox": outbox,
            "StaffWishes": wishes,
            "StaffMembers": StaffMembersViewModel(staff, words, parent),
            "StaffLog": log,
            "StaffClosing": closing,
            # Last: whoever hears of a notice finds the rest as it is now.
            "Staff": StaffViewModel(staff, words, self.navigator, parent),
        }
        self.objects: dict[str, QObject] = {
            **self._parts,
            "StaffNavigator": self.navigator,
            "Typing": self._typing,
        }
        for part in self._parts.values():
            self.navigator.placeChanged.connect(part.turn)
        self.navigator.placeChanged.connect(self._typing.turn)
        self._bridge = StaffBridge(staff.bus, parent)
        self._bridge.viewChanged.connect(self.show_view)
        self._bridge.ordersListed.connect(orders.take)
        self._bridge.orderShown.connect(order.take)
        self._bridge.photosListed.connect(photos.take)
        self._bridge.vouchersListed.connect(vouchers.take)
        self._bridge.voucherMade.connect(vouchers.take_made)
        self._bridge.outboxListed.connect(outbox.take)
        self._bridge.wishesListed.connect(wishes.take)
        self._bridge.auditListed.connect(log.take)
        self._bridge.paperSaved.connect(closing.take)
        self._bridge.slipLooked.connect(money.take)

    @property
    def language(self) -> Language | None:
        """The language of whoever is on the staff's pages; None while nobody is."""
        return self._view.language if self._view.is_open else None

    def show_view(self, view: StaffView) -> None:
        """Hands a snapshot to all view models, then turns to a page that may be seen."""
        before, self._view = self._view, view
        if (view.is_open, view.language) != (before.is_open, before.language):
            self.languageChanged.emit()
        for part in self._parts.values():
            part.show(view)
        if view.is_open and not view.is_set_up:
            self.navigator.begin("wizard")
        elif view.is_open and view.who is not None:
            if before.who is None and Right.SETTINGS in view.rights and self.wants_wizard():
                self.navigator.begin("wizard")
            self.navigator.allow(view.rights)
        else:
            self.navigator.leave()

    def close(self) -> None:
        """Hears no more events."""
        self._bridge.close()
