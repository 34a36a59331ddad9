"""What the staff's pages list of orders (`kiosk.staff.ports.SalesLists`), quick with 100,000 of them.

A page is found by an index alone; what else a row shows is read for the page's orders only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from kiosk.database.bulk import among
from kiosk.database.engine import Database
from kiosk.database.meta import SqlMeta
from kiosk.database.staff_tables import GivenBackRow, PrintJobRow, SendingRow
from kiosk.database.tables import (
    DeliveryRow,
    OrderLineRow,
    OrderPackageRow,
    OrderRow,
    VoucherRow,
)
from kiosk.database.undecided import awaited_by_staff, undecided_orders
from kiosk.database.visitor_counts import SqlVisitorCounts
from kiosk.database.vouchers import voucher_of
from kiosk.delivery.types import DeliveryKind, DeliveryState
from kiosk.printing.types import PrintState
from kiosk.sales.orders import CODE_LENGTH, read_symbols
from kiosk.sales.types import LineKind, OrderState, Voucher
from kiosk.sending.types import SendingState
from kiosk.staff.told import DayFigures, HourBar, OrderRowCard

_PRINTING = tuple(state.value for state in (PrintState.WAITING, PrintState.SENDING, PrintState.SPOOLED))
_AWAITING, _CANCELLED, _PAID, _REFUNDED = (
    OrderState.AWAITING_PAYMENT.value,
    OrderState.CANCELLED.value,
    OrderState.PAID.value,
    OrderState.REFUNDED.value,
)
_BY_ORDER_STATE = {_AWAITING: "awaiting", _CANCELLED: "cancelled", _REFUNDED: "refunded"}


class SqlSalesLists:
    """Each method is one look at one consistent state; any thread. `hearing` gives the names of the gateways
    that tell of money by themselves."""

    def __init__(self, database: Database, zone: ZoneInfo, hearing: Callable[[], Collection[str]]) -> None:
        self._database = database
        self._zone = zone
        self._hearing = hearing
        self._kiosk_id = SqlMeta(database).kiosk_id()
        self._visitors = SqlVisitorCounts(database)

    # -- orders -----------------------------------------------------------------------------------

    def find(
        self, text: str = "", state: str = "", offset: int = 0, most: int = 50
    ) -> tuple[list[OrderRowCard], bool]:
        """A page of orders, the newest first, and whether there are more."""
        symbols = read_symbols(text)
        if text.strip() and not symbols:
            return [], False
        query = select(OrderRow.order_id).order_by(OrderRow.created_at.desc())
        if state:
            query = query.where(self._in_state(state))
        with self._database.reading() as session:
            found: list[str] = []
            for which in _by_code(symbols):
                found = found or list(session.scalars(query.where(which).offset(offset).limit(most + 1)))
            shown = found[:most]
            facts = self._facts(session, shown)
            orders = session.scalars(select(OrderRow).where(among(session, OrderRow.order_id, shown)))
            by_id = {order.order_id: order for order in orders}
            return [_card(by_id[order_id], facts) for order_id in shown], len(found) > most

    def undecided(self) -> list[str]:
        """The ids of this kiosk's orders of which a payment waits for staff."""
        with self._database.reading() as session:
            found = set(session.scalars(undecided_orders(self._kiosk_id)))
            found.update(session.scalars(awaited_by_staff(self._kiosk_id, self._hearing())))
        return sorted(found)

    def _in_state(self, state: str) -> ColumnElement[bool]:
        """As `_card` names it."""
        to_decide = OrderRow.order_id.in_(undecided_orders(self._kiosk_id))
        if state == "to_decide":
            return to_decide
        held, printing, sending = (OrderRow.order_id.in_(each) for each in (_held(), _printing(), _sending()))
        paid = and_(OrderRow.state == _PAID, ~to_decide)
        which = {
            "awaiting": and_(OrderRow.state == _AWAITING, ~to_decide),
            "cancelled": and_(OrderRow.state == _CANCELLED, ~to_decide),
            "refunded": and_(OrderRow.state == _REFUNDED, ~to_decide),
            "print_held": and_(paid, held),
            "printing": and_(paid, printing, ~held),
            "sending": and_(paid, sending, ~held, ~printing),
            "handed_out": and_(paid, ~held, ~printing, ~sending),
        }
        return which.get(state, OrderRow.order_id == "")

    def _facts(self, session: Session, order_ids: Sequence[str]) -> _Facts:
        def ids(query: Select[str], column: InstrumentedAttribute[str]) -> frozenset[str]:
            return frozenset(session.scalars(query.where(among(session, column, order_ids))))

        facts = _Facts(
            to_decide=ids(undecided_orders(self._kiosk_id), OrderRow.order_id),
            held=ids(_held(), PrintJobRow.order_id),
            printing=ids(_printing(), PrintJobRow.order_id),
            sending=ids(_links_pending(), DeliveryRow.order_id)
            | ids(_messages_waiting(), SendingRow.order_id),
        )
        lines = select(OrderLineRow.order_id, OrderLineRow.kind, func.sum(OrderLineRow.copies)).group_by(
            OrderLineRow.order_id, OrderLineRow.kind
        )
        for order_id, kind, copies in session.execute(
            lines.where(among(session, OrderLineRow.order_id, order_ids))
        ):
            (facts.photos if kind == LineKind.DIGITAL else facts.sheets)[order_id] = int(copies)
        done = select(PrintJobRow.order_id, func.sum(PrintJobRow.sheets_done)).group_by(PrintJobRow.order_id)
        for order_id, sheets in session.execute(
            done.where(among(session, PrintJobRow.order_id, order_ids), PrintJobRow.reprint_of == "")
        ):
            facts.sheets_done[order_id] = int(sheets)
        packages = select(OrderPackageRow.order_id, OrderPackageRow.name_key).where(
            OrderPackageRow.position == 0, among(session, OrderPackageRow.order_id, order_ids)
        )
        facts.packages.update((order_id, key) for order_id, key in session.execute(packages))
        return facts

    # -- the day ----------------------------------------------------------------------------------

    def day(self, day: date) -> DayFigures:
        """A day of the venue's, from midnight to midnight there."""
        since = datetime.combine(day, time(), self._zone)
        until = datetime.combine(day + timedelta(days=1), time(), self._zone)
        visitors = self._visitors.between(since, until)
        # By the time of payment alone: whatever was paid is sold, and nearly all orders were paid some time.
        sold = and_(
            OrderRow.kiosk_id.in_(("", self._kiosk_id)),
            OrderRow.paid_at >= since,
            OrderRow.paid_at < until,
        )
        with self._database.reading() as session:
            refunds = _refunds_of(session, sold)
            hours = _hours(session, sold, refunds, self._zone)
            lines = _lines(session, sold)
            orders = sum(bar.orders for bar in hours)
            printing = _count(session, sold, or_(_is_in(_held()), _is_in(_printing())))
            unfinished = _count(session, sold, or_(_is_in(_held()), _is_in(_printing()), _is_in(_sending())))
            given_back = _given_back(session, since, until)
        return DayFigures(
            day=day,
            satang=sum(bar.satang for bar in hours),
            orders=orders,
            delivered=max(0, orders - unfinished),
            printing=printing,
            digital=lines.get(LineKind.DIGITAL.value, 0),
            prints=lines.get(LineKind.PRINT.value, 0),
            visitors=visitors.visitors,
            found=visitors.found,
            not_found=visitors.not_found,
            refunded_satang=given_back,
            hours=tuple(hours),
        )

    # -- vouchers ---------------------------------------------------------------------------------

    def vouchers(self, most: int = 500) -> list[Voucher]:
        """The newest first; those that were always good last."""
        newest = VoucherRow.valid_from.desc().nulls_last()
        query = select(VoucherRow).where(VoucherRow.tenant_id == "").order_by(newest, VoucherRow.code)
        with self._database.reading() as session:
            return [voucher_of(row) for row in session.scalars(query.limit(most))]

    def discounts(self, codes: Collection[str]) -> dict[str, int]:
        """What each of these took off paid orders; those that nobody used are left out."""
        code = cast(InstrumentedAttribute[str], OrderRow.voucher_code)
        sums = select(code, func.sum(OrderRow.discount_satang)).group_by(code)
        with self._database.reading() as session:
            theirs = sums.where(
                OrderRow.tenant_id == "", OrderRow.state == _PAID, among(session, code, codes)
            )
            return {row[0]: int(row[1]) for row in session.execute(theirs)}


