"""Shops and their centre over real HTTP: what one counts is in the reports of all, once, whatever comes
between."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, func, select

from kiosk.clock import ManualClock, SystemClock
from kiosk.database.engine import Database
from kiosk.database.feed import begin_history
from kiosk.database.people import SqlPeople
from kiosk.database.people_tables import (
    LineCountRow,
    PersonRow,
    SiteRow,
    StayRow,
    VisitRow,
    VoidVisitRow,
)
from kiosk.database.sites import SqlSites
from kiosk.database.sync_tables import InboxRow, OutboxRow
from kiosk.database.tenant import TenantDatabase
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.sync.chain_reports import ChainReports
from kiosk.vision.types import Embedding
from kiosk.visits.pictures import FacePictures
from kiosk.visits.reports import Figures, Report, ReportQuery, Span
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.types import Agreement, NewFace, Person, PersonDraft, PersonKind
from tests.centre import CentreServer, on_postgres
from tests.peers.postgres import PostgresServer
from tests.sync_kiosk import SyncKiosk, enrolled_kiosk
from tests.visit_worlds import CONTRACT, DOOR, SITE, SqlWorld, after, all_visits, sighting, view_of


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.real_server)])
def centre(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CentreServer]:
    settings = None
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        settings = on_postgres(server.new_database(f"shops{uuid.uuid4().hex}"))
    with CentreServer(tmp_path / "centre", settings) as one:
        yield one


@pytest.fixture
def tenant(centre: CentreServer) -> str:
    return centre.add_tenant("Coffee")


@dataclass
class Shop:
    """A machine at a shop's door: its book, its people and its tie to the centre."""

    link: SyncKiosk
    world: SqlWorld
    people: SqlPeople

    def sync(self) -> None:
        assert self.link.sync.once() is None
        assert self.link.codes() == []
        assert self.link.outbox.counts() == (0, 0)

    def enrol(self, name: str, seed: int, kind: PersonKind = PersonKind.CUSTOMER) -> Person:
        picture = np.full((120, 120, 3), 90, np.uint8)
        views = [Embedding(view_of(seed, 0.8, moment), CONTRACT) for moment in range(2)]
        faces = [NewFace(picture=picture, embedding=view) for view in views]
        agreement = Agreement("1", self.world.clock.now())
        return self.people.enrol(PersonDraft(kind, name), agreement, faces)

    def report(self) -> Report:
        """Of the whole chain, as the centre knows it."""
        day = self.world.clock.now().date()
        query = ReportQuery(Span.DAY, day - timedelta(days=3), day + timedelta(days=3))
        return ChainReports(self.link.door.prompt_client).report(query)


@contextmanager
def shop_at(centre: CentreServer, folder: Path, tenant_id: str, prefix: str) -> Iterator[Shop]:
    with enrolled_kiosk(centre, folder, tenant_id, prefix) as link:
        yield shop_of(link, folder)


def shop_of(link: SyncKiosk, folder: Path) -> Shop:
    pictures = FacePictures(FolderObjectStore(folder / "objects"))
    world = SqlWorld(link.database, pictures, "", ManualClock(SystemClock().now()), link.kiosk_id)
    return Shop(link, world, SqlPeople(world.tenant, link.kiosk_id, pictures))


@pytest.fixture
def shops(centre: CentreServer, tenant: str, tmp_path: Path) -> Iterator[tuple[Shop, Shop]]:
    """Two of one chain."""
    with (
        shop_at(centre, tmp_path / "one", tenant, "K1") as one,
        shop_at(centre, tmp_path / "two", tenant, "K2") as other,
    ):
        yield one, other


def rows_of(centre: CentreServer, rows: type) -> int:
    with centre.centre.database.reading() as session:
        return session.scalar(select(func.count()).select_from(rows)) or 0


def figures(report: Report) -> dict[str, Figures]:
    """Of all sites together, and of each by its name."""
    names = {**report.site_names, "": "all"}
    return {names[row.site_id]: row.figures for row in report.total}


