"""Whether a slip may stand for an order, and what a service tells of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.slip import Slip
from kiosk.staff.ports import SlipBook
from kiosk.staff.types import SlipChecker, SlipFacts

_log = structlog.get_logger(__name__)

_CLOCKS_APART = timedelta(minutes=10)


def facts_of(slips: SlipBook, checker: SlipChecker | None, slip: Slip, payment_id: str) -> SlipFacts | None:
    """What the service tells; None where there is none, or it does not answer: then people look.

    Raises KnownError: SLIP_USED (`SlipUse.may_be_of`), SLIP_MISMATCH (the bank knows no such slip, or
    the money went to somebody else), DATABASE_*. Asking takes up to 10 s.
    """
    used = slips.find(slip.bank, slip.reference)
    if used is not None and not used.may_be_of(payment_id):
        raise slip_used()
    if checker is None:
        return None
    try:
        facts = checker.check(slip.bank, slip.reference)
    except KnownError as error:
        if error.code is not ErrorCode.SLIP_CHECK_UNREACHABLE:
            raise
        _log.warning("slip_not_checked", code=error.code, detail=error.detail)
        return None
    if facts.is_ours is False:
        raise KnownError(
            ErrorCode.SLIP_MISMATCH,
            "The money of this slip went to another account.",
            "Ask for the right slip.",
        )
    return facts


def check_time(facts: SlipFacts | None, ordered_at: datetime) -> None:
    """Money that was paid before there was an order is not for it. Raises KnownError(SLIP_MISMATCH)."""
    if facts is None or facts.paid_at is None or facts.paid_at >= ordered_at - _CLOCKS_APART:
        return
    raise KnownError(
        ErrorCode.SLIP_MISMATCH,
        "The money of this slip was paid before the order was made.",
        "Ask for the right slip.",
    )


def slip_used() -> KnownError:
    """The refusal of a slip that stands for something else."""
    return KnownError(
        ErrorCode.SLIP_USED, "This slip was used for another payment.", "Ask for the slip of this payment."
    )
