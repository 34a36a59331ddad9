"""Who gets what of each sale, and closed days, in SQL (`kiosk.revenue.types.ShareStore`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from kiosk.clock import Clock
from kiosk.database.day_figures import day_figures
from kiosk.database.engine import Database
from kiosk.database.meta import SqlMeta
from kiosk.database.staff_tables import ClosedDayRow, GivenBackRow, SaleShareRow
from kiosk.database.tables import MetaRow, OrderLineRow, OrderPackageRow, OrderRow, PhotoRow
from kiosk.revenue.closing import report_from_json, report_json
from kiosk.revenue.split import percent_of, split, split_back
from kiosk.revenue.types import Carry, DayReport, Kind, Payout, Plan, Sale, Share, StoredShare
from kiosk.sales.types import LineKind, OrderState

ELSEWHERE = "elsewhere"
"""The refund's name in shares of a sale that was given back at another kiosk or at the centre."""
_CARRY = "revenue_carry"
_SOLD = (OrderState.PAID.value, OrderState.REFUNDED.value)
_A_TIME = 500


class SqlShareStore:
    """The shares of what this kiosk sold. Each method is one transaction; any thread."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo) -> None:
        """`zone` is the venue's: its months and days."""
        self._database = database
        self._clock = clock
        self._zone = zone
        self._kiosk_id = SqlMeta(database).kiosk_id()

    def fix_missing(self, plan: Plan, thresholds_satang: tuple[int, int]) -> int:
        fixed = 0
        while True:
            with self._database.writing() as session:
                missing = sorted(self._missing(session), key=lambda each: (each.at, each.refund_id))[:_A_TIME]
                if not missing:
                    return fixed
                carry = _carry(session)
                for each in missing:
                    carry = self._fix(session, each, plan, thresholds_satang, carry)
                session.merge(MetaRow(key=_CARRY, value=_carry_json(carry)))
                fixed += len(missing)

    def shares(self, since: datetime, until: datetime) -> list[StoredShare]:
        query = (
            select(SaleShareRow, OrderRow.code)
            .join(OrderRow, OrderRow.order_id == SaleShareRow.order_id)
            .where(SaleShareRow.at >= since, SaleShareRow.at < until)
            .order_by(SaleShareRow.at, SaleShareRow.order_id, SaleShareRow.refund_id, SaleShareRow.kind)
            .order_by(SaleShareRow.party)
        )
        with self._database.reading() as session:
            return [_stored(row, code) for row, code in session.execute(query)]

    def payouts(self, since: datetime, until: datetime) -> list[Payout]:
        with self._database.reading() as session:
            return payouts_in(session, since, until)

    def day_report(self, day: date, since: datetime, until: datetime) -> DayReport:
        with self._database.reading() as session:
            return day_figures(session, self._kiosk_id, day, since, until, payouts_in(session, since, until))

    def close_day(self, report: DayReport) -> DayReport:
        with self._database.writing() as session:
            row = session.get(ClosedDayRow, report.day.isoformat())
            if row is None:
                row = ClosedDayRow(
                    day=report.day.isoformat(),
                    closed_at=self._clock.now(),
                    staff_name=report.closed_by,
                    report=report_json(report),
                )
                session.add(row)
            return report_from_json(row.report, row.closed_at, row.staff_name)

    def closed_day(self, day: date) -> DayReport | None:
        with self._database.reading() as session:
            row = session.get(ClosedDayRow, day.isoformat())
            return report_from_json(row.report, row.closed_at, row.staff_name) if row else None

    # -- the parts ------------------------------------------------------------------------------------

    def _missing(self, session: Session) -> Iterator[_Unsplit]:
        """The oldest of each; a sale stands before what was given back of it."""
        for order in session.scalars(self._sales_missing().limit(_A_TIME)):
            if order.paid_at is not None:
                yield _Unsplit(order, "", order.total_satang, order.paid_at)
        for refund, order in session.execute(_refunds_missing().limit(_A_TIME)):
            yield _Unsplit(order, refund.refund_id, refund.amount_satang, refund.at)
        now = self._clock.now()
        for order, left in session.execute(self._refunded_elsewhere().limit(_A_TIME)):
            yield _Unsplit(order, ELSEWHERE, int(left), now)

    def _refunded_elsewhere(self) -> Select[OrderRow, int]:
        """Sales that another kiosk or the centre gave back: of them only the state is heard here, and not
        when. What this kiosk gave back itself is taken off first."""
        is_waiting = exists().where(
            GivenBackRow.order_id == OrderRow.order_id,
            GivenBackRow.payment_id == "",
            ~exists().where(
                SaleShareRow.order_id == GivenBackRow.order_id,
                SaleShareRow.refund_id == GivenBackRow.refund_id,
            ),
        )
        left = func.sum(SaleShareRow.amount_satang)
        return (
            select(OrderRow, left)
            .join(SaleShareRow, SaleShareRow.order_id == OrderRow.order_id)
            .where(OrderRow.state == OrderState.REFUNDED.value, ~is_waiting)
            .group_by(OrderRow.order_id)
            .having(left > 0)
        )

    def _sales_missing(self) -> Select[OrderRow]:
        has_shares = exists().where(SaleShareRow.order_id == OrderRow.order_id, SaleShareRow.refund_id == "")
        return (
            select(OrderRow)
            .where(
                OrderRow.tenant_id == "",
                OrderRow.kiosk_id.in_(("", self._kiosk_id)),
                OrderRow.state.in_(_SOLD),
                OrderRow.paid_at.is_not(None),
                OrderRow.total_satang > 0,
                ~has_shares,
            )
            .order_by(OrderRow.paid_at, OrderRow.order_id)
        )

    def _fix(
        self,
        session: Session,
        unsplit: _Unsplit,
        plan: Plan,
        thresholds_satang: tuple[int, int],
        carry: Carry,
    ) -> Carry:
        order_id = unsplit.order.order_id
        if unsplit.refund_id:
            plan, sold = _as_split(session, order_id)
            shares, carry = split_back(unsplit.amount_satang, sold, carry)
        else:
            in_month = self._sold_in_month(session, unsplit.at) if plan is Plan.VOLUME else 0
            percent = percent_of(plan, in_month, thresholds_satang)
            sale = Sale(order_id, unsplit.at, unsplit.amount_satang, _weights(session, unsplit.order))
            shares, carry = split(sale, percent, carry)
        session.add_all(_row(unsplit, share, plan) for share in shares)
        session.flush()
        return carry

    def _sold_in_month(self, session: Session, at: datetime) -> int:
        """What the month's sales before this moment came to, in satang."""
        local = at.astimezone(self._zone)
        first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        query = select(func.sum(SaleShareRow.amount_satang)).where(
            SaleShareRow.at >= first.astimezone(at.tzinfo), SaleShareRow.at <= at
        )
        return int(session.scalar(query) or 0)


