"""Sites and streams: the same in memory, on SQLite and on PostgreSQL, at a kiosk and at a centre."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.people_tables import LineCountRow, StayRow, StreamRow, VisitRow
from kiosk.database.sites import SqlSites
from kiosk.database.streams import SqlStreams
from kiosk.database.sync_tables import ChangeRow, OutboxRow
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.records import Kind
from kiosk.visits.ports import Sites, Streams
from kiosk.visits.types import Line, StreamDraft
from tests.empty_databases import ON_SERVER, empty_url
from tests.fake_sites import FakeSites
from tests.fake_streams import FakeStreams
from tests.tenant_rows import fill

DOOR = "rtsp://192.0.2.7:8554/door"


@dataclass(frozen=True)
class Shop:
    """Sites, and the streams of a kiosk there, or of the centre's camera workers."""

    sites: Sites
    streams: Streams
    is_central: bool

    def draft(self, **changes: Any) -> StreamDraft:
        site = self.sites.sites()[0] if self.sites.sites() else self.sites.add("Siam")
        return replace(StreamDraft(site.site_id, "Door", DOOR), **changes)


def _in_memory(kiosk_id: str) -> Shop:
    streams = FakeStreams(kiosk_id, is_site=lambda site_id: site_id in {one.site_id for one in sites.sites()})
    sites = FakeSites(is_used=lambda site_id: site_id in {one.site_id for one in streams.streams()})
    return Shop(sites, streams, not kiosk_id)


@pytest.fixture(params=["memory", "sqlite", ON_SERVER])
def shop(request: pytest.FixtureRequest, kiosk_id: str, tmp_path: Path) -> Iterator[Shop]:
    if request.param == "memory":
        yield _in_memory(kiosk_id)
        return
    database = open_database(empty_url(request, tmp_path), keeps_changes=True)
    tenant = TenantDatabase(database, "a", ManualClock())
    yield Shop(SqlSites(tenant), SqlStreams(tenant, kiosk_id), not kiosk_id)
    database.close()


@pytest.fixture(params=["", "kiosk-1"], ids=["central", "at a kiosk"])
def kiosk_id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def refused(code: ErrorCode, act: Callable[[], object]) -> KnownError:
    with pytest.raises(KnownError) as told:
        act()
    assert told.value.code is code
    assert told.value.next_step
    return told.value


def test_sites_stand_by_name(shop: Shop) -> None:
    names = ["Siam", "Ari", "เอกมัย"]
    made = [shop.sites.add(f"  {name} ") for name in names]
    assert [one.name for one in made] == names
    assert [one.name for one in shop.sites.sites()] == sorted(names)
    assert len({one.site_id for one in made}) == 3


def test_a_name_of_a_site_is_given_once(shop: Shop) -> None:
    siam, ari = shop.sites.add("Siam"), shop.sites.add("Ari")
    refused(ErrorCode.SITE_TAKEN, lambda: shop.sites.add("siam"))
    refused(ErrorCode.SITE_TAKEN, lambda: shop.sites.rename(ari.site_id, "SIAM"))
    shop.sites.rename(siam.site_id, "SIAM")
    assert [one.name for one in shop.sites.sites()] == ["Ari", "SIAM"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "Si\x00am", "Si\x1bam"])
def test_what_is_no_name_is_refused(shop: Shop, name: str) -> None:
    site = shop.sites.add("Siam")
    refused(ErrorCode.STORE_FIELD_INVALID, lambda: shop.sites.add(name))
    refused(ErrorCode.STORE_FIELD_INVALID, lambda: shop.sites.rename(site.site_id, name))
    refused(ErrorCode.STORE_FIELD_INVALID, lambda: shop.streams.add(shop.draft(name=name)))


def test_a_site_that_is_not_there_is_unknown(shop: Shop) -> None:
    refused(ErrorCode.SITE_UNKNOWN, lambda: shop.sites.rename("gone", "Siam"))
    refused(ErrorCode.SITE_UNKNOWN, lambda: shop.sites.remove("gone"))
    refused(ErrorCode.SITE_UNKNOWN, lambda: shop.streams.add(shop.draft(site_id="gone")))
    stream = shop.streams.add(shop.draft())
    refused(ErrorCode.SITE_UNKNOWN, lambda: shop.streams.change(stream.stream_id, shop.draft(site_id="gone")))


def test_a_site_goes_once_nothing_needs_it(shop: Shop) -> None:
    stream = shop.streams.add(shop.draft())
    refused(ErrorCode.SITE_IN_USE, lambda: shop.sites.remove(stream.site_id))
    shop.streams.remove(stream.stream_id)
    shop.sites.remove(stream.site_id)
    assert shop.sites.sites() == []


