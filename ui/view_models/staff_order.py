"""One order with everything that belongs to it, and what can be done for its buyer."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.payments.types import Payment
from kiosk.printing.types import PrintJob, PrintState
from kiosk.sales.types import Order, OrderState
from kiosk.sending.types import Sending
from kiosk.staff.told import OrderShown
from kiosk.staff.types import Refund
from ui.staff_facade import StaffCommands
from ui.translator import Translator
from ui.view_models.staff_words import (
    Row,
    StaffPart,
    amount,
    error_word,
    package_word,
    paper_word,
    when_word,
)

REASONS = ("wrong", "print_bad", "paid_twice", "mind", "other")


class StaffOrderViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffOrder`."""

    changed = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._order_id = ""
        self._shown: OrderShown | None = None

    def turn(self, place: str) -> None:
        super().turn(place)
        if place == "order":
            return
        self._order_id, self._shown = "", None
        self.changed.emit()

    def take(self, event: OrderShown) -> None:
        """An order; one that is not looked at any more is passed over."""
        if event.order.order_id == self._order_id and event != self._shown:
            self._shown = event
            self.changed.emit()

    @Slot(str)
    def open(self, order_id: str) -> None:
        """Before the page is turned to."""
        self._order_id, self._shown = order_id, None
        self.changed.emit()
        self._staff.show_order(order_id)

    @property
    def _order(self) -> Order | None:
        return self._shown.order if self._shown else None

    # the order

    def _head(self) -> str:
        order = self._order
        if order is None:
            return ""
        parts = [when_word(order.created_at, self._words), self._say(f"staff.order.is.{order.state}")]
        return " · ".join(parts)

    isShown = Property(bool, lambda self: self._shown is not None, notify=changed)
    code = Property(str, lambda self: self._order.code if self._order else "", notify=changed)
    head = Property(str, _head, notify=changed)
    total = Property(
        str, lambda self: amount(self._order.total_satang) if self._order else "", notify=changed
    )
    isPaid = Property(
        bool,
        lambda self: self._order is not None and self._order.state is OrderState.PAID,
        notify=changed,
    )

    def _facts(self) -> list[Row]:
        shown = self._shown
        if shown is None:
            return []
        order, facts = shown.order, []
        if order.packages:
            names = [
                package_word(use.package.name_key, self._words) + (f" ×{use.times}" if use.times > 1 else "")
                for use in order.packages
            ]
            facts.append(("package", ", ".join(names)))
        if order.discount_satang:
            facts.append(("discount", f"−{amount(order.discount_satang)} {order.voucher_code or ''}".strip()))
        facts.append(("total", amount(order.total_satang)))
        if shown.link_until is not None:
            until = when_word(shown.link_until, self._words)
            facts.append(("link", self._say("staff.order.link", until=until, n=shown.downloads)))
        return [{"label": self._say(f"staff.order.fact.{name}"), "value": value} for name, value in facts]

    facts = Property(list, _facts, notify=changed)
    photoIds = Property(
        list,
        lambda self: (
            list(self._shown.photo_ids or self._shown.order.digital_photo_ids) if self._shown else []
        ),
        notify=changed,
    )

    # what belongs to it

    payments = Property(
        list,
        lambda self: [self._payment(one) for one in self._shown.payments] if self._shown else [],
        notify=changed,
    )
    prints = Property(
        list,
        lambda self: [print_row(one, self._words) for one in self._shown.prints] if self._shown else [],
        notify=changed,
    )
    sendings = Property(
        list,
        lambda self: [sending_row(one, self._words) for one in self._shown.sendings] if self._shown else [],
        notify=changed,
    )
    refunds = Property(
        list,
        lambda self: [self._refund(one) for one in self._shown.refunds] if self._shown else [],
        notify=changed,
    )

    def _payment(self, payment: Payment) -> Row:
        when = payment.settled_at or payment.created_at
        by = self._say("staff.order.confirmed_by", name=payment.confirmed_by) if payment.confirmed_by else ""
        sums = self._say(
            "staff.decision.sums" if payment.received_satang else "staff.decision.sums.none",
            due=amount(payment.due_satang),
            received=amount(payment.received_satang),
        )
        return {
            "title": self._say(f"staff.payment.{payment.state}"),
            "note": " · ".join(part for part in (when_word(when, self._words), sums, by) if part),
            "sign": "dot" if payment.state in ("paid", "over") else "ring",
        }

    def _refund(self, refund: Refund) -> Row:
        return {
            "title": self._say("staff.order.refunded", amount=amount(refund.amount_satang)),
            "note": " · ".join((when_word(refund.at, self._words), refund.staff_name, refund.reason)),
            "sign": "ring",
        }

    # what can be done

    canReprint = Property(bool, lambda self: bool(self._shown and self._shown.can_reprint), notify=changed)
    canResend = Property(bool, lambda self: bool(self._shown and self._shown.can_resend), notify=changed)
    canRefund = Property(bool, lambda self: bool(self._shown and self._shown.can_refund), notify=changed)
    refundableSatang = Property(
        int, lambda self: self._shown.refundable_satang if self._shown else 0, notify=changed
    )
    reasons = Property(
        list,
        lambda self: [self._say(f"staff.refund.reason.{name}") for name in REASONS],
        notify=changed,
    )

    @Slot(int, str)
    def refund(self, satang: int, reason: str) -> None:
        """So much is given back."""
        self._staff.refund(self._order_id, satang, reason.replace("\u200b", ""))

    @Slot(str)
    def reprint(self, job_id: str) -> None:
        """The same sheets once more."""
        self._staff.reprint(job_id)

    @Slot(str)
    def cancelPrint(self, job_id: str) -> None:
        """These are not printed any more."""
        self._staff.cancel_print(job_id)

    @Slot()
    def resend(self) -> None:
        """A fresh link, and the messages once more."""
        self._staff.resend(self._order_id)


def print_row(job: PrintJob, words: Translator) -> Row:
    """A print job as it is drawn."""
    state = words.translate(
        f"staff.print.{job.state}", {"done": job.sheets_done, "sheets": job.copies, "n": job.copies}
    )
    note = error_word(job.code, words) if job.state in (PrintState.HELD, PrintState.WAITING) else ""
    return {
        "jobId": job.job_id,
        "orderId": job.order_id,
        "code": job.order_code,
        "photoId": job.photo_id,
        "title": f"{paper_word(job.paper.name, words)} ×{job.copies}",
        "state": state,
        "note": note,
        "sign": "dot"
        if job.state is PrintState.PRINTED
        else "diamond"
        if job.state is PrintState.HELD
        else "ring",
        "isHeld": job.state is PrintState.HELD,
        "isOver": job.state in (PrintState.PRINTED, PrintState.CANCELLED),
    }


def sending_row(sending: Sending, words: Translator) -> Row:
    """A message to a buyer as it is drawn."""
    when = sending.sent_at or sending.created_at
    state = words.translate(f"staff.sending.{sending.state}", {})
    title = words.translate(f"staff.way.{sending.way}", {}) + (
        f" {sending.shown_to}" if sending.shown_to else ""
    )
    trouble = error_word(sending.code, words) if sending.state in ("waiting", "failed") else ""
    return {
        "title": title,
        "note": " · ".join(part for part in (when_word(when, words), state, trouble) if part),
        "sign": "dot" if sending.state == "sent" else "diamond" if sending.state == "failed" else "ring",
    }