@dataclass(slots=True)
class _Facts:
    """What is known of a page's orders beside their own rows."""

    to_decide: frozenset[str]
    held: frozenset[str]
    printing: frozenset[str]
    sending: frozenset[str]
    photos: dict[str, int] = field(default_factory=dict)
    sheets: dict[str, int] = field(default_factory=dict)
    sheets_done: dict[str, int] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)

    def state_of(self, order: OrderRow) -> str:
        """What staff call it: what waits for them comes first."""
        order_id = order.order_id
        if order_id in self.to_decide:
            return "to_decide"
        if order.state != _PAID:
            return _BY_ORDER_STATE[order.state]
        if order_id in self.held:
            return "print_held"
        if order_id in self.printing:
            return "printing"
        return "sending" if order_id in self.sending else "handed_out"


def _card(order: OrderRow, facts: _Facts) -> OrderRowCard:
    order_id = order.order_id
    return OrderRowCard(
        order_id=order_id,
        code=order.code,
        at=order.created_at,
        photos=facts.photos.get(order_id, 0),
        sheets=facts.sheets.get(order_id, 0),
        sheets_done=facts.sheets_done.get(order_id, 0),
        total_satang=order.total_satang,
        package_key=facts.packages.get(order_id, ""),
        state=facts.state_of(order),
    )


