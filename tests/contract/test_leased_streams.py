"""What a camera worker holds, and that it writes nothing about a stream that is not its own any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from kiosk.central.centre import open_central_database
from kiosk.central.leased_streams import FencedDatabase, LeasedStreams
from kiosk.central.secrets import open_secrets
from kiosk.central.settings import CentralSettings, DatabaseSection
from kiosk.clock import ManualClock, SystemClock
from kiosk.database.bulk import is_sqlite
from kiosk.database.central_tables import CameraWorkerRow
from kiosk.database.engine import Database
from kiosk.database.leases import SqlLeases
from kiosk.database.people_tables import SiteRow, StreamRow
from kiosk.database.server_time import database_now
from kiosk.database.sites import SqlSites
from kiosk.database.streams import SqlStreams
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.types import StreamDraft

LEASE_S = 30.0


def add_streams(database: Database, count: int) -> list[str]:
    tenant = TenantDatabase(database, "a")
    site, streams = SqlSites(tenant).add("Siam"), SqlStreams(tenant, "")
    return [
        streams.add(StreamDraft(site.site_id, f"Door {n}", "rtsp://192.0.2.7/x")).stream_id
        for n in range(count)
    ]


def worker(database: Database, name: str, most: int = 8, clock: ManualClock | None = None) -> LeasedStreams:
    return LeasedStreams(SqlLeases(database), name, most, LEASE_S, clock or ManualClock())


def watched(leased: LeasedStreams) -> list[str]:
    return [stream.stream_id for stream in leased.streams()]


def end_leases(database: Database, holder: str) -> None:
    """As time does."""
    with database.writing() as session:
        over = database_now(session) - timedelta(seconds=1)
        for row in session.scalars(select(StreamRow).where(StreamRow.lease_holder == holder)):
            row.lease_until = over
        session.get_one(CameraWorkerRow, holder).seen_until = over


def lost(act: Callable[[], object]) -> None:
    with pytest.raises(KnownError) as told:
        act()
    assert told.value.code is ErrorCode.STREAM_LEASE_LOST


def test_a_worker_watches_what_it_holds(central_database: Database) -> None:
    streams = add_streams(central_database, 3)
    one = worker(central_database, "one")
    assert watched(one) == []
    one.step()
    assert watched(one) == streams
    assert one.tenant_of(streams[0]) == "a"
    one.leave()
    assert watched(one) == []


def test_a_lease_is_over_for_the_worker_before_it_can_be_for_others(central_database: Database) -> None:
    (stream,) = add_streams(central_database, 1)
    clock = ManualClock()
    one = worker(central_database, "one", clock=clock)
    one.step()
    clock.advance(LEASE_S * 0.85)
    assert watched(one) == [stream]
    clock.advance(LEASE_S * 0.1)
    assert watched(one) == []
    lost(lambda: one.tenant_of(stream))
    one.step()  # nobody else came meanwhile
    assert watched(one) == [stream]


def test_what_another_one_took_meanwhile_is_not_watched(central_database: Database) -> None:
    (stream,) = add_streams(central_database, 1)
    one, two = worker(central_database, "one"), worker(central_database, "two")
    one.step()
    end_leases(central_database, "one")
    two.step()
    assert watched(two) == [stream]
    one.step()
    assert watched(one) == []


def test_a_worker_that_joins_gets_its_share_of_what_is_not_watched_any_more(
    central_database: Database,
) -> None:
    add_streams(central_database, 5)
    one, two = worker(central_database, "one"), worker(central_database, "two")
    one.step()
    two.step()
    assert (len(watched(one)), len(watched(two))) == (5, 0)
    one.step()  # marks them, for they are to be stopped before somebody else begins
    two.step()
    assert (len(watched(one)), len(watched(two))) == (3, 0)
    one.let_go()
    two.step()
    one.step()
    assert (len(watched(one)), len(watched(two))) == (3, 2)


def test_a_stream_that_is_switched_off_is_given_back(central_database: Database) -> None:
    stream, other = add_streams(central_database, 2)
    streams = SqlStreams(TenantDatabase(central_database, "a"), "")
    one = worker(central_database, "one")
    one.step()
    streams.switch(stream, is_on=False)
    one.step()
    assert watched(one) == [other]
    one.let_go()
    streams.switch(stream, is_on=True)
    one.step()
    assert watched(one) == [stream, other]


def test_a_clock_that_is_off_is_told_once(central_database: Database) -> None:
    clock = ManualClock(datetime.now(UTC) - timedelta(minutes=5))
    one = worker(central_database, "one", clock=clock)
    with capture_logs() as told:
        one.step()
        one.step()
    assert [line["code"] for line in told if line["event"] == "clock_off"] == [ErrorCode.CLOCK_OFF]


def test_the_holder_writes(central_database: Database) -> None:
    (stream,) = add_streams(central_database, 1)
    one = worker(central_database, "one")
    one.step()
    rename(FencedDatabase(central_database, SystemClock(), one, stream), "Written")
    assert name_of_site(central_database) == "Written"


def test_nobody_writes_about_a_stream_that_another_one_took_while_they_wrote(
    central_database: Database, open_again: Callable[[], Database]
) -> None:
    """As a worker does that was stopped in the middle and went on late."""
    (stream,) = add_streams(central_database, 1)
    one, two = worker(central_database, "one"), worker(open_again(), "two")
    one.step()
    fenced = FencedDatabase(central_database, SystemClock(), one, stream)

    def write_late() -> None:
        with fenced.writing() as session:
            if is_sqlite(session):
                pytest.skip("a file has one writer at a time")
            session.add(SiteRow(site_id="late", name="Too late", created_at=fenced.clock.now()))
            session.flush()
            end_leases(central_database, "one")
            two.step()

    lost(write_late)
    assert watched(two) == [stream]
    assert name_of_site(central_database) == "Siam"


def test_nobody_writes_once_their_time_is_over(central_database: Database) -> None:
    (stream,) = add_streams(central_database, 1)
    clock = ManualClock()
    one = worker(central_database, "one", clock=clock)
    one.step()
    fenced = FencedDatabase(central_database, SystemClock(), one, stream)
    clock.advance(LEASE_S)
    lost(lambda: rename(fenced, "Too late"))
    lost(lambda: FencedDatabase(central_database, SystemClock(), one, stream))
    assert name_of_site(central_database) == "Siam"


def test_a_worker_that_stands_still_in_a_transaction_keeps_nobody_waiting_for_ever(
    central_database: Database, central_url: str, tmp_path: Path
) -> None:
    """The server ends it, with all that it locks."""
    if central_url.startswith("sqlite"):
        pytest.skip("a file has no server that could end it")
    add_streams(central_database, 1)
    settings, clock = CentralSettings(database=DatabaseSection(url=central_url)), SystemClock()
    secrets = open_secrets(tmp_path, is_embedded=False)
    impatient = open_central_database(tmp_path, settings, secrets, clock, gives_up_s=0.5)

    def stand_still() -> None:
        with impatient.writing() as session:
            session.scalars(select(SiteRow).with_for_update()).one().name = "Too late"
            session.flush()
            rename(TenantDatabase(central_database, "a"), "Went on")

    with pytest.raises(KnownError) as told:
        stand_still()
    impatient.close()
    assert told.value.code is ErrorCode.DATABASE_UNREACHABLE
    assert name_of_site(central_database) == "Went on"


def rename(tenant: TenantDatabase, name: str) -> None:
    with tenant.writing() as session:
        session.scalars(select(SiteRow).with_for_update()).one().name = name


def name_of_site(database: Database) -> str:
    with database.reading() as session:
        return session.scalars(select(SiteRow)).one().name