@dataclass(frozen=True, slots=True)
class _Unsplit:
    """A sale, or what was given back of its price, that has no shares yet."""

    order: OrderRow
    refund_id: str
    amount_satang: int
    at: datetime


def payouts_in(session: Session, since: datetime, until: datetime) -> list[Payout]:
    """What each party gets for a span."""
    is_sale = SaleShareRow.refund_id == ""
    query = (
        select(
            SaleShareRow.kind,
            SaleShareRow.party,
            func.count().filter(is_sale),
            func.coalesce(func.sum(SaleShareRow.amount_satang).filter(is_sale), 0),
            func.coalesce(func.sum(SaleShareRow.amount_satang).filter(~is_sale), 0),
        )
        .where(SaleShareRow.at >= since, SaleShareRow.at < until)
        .group_by(SaleShareRow.kind, SaleShareRow.party)
    )
    found = [
        Payout(Kind(kind), party, int(sales), int(sold), int(back))
        for kind, party, sales, sold, back in session.execute(query)
    ]
    return sorted(found, key=lambda payout: (list(Kind).index(payout.kind), payout.party))


def _refunds_missing() -> Select[GivenBackRow, OrderRow]:
    """Of the price of a sale that has its shares; money that came too much was never shared."""
    has_shares = exists().where(
        SaleShareRow.order_id == GivenBackRow.order_id, SaleShareRow.refund_id == GivenBackRow.refund_id
    )
    is_split = exists().where(SaleShareRow.order_id == GivenBackRow.order_id, SaleShareRow.refund_id == "")
    return (
        select(GivenBackRow, OrderRow)
        .join(OrderRow, OrderRow.order_id == GivenBackRow.order_id)
        .where(GivenBackRow.payment_id == "", GivenBackRow.amount_satang > 0, is_split, ~has_shares)
        .order_by(GivenBackRow.at, GivenBackRow.refund_id)
    )


