"""What the centre makes of visits, sites and crossed lines that kiosks tell, on SQLite and on PostgreSQL: the
same in whatever order it comes, each within its tenant."""

from __future__ import annotations

import itertools
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import select

from kiosk.central.centre import Centre
from kiosk.central.inbox import Inbox
from kiosk.central.principal import Principal, Role
from kiosk.central.taking import handlers
from kiosk.clock import SystemClock
from kiosk.database.central_tables import DeviceRow, TenantRow
from kiosk.database.engine import Database
from kiosk.database.feed import SqlFeed
from kiosk.database.people_tables import LineCountRow, SiteRow, VisitRow, VoidVisitRow
from kiosk.errors import ErrorCode
from kiosk.sync.record_parts import Record
from kiosk.sync.wire import Answer, Change, unpack_page
from tests.sync_records import NOW, a_line_count, a_message, a_person, a_site, a_visit

TENANT, OTHER = "tenant-a", "tenant-b"
KIOSK = Principal("kiosk-1", TENANT, Role.DEVICE)
SECOND = Principal("kiosk-2", TENANT, Role.DEVICE)
STRANGER = Principal("kiosk-9", OTHER, Role.DEVICE)
_numbers = itertools.count()


@pytest.fixture
def database(central_database: Database) -> Database:
    """Of two tenants with two kiosks and one."""
    with central_database.writing() as session:
        for tenant_id in (TENANT, OTHER):
            session.add(TenantRow(tenant_id=tenant_id, name=tenant_id, created_at=NOW))
        session.flush()
        for place, who in enumerate((KIOSK, SECOND, STRANGER)):
            named = {"device_id": who.subject, "tenant_id": who.tenant_id, "name": who.subject}
            made = {"code_prefix": f"K{place}", "key_hash": "", "enrolled_at": NOW, "health": "{}"}
            session.add(DeviceRow(**named, **made))
    return central_database


@pytest.fixture
def inbox(database: Database) -> Inbox:
    centre = SimpleNamespace(database=database, clock=SystemClock())
    return Inbox(cast(Centre, centre), handlers(lambda *_: None))


def told(inbox: Inbox, who: Principal, kind: str, record: Record) -> Answer:
    """The answer to a message that was not sent before."""
    (answer,) = inbox.take(who, [a_message(f"message-{next(_numbers)}", kind, record)])
    return answer


def visit_at(database: Database, visit_id: str = "visit-1") -> VisitRow | None:
    with database.reading() as session:
        return session.get(VisitRow, visit_id)


def changes(database: Database, tenant_id: str = TENANT) -> list[Change]:
    return list(unpack_page(SqlFeed(database).page(tenant_id, 0).data).changes)


# -- visits -----------------------------------------------------------------------------------------

BEGUN = a_visit("visit-1", KIOSK.subject, revision=1)
CORRECTED = a_visit("visit-1", KIOSK.subject, revision=2, person_id="person-1", number=1)
ENDED = CORRECTED.model_copy(update={"revision": 3, "ended_at": NOW + timedelta(minutes=9)})
VOID = ENDED.model_copy(update={"revision": 4, "is_void": True})


@pytest.mark.parametrize("order", list(itertools.permutations((BEGUN, CORRECTED, ENDED))))
def test_the_last_word_of_a_machine_on_a_visit_is_true_in_whatever_order_it_comes(
    inbox: Inbox, database: Database, order: tuple[Record, ...]
) -> None:
    for record in (*order, *order):
        assert told(inbox, KIOSK, "visit", record).is_taken
    row = visit_at(database)
    assert row is not None
    assert (row.tenant_id, row.kiosk_id, row.revision) == (TENANT, KIOSK.subject, 3)
    assert (row.person_id, row.number, row.ended_at) == ("person-1", 1, NOW + timedelta(minutes=9))
    assert changes(database) == [], "visits do not go down"


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_void_visit_stays_void_whatever_comes_late(inbox: Inbox, database: Database, place: int) -> None:
    records = [BEGUN, CORRECTED, ENDED]
    records.insert(place, VOID)
    for record in (*records, VOID, ENDED.model_copy(update={"revision": 9})):
        assert told(inbox, KIOSK, "visit", record).is_taken
    assert visit_at(database) is None
    with database.reading() as session:
        (void,) = session.scalars(select(VoidVisitRow))
        assert (void.visit_id, void.tenant_id) == ("visit-1", TENANT)


def test_a_visit_that_a_backup_brought_back_is_void_again(inbox: Inbox, database: Database) -> None:
    assert told(inbox, KIOSK, "visit", VOID).is_taken
    with database.writing() as session:
        values = BEGUN.model_dump(exclude={"is_void"})
        session.add(VisitRow(tenant_id=TENANT, **values))
    assert told(inbox, KIOSK, "visit", ENDED).is_taken
    assert visit_at(database) is None


def test_a_visit_is_its_machines_alone(inbox: Inbox, database: Database) -> None:
    assert told(inbox, KIOSK, "visit", BEGUN).is_taken
    for who in (SECOND, STRANGER):
        for record in (ENDED, VOID):
            assert told(inbox, who, "visit", record).code == ErrorCode.RECORD_INVALID
    row = visit_at(database)
    assert row is not None
    assert (row.kiosk_id, row.ended_at) == (KIOSK.subject, None)
    pretending = a_visit("visit-2", KIOSK.subject, revision=1)
    assert told(inbox, SECOND, "visit", pretending).is_taken
    taken = visit_at(database, "visit-2")
    assert taken is not None
    assert taken.kiosk_id == SECOND.subject, "whose it is follows from who tells it"


