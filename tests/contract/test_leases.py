"""Streams of a centre, shared by camera workers: on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from kiosk.database.central_tables import CameraWorkerRow
from kiosk.database.engine import Database
from kiosk.database.leases import SqlLeases, Taken, fair_shares, is_held
from kiosk.database.people_tables import StreamRow
from kiosk.database.server_time import database_now
from kiosk.database.sites import SqlSites
from kiosk.database.streams import SqlStreams
from kiosk.database.tenant import TenantDatabase
from kiosk.visits.types import StreamDraft

FOR_S = 600.0


@pytest.fixture
def leases(central_database: Database) -> SqlLeases:
    return SqlLeases(central_database)


def add_streams(database: Database, count: int, tenant_id: str = "a", kiosk_id: str = "") -> list[str]:
    tenant = TenantDatabase(database, tenant_id)
    site = SqlSites(tenant).add(f"Site {kiosk_id}")
    streams = SqlStreams(tenant, kiosk_id)
    drafts = [StreamDraft(site.site_id, f"Door {n}", f"rtsp://192.0.2.7/{n}") for n in range(count)]
    return [streams.add(draft).stream_id for draft in drafts]


def ids(taken: Taken) -> set[str]:
    return {one.stream.stream_id for one in taken.leased}


def end_lease(database: Database, holder: str) -> None:
    """As time does, for a worker that does nothing any more."""
    with database.writing() as session:
        over = database_now(session) - timedelta(seconds=1)
        for row in session.scalars(select(StreamRow).where(StreamRow.lease_holder == holder)):
            row.lease_until = over
        session.get_one(CameraWorkerRow, holder).seen_until = over


def test_one_worker_takes_what_there_is_up_to_what_it_can(
    central_database: Database, leases: SqlLeases
) -> None:
    streams = add_streams(central_database, 3) + add_streams(central_database, 2, "b")
    taken = leases.take("one", 4, FOR_S)
    assert (len(taken.leased), taken.unwatched) == (4, 1)
    assert ids(taken) < set(streams)
    assert {one.tenant_id for one in taken.leased} == {"a", "b"}
    again = leases.take("one", 4, FOR_S)
    assert (again.leased, again.too_many, again.unwatched) == ((), 0, 1)
    assert ids(leases.take("one", 9, FOR_S)) == set(streams) - ids(taken)


def test_a_stream_of_a_kiosk_or_one_that_is_off_is_nobodys(
    central_database: Database, leases: SqlLeases
) -> None:
    add_streams(central_database, 1, kiosk_id="kiosk-1")
    (off,) = add_streams(central_database, 1)
    SqlStreams(TenantDatabase(central_database, "a"), "").switch(off, is_on=False)
    assert leases.take("one", 4, FOR_S).leased == ()


def test_nobody_takes_what_another_one_holds(central_database: Database, leases: SqlLeases) -> None:
    add_streams(central_database, 2)
    assert len(leases.take("one", 2, FOR_S).leased) == 2
    assert leases.take("two", 2, FOR_S).leased == ()
    assert leases.renew("two", ids(leases.take("one", 2, FOR_S)), FOR_S) == []


def test_what_nobody_renewed_is_free_and_cannot_be_renewed_any_more(
    central_database: Database, leases: SqlLeases
) -> None:
    (stream,) = add_streams(central_database, 1)
    leases.take("one", 1, FOR_S)
    end_lease(central_database, "one")
    with central_database.writing() as session:
        assert not is_held(session, "one", stream)
    assert ids(leases.take("two", 2, FOR_S)) == {stream}
    assert leases.renew("one", [stream], FOR_S) == []
    with central_database.writing() as session:
        assert is_held(session, "two", stream)
        assert not is_held(session, "one", stream)


def test_a_late_renewal_holds_where_nobody_else_came(central_database: Database, leases: SqlLeases) -> None:
    (stream,) = add_streams(central_database, 1)
    leases.take("one", 1, FOR_S)
    end_lease(central_database, "one")
    assert [one.stream.stream_id for one in leases.renew("one", [stream], FOR_S)] == [stream]
    with central_database.writing() as session:
        assert is_held(session, "one", stream)


def test_a_renewal_tells_how_the_stream_stands_now(central_database: Database, leases: SqlLeases) -> None:
    (stream,) = add_streams(central_database, 1)
    leases.take("one", 1, FOR_S)
    streams = SqlStreams(TenantDatabase(central_database, "a"), "")
    streams.switch(stream, is_on=False, recognises=False)
    (held,) = leases.renew("one", [stream], FOR_S)
    assert (held.stream.is_on, held.stream.recognises) == (False, False)
    streams.remove(stream)
    assert leases.renew("one", [stream], FOR_S) == []


def test_what_is_released_can_be_taken_at_once(central_database: Database, leases: SqlLeases) -> None:
    (stream,) = add_streams(central_database, 1)
    leases.take("one", 1, FOR_S)
    leases.release("two", [stream])  # not its to release
    assert leases.renew("one", [stream], FOR_S)
    leases.leave("one")
    assert ids(leases.take("two", 1, FOR_S)) == {stream}


def test_a_worker_that_joins_gets_its_share(central_database: Database, leases: SqlLeases) -> None:
    add_streams(central_database, 10)
    held = {one: ids(leases.take(one, 20, FOR_S)) for one in ("one",)}
    assert len(held["one"]) == 10
    for joining in ("two", "three"):
        held[joining] = set()
        for _ in range(3):  # everybody asks in turn, as workers do
            for worker, has in held.items():
                taken = leases.take(worker, 20, FOR_S)
                has |= ids(taken)
                surplus = sorted(has)[: taken.too_many]
                leases.release(worker, surplus)
                has.difference_update(surplus)
    assert sorted(map(len, held.values())) == [3, 3, 4]
    assert len(set.union(*held.values())) == 10
    told = {one.worker_id: one.streams for one in leases.workers()}
    assert told == {worker: len(has) for worker, has in held.items()}


def test_workers_that_ask_at_once_never_get_the_same_stream(
    central_database: Database, leases: SqlLeases
) -> None:
    streams = add_streams(central_database, 24)
    got: list[tuple[str, str]] = []
    ready = threading.Barrier(6)

    def work(worker: str) -> None:
        ready.wait()
        for _ in range(6):
            got.extend((worker, one) for one in ids(leases.take(worker, 4, FOR_S)))

    threads = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(stream for _, stream in got) == Counter(streams)
    assert set(Counter(worker for worker, _ in got).values()) == {4}


@pytest.mark.parametrize(
    ("streams", "workers", "expected"),
    [
        (0, [("a", 4, 0)], {"a": 0}),
        (10, [("a", 20, 10), ("b", 20, 0)], {"a": 5, "b": 5}),
        (10, [("a", 20, 5), ("b", 20, 5), ("c", 20, 0)], {"a": 4, "b": 3, "c": 3}),
        (10, [("a", 2, 2), ("b", 20, 0)], {"a": 2, "b": 8}),
        (10, [("a", 2, 2), ("b", 3, 0)], {"a": 2, "b": 3}),
        (1, [("a", 4, 0), ("b", 4, 1)], {"a": 0, "b": 1}),
        (3, [], {}),
    ],
)
def test_shares_are_even_and_move_little(
    streams: int, workers: list[tuple[str, int, int]], expected: dict[str, int]
) -> None:
    assert fair_shares(streams, workers) == expected