def test_a_stream_is_on_and_recognises_when_it_is_made(shop: Shop) -> None:
    line = Line(0.1, 0.5, 0.9, 0.5)
    made = shop.streams.add(shop.draft(user="view", password="secret", line=line))
    assert made == shop.streams.stream(made.stream_id) == shop.streams.streams()[0]
    assert (made.is_on, made.recognises, made.user, made.line) == (True, True, "view", line)
    assert "secret" not in repr(made)


def test_a_stream_is_switched_and_changed(shop: Shop) -> None:
    made = shop.streams.add(shop.draft(line=Line(0, 0, 1, 1)))
    assert not shop.streams.switch(made.stream_id, recognises=False).recognises
    off = shop.streams.switch(made.stream_id, is_on=False)
    assert (off.is_on, off.recognises) == (False, False)
    other = shop.sites.add("Ari")
    changed = shop.streams.change(made.stream_id, shop.draft(site_id=other.site_id, name="Back door"))
    assert changed == shop.streams.stream(made.stream_id)
    assert (changed.name, changed.site_id, changed.line) == ("Back door", other.site_id, None)
    assert (changed.is_on, changed.recognises, changed.created_at) == (False, False, made.created_at)


def test_what_a_camera_is_opened_with_changes_its_revision_and_nothing_else_does(shop: Shop) -> None:
    made = shop.streams.add(shop.draft(user="guard", password="hidden"))
    assert made.access_revision == 0

    def revision_after(**changes: Any) -> int:
        draft = shop.draft(**{"user": "guard", **changes})
        changed = shop.streams.change(made.stream_id, draft)
        assert changed == shop.streams.stream(made.stream_id)
        return changed.access_revision

    assert revision_after(name="Back door", line=Line(0, 0, 1, 1)) == 0
    shop.streams.switch(made.stream_id, is_on=False, recognises=False)
    assert revision_after(password="other") == 1
    assert revision_after() == 1
    assert revision_after(user="owner") == 2
    assert revision_after(user="owner", source=DOOR + "2") == 3


def test_a_name_of_a_stream_is_given_once_at_a_site(shop: Shop) -> None:
    door, back = shop.streams.add(shop.draft()), shop.streams.add(shop.draft(name="Back door"))
    refused(ErrorCode.STREAM_TAKEN, lambda: shop.streams.add(shop.draft(name="DOOR")))
    refused(ErrorCode.STREAM_TAKEN, lambda: shop.streams.change(back.stream_id, shop.draft(name="door")))
    shop.streams.change(door.stream_id, shop.draft(name="DOOR"))
    shop.streams.add(shop.draft(site_id=shop.sites.add("Ari").site_id))
    assert [one.name for one in shop.streams.streams()] == ["Back door", "DOOR", "Door"]


def test_a_stream_that_is_not_there_is_unknown(shop: Shop) -> None:
    refused(ErrorCode.STREAM_UNKNOWN, lambda: shop.streams.stream("gone"))
    refused(ErrorCode.STREAM_UNKNOWN, lambda: shop.streams.switch("gone", is_on=True))
    refused(ErrorCode.STREAM_UNKNOWN, lambda: shop.streams.change("gone", shop.draft()))
    refused(ErrorCode.STREAM_UNKNOWN, lambda: shop.streams.remove("gone"))


@pytest.mark.parametrize(
    "source",
    [
        "",
        "rtsp://",
        "rtsp:///door",
        "rtsp://host:port/x",
        "rtsp://view:hidden@192.0.2.7/x",
        "webcam:one",
        "http://192.0.2.7/",
        "ftp://view:hidden@192.0.2.7/",
        "\x00",
    ],
)
def test_what_names_no_camera_is_refused_and_not_repeated(shop: Shop, source: str) -> None:
    told = refused(ErrorCode.STORE_FIELD_INVALID, lambda: shop.streams.add(shop.draft(source=source)))
    assert "hidden" not in f"{told} {told!r}"


@pytest.mark.parametrize("source", ["webcam:0", "/etc/passwd", "clip.mp4"])
def test_only_a_kiosk_has_cameras_without_an_address(shop: Shop, source: str) -> None:
    if shop.is_central:
        refused(ErrorCode.STORE_FIELD_INVALID, lambda: shop.streams.add(shop.draft(source=source)))
    else:
        assert shop.streams.add(shop.draft(source=source)).source == source


