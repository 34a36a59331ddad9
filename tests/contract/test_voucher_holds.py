"""A voucher is used no more often than it is good for, whoever asks, in whichever order words come."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from kiosk.clock import ManualClock
from kiosk.database.central_tables import VoucherHoldRow
from kiosk.database.engine import Database
from kiosk.database.notices import SqlNotices
from kiosk.database.tables import OrderRow, VoucherRow
from kiosk.database.voucher_holds import SqlVoucherHolds, follow_order
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.types import Voucher, VoucherKind

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ORDERS = ("o1", "o2", "o3", "o4")
KIOSKS = ("kiosk-a", "kiosk-b")


class Counter:
    """The centre's count of one voucher, and the orders that come in."""

    def __init__(self, database: Database, limit: int | None = 1, home: str | None = None) -> None:
        self.database = database
        self.clock = ManualClock(NOW)
        voucher = Voucher("ONCE", VoucherKind.FREE, 0, use_limit=limit, home_kiosk_id=home)
        SqlVoucherRepository(database, self.clock, "river").add_voucher(voucher)

    def holds(self, kiosk_id: str = "kiosk-a") -> SqlVoucherHolds:
        return SqlVoucherHolds(self.database, self.clock, "river", kiosk_id)

    def is_held(self, order_id: str, kiosk_id: str = "kiosk-a") -> bool:
        """Whether it was given, asked for now."""
        try:
            self.holds(kiosk_id).hold("ONCE", order_id)
        except KnownError as no:
            if no.code is not ErrorCode.VOUCHER_USED:
                raise
            return False
        return True

    def tell(self, order_id: str, state: str) -> None:
        """A message with how an order stands, merged as the inbox does: no state leads down."""
        rank = {"awaiting_payment": 0, "cancelled": 1, "paid": 2, "refunded": 3}
        with self.database.writing() as session:
            row = session.get(OrderRow, order_id, with_for_update=True)
            if row is None:
                row = OrderRow(
                    order_id=order_id,
                    tenant_id="river",
                    kiosk_id="kiosk-a",
                    code=f"K1-{order_id.upper():0>4}",
                    event_id="run",
                    language="th",
                    state=state,
                    total_satang=0,
                    discount_satang=0,
                    created_at=NOW,
                    paid_at=None,
                    voucher_code="ONCE",
                )
                session.add(row)
            elif rank[state] > rank[row.state]:
                row.state = state
            session.flush()
            follow_order(session, row, NOW)

    @property
    def used(self) -> int:
        voucher = SqlVoucherRepository(self.database, tenant_id="river").voucher("ONCE")
        assert voucher is not None
        return voucher.used

    @property
    def notices(self) -> list[str]:
        return [each.code for each in SqlNotices(self.database, tenant_id="river").open_notices()]

    def forget_all(self) -> None:
        with self.database.writing() as session:
            for rows in (VoucherHoldRow, OrderRow, VoucherRow):
                session.execute(delete(rows))


def test_the_last_use_is_held_for_one_order_until_it_is_cancelled(central_database: Database) -> None:
    counter = Counter(central_database)
    assert counter.is_held("o1")
    assert counter.is_held("o1")
    assert not counter.is_held("o2", "kiosk-b")
    counter.tell("o1", "cancelled")
    assert counter.is_held("o2", "kiosk-b")


def test_a_paid_order_uses_it_for_good_and_the_kiosks_hear_of_it(central_database: Database) -> None:
    counter = Counter(central_database)
    counter.is_held("o1")
    for _ in range(3):
        counter.tell("o1", "paid")
    counter.tell("o1", "refunded")
    assert counter.used == 1
    assert not counter.is_held("o2")
    assert counter.notices == []


def test_a_use_that_no_order_came_of_is_given_back_and_a_late_word_does_not_take_it_again(
    central_database: Database,
) -> None:
    counter = Counter(central_database)
    counter.is_held("o1")
    counter.holds().release("ONCE", "o1")
    assert not counter.is_held("o1")
    assert counter.is_held("o2")