def _by_code(symbols: str) -> list[ColumnElement[bool]]:
    """Orders of a typed code: those of the whole code, which an index finds; else those that hold it."""
    if not symbols:
        return [true()]
    holds = func.replace(OrderRow.code, "-", "").contains(symbols, autoescape=True)
    if len(symbols) <= CODE_LENGTH:
        return [holds]
    return [OrderRow.code == f"{symbols[:-CODE_LENGTH]}-{symbols[-CODE_LENGTH:]}", holds]


def _held() -> Select[str]:
    return select(PrintJobRow.order_id).where(PrintJobRow.state == PrintState.HELD.value)


def _printing() -> Select[str]:
    return select(PrintJobRow.order_id).where(PrintJobRow.state.in_(_PRINTING))


def _links_pending() -> Select[str]:
    return select(DeliveryRow.order_id).where(
        DeliveryRow.kind == DeliveryKind.PHONE_LINK.value, DeliveryRow.state == DeliveryState.PENDING.value
    )


def _messages_waiting() -> Select[str]:
    return select(SendingRow.order_id).where(SendingRow.state == SendingState.WAITING.value)


def _sending() -> Select[str]:
    links = select(_links_pending().subquery().c.order_id)
    return select(_messages_waiting().union_all(links).subquery().c.order_id)


def _is_in(orders: Select[str]) -> ColumnElement[bool]:
    return OrderRow.order_id.in_(orders)


def _count(session: Session, sold: ColumnElement[bool], which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(OrderRow).where(sold, OrderRow.state != _REFUNDED, which)
    return session.scalar(query) or 0


def _refunds_of(session: Session, sold: ColumnElement[bool]) -> dict[str, int]:
    """What was given back of the prices of these orders, whenever it was."""
    query = (
        select(GivenBackRow.order_id, func.sum(GivenBackRow.amount_satang))
        .join(OrderRow, OrderRow.order_id == GivenBackRow.order_id)
        .where(sold, GivenBackRow.payment_id == "")
        .group_by(GivenBackRow.order_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def _given_back(session: Session, since: datetime, until: datetime) -> int:
    """What was given back of prices in [since, until), whenever the orders were paid."""
    query = select(func.sum(GivenBackRow.amount_satang)).where(
        GivenBackRow.payment_id == "", GivenBackRow.at >= since, GivenBackRow.at < until
    )
    return int(session.scalar(query) or 0)


def _hours(
    session: Session, sold: ColumnElement[bool], refunds: dict[str, int], zone: ZoneInfo
) -> list[HourBar]:
    """All 24, by the clock on the venue's wall; an order whose whole price was given back is in none."""
    orders, satang = [0] * 24, [0] * 24
    query = select(OrderRow.order_id, OrderRow.paid_at, OrderRow.total_satang, OrderRow.state).where(sold)
    for order_id, paid_at, total, state in session.execute(query):
        if state == _REFUNDED or paid_at is None:
            continue
        hour = paid_at.astimezone(zone).hour
        orders[hour] += 1
        satang[hour] += total - refunds.get(order_id, 0)
    return [HourBar(hour, orders[hour], satang[hour]) for hour in range(24)]


def _lines(session: Session, sold: ColumnElement[bool]) -> dict[str, int]:
    """Photos and sheets that were sold and not given back as a whole."""
    query = (
        select(OrderLineRow.kind, func.sum(OrderLineRow.copies))
        .join(OrderRow, OrderRow.order_id == OrderLineRow.order_id)
        .where(sold, OrderRow.state != _REFUNDED)
        .group_by(OrderLineRow.kind)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}