def hears_that_the_centre_was_put_back(shop: Shop) -> None:
    shop.link.sync.once()
    shop.sync()


def drop(database: Database) -> None:
    """As if the centre had been put back to a backup of before anything was counted."""
    with database.writing() as session:
        for rows in (VisitRow, VoidVisitRow, LineCountRow, SiteRow, InboxRow):
            session.execute(delete(rows))


@pytest.mark.slow
def test_what_is_counted_at_one_door_is_in_the_report_that_another_machine_asks_for(
    centre: CentreServer, shops: tuple[Shop, Shop]
) -> None:
    one, other = shops
    siam = SqlSites(one.world.tenant).add("Siam")
    nok = one.enrol("Nok", 7)
    lek = one.enrol("Lek", 8, PersonKind.STAFF)
    one.sync()
    other.sync()
    pier = SqlSites(other.world.tenant).add("Pier")
    assert [site.name for site in SqlSites(other.world.tenant).sites()] == ["Pier", "Siam"]
    assert other.people.person(nok.person_id).name == "Nok"

    book = one.world.book
    stay = book.see(sighting(one.world, 1, site_id=siam.site_id))
    book.see(sighting(one.world, 2, site_id=siam.site_id))
    mistaken = book.see(sighting(one.world, 8, site_id=siam.site_id))
    one.sync()
    book.see(sighting(one.world, 8, lek.person_id, site_id=siam.site_id, stay_id=mistaken.stay_id))
    book.see(sighting(one.world, 7, nok.person_id, site_id=siam.site_id))
    book.touch({stay.stay_id: one.world.clock.now()})
    after(one.world, 31)
    assert other.world.book.see(sighting(other.world, 7, nok.person_id, site_id=pier.site_id)).is_new
    one.sync()
    one.sync()
    other.sync()

    for shop in shops:
        report = shop.report()
        assert figures(report) == {
            "all": Figures(visitors=4, new=3, returning=1, unknown=4),
            "Siam": Figures(visitors=3, new=3, unknown=3),
            "Pier": Figures(visitors=1, returning=1, unknown=1),
        }
        assert report.covers_chain
    assert rows_of(centre, StayRow) == 0, "of strangers nothing but a count leaves the machine"


def test_guests_are_nobody_at_the_centre(centre: CentreServer, shops: tuple[Shop, Shop]) -> None:
    one, other = shops
    one.world.set_up()
    book = one.world.opened(StayRules(knows_returning=True))
    guest = book.see(sighting(one.world, 1)).person_id
    for _ in range(35):
        one.world.clock.advance(60)
        book.end_due(one.world.clock.now())
    book.see(sighting(one.world, 1, guest))
    one.sync()
    other.sync()
    with centre.centre.database.reading() as session:
        told = session.execute(select(VisitRow.person_id, VisitRow.number, VisitRow.is_returning))
        assert sorted(tuple(row) for row in told.all()) == [(None, None, False), (None, None, True)]
    assert rows_of(centre, PersonRow) == 0
    assert other.world.guests() == []
    begin_history(centre.centre.database)
    hears_that_the_centre_was_put_back(one)
    assert rows_of(centre, PersonRow) == 0


def test_all_that_was_counted_before_the_machine_was_enrolled_is_told(
    centre: CentreServer, tenant: str, tmp_path: Path
) -> None:
    link = SyncKiosk(tmp_path / "kiosk", centre.url)
    shop = shop_of(link, tmp_path / "kiosk")
    shop.world.set_up()
    nok = shop.enrol("Nok", 7)
    shop.world.book.see(sighting(shop.world, 7, nok.person_id))
    shop.world.book.see(sighting(shop.world, 1))
    shop.world.book.count_line(DOOR, shop.world.clock.now().astimezone(UTC), 5, 4)
    with link.database.writing() as session:
        session.execute(delete(OutboxRow))  # it was so long ago that the messages are gone
    _, link.secrets[link.key_name] = centre.enrol_device(tenant, prefix="K1", device_id=link.kiosk_id)
    link.enrolment.enrol("the tenant", "K1")
    shop.sync()
    assert figures(shop.report())["Shop"] == Figures(visitors=2, new=2, unknown=2, came_in=5, went_out=4)
    with centre.centre.database.reading() as session:
        assert session.get_one(PersonRow, nok.person_id).name == "Nok"
    link.close()


