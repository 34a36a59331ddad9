"""What the staff's desk tells, carried to the UI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, SignalInstance

from kiosk.events import Event, EventBus
from kiosk.staff.told import (
    AuditListed,
    OrderShown,
    OrdersListed,
    OutboxListed,
    PaperSaved,
    PhotosListed,
    SlipLooked,
    StaffChanged,
    VoucherMade,
    VouchersListed,
    WishesListed,
)
from ui.bridge import NewestEvents, Subject


class StaffBridge(NewestEvents):
    """Emits a signal for each kind of event with the event itself; `viewChanged` with the view."""

    viewChanged = Signal(object)
    ordersListed = Signal(object)
    orderShown = Signal(object)
    vouchersListed = Signal(object)
    voucherMade = Signal(object)
    photosListed = Signal(object)
    outboxListed = Signal(object)
    wishesListed = Signal(object)
    auditListed = Signal(object)
    paperSaved = Signal(object)
    slipLooked = Signal(object)

    def __init__(self, bus: EventBus, parent: QObject | None = None) -> None:
        self._signals: dict[type[Event], SignalInstance] = {}
        lists = (OrdersListed, VouchersListed, PhotosListed, OutboxListed, WishesListed, AuditListed)
        super().__init__(bus, (StaffChanged, OrderShown, VoucherMade, PaperSaved, SlipLooked, *lists), parent)
        self._signals |= {
            OrdersListed: self.ordersListed,
            OrderShown: self.orderShown,
            VouchersListed: self.vouchersListed,
            VoucherMade: self.voucherMade,
            PhotosListed: self.photosListed,
            OutboxListed: self.outboxListed,
            WishesListed: self.wishesListed,
            AuditListed: self.auditListed,
            PaperSaved: self.paperSaved,
            SlipLooked: self.slipLooked,
        }

    def _subject(self, event: Event) -> Subject:
        """Of each page of a list and of each paper its own."""
        if isinstance(event, OrdersListed):
            return type(event), event.text, event.state, event.offset
        if isinstance(event, PaperSaved):
            return type(event), event.path
        if isinstance(event, AuditListed):
            return type(event), event.entries[0].audit_id if event.entries else 0
        return (type(event),)

    def _show(self, event: Event) -> None:
        if isinstance(event, StaffChanged):
            self.viewChanged.emit(event.view)
        else:
            self._signals[type(event)].emit(event)
