"""Lists of orders say of each what it is, page by page, and find every payment that waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from kiosk.database.engine import Database, open_database
from kiosk.database.given_back import SqlRefundBook
from kiosk.database.meta import SqlMeta
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.staff_lists import SqlSalesLists
from kiosk.database.tables import OrderRow
from kiosk.database.visitor_counts import SqlVisitorCounts
from kiosk.staff.decisions import Circumstances, decisions_of
from kiosk.staff.told import OrderRowCard
from tests.measure.made_orders import VOUCHERS, fill_orders, voucher_code

ORDERS = 900
NEWEST = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
BANGKOK = ZoneInfo("Asia/Bangkok")
STATES = ("awaiting", "to_decide", "sending", "printing", "handed_out", "print_held", "cancelled", "refunded")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(tmp_path_factory.mktemp("lists") / "kiosk.db")
    fill_orders(opened, ORDERS, NEWEST, 0.3, SqlMeta(opened).kiosk_id(), decided=0.5)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def lists(database: Database) -> SqlSalesLists:
    return SqlSalesLists(database, BANGKOK, lambda: ["paynoi"])


def pages(lists: SqlSalesLists, text: str = "", state: str = "") -> list[OrderRowCard]:
    found: list[OrderRowCard] = []
    has_more = True
    while has_more:
        rows, has_more = lists.find(text, state, len(found))
        assert has_more <= (len(rows) == 50)
        found += rows
    return found


def test_pages_hold_every_order_once_the_newest_first(lists: SqlSalesLists) -> None:
    found = pages(lists)
    assert len(found) == len({row.order_id for row in found}) == ORDERS
    assert [row.at for row in found] == sorted((row.at for row in found), reverse=True)
    assert all(row.package_key == "package.popular" and row.photos >= 1 for row in found)
    assert any(row.sheets == row.sheets_done == 2 for row in found)


def test_each_order_is_in_the_list_of_the_state_that_its_row_shows_and_in_no_other(
    lists: SqlSalesLists,
) -> None:
    shown = {row.order_id: row.state for row in pages(lists)}
    listed = {state: {row.order_id for row in pages(lists, state=state)} for state in STATES}
    assert listed == {
        state: {order_id for order_id, each in shown.items() if each == state} for state in STATES
    }
    assert {state for state in STATES if listed[state]} >= {"awaiting", "handed_out", "cancelled", "refunded"}
    assert lists.find(state="no such state") == ([], False)


def test_an_order_is_found_by_its_code_or_a_part_of_it_however_it_is_typed(lists: SqlSalesLists) -> None:
    everything = pages(lists)
    wanted = everything[500]
    symbols = wanted.code.replace("-", "")
    for typed in (wanted.code, symbols.lower(), f" {symbols[:2]} {symbols[2:]}", symbols.replace("0", "o")):
        assert [row.code for row in lists.find(typed)[0]] == [wanted.code]
    part = symbols[-2:]
    assert pages(lists, part) == [row for row in everything if part in row.code.replace("-", "")]
    assert lists.find("%")[0] == lists.find("-")[0] == []


@pytest.mark.slow
def test_the_payments_that_wait_are_those_that_the_rules_say(
    lists: SqlSalesLists, database: Database
) -> None:
    store, refunds = SqlCheckoutStore(database), SqlRefundBook(database)
    with database.reading() as session:
        order_ids = list(session.scalars(select(OrderRow.order_id)))
    waiting = set()
    for order_id in order_ids:
        payments = store.payments(order_id)
        given = refunds.of_payments([payment.payment_id for payment in payments])
        heard = [one.payment_id for one in payments if one.gateway == "paynoi" and not one.is_by_staff]
        if decisions_of(store.order(order_id), payments, Circumstances(heard, given)):
            waiting.add(order_id)
    assert waiting
    assert set(lists.undecided()) == waiting


def test_the_day_adds_up(lists: SqlSalesLists, database: Database) -> None:
    SqlVisitorCounts(database).add("run", NEWEST, 7, 5, 2)
    day = lists.day(date(2026, 11, 20))
    rows = [
        row
        for row in pages(lists)
        if (row.at + timedelta(seconds=40)).astimezone(BANGKOK).date() == day.day
        and row.state in ("sending", "printing", "handed_out", "print_held", "to_decide")
    ]
    with database.reading() as session:
        paid = {
            order_id
            for order_id, state in session.execute(select(OrderRow.order_id, OrderRow.state))
            if state == "paid"
        }
    rows = [row for row in rows if row.order_id in paid]
    assert day.orders == len(rows) > 100
    assert day.satang == sum(row.total_satang for row in rows)
    assert day.digital == sum(row.photos for row in rows)
    assert day.prints == sum(row.sheets for row in rows)
    assert sum(bar.orders for bar in day.hours) == day.orders
    assert len(day.hours) == 24
    busy = max(day.hours, key=lambda bar: bar.orders).hour
    assert 7 <= busy <= 17
    assert (day.visitors, day.found, day.not_found) == (7, 5, 2)
    assert lists.day(date(2020, 1, 1)).orders == 0


def test_vouchers_are_listed_with_what_they_took_off(lists: SqlSalesLists) -> None:
    vouchers = lists.vouchers()
    assert len(vouchers) == VOUCHERS
    assert vouchers[0].code == voucher_code(0)
    discounts = lists.discounts([voucher.code for voucher in vouchers])
    assert set(discounts.values()) == {5000}
    assert set(discounts) <= {voucher_code(number) for number in range(4)}
