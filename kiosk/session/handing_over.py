"""What the delivery page offers besides the phone's code: prints, e-mail, LINE, later photos, the receipt on
paper; and the slip that is held before the camera while staff have to confirm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.slip import Slip
from kiosk.printing.types import PrintersChanged, PrintsChanged
from kiosk.sales.types import Order, OrderState
from kiosk.sending.types import Sending, SendingsChanged, SendingState, Way
from kiosk.session.faces import Submit
from kiosk.session.session import ScreenChange, Session
from kiosk.session.states import Screen
from kiosk.session.types import (
    LaterPhotos,
    Messages,
    PrintProgress,
    Prints,
    ReceiptPrinter,
    SlipNotes,
    SlipScanner,
)
from kiosk.session.view import HandingView, MessageView, PrintsView, SlipView
from kiosk.session.visitor import Visitor

_log = structlog.get_logger(__name__)

KEEP_VERSION = "keep-1"
"""Version of the sentences by which a buyer agrees that face numbers are kept for new photos."""
_SLIP_PAGES = (Screen.PAYMENT, Screen.PROBLEM)
_IN_THE_WAY: dict[str, str] = {
    ErrorCode.PAPER_EMPTY: "deliver.print.wait",
    ErrorCode.PRINTER_UNREACHABLE: "error.print_offline",
}
_NEVER_SENT: dict[ErrorCode, str] = {
    ErrorCode.MAIL_ADDRESS_INVALID: "error.email_form",
    ErrorCode.MAIL_REFUSED: "deliver.email.refused",
    ErrorCode.LINE_BLOCKED: "deliver.line.blocked",
}


@dataclass(frozen=True, slots=True)
class HandingPorts:
    """What there is to hand over with; None for what is not set up here. Slips need both of theirs.
    `sheets_owed` tells how many sheets are paid for and not printed yet."""

    prints: Prints | None = None
    messages: Messages | None = None
    later: LaterPhotos | None = None
    slips: SlipScanner | None = None
    notes: SlipNotes | None = None
    receipts: ReceiptPrinter | None = None
    sheets_owed: Callable[[], int] | None = None


class HandingOver:
    """Commands of the delivery page, and of the slip on the payment pages.

    Called on the UI thread; whatever asks the disk, a printer or the camera runs on the worker behind
    `submit`. What belongs to a visitor who has left in the meantime is never shown.
    """

    def __init__(self, session: Session, ports: HandingPorts, submit: Submit) -> None:
        self._session = session
        self._ports = ports
        self._submit = submit
        session.scans_slips = ports.slips is not None and ports.notes is not None
        session.prints_receipts = ports.receipts is not None
        self._take_papers()
        session.bus.subscribe(PrintsChanged, lambda event: self._follow(event.order_id))
        session.bus.subscribe(SendingsChanged, lambda event: self._follow(event.order_id))
        session.bus.subscribe(PrintersChanged, lambda _event: self._take_papers())
        session.on_screen_change(self._on_screen_change)

    # -- messages ---------------------------------------------------------------------------------

    def send(self, way: Way, address: str) -> None:
        """The link to the photos as a message; where it cannot leave yet, it leaves later."""
        messages = self._ports.messages
        if messages is not None:
            self._for_order(lambda order: messages.ask(order.order_id, way, address.strip()))

    def keep_face(self, way: Way, address: str) -> None:
        """The visitor agreed: face numbers are kept to look out for new photos, until the link ends."""
        session, later = self._session, self._ports.later
        with session.lock:
            visitor, language = session.visitor, session.language
            numbers = [person.shot.probe for person in visitor.people if person.shot is not None]
            if later is None or not session.handing.can_keep or not numbers:
                return

        def keep(order: Order) -> None:
            until = later.until(order.order_id)
            later.wish(order.order_id, way, address.strip(), numbers, language, KEEP_VERSION)
            with session.change():
                visitor.keeps_until = until

        self._for_order(keep)

    def stop_keeping(self) -> None:
        """The face numbers that were kept for new photos go at once."""
        session, later = self._session, self._ports.later
        with session.lock:
            visitor = session.visitor
        if later is None:
            return

        def stop(order: Order) -> None:
            later.withdraw(order.order_id)
            with session.change():
                visitor.keeps_until = None

        self._for_order(stop)

    # -- the receipt on paper ---------------------------------------------------------------------

    def print_receipt(self) -> None:
        """The privacy receipt on paper, once."""
        session, printer = self._session, self._ports.receipts
        with session.change():
            session.touch()
            receipt, language = session.receipt, session.language
            if printer is None or receipt is None or not receipt.can_print:
                return
            session.receipt = printing = replace(receipt, can_print=False)

        def job() -> None:
            try:
                printer.print_receipt(receipt, language)
            except KnownError as failed:
                _log.warning("receipt_not_printed", code=failed.code, detail=failed.detail)
                with session.change():
                    if session.receipt is printing:
                        session.tell_error(failed)
                return
            with session.change():
                if session.receipt is printing:
                    session.tell("thanks.printing", is_success=True)

        self._submit(job)

    # -- the slip ---------------------------------------------------------------------------------

    def scan_slip(self) -> None:
        """Looks for the code on a bank's slip; what is found stands beside the payment for staff."""
        session, slips, notes = self._session, self._ports.slips, self._ports.notes
        with session.change():
            session.touch()
            visitor, payment = session.visitor, session.visitor.payment
            if slips is None or notes is None or payment is None or session.slip.stage:
                return
            if not session.is_on(*_SLIP_PAGES):
                return
            session.slip = SlipView(stage="looking")

        def found(slip: Slip) -> bool:
            notes.note(slip, payment.order_id, payment.payment_id)
            self._show_slip(visitor, SlipView(stage="noted"))
            return True

        def failed(error: KnownError) -> None:
            _log.warning("slip_not_taken", code=error.code)
            self._show_slip(visitor, SlipView(stage="failed", reason_key=error.message_key))

        self._submit(lambda: slips.look(found, failed))

    def stop_scanning(self) -> None:
        """Looks no more; the camera is let go of."""
        session = self._session
        with session.change():
            session.touch()
            self._stop_scanning()

    def _show_slip(self, visitor: Visitor, slip: SlipView) -> None:
        session = self._session
        with session.change():
            if session.visitor is visitor and session.slip.stage:
                session.slip = slip

    def _stop_scanning(self) -> None:
        session, slips = self._session, self._ports.slips
        if slips is not None and session.slip.stage:
            session.slip = SlipView()
            self._submit(slips.stop)

    # -- following --------------------------------------------------------------------------------

    def _on_screen_change(self, change: ScreenChange) -> None:
        if change.left in _SLIP_PAGES and change.entered not in _SLIP_PAGES:
            self._stop_scanning()
        if change.entered is Screen.BASKET:
            self._submit(self._count_owed)
        if change.entered is Screen.DELIVERY and self._session.visitor.order is not None:
            self._follow(self._session.visitor.order.order_id)

    def _take_papers(self) -> None:
        """What can be printed on is offered, and nothing else."""
        prints, session = self._ports.prints, self._session
        if prints is None:
            return
        papers, printed = prints.offered(), prints.printed()
        with session.lock:
            if (papers, printed) == (session.papers, session.printed):
                return
            with session.change():
                session.papers, session.printed = papers, printed

    def _count_owed(self) -> None:
        """How long prints take hangs on those that were bought before."""
        if self._ports.sheets_owed is None:
            return
        try:
            owed = self._ports.sheets_owed()
        except KnownError as failed:
            _log.warning("sheets_not_counted", code=failed.code)
            return
        with self._session.change():
            self._session.sheets_owed = owed

    def _follow(self, order_id: str) -> None:
        """Shows how it stands with the visitor's order; with anybody else's nothing happens."""
        with self._session.lock:
            order = self._session.visitor.order
        if order is not None and order.order_id == order_id:
            self._for_order(lambda _order: None, is_touch=False)

    def _for_order(self, job: Callable[[Order], object], *, is_touch: bool = True) -> None:
        """Does something for the visitor's paid order on the worker, and shows how it stands after it."""
        session = self._session
        with session.lock:
            if is_touch:
                session.touch()
            visitor, order = session.visitor, session.visitor.order
            if order is None or order.state is not OrderState.PAID or not session.is_on(Screen.DELIVERY):
                return

        def guarded() -> None:
            try:
                job(order)
                self._show(visitor, order)
            except KnownError as failed:
                _log.warning("handing_over_failed", code=failed.code, detail=failed.detail)
                with session.change():
                    if session.visitor is visitor and session.is_on(Screen.DELIVERY):
                        session.tell_error(failed)

        self._submit(guarded)

    def _show(self, visitor: Visitor, order: Order) -> None:
        prints, session = self._ports.prints, self._session
        progress = prints.progress(order.order_id) if prints else None
        printing = HandingView(prints=prints_view(progress, session.settings.printing.tray))
        # Whoever came by the order's code may not be the buyer: nothing is sent or kept for them.
        handing = printing if visitor.ordered_basket is None else self._for_buyer(printing, visitor, order)
        with session.change():
            if session.visitor is visitor:
                session.handing = handing

    def _for_buyer(self, handing: HandingView, visitor: Visitor, order: Order) -> HandingView:
        messages, later = self._ports.messages, self._ports.later
        if messages is None:
            return handing
        can_keep = later is not None and visitor.has_face and later.can_wish(order.order_id)
        return replace(
            handing,
            ways=messages.ways(),
            messages=tuple(message_view(each) for each in messages.of_order(order.order_id)),
            line_url=messages.line_entry_url(order.code) or "",
            can_keep=can_keep and visitor.keeps_until is None,
            keeps_until=visitor.keeps_until or (later.until(order.order_id) if later and can_keep else None),
            is_kept=visitor.keeps_until is not None,
        )


def prints_view(progress: PrintProgress | None, tray: str) -> PrintsView | None:
    """The prints of an order as the page tells of them; None where nothing of it is printed here."""
    if progress is None or progress.sheets == 0:
        return None
    reason = ""
    if progress.state == "held":
        reason = "deliver.print.held"
    elif progress.state == "waiting" and progress.code:
        reason = _IN_THE_WAY.get(progress.code, "error.print_jam")
    return PrintsView(progress.sheets, progress.done, progress.state, reason, tray)


def message_view(sending: Sending) -> MessageView:
    """A message as its page tells of it."""
    reason = ""
    if sending.state is SendingState.FAILED:
        usual = "deliver.email.failed" if sending.way is Way.MAIL else "deliver.line.failed"
        reason = _NEVER_SENT.get(ErrorCode(sending.code), usual) if sending.code else usual
    return MessageView(sending.way, sending.state, sending.shown_to, sending.attempts > 0, reason)
