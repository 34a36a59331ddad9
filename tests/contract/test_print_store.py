"""What the rows of print jobs do, on a file and on a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.sync_tables import OutboxRow
from kiosk.database.tables import DeliveryRow, OrderRow
from kiosk.delivery.types import DeliveryState
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.types import PrintJob, PrintState
from kiosk.sales.types import OrderState
from tests.empty_databases import ON_SERVER
from tests.peers.postgres import PostgresServer
from tests.printing_shop import EVENT_ID, LARGE, SMALL, PrintingShop


@pytest.fixture(params=["sqlite", ON_SERVER])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PrintingShop]:
    clock = ManualClock()
    if request.param == "sqlite":
        shop = PrintingShop(tmp_path / "kiosk.db", clock)
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.new_database(f"prints_{uuid4().hex}")
        shop = PrintingShop(open_database(url, clock), clock)
    yield shop
    shop.close()


def taken(shop: PrintingShop, copies: int = 2) -> PrintJob:
    """The job of a new order of one print."""
    order_id = shop.buy((SMALL, copies))
    shop.store.take_owed(shop.clock.now())
    return shop.store.jobs_of(order_id)[0]


def spooled(shop: PrintingShop, copies: int = 2) -> PrintJob:
    """A job that its printer has."""
    job = replace(taken(shop, copies), state=PrintState.SPOOLED, queue="dnp", spool_id="7")
    assert shop.store.update(job, PrintState.WAITING)
    return job


def delivery(shop: PrintingShop, job: PrintJob) -> tuple[str, str]:
    (only,) = shop.orders.deliveries(job.order_id)
    return only.state.value, only.detail


def told(shop: PrintingShop, order_id: str) -> str:
    """How the newest message tells the order's only delivery."""
    with shop.database.reading() as session:
        query = select(OutboxRow.payload).order_by(OutboxRow.outbox_id.desc())
        records = map(json.loads, session.scalars(query))
        record = next(record for record in records if record["order_id"] == order_id)
    return str(record["deliveries"][0]["state"])


def test_each_print_of_a_paid_order_is_a_job_once(shop: PrintingShop) -> None:
    first = shop.buy((SMALL, 1), (LARGE, 2), has_digital=True)
    shop.clock.advance(1)
    second = shop.buy((SMALL, 3))
    shop.buy((SMALL, 1), is_paid=False)
    assert shop.store.take_owed(shop.clock.now()) == 3
    assert shop.store.take_owed(shop.clock.now()) == 0
    jobs = shop.store.jobs_in({PrintState.WAITING})
    assert [(job.order_id, job.paper, job.copies) for job in jobs] == [
        (first, SMALL, 1),
        (first, LARGE, 2),
        (second, SMALL, 3),
    ]
    lines = [line for order_id in (first, second) for line in shop.orders.order(order_id).lines]
    photos = {line.line_id: line.photo_id for line in lines}
    assert all(job.photo_id == photos[job.line_id] for job in jobs)
    assert jobs[0].order_code == shop.orders.order(first).code
    assert jobs[0].job_id in shop.owed()


def test_an_order_of_another_kiosk_is_that_kiosks_to_print(shop: PrintingShop) -> None:
    shop.buy((SMALL, 1), kiosk_id="another")
    own = shop.buy((SMALL, 1), kiosk_id=shop.orders.kiosk_id)
    assert shop.store.take_owed(shop.clock.now()) == 1
    assert len(shop.store.jobs_of(own)) == 1


def test_what_staff_hand_out_is_never_printed(shop: PrintingShop) -> None:
    order_id = shop.buy((SMALL, 1))
    assert shop.store.leave_to_staff() == 1
    assert shop.store.leave_to_staff() == 0
    assert shop.store.take_owed(shop.clock.now()) == 0
    assert told(shop, order_id) == DeliveryState.WAITING_FOR_STAFF


def test_printed_is_handed_over_and_taken_off_what_is_left_once(shop: PrintingShop) -> None:
    shop.store.count(SMALL.name, 10, shop.clock.now())
    shop.store.count("ink/dnp", 1, shop.clock.now())
    job = spooled(shop)
    printed = replace(job, state=PrintState.PRINTED, sheets_done=2)
    assert shop.store.update(printed, PrintState.SPOOLED)
    assert not shop.store.update(printed, PrintState.SPOOLED)
    assert delivery(shop, job) == ("done", "")
    assert told(shop, job.order_id) == "done"
    stock = shop.store.stock()
    assert (stock[SMALL.name].left, stock["ink/dnp"].left) == (8, 0)
    assert stock[SMALL.name].counted_at == shop.clock.now()


