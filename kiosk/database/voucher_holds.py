"""Which orders hold a use of a limited voucher, at the centre: no voucher is promised more often than it is
good for.

The rule: a use is held for one order before that order is made, becomes used when the order is paid, and free
again when it is cancelled. A voucher with a `home_kiosk_id` is held by nobody here: its home kiosk uses it
without asking, so everybody else is refused.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kiosk.clock import Clock
from kiosk.database.central_tables import VoucherHoldRow
from kiosk.database.changes import KEEPS_CHANGES
from kiosk.database.engine import Database
from kiosk.database.notices import note_for_staff
from kiosk.database.tables import OrderRow, VoucherRow
from kiosk.database.vouchers import tell_voucher
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales import orders
from kiosk.sales.types import OrderState, Voucher


class HoldState(StrEnum):
    """HELD by an order that waits for its money, USED by a paid one, RELEASED by one that was cancelled or
    never made."""

    HELD = "held"
    USED = "used"
    RELEASED = "released"


class SqlVoucherHolds:
    """The holds of a tenant (`kiosk.checkout.types.VoucherHolds`), for one kiosk or for the centre itself.

    Each method is one transaction, which locks the voucher, so that of two that want its last use at the same
    time one is refused. Any thread, any process.
    """

    def __init__(self, database: Database, clock: Clock, tenant_id: str, kiosk_id: str) -> None:
        self._database = database
        self._clock = clock
        self._tenant_id = tenant_id
        self._kiosk_id = kiosk_id

    def check(self, voucher: Voucher) -> None:
        """Raises KnownError(VOUCHER_ELSEWHERE) where another kiosk is its home."""
        if voucher.home_kiosk_id not in (None, self._kiosk_id):
            raise elsewhere()

    def hold(self, code: str, order_id: str) -> None:
        """Holds one use for an order; harmless when it is held already.

        Raises KnownError: VOUCHER_UNKNOWN; VOUCHER_ELSEWHERE where another kiosk is its home; VOUCHER_USED
        where all uses are used or held, or this order has given its use back.
        """
        with self._database.writing() as session:
            voucher = _locked(session, self._tenant_id, code)
            if voucher is None:
                raise KnownError(ErrorCode.VOUCHER_UNKNOWN, "No voucher has this code.")
            if voucher.home_kiosk_id not in (None, self._kiosk_id):
                raise elsewhere()
            if voucher.use_limit is None or voucher.home_kiosk_id is not None:
                return
            hold = session.get(VoucherHoldRow, (self._tenant_id, code, order_id))
            if hold is not None and hold.state != HoldState.RELEASED:
                return
            if hold is not None or not _has_free_use(session, voucher):
                raise KnownError(ErrorCode.VOUCHER_USED, "All uses of this voucher are used or held.")
            session.add(_hold_row(voucher, order_id, self._kiosk_id, self._clock.now(), HoldState.HELD))

    def kept(self, code: str, order_id: str) -> None:
        """Nothing: the order's own state decides from here on."""

    def release(self, code: str, order_id: str) -> None:
        """Gives a held use back, for an order of this kiosk that was cancelled or never made; harmless when
        there is nothing to give back, or it was used. A hold that comes late finds it released."""
        with self._database.writing() as session:
            voucher = _locked(session, self._tenant_id, code)
            if voucher is None or voucher.use_limit is None or voucher.home_kiosk_id is not None:
                return
            hold = session.get(VoucherHoldRow, (self._tenant_id, code, order_id))
            if hold is None:
                released = _hold_row(voucher, order_id, self._kiosk_id, self._clock.now(), HoldState.RELEASED)
                session.add(released)
            elif hold.kiosk_id == self._kiosk_id and hold.state == HoldState.HELD:
                hold.state = HoldState.RELEASED.value


def follow_order(session: Session, order: OrderRow, at: datetime) -> None:
    """Brings the order's hold and its voucher's count to how the order stands, in the caller's transaction;
    nothing at a kiosk. Harmless however often and in which order it is told.

    A voucher that was used more often than it is good for is flagged for staff: its home kiosk lost what it
    knew, or staff took money for an order that had given its use back.
    """
    if order.voucher_code is None or not session.info.get(KEEPS_CHANGES):
        return
    voucher = _locked(session, order.tenant_id, order.voucher_code)
    if voucher is None:
        return
    hold = session.get(VoucherHoldRow, (order.tenant_id, voucher.code, order.order_id))
    state = OrderState(order.state)
    if state is OrderState.CANCELLED:
        if hold is not None and hold.state == HoldState.HELD:
            hold.state = HoldState.RELEASED.value
    elif orders.how_far(state) >= orders.how_far(OrderState.PAID):
        if hold is not None:
            hold.state = HoldState.USED.value
        elif voucher.use_limit is not None:
            session.add(_hold_row(voucher, order.order_id, order.kiosk_id, at, HoldState.USED))
        _count_uses(session, voucher, at)


def elsewhere() -> KnownError:
    """The refusal of a voucher that is at home at another kiosk."""
    return KnownError(
        ErrorCode.VOUCHER_ELSEWHERE,
        "The voucher is good at the kiosk that issued it.",
        "Use it there, or issue one at the centre, which is good at every kiosk that reaches it.",
    )


def _locked(session: Session, tenant_id: str, code: str) -> VoucherRow | None:
    return session.get(VoucherRow, (tenant_id, code), with_for_update=True)


def _has_free_use(session: Session, voucher: VoucherRow) -> bool:
    held = select(func.count()).where(
        VoucherHoldRow.tenant_id == voucher.tenant_id,
        VoucherHoldRow.code == voucher.code,
        VoucherHoldRow.state == HoldState.HELD.value,
    )
    taken = voucher.used + (session.scalar(held) or 0)
    return voucher.use_limit is None or taken < voucher.use_limit


def _count_uses(session: Session, voucher: VoucherRow, at: datetime) -> None:
    """Every paid order counts once, whichever kiosk told of it and how often; uses are never unused."""
    session.flush()
    paid = select(func.count()).where(
        OrderRow.tenant_id == voucher.tenant_id,
        OrderRow.voucher_code == voucher.code,
        OrderRow.state.in_((OrderState.PAID.value, OrderState.REFUNDED.value)),
    )
    used = max(voucher.used, session.scalar(paid) or 0)
    if used == voucher.used:
        return
    voucher.used = used
    session.flush()
    tell_voucher(session, voucher, at)
    if voucher.use_limit is not None and used > voucher.use_limit:
        note_for_staff(session, _overused(voucher, used), voucher.code, at, voucher.tenant_id)


def _overused(voucher: VoucherRow, used: int) -> KnownError:
    return KnownError(
        ErrorCode.VOUCHER_OVERUSED,
        f"The voucher {voucher.code} is good for {voucher.use_limit} uses and was used {used} times.",
        "Its kiosk was put back to an older state, or money was taken for an order that had been cancelled. "
        "The orders stand; decide whether anything is to be asked for.",
    )


def _hold_row(
    voucher: VoucherRow, order_id: str, kiosk_id: str, at: datetime, state: HoldState
) -> VoucherHoldRow:
    return VoucherHoldRow(
        tenant_id=voucher.tenant_id,
        code=voucher.code,
        order_id=order_id,
        kiosk_id=kiosk_id,
        held_at=at,
        state=state.value,
    )