def test_an_address_may_be_in_capital_letters_and_only_with_one_there_is_a_user(shop: Shop) -> None:
    made = shop.streams.add(shop.draft(source=" RTSP://192.0.2.7/Door", user=" guard "))
    assert (made.source, made.user) == ("rtsp://192.0.2.7/Door", "guard")
    if not shop.is_central:
        changed = shop.streams.change(made.stream_id, shop.draft(source="webcam:1", user="guard"))
        assert (changed.source, changed.user) == ("webcam:1", "")


@pytest.mark.parametrize(
    "line", [Line(0, 0, 0, 0), Line(-0.1, 0, 1, 1), Line(0, 0, 1, 1.1), Line(0, 0, float("nan"), 1)]
)
def test_a_line_that_nobody_can_cross_is_refused(shop: Shop, line: Line) -> None:
    refused(ErrorCode.STORE_FIELD_INVALID, lambda: shop.streams.add(shop.draft(line=line)))


# -- what only SQL has ------------------------------------------------------------------------------


def test_each_machine_has_its_own_streams(central_database: Database) -> None:
    tenant = TenantDatabase(central_database, "a")
    site = SqlSites(tenant).add("Siam")
    of_centre, of_kiosk = SqlStreams(tenant, ""), SqlStreams(tenant, "kiosk-1")
    draft = StreamDraft(site.site_id, "Door", DOOR)
    made = of_centre.add(draft)
    assert of_kiosk.streams() == []
    refused(ErrorCode.STREAM_UNKNOWN, lambda: of_kiosk.remove(made.stream_id))
    assert of_kiosk.add(draft).kiosk_id == "kiosk-1"
    assert made.kiosk_id == ""


@pytest.mark.parametrize("use", [StayRow, VisitRow, LineCountRow])
def test_a_site_that_was_counted_at_stays(central_database: Database, use: Any) -> None:
    ids = fill(central_database, "a")
    tenant = TenantDatabase(central_database, "a")
    with tenant.writing() as session:
        for row in session.scalars(select(use)):
            row.site_id = ids.other_site
    refused(ErrorCode.SITE_IN_USE, lambda: SqlSites(tenant).remove(ids.other_site))


def test_kiosks_hear_of_sites_that_come_change_and_go(central_database: Database) -> None:
    sites = SqlSites(TenantDatabase(central_database, "a"))

    def told() -> tuple[int, bool]:
        with central_database.reading() as session:
            row = session.get_one(ChangeRow, ("a", Kind.SITE.value, site.site_id))
            return row.revision, row.is_deleted

    site = sites.add("Siam")
    assert told() == (1, False)
    sites.rename(site.site_id, "Siam")  # nothing new
    assert told() == (1, False)
    sites.rename(site.site_id, "Siam Square")
    assert told() == (2, False)
    sites.remove(site.site_id)
    assert told() == (3, True)


def test_the_centre_hears_of_a_site_made_at_a_kiosk(tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db", ManualClock())
    sites = SqlSites(TenantDatabase(database, "", ManualClock()))
    sites.rename(sites.add("Siam").site_id, "Siam Square")
    with database.reading() as session:
        told = session.scalars(select(OutboxRow).order_by(OutboxRow.outbox_id)).all()
    assert [one.kind for one in told] == [Kind.SITE] * 2
    assert "Siam Square" in told[-1].payload
    database.close()


def test_of_several_who_make_a_site_of_one_name_one_does(central_database: Database) -> None:
    fill(central_database, "a")
    told: list[str] = []

    def make() -> None:
        try:
            told.append(SqlSites(TenantDatabase(central_database, "a")).add("Thonglor").name)
        except KnownError as refusal:
            told.append(refusal.code)

    at_once(make)
    assert sorted(told) == ["Thonglor", *[ErrorCode.SITE_TAKEN] * 3]


def test_of_several_who_make_a_stream_of_one_name_one_does(central_database: Database) -> None:
    ids = fill(central_database, "a")
    told: list[str] = []

    def make() -> None:
        try:
            streams = SqlStreams(TenantDatabase(central_database, "a"), "")
            told.append(streams.add(StreamDraft(ids.other_site, "Lift", DOOR)).name)
        except KnownError as refusal:
            told.append(refusal.code)

    at_once(make)
    assert sorted(told) == ["Lift", *[ErrorCode.STREAM_TAKEN] * 3]


def test_no_password_comes_near_the_database(central_database: Database) -> None:
    ids = fill(central_database, "a")
    tenant = TenantDatabase(central_database, "a")
    draft = StreamDraft(ids.site, "Lift", DOOR, user="view", password="hidden")
    SqlStreams(tenant, "").add(draft)
    with central_database.reading() as session:
        rows = session.scalars(select(StreamRow)).all()
        assert "hidden" not in repr([vars(row) for row in rows])


def at_once(act: Callable[[], None]) -> None:
    """Four at the same time."""
    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