def test_what_came_out_before_a_hold_is_taken_off_once(shop: PrintingShop) -> None:
    shop.store.count(SMALL.name, 10, shop.clock.now())
    held = replace(spooled(shop), state=PrintState.HELD, sheets_done=1, code="R-103")
    assert shop.store.update(held, PrintState.SPOOLED)
    assert delivery(shop, held) == ("waiting_for_staff", "R-103")
    assert shop.store.update(replace(held, state=PrintState.CANCELLED), PrintState.HELD)
    assert delivery(shop, held) == ("done", "called off")
    assert shop.store.stock()[SMALL.name].left == 9


def test_a_job_that_stands_otherwise_by_now_is_left_as_it_is(shop: PrintingShop) -> None:
    job = spooled(shop)
    assert not shop.store.update(replace(job, state=PrintState.CANCELLED), PrintState.WAITING)
    assert shop.store.job(job.job_id) == job
    with pytest.raises(KnownError) as unknown:
        shop.store.job("nobody")
    assert unknown.value.code is ErrorCode.PRINT_JOB_UNKNOWN


def test_a_reprint_takes_the_place_of_what_is_held(shop: PrintingShop) -> None:
    held = replace(spooled(shop), state=PrintState.HELD, code="R-110")
    shop.store.update(held, PrintState.SPOOLED)
    again = replace(held, job_id=uuid4().hex, state=PrintState.WAITING, code="", reprint_of=held.job_id)
    fresh = shop.store.job(shop.store.add_reprint(again).job_id)
    assert (fresh.reprint_of, fresh.queue, fresh.spool_id) == (held.job_id, "", "")
    assert shop.store.add_reprint(replace(again, job_id=uuid4().hex)) == fresh
    assert [job.state for job in shop.store.jobs_of(held.order_id)] == [
        PrintState.CANCELLED,
        PrintState.WAITING,
    ]
    assert shop.store.take_owed(shop.clock.now()) == 0
    assert shop.store.update(replace(fresh, state=PrintState.PRINTED), PrintState.WAITING)
    assert delivery(shop, held) == ("done", "")


def test_what_was_given_back_or_deleted_is_wanted_no_more(shop: PrintingShop) -> None:
    refunded, waiting = spooled(shop), taken(shop)
    deleted = shop.buy((SMALL, 1), has_digital=True)
    shop.store.take_owed(shop.clock.now())
    assert shop.store.unwanted() == []
    with shop.database.writing() as session:
        session.get_one(OrderRow, refunded.order_id).state = OrderState.REFUNDED.value
        its = select(DeliveryRow).where(DeliveryRow.order_id == deleted, DeliveryRow.kind == "phone_link")
        session.scalars(its).one().detail = "deleted by the buyer"
    assert {job.order_id for job in shop.store.unwanted()} == {refunded.order_id, deleted}
    assert shop.store.job(waiting.job_id) == waiting


def test_what_nobody_is_owed_any_more_is_not_printed_again(shop: PrintingShop) -> None:
    printed = replace(taken(shop), state=PrintState.PRINTED, sheets_done=2)
    assert shop.store.update(printed, PrintState.WAITING)
    shop.buy((SMALL, 1), has_digital=True)
    shop.store.take_owed(shop.clock.now())
    (second,) = (job for job in shop.store.jobs_in({PrintState.WAITING}) if job.order_id != printed.order_id)
    assert shop.store.update(replace(second, state=PrintState.PRINTED), PrintState.WAITING)
    with shop.database.writing() as session:
        session.get_one(OrderRow, printed.order_id).state = OrderState.REFUNDED.value
        its = select(DeliveryRow).where(
            DeliveryRow.order_id == second.order_id, DeliveryRow.kind == "phone_link"
        )
        session.scalars(its).one().detail = "deleted by the buyer"
    for job, code in ((printed, ErrorCode.NOTHING_TO_DECIDE), (second, ErrorCode.PHOTOS_DELETED)):
        again = replace(job, job_id=uuid4().hex, state=PrintState.WAITING, reprint_of=job.job_id)
        with pytest.raises(KnownError) as refused:
            shop.store.add_reprint(again)
        assert refused.value.code is code
        assert len(shop.store.jobs_of(job.order_id)) == 1


def test_sheets_are_counted_by_paper_and_by_event(shop: PrintingShop) -> None:
    done = spooled(shop)
    shop.store.update(replace(done, state=PrintState.PRINTED), PrintState.SPOOLED)
    shop.store.update(replace(spooled(shop, 3), sheets_done=1), PrintState.SPOOLED)
    shop.buy((LARGE, 4))
    shop.buy((LARGE, 5), is_paid=False)
    shop.store.take_owed(shop.clock.now())
    now = shop.clock.now()
    assert shop.store.sheets_owed() == {SMALL: 2, LARGE: 4}
    assert shop.store.sheets_sold(EVENT_ID, now) == 2 + 3 + 4 + 5
    assert shop.store.sheets_sold(EVENT_ID, now + timedelta(hours=1)) == 2 + 3 + 4
    assert shop.store.sheets_sold("another", now) == 0