def test_a_centre_that_was_put_back_hears_everything_anew_and_what_was_void_stays_so(
    centre: CentreServer, shops: tuple[Shop, Shop]
) -> None:
    one, _ = shops
    one.world.set_up()
    one.world.know("lek", PersonKind.STAFF, "Lek")
    one.world.book.see(sighting(one.world, 1))
    mistaken = one.world.book.see(sighting(one.world, 2))
    one.world.book.count_line(DOOR, one.world.clock.now(), 2, 0)
    one.sync()
    with centre.centre.database.reading() as session:
        backup = {row.visit_id: dict(row.__dict__) for row in session.scalars(select(VisitRow))}
    one.world.book.see(sighting(one.world, 2, "lek", stay_id=mistaken.stay_id))
    after(one.world, 31)
    one.sync()
    expected = figures(one.report())["all"]
    assert (expected.visitors, expected.came_in) == (1, 2)

    drop(centre.centre.database)
    with centre.centre.database.writing() as session:
        values = {key: value for key, value in backup[mistaken.stay_id].items() if not key.startswith("_")}
        session.add(VisitRow(**values))
    begin_history(centre.centre.database)
    hears_that_the_centre_was_put_back(one)
    assert figures(one.report())["all"] == expected
    with centre.centre.database.reading() as session:
        (visit,) = session.scalars(select(VisitRow))
        assert (visit.visit_id, visit.ended_at is None) == (all_visits(one.world)[0].visit_id, False)


@pytest.mark.slow
def test_sites_are_named_at_the_centre_and_go_where_nothing_was_counted(
    centre: CentreServer, tenant: str, shops: tuple[Shop, Shop]
) -> None:
    one, other = shops
    one.world.set_up()
    for site in SqlSites(one.world.tenant).sites():
        SqlSites(one.world.tenant).rename(site.site_id, f"{site.name}, ground floor")
    one.world.book.see(sighting(one.world, 1))
    one.sync()
    other.sync()
    at_centre = SqlSites(TenantDatabase(centre.centre.database, tenant))
    named = {site.name: site.site_id for site in at_centre.sites()}
    assert named.keys() == {"Mall, ground floor", "Shop, ground floor"}
    at_centre.rename(named["Shop, ground floor"], "Siam")
    at_centre.remove(named["Mall, ground floor"])
    for shop in (one, other, one):
        shop.sync()
    assert [site.name for site in SqlSites(other.world.tenant).sites()] == ["Siam"]
    assert "Siam" in [site.name for site in SqlSites(one.world.tenant).sites()]
    begin_history(centre.centre.database)
    for shop in (one, other):
        hears_that_the_centre_was_put_back(shop)
    assert "Siam" in [site.name for site in SqlSites(other.world.tenant).sites()], "the later name is true"


def test_a_visit_of_two_who_were_found_to_be_one_is_the_kept_ones_everywhere(
    centre: CentreServer, shops: tuple[Shop, Shop]
) -> None:
    one, other = shops
    one.world.set_up()
    nok, noi = one.enrol("Nok", 7), one.enrol("Noi", 9)
    one.sync()
    other.sync()
    one.world.book.see(sighting(one.world, 9, noi.person_id))
    other.people.merge(nok.person_id, noi.person_id)
    other.sync()
    one.sync()
    after(one.world, 31)
    one.sync()
    (visit,) = all_visits(one.world)
    assert visit.person_id == nok.person_id
    with centre.centre.database.reading() as session:
        (row,) = session.scalars(select(VisitRow))
        assert (row.person_id, row.site_id, row.ended_at is None) == (nok.person_id, SITE, False)