def test_a_release_that_overtakes_its_hold_still_counts(central_database: Database) -> None:
    counter = Counter(central_database)
    counter.holds().release("ONCE", "o1")
    assert not counter.is_held("o1")
    assert counter.is_held("o2")


def test_another_kiosk_gives_nothing_back(central_database: Database) -> None:
    counter = Counter(central_database)
    counter.is_held("o1", "kiosk-a")
    counter.holds("kiosk-b").release("ONCE", "o1")
    assert not counter.is_held("o2", "kiosk-b")


def test_a_voucher_is_used_at_its_home_and_refused_everywhere_else(central_database: Database) -> None:
    counter = Counter(central_database, home="kiosk-a")
    counter.holds("kiosk-a").hold("ONCE", "o1")
    with pytest.raises(KnownError) as elsewhere:
        counter.holds("kiosk-b").hold("ONCE", "o2")
    assert elsewhere.value.code is ErrorCode.VOUCHER_ELSEWHERE


def test_a_voucher_without_a_limit_is_good_everywhere(central_database: Database) -> None:
    counter = Counter(central_database, limit=None)
    for order_id in ORDERS:
        assert counter.is_held(order_id, "kiosk-b")
        counter.tell(order_id, "paid")
    assert (counter.used, counter.notices) == (len(ORDERS), [])


def test_a_home_that_lost_what_it_knew_and_used_a_voucher_again_is_told_to_staff(
    central_database: Database,
) -> None:
    counter = Counter(central_database, home="kiosk-a")
    counter.tell("o1", "paid")
    counter.tell("o2", "paid")
    assert (counter.used, counter.notices) == (2, [ErrorCode.VOUCHER_OVERUSED])


def test_a_voucher_of_another_tenant_is_as_unknown_as_none(central_database: Database) -> None:
    Counter(central_database)
    with pytest.raises(KnownError) as unknown:
        SqlVoucherHolds(central_database, ManualClock(), "hill", "kiosk-z").hold("ONCE", "o1")
    assert unknown.value.code is ErrorCode.VOUCHER_UNKNOWN


def test_of_many_who_want_the_last_uses_at_the_same_time_so_many_get_them(
    central_database: Database, open_again: Callable[[], Database]
) -> None:
    counter = Counter(central_database, limit=2)
    other = open_again()

    def want(number: int) -> bool:
        database = (central_database, other)[number % 2]
        try:
            SqlVoucherHolds(database, counter.clock, "river", f"kiosk-{number}").hold("ONCE", f"o{number}")
        except KnownError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(want, range(8))) == 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hold", "release", "pay", "cancel", "again"]),
        st.sampled_from(ORDERS),
        st.sampled_from(KIOSKS),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 3), steps=STEPS)
def test_on_line_no_order_of_words_uses_it_more_often_than_it_is_good_for(
    central_database: Database, limit: int, steps: list[tuple[str, str, str]]
) -> None:
    """An order is made only when its hold was given; then it is paid or cancelled, and every word about it
    may come twice, late, and after others."""
    counter = Counter(central_database, limit=limit)
    maker: dict[str, str] = {}
    state: dict[str, str] = {}
    said: list[tuple[str, str]] = []
    try:
        for step, order_id, kiosk_id in steps:
            if step == "hold" and counter.is_held(order_id, kiosk_id):
                maker.setdefault(order_id, kiosk_id)
                state.setdefault(order_id, "awaiting_payment")
            elif step == "release" and order_id not in maker:
                counter.holds(kiosk_id).release("ONCE", order_id)  # it asked, and no order came of it
            elif step in ("pay", "cancel") and state.get(order_id) == "awaiting_payment":
                state[order_id] = "paid" if step == "pay" else "cancelled"
                said.append((order_id, state[order_id]))
                counter.tell(*said[-1])
            elif step == "again":
                for word in reversed(said):
                    counter.tell(*word)
            assert counter.used <= limit
            assert list(state.values()).count("paid") <= limit
            assert counter.used == list(state.values()).count("paid")
        assert counter.notices == []
    finally:
        counter.forget_all()
