"""A slip that the visitor shows by themselves: noted beside the payment, and nothing more."""

from __future__ import annotations

from kiosk.clock import Clock
from kiosk.payments.slip import Slip
from kiosk.staff.ports import SlipBook
from kiosk.staff.slip_facts import facts_of
from kiosk.staff.types import SlipChecker, SlipUse


class VisitorSlips:
    """Fills `kiosk.session.types.SlipNotes`. A slip never pays an order by itself: its code has neither
    amount nor receiver, and a picture of somebody else's slip reads the same. Any thread."""

    def __init__(self, slips: SlipBook, checker: SlipChecker | None, clock: Clock) -> None:
        self._slips = slips
        self._checker = checker
        self._clock = clock

    def note(self, slip: Slip, order_id: str, payment_id: str) -> None:
        """Raises KnownError SLIP_USED (it is another payment's), SLIP_MISMATCH, DATABASE_*. Asking the
        service takes up to 10 s."""
        facts = facts_of(self._slips, self._checker, slip, payment_id)
        self._slips.take(
            SlipUse(
                bank=slip.bank,
                reference=slip.reference,
                order_id=order_id,
                payment_id=payment_id,
                amount_satang=facts.amount_satang if facts else 0,
                is_checked_online=facts is not None,
                staff_name="",
                at=self._clock.now(),
            )
        )
