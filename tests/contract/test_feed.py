"""The feed that kiosks follow, on SQLite and on PostgreSQL: nothing is passed by, nothing is another's."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, event

from kiosk.database.central_tables import ChargeRow
from kiosk.database.changes import note_change
from kiosk.database.engine import Database
from kiosk.database.feed import PackedPage, SqlFeed, begin_history
from kiosk.database.notices import SqlNotices, note_for_staff
from kiosk.database.order_records import merge_order
from kiosk.database.people_taking import take_person
from kiosk.database.photo_records import photo_records, remove_photos, write_photos
from kiosk.database.records import write_event
from kiosk.database.sync_tables import DeletionRow
from kiosk.database.tables import VoucherRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.records import Kind, PhotoRecord, read_record
from kiosk.sync.wire import Change, Page, unpack_page
from tests.sync_records import (
    NOW,
    a_person,
    a_photo,
    a_voucher,
    an_event,
    an_order,
)

TENANT, OTHER = "tenant-a", "tenant-b"


def page(packed: PackedPage) -> Page:
    return unpack_page(packed.data)


def follow(feed: SqlFeed, tenant_id: str, cursor: int = 0, limit: int = 100) -> Iterator[Page]:
    """Page after page until there is no more."""
    while True:
        got = page(feed.page(tenant_id, cursor, limit))
        yield got
        if not got.has_more:
            return
        cursor = got.cursor


def changes(feed: SqlFeed, tenant_id: str) -> list[Change]:
    return [change for got in follow(feed, tenant_id) for change in got.changes]


def add_photos(database: Database, tenant_id: str, event_id: str, photos: Iterable[PhotoRecord]) -> None:
    told = list(photos)
    with database.writing() as session:
        write_event(session, an_event(event_id), tenant_id)
        note_change(session, Kind.EVENT, event_id, tenant_id)
        session.flush()
        write_photos(session, told)
        for photo in told:
            note_change(session, Kind.PHOTO, photo.photo_id, tenant_id)


def test_a_page_tells_each_thing_as_it_is_now_in_the_order_of_its_last_change(
    central_database: Database,
) -> None:
    feed, first, second = SqlFeed(central_database), a_photo("run", 1), a_photo("run", 2, faces=0)
    add_photos(central_database, TENANT, "run", [first, second])
    with central_database.writing() as session:
        write_event(session, an_event("run", name="New name"), TENANT)
        note_change(session, Kind.EVENT, "run", TENANT)
    told = changes(feed, TENANT)
    assert [(change.kind, change.key) for change in told] == [
        ("photo", first.photo_id),
        ("photo", second.photo_id),
        ("event", "run"),
    ]
    assert [change.revision for change in told] == [2, 3, 4]
    assert [read_record(change.kind, change.record) for change in told] == [
        first,
        second,
        an_event("run", name="New name"),
    ]


def test_a_page_ends_at_its_limit_and_the_next_begins_there(central_database: Database) -> None:
    feed, photos = SqlFeed(central_database), [a_photo("run", number, faces=0) for number in range(1, 8)]
    add_photos(central_database, TENANT, "run", photos)
    pages = list(follow(feed, TENANT, limit=3))
    assert [len(got.changes) for got in pages] == [3, 3, 2]
    assert [got.has_more for got in pages] == [True, True, False]
    assert [change.key for got in pages for change in got.changes][1:] == [one.photo_id for one in photos]
    assert page(feed.page(TENANT, pages[-1].cursor)).changes == ()
    assert feed.page(TENANT, pages[-1].cursor).cursor == pages[-1].cursor


@pytest.mark.parametrize("most_bytes", [1, 5000, 12_000, 60_000])
def test_a_page_that_is_cut_at_its_bytes_goes_on_in_the_next(
    central_database: Database, most_bytes: int
) -> None:
    feed = SqlFeed(central_database)
    photos = [a_photo("run", number, faces=number % 5) for number in range(1, 30)]
    add_photos(central_database, TENANT, "run", photos)
    cursor, keys, has_more = 0, [], True
    while has_more:
        packed = feed.page(TENANT, cursor, most_bytes=most_bytes)
        got = page(packed)
        assert len(got.changes) == packed.changes > 0
        assert len(packed.data) <= most_bytes + 200 or len(got.changes) == 1
        keys += [change.key for change in got.changes]
        cursor, has_more = got.cursor, got.has_more
    assert keys == ["run", *(photo.photo_id for photo in photos)]


def test_what_is_gone_is_told_as_gone(central_database: Database) -> None:
    feed, kept, gone, vanished = SqlFeed(central_database), *(a_photo("run", number) for number in (1, 2, 3))
    add_photos(central_database, TENANT, "run", [kept, gone, vanished])
    with central_database.writing() as session:
        remove_photos(session, [gone.photo_id, vanished.photo_id])
        note_change(session, Kind.PHOTO, gone.photo_id, TENANT, is_deleted=True)
    told = {change.key: change for change in changes(feed, TENANT)}
    assert told[kept.photo_id].record is not None
    assert told[gone.photo_id].is_deleted
    assert told[vanished.photo_id].is_deleted, "its row is gone, whatever was noted"
    assert told[gone.photo_id].record is told[vanished.photo_id].record is None


def test_a_cursor_of_before_the_centre_was_put_back_is_answered_with_an_earlier_one(
    central_database: Database,
) -> None:
    feed = SqlFeed(central_database)
    add_photos(central_database, TENANT, "run", [a_photo("run", 1)])
    got = page(feed.page(TENANT, 1000))
    assert (got.changes, got.cursor, got.has_more) == ((), 2, False)
    assert page(feed.page("nobody", 5)).cursor == 0


def test_a_centre_that_was_put_back_has_another_history_which_each_page_tells(
    central_database: Database,
) -> None:
    feed = SqlFeed(central_database)
    add_photos(central_database, TENANT, "run", [a_photo("run", 1)])
    assert page(feed.page(TENANT, 0)).history == ""
    begin_history(central_database)
    first = page(feed.page(TENANT, 0)).history
    begin_history(central_database)
    assert len({"", first, page(feed.page(TENANT, 99)).history}) == 3


def _one_of_each(database: Database, tenant_id: str, name: str) -> None:
    """One thing of each kind that goes down, with ids that begin with `name`."""
    add_photos(database, tenant_id, f"{name}-event", [a_photo(f"{name}-event", 1)])
    with database.writing() as session:
        session.add(VoucherRow(tenant_id=tenant_id, **a_voucher("SAME").model_dump()))
        take_person(session, a_person(f"{name}-person"), tenant_id, NOW)
        order = an_order(f"{name}-order", f"{name}-event", f"{name}-kiosk")
        merge_order(session, order, tenant_id, takes_open=True)
        session.add(
            ChargeRow(
                charge_id=f"{name}-charge",
                tenant_id=tenant_id,
                kiosk_id=f"{name}-kiosk",
                idempotency_key="same-key",
                order_code="K1-4Q2M",
                amount_satang=7900,
                due_satang=7900,
                received_satang=0,
                status="pending",
                created_at=NOW,
                receiver_name="",
            )
        )
        session.add(
            DeletionRow(
                deletion_id=f"{name}-deletion",
                tenant_id=tenant_id,
                requested_at=NOW,
                requested_by="visitor",
                photo_ids="[]",
                faces="[]",
                done_at=None,
            )
        )
        note_for_staff(session, KnownError(ErrorCode.PAYMENT_TWICE, "Twice."), name, NOW, tenant_id)


def _keys(name: str) -> dict[Kind, str]:
    return {
        Kind.EVENT: f"{name}-event",
        Kind.PHOTO: a_photo(f"{name}-event", 1).photo_id,
        Kind.PERSON: f"{name}-person",
        Kind.ORDER: f"{name}-order",
        Kind.CHARGE: f"{name}-charge",
        Kind.DELETION: f"{name}-deletion",
    }


def test_every_kind_is_told_whole_and_in_a_form_that_a_kiosk_reads(central_database: Database) -> None:
    _one_of_each(central_database, TENANT, "a")
    keys = {**_keys("a"), Kind.VOUCHER: "SAME"}
    with central_database.writing() as session:
        for kind, key in keys.items():
            note_change(session, kind, key, TENANT)
    told = changes(SqlFeed(central_database), TENANT)
    read = {Kind(change.kind): read_record(change.kind, change.record) for change in told}
    assert read.keys() == {*keys, Kind.NOTICE}
    assert read[Kind.ORDER] == an_order("a-order", "a-event", "a-kiosk")
    assert read[Kind.PERSON] == a_person("a-person")
    assert read[Kind.VOUCHER] == a_voucher("SAME")


def test_nothing_of_another_tenant_is_told_of_whatever_the_feed_says(central_database: Database) -> None:
    _one_of_each(central_database, OTHER, "b")
    before = changes(SqlFeed(central_database), TENANT)
    with central_database.writing() as session:
        for kind, key in _keys("b").items():
            note_change(session, kind, key, TENANT)
        note_change(session, Kind.VOUCHER, "SAME", TENANT)
    told = changes(SqlFeed(central_database), TENANT)
    assert before == []
    assert len(told) == 7
    assert all(change.is_deleted and change.record is None for change in told)


def test_a_page_of_many_photos_is_read_in_few_queries(central_database: Database) -> None:
    photos = [a_photo("run", number, faces=1) for number in range(1, 1500)]
    add_photos(central_database, TENANT, "run", photos)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    with central_database.reading() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        packed = SqlFeed(central_database).page(TENANT, 0)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert packed.changes == 1500
    assert len([statement for statement in asked if "SELECT" in statement]) <= 10


def test_no_change_is_passed_by_while_eight_writers_commit_in_odd_orders(
    central_database: Database, open_again: Callable[[], Database]
) -> None:
    """Each waits a while between its change and its commit, some change nothing in the end, and a reader
    follows all the time."""
    with central_database.writing() as session:
        write_event(session, an_event("run"), TENANT)
    written: set[str] = set()
    feed, seen, is_over = SqlFeed(open_again()), {}, threading.Event()
    failures: list[BaseException] = []

    def write(place: int) -> None:
        dice, database = random.Random(place), central_database
        try:
            for number in range(25):
                photo = a_photo("run", place * 1000 + number + 1, faces=0)
                try:
                    with database.writing() as session:
                        note_change(session, Kind.PHOTO, photo.photo_id, TENANT)
                        threading.Event().wait(dice.random() * 0.01)
                        write_photos(session, [photo])
                        if dice.random() < 0.2:
                            raise ZeroDivisionError
                    written.add(photo.photo_id)
                except ZeroDivisionError:
                    continue
        except BaseException as failed:  # noqa: BLE001 - told by the main thread
            failures.append(failed)

    def read() -> None:
        cursor = 0
        try:
            while True:
                was_over = is_over.is_set()
                for got in follow(feed, TENANT, cursor, limit=7):
                    for change in got.changes:
                        assert change.revision > cursor
                        cursor = change.revision
                        seen[change.key] = change.is_deleted
                    assert got.cursor == cursor
                if was_over:
                    return
        except BaseException as failed:  # noqa: BLE001
            failures.append(failed)

    writers = [threading.Thread(target=write, args=(place,)) for place in range(8)]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    is_over.set()
    reader.join()
    assert failures == []
    assert written == seen.keys()
    assert not any(seen.values()), "each was there when it was told"
    assert feed.last_revision(TENANT) == len(written)
    assert feed.last_revisions() == {TENANT: len(written)}


def test_photos_come_back_as_they_went_and_again_as_they_changed(central_database: Database) -> None:
    first, second = a_photo("run", 1), a_photo("run", 2, numbers=None)
    add_photos(central_database, TENANT, "run", [first, second])
    changed = first.model_copy(update={"state": "withdrawn", "faces": first.faces[:1], "numbers": ()})
    with central_database.writing() as session:
        write_photos(session, [changed, second])
        write_photos(session, [second])
        read = photo_records(session, TENANT, [first.photo_id, second.photo_id, "nobody"])
        assert photo_records(session, OTHER, [first.photo_id]) == {}
    assert {key: PhotoRecord.model_validate(value) for key, value in read.items()} == {
        first.photo_id: changed,
        second.photo_id: second,
    }


def test_a_photo_of_this_machine_gives_its_number_to_the_centres(central_database: Database) -> None:
    own, theirs = a_photo("run", 5), a_photo("run", 6)
    add_photos(central_database, TENANT, "run", [own])
    with central_database.writing() as session:
        write_photos(session, [theirs.model_copy(update={"number": 5})])
        read = photo_records(session, TENANT, [own.photo_id, theirs.photo_id])
    assert read[theirs.photo_id]["number"] == 5
    assert read[own.photo_id]["number"] == 6


@pytest.mark.parametrize("embedding", [b"", b"abc", b"\x00\x00\xc0\x7f" * 512])
def test_a_face_without_a_true_embedding_is_refused_and_nothing_is_written(
    central_database: Database, embedding: bytes
) -> None:
    photo = a_photo("run", 1)
    broken = photo.faces[0].model_copy(update={"embedding": embedding})
    with central_database.writing() as session:
        write_event(session, an_event("run"), TENANT)
        with pytest.raises(KnownError) as refused:
            write_photos(session, [photo.model_copy(update={"faces": (broken,)})])
        assert photo_records(session, TENANT, [photo.photo_id]) == {}
    assert refused.value.code is ErrorCode.RECORD_INVALID


def test_one_thing_is_told_to_staff_once_until_it_happens_anew(central_database: Database) -> None:
    notices = SqlNotices(central_database, tenant_id=TENANT)
    twice = KnownError(ErrorCode.PAYMENT_TWICE, "Order K1-4Q2M was paid twice.", "Give it back.")

    def tell(seconds: int) -> bool:
        with central_database.writing() as session:
            at = NOW + timedelta(seconds=seconds)
            return note_for_staff(session, twice, "order-1", at, TENANT)

    assert [tell(0), tell(0), tell(5)] == [True, False, False]
    (open_one,) = notices.open_notices()
    assert SqlNotices(central_database, tenant_id=OTHER).open_notices() == []
    assert not SqlNotices(central_database, tenant_id=OTHER).settle(open_one.notice_id)
    assert notices.settle(open_one.notice_id)
    assert not notices.settle(open_one.notice_id)
    assert [change.is_deleted for change in changes(SqlFeed(central_database), TENANT)] == [True]
    assert not tell(5), "an old one that comes late does not open it again"


def test_an_event_comes_back_with_its_price_list(central_database: Database) -> None:
    packages = ({"package_id": "one", "name_key": "One", "photo_count": 1, "price_satang": 5000},)
    with central_database.writing() as session:
        write_event(session, an_event("run", packages=packages), TENANT)
        with pytest.raises(KnownError) as refused:
            write_event(session, an_event("run"), OTHER)
        with pytest.raises(KnownError) as unusable:
            write_event(session, an_event("run", packages=packages * 2), TENANT)
        note_change(session, Kind.EVENT, "run", TENANT)
    assert refused.value.code is ErrorCode.RECORD_INVALID
    assert unusable.value.code is ErrorCode.SETTING_INVALID
    (told,) = changes(SqlFeed(central_database), TENANT)
    assert read_record("event", told.record) == an_event("run", packages=packages)
    with central_database.writing() as session:
        write_event(session, an_event("run"), TENANT)
        session.execute(delete(VoucherRow))
    (told,) = changes(SqlFeed(central_database), TENANT)
    assert read_record("event", told.record) == an_event("run")
