"""Money: what waits for a decision, slips, and what is given back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import NAMESPACE_OID, uuid5

import structlog

from kiosk.checkout.types import Refund
from kiosk.errors import ErrorCode, KnownError
from kiosk.money import satang
from kiosk.payments.slip import Slip
from kiosk.printing.types import PrintState
from kiosk.sales.types import OrderState
from kiosk.sending.types import SendingState
from kiosk.staff.decisions import decided_with
from kiosk.staff.front_page import order_decisions
from kiosk.staff.order_room import order_shown
from kiosk.staff.ports import StaffParts
from kiosk.staff.room import Room, Wish
from kiosk.staff.slip_facts import check_time, facts_of
from kiosk.staff.told import SlipLooked, StaffNotice
from kiosk.staff.types import (
    AuditAction,
    Decision,
    DecisionAction,
    Right,
    SlipFacts,
    SlipUse,
    StaffMember,
)

_log = structlog.get_logger(__name__)

_A = DecisionAction
_LOGGED = {
    _A.CONFIRM: AuditAction.PAYMENT_CONFIRMED,
    _A.TAKE_REST: AuditAction.PAYMENT_CONFIRMED,
    _A.GIVE_BACK: AuditAction.REFUNDED,
    _A.ASK_BANK: AuditAction.PAYMENT_CHECKED,
    _A.CALL_OFF: AuditAction.PAYMENT_CALLED_OFF,
}
_AT_THE_PRINTER = (PrintState.SENDING, PrintState.SPOOLED)


@dataclass(frozen=True, slots=True)
class _Found:
    """The slip that lies before staff, and what a service tells of it."""

    payment_id: str
    slip: Slip
    facts: SlipFacts | None


class MoneyRoom(Room):
    """Invariant: a slip that is found after its look ended, such as by a slow service, is forgotten."""

    def __init__(self, parts: StaffParts) -> None:
        super().__init__(parts)
        self._look: object = None
        self._found: _Found | None = None

    # -- decisions --------------------------------------------------------------------------------

    def decide(self, payment_id: str, action: DecisionAction, received_satang: int | None = None) -> None:
        """`received_satang` is what came by the account, where it is not what the decision says."""
        if action is _A.SCAN_SLIP:
            self.scan_slip(payment_id)
            return
        detail = {"how": action.value}
        if received_satang is not None:
            detail["received_satang"] = str(received_satang)
        wish = Wish(Right.DECIDE_PAYMENTS, _LOGGED[action], payment_id, detail, self._order_id(payment_id))
        self._do(wish, partial(self._decide, payment_id, action, received_satang))

    def _order_id(self, payment_id: str) -> str:
        """Of a payment whose decision is on the page."""
        return next((each.order_id for each in self.view.decisions if each.payment_id == payment_id), "")

    def _decide(
        self, payment_id: str, action: DecisionAction, received_satang: int | None, who: StaffMember
    ) -> StaffNotice | None:
        checkout = self._parts.checkout
        payment = checkout.payment(payment_id)
        decisions = order_decisions(self._parts, payment.order_id)
        decision = decided_with(decisions, payment_id, action)
        match action:
            case _A.CONFIRM | _A.TAKE_REST:
                checkout.confirm_by_staff(payment_id, _came(decision, action, received_satang), who.name)
            case _A.CALL_OFF:
                checkout.confirm_by_staff(payment_id, 0, who.name)
            case _A.ASK_BANK:
                checkout.check(payment_id)
            case _A.GIVE_BACK:
                checkout.give_back(self._refund_of(decision, who))
            case _:
                raise KnownError(ErrorCode.NOTHING_TO_DECIDE, "There is nothing to decide.")
        return StaffNotice(f"staff.decided.{action.value}", params={"order": decision.order_code})

    def _refund_of(self, decision: Decision, who: StaffMember) -> Refund:
        """Its id follows from the payment and what was given back of it before: twice is once."""
        before = self._parts.refunds.of_payments([decision.payment_id]).get(decision.payment_id, 0)
        return Refund(
            refund_id=uuid5(NAMESPACE_OID, f"{decision.payment_id}/{before}").hex,
            order_id=decision.order_id,
            payment_id=decision.payment_id,
            amount_satang=decision.give_back_satang,
            reason=decision.kind.value,
            staff_name=who.name,
            at=self._parts.clock.now(),
        )

    # -- refunds ----------------------------------------------------------------------------------

    def refund(self, order_id: str, amount_satang: int, reason: str) -> None:
        """Gives back of the order's price, all or a part; why is kept with the refund, not in the log."""
        detail = {"satang": str(amount_satang)}
        wish = Wish(Right.REFUND, AuditAction.REFUNDED, detail=detail, order_id=order_id)
        self._do(wish, partial(self._refund, order_id, amount_satang, reason.strip()))

    def _refund(self, order_id: str, amount_satang: int, reason: str, who: StaffMember) -> StaffNotice | None:
        parts = self._parts
        refunds = parts.checkout.refunds(order_id)
        before = sum(each.amount_satang for each in refunds if not each.payment_id)
        refund = Refund(
            refund_id=uuid5(NAMESPACE_OID, f"{order_id}/{before}/{amount_satang}").hex,
            order_id=order_id,
            payment_id="",
            amount_satang=amount_satang,
            reason=reason,
            staff_name=who.name,
            at=parts.clock.now(),
        )
        order = parts.checkout.give_back(refund)
        if order.state is OrderState.REFUNDED:
            self._end_debts(order_id)
        self._tell(who, order_shown(parts, order_id, who))
        return StaffNotice("staff.done.refunded", params={"order": order.code})

    def _end_debts(self, order_id: str) -> None:
        """What is at the printer or about to be sent, and the wish to hear of more photos. Whatever they say,
        the money is given back."""
        parts = self._parts
        ends: list[Callable[[], object]] = []
        if parts.prints is not None:
            jobs = parts.prints.jobs_of(order_id)
            ends += [partial(parts.prints.cancel, job.job_id) for job in jobs if job.state in _AT_THE_PRINTER]
        if parts.courier is not None:
            sendings = parts.courier.of_order(order_id)
            ends += [
                partial(parts.courier.cancel, sending.sending_id)
                for sending in sendings
                if sending.state is SendingState.WAITING
            ]
        if parts.new_photos is not None:
            ends.append(partial(parts.new_photos.withdraw, order_id))
        for end in ends:
            try:
                end()
            except KnownError as error:
                _log.warning("refunded_and_still_owed", order_id=order_id, code=error.code)

    # -- slips ------------------------------------------------------------------------------------

    def scan_slip(self, payment_id: str) -> None:
        """Looks for a slip with the kiosk's camera: SlipLooked, until `take_slip` or `stop_scanning`."""
        who = self.allowed(Right.DECIDE_PAYMENTS)
        if who is None:
            return
        look = object()
        with self._lock:
            self._look, self._found = look, None
            self.bus.publish(SlipLooked("looking", payment_id))
        self._parts.slip_scan.look(
            lambda slip: self._look_at(look, payment_id, who, slip),
            lambda error: self._tell_failed(look, payment_id, who, error),
        )

    def _look_at(self, look: object, payment_id: str, who: StaffMember, slip: Slip) -> bool:
        """On the scanner's thread: whether this is a slip that can be taken."""
        order = self._parts.checkout.order(self._parts.checkout.payment(payment_id).order_id)
        facts = facts_of(self._parts.slips, self._parts.slip_checker, slip, payment_id)
        check_time(facts, order.created_at)
        amount, receiver = (facts.amount_satang, facts.receiver) if facts else (None, "")
        with self._lock:
            if self._look is look:
                self._found = _Found(payment_id, slip, facts)
                self._tell(who, SlipLooked("found", payment_id, amount, receiver))
        return True

    def _tell_failed(self, look: object, payment_id: str, who: StaffMember, error: KnownError) -> None:
        with self._lock:
            if self._look is look:
                self._tell(who, SlipLooked("failed", payment_id, code=error.code.value))

    def take_slip(self, amount_satang: int) -> None:
        """The slip that was found is taken for so much money; where a service told its amount, for that."""
        found = self._found
        if found is None:
            self._say_error(KnownError(ErrorCode.SLIP_UNREADABLE, "No slip was found yet."))
            return
        amount = found.facts.amount_satang if found.facts else amount_satang
        detail = {
            "satang": str(amount),
            "bank": found.slip.bank,
            "reference": found.slip.reference,
            "checked": "online" if found.facts else "by staff",
        }
        order_id = self._order_id(found.payment_id)
        wish = Wish(
            Right.DECIDE_PAYMENTS, AuditAction.SLIP_TAKEN, found.payment_id, detail, order_id=order_id
        )
        self._do(wish, partial(self._take_slip, found, amount))

    def _take_slip(self, found: _Found, amount_satang: int, who: StaffMember) -> StaffNotice | None:
        parts = self._parts
        if amount_satang <= 0:
            raise _no_amount()
        limit = satang(parts.settings().staff.slip_limit_baht)
        if found.facts is None and amount_satang > limit and not who.may(Right.REFUND):
            raise KnownError(
                ErrorCode.SLIP_OVER_LIMIT,
                "A slip over the limit that no service checks is a manager's to take.",
                "Ask a manager, or look at the account.",
            )
        payment = parts.checkout.payment(found.payment_id)
        decided_with(order_decisions(parts, payment.order_id), found.payment_id, _A.SCAN_SLIP)
        parts.slips.take(
            SlipUse(
                bank=found.slip.bank,
                reference=found.slip.reference,
                order_id=payment.order_id,
                payment_id=payment.payment_id,
                amount_satang=amount_satang,
                is_checked_online=found.facts is not None,
                staff_name=who.name,
                at=parts.clock.now(),
            )
        )
        parts.checkout.confirm_by_staff(payment.payment_id, amount_satang, who.name)
        self._found = None
        self._tell(who, SlipLooked("taken", payment.payment_id, amount_satang))
        return None

    def _close_rooms(self) -> None:
        self.stop_scanning()
        super()._close_rooms()

    def stop_scanning(self) -> None:
        with self._lock:
            self._look = self._found = None
        self._parts.slip_scan.stop()


def _came(decision: Decision, action: DecisionAction, told_satang: int | None) -> int:
    """What came for a payment in all, where `told_satang` is what staff saw come. Raises KnownError
    (AMOUNT_INVALID) for nothing, and for less than the rest: what is missing still is given back or comes."""
    if action is _A.TAKE_REST:
        before, expected, least = decision.received_satang, decision.missing_satang, decision.missing_satang
    else:
        before, expected, least = 0, decision.received_satang or decision.due_satang, 1
    told = expected if told_satang is None else told_satang
    if told < least:
        raise _no_amount()
    return before + told


def _no_amount() -> KnownError:
    return KnownError(ErrorCode.AMOUNT_INVALID, "So much cannot have come.", "Look again at the account.")
