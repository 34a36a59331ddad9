"""Vouchers: how often each was used, what it took off, and new ones."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.sales.types import Voucher, VoucherKind
from kiosk.staff.told import VoucherMade, VouchersListed
from ui import moment as clock
from ui.staff_facade import StaffCommands
from ui.translator import Translator, Venue, show_day
from ui.view_models.staff_words import Row, StaffPart, amount

KINDS = (VoucherKind.PERCENT, VoucherKind.AMOUNT, VoucherKind.FREE)


class StaffVouchersViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffVouchers`. `made` are the newest ones, until they are printed or
    the page is left."""

    changed = Signal()
    madeChanged = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._vouchers: tuple[Voucher, ...] = ()
        self._discounts: dict[str, int] = {}
        self._made: tuple[str, ...] = ()

    def turn(self, place: str) -> None:
        super().turn(place)
        if place == "vouchers":
            self._staff.list_vouchers()
            return
        self._vouchers, self._discounts, self._made = (), {}, ()
        self.changed.emit()
        self.madeChanged.emit()

    def take(self, event: VouchersListed) -> None:
        """All there are."""
        if self._place == "vouchers":
            self._vouchers, self._discounts = event.vouchers, dict(event.discounts)
            self.changed.emit()

    def take_made(self, event: VoucherMade) -> None:
        """New ones, which are listed with the others."""
        if self._place == "vouchers":
            self._made = tuple(voucher.code for voucher in event.vouchers)
            self.madeChanged.emit()
            self._staff.list_vouchers()

    rows = Property(list, lambda self: [self._row(voucher) for voucher in self._vouchers], notify=changed)

    def _row(self, voucher: Voucher) -> Row:
        value = amount(voucher.value) if voucher.kind is VoucherKind.AMOUNT else str(voucher.value)
        if voucher.use_limit is None:
            used = self._say("staff.voucher.used", n=voucher.used)
        else:
            used = self._say("staff.voucher.used_of", n=voucher.used, most=voucher.use_limit)
        return {
            "code": voucher.code,
            "what": self._say(f"staff.voucher.{voucher.kind}", value=value),
            "used": used,
            "off": self._off(voucher.code),
            "until": self._until(voucher),
            "isOver": voucher.use_limit is not None and voucher.used >= voucher.use_limit,
        }

    def _off(self, code: str) -> str:
        satang = self._discounts.get(code, 0)
        return self._say("staff.voucher.off", amount=amount(satang)) if satang else ""

    def _until(self, voucher: Voucher) -> str:
        until = voucher.valid_until
        if until is None:
            return self._say("staff.voucher.always")
        day = show_day(until.astimezone(Venue.zone).date(), self._words.now_language)
        return self._say("staff.voucher.ended" if until <= clock.now() else "staff.voucher.until", day=day)

    kinds = Property(
        list,
        lambda self: [self._say(f"staff.voucher.kind.{kind}") for kind in KINDS],
        notify=changed,
    )
    made = Property(list, lambda self: list(self._made), notify=madeChanged)

    @Slot(int, int, int, int, int)
    def make(self, kind: int, value: int, count: int, uses: int, days: int) -> None:
        """`kind` is one of `kinds`; `value` in percent or baht."""
        chosen = KINDS[kind]
        worth = value * 100 if chosen is VoucherKind.AMOUNT else value if chosen is VoucherKind.PERCENT else 0
        self._staff.make_vouchers(chosen, worth, count, uses, days)

    @Slot()
    def printMade(self) -> None:
        """The newest ones, on paper."""
        self._staff.print_vouchers(self._made)

    @Slot(str)
    def printOne(self, code: str) -> None:
        """One of the list."""
        self._staff.print_vouchers((code,))