def test_what_was_void_at_one_tenant_is_not_told_apart_at_another(inbox: Inbox, database: Database) -> None:
    assert told(inbox, KIOSK, "visit", VOID).is_taken
    for record in (BEGUN, VOID):
        assert told(inbox, STRANGER, "visit", record).code == ErrorCode.RECORD_INVALID
    with database.reading() as session:
        assert session.get_one(VoidVisitRow, "visit-1").tenant_id == TENANT


def test_names_of_another_tenant_are_refused_and_unknown_ones_may_come_later(
    inbox: Inbox, database: Database
) -> None:
    assert told(inbox, KIOSK, "person", a_person("person-1")).is_taken
    assert told(inbox, KIOSK, "site", a_site("shop")).is_taken
    theirs = a_visit("visit-9", STRANGER.subject, revision=1, site_id="mall", person_id="person-9")
    assert told(inbox, STRANGER, "visit", theirs).is_taken
    for change in ({"person_id": "person-1"}, {"site_id": "shop"}):
        foreign = theirs.model_copy(update={**change, "revision": 2})
        assert told(inbox, STRANGER, "visit", foreign).code == ErrorCode.RECORD_INVALID
    row = visit_at(database, "visit-9")
    assert row is not None
    assert (row.site_id, row.person_id) == ("mall", "person-9")


def test_a_visit_of_somebody_who_was_found_to_be_another_is_the_others(
    inbox: Inbox, database: Database
) -> None:
    for person_id in ("person-1", "person-2"):
        assert told(inbox, KIOSK, "person", a_person(person_id)).is_taken
    assert told(inbox, KIOSK, "visit", BEGUN.model_copy(update={"person_id": "person-1"})).is_taken
    merged = a_person("person-1", merged_into="person-2", faces=())
    assert told(inbox, SECOND, "person", merged).is_taken
    row = visit_at(database)
    assert row is not None
    assert row.person_id == "person-2"
    assert told(inbox, KIOSK, "visit", ENDED).is_taken, "by a kiosk that has not heard of it"
    row = visit_at(database)
    assert row is not None
    assert (row.person_id, row.ended_at) == ("person-2", ENDED.ended_at)


@pytest.mark.parametrize("order", list(itertools.permutations((0, 1, 2))))
def test_the_centre_knows_who_was_at_another_site_before(
    inbox: Inbox, database: Database, order: tuple[int, ...]
) -> None:
    places = ((KIOSK, "shop"), (SECOND, "mall"), (KIOSK, "pier"))
    for day in order:
        who, site_id = places[day]
        began_at = NOW + timedelta(days=day)
        visit = a_visit(f"visit-{day}", who.subject, revision=1, site_id=site_id, person_id="p", number=1)
        assert told(inbox, who, "visit", visit.model_copy(update={"began_at": began_at})).is_taken
    assert told(inbox, KIOSK, "visit", a_visit("visit-9", KIOSK.subject, revision=1)).is_taken
    with database.reading() as session:
        found = {row.visit_id: row.is_returning for row in session.scalars(select(VisitRow))}
    assert found == {"visit-0": False, "visit-1": True, "visit-2": True, "visit-9": False}


# -- sites ------------------------------------------------------------------------------------------


def test_a_site_made_at_a_kiosk_is_told_to_all_and_of_its_names_the_later_is_true(
    inbox: Inbox, database: Database
) -> None:
    older = a_site("shop", name="Siam 1", changed_at=NOW + timedelta(days=1))
    newer = a_site("shop", name="Siam 2", changed_at=NOW + timedelta(days=2))
    for record in (a_site("shop"), newer, older, a_site("shop")):
        assert told(inbox, SECOND, "site", record).is_taken
    (change,) = changes(database)
    assert (change.kind, change.key, (change.record or {})["name"]) == ("site", "shop", "Siam 2")
    before = SqlFeed(database).last_revision(TENANT)
    told(inbox, KIOSK, "site", newer)
    assert SqlFeed(database).last_revision(TENANT) == before, "nothing new is told of"
    assert told(inbox, STRANGER, "site", newer).code == ErrorCode.RECORD_INVALID
    assert changes(database, OTHER) == []
    with database.reading() as session:
        assert session.get_one(SiteRow, "shop").tenant_id == TENANT


# -- crossed lines ----------------------------------------------------------------------------------


def test_of_an_hours_counts_the_higher_is_true(inbox: Inbox, database: Database) -> None:
    more = a_line_count("door", KIOSK.subject, came_in=7, went_out=4)
    for record in (a_line_count("door", KIOSK.subject), more, a_line_count("door", KIOSK.subject)):
        assert told(inbox, KIOSK, "line_count", record).is_taken
    next_hour = a_line_count("door", KIOSK.subject, hour=NOW + timedelta(hours=1))
    assert told(inbox, KIOSK, "line_count", next_hour).is_taken
    for who in (SECOND, STRANGER):
        foreign = a_line_count("door", who.subject, came_in=99)
        assert told(inbox, who, "line_count", foreign).code == ErrorCode.RECORD_INVALID
    with database.reading() as session:
        rows = session.scalars(select(LineCountRow).order_by(LineCountRow.hour)).all()
    assert [(row.came_in, row.went_out, row.tenant_id) for row in rows] == [(7, 4, TENANT), (3, 2, TENANT)]
    assert changes(database) == []