def _as_split(session: Session, order_id: str) -> tuple[Plan, list[Share]]:
    """By which plan an order that has its shares was split, and how."""
    its = (SaleShareRow.order_id == order_id, SaleShareRow.refund_id == "")
    rows = session.scalars(
        select(SaleShareRow).where(*its).order_by(SaleShareRow.kind, SaleShareRow.party)
    ).all()
    return Plan(rows[0].plan), [Share(Kind(row.kind), row.party, row.amount_satang) for row in rows]


def _weights(session: Session, order: OrderRow) -> dict[str, int]:
    """By how much each photographer is in an order: a print by its price, and the digital photos share the
    price of their packages evenly."""
    lines = session.scalars(select(OrderLineRow).where(OrderLineRow.order_id == order.order_id)).all()
    photographers = _photographers(session, [line.photo_id for line in lines])
    digital = sum(line.kind == LineKind.DIGITAL.value for line in lines)
    packages = select(func.sum(OrderPackageRow.price_satang * OrderPackageRow.times)).where(
        OrderPackageRow.order_id == order.order_id
    )
    packages_satang = int(session.scalar(packages) or 0)
    weights: dict[str, int] = {}
    for line in lines:
        is_digital = line.kind == LineKind.DIGITAL.value
        weight = packages_satang if is_digital else line.amount_satang * max(digital, 1)
        name = photographers.get(line.photo_id, "")
        weights[name] = weights.get(name, 0) + weight
    return weights


def _photographers(session: Session, photo_ids: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(photo_ids), _A_TIME):
        query = select(PhotoRow.photo_id, PhotoRow.photographer).where(
            PhotoRow.photo_id.in_(photo_ids[start : start + _A_TIME])
        )
        found.update((photo_id, name) for photo_id, name in session.execute(query))
    return found


def _row(unsplit: _Unsplit, share: Share, plan: Plan) -> SaleShareRow:
    return SaleShareRow(
        order_id=unsplit.order.order_id,
        refund_id=unsplit.refund_id,
        kind=share.kind.value,
        party=share.party,
        amount_satang=share.amount_satang,
        plan=plan.value,
        at=unsplit.at,
    )


def _stored(row: SaleShareRow, code: str) -> StoredShare:
    share = Share(Kind(row.kind), row.party, row.amount_satang)
    return StoredShare(row.order_id, code, row.refund_id, share, Plan(row.plan), row.at)


def _carry(session: Session) -> Carry:
    row = session.get(MetaRow, _CARRY, with_for_update=True)
    if row is None:
        return Carry()
    told = json.loads(row.value)
    return Carry(
        {Kind(kind): Fraction(text) for kind, text in told["kinds"].items()},
        {str(name): Fraction(text) for name, text in told["photographers"].items()},
    )


def _carry_json(carry: Carry) -> str:
    kinds = {kind.value: str(exact) for kind, exact in carry.kinds.items() if exact}
    photographers = {name: str(exact) for name, exact in carry.photographers.items() if exact}
    return json.dumps({"kinds": kinds, "photographers": photographers}, ensure_ascii=False)
