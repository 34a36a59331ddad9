"""Pages that a scripted centre sends: taken in whole, in any order, with broken records put aside by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
from sqlalchemy import select

from kiosk.database.bulk import table_of
from kiosk.database.photo_records import write_photos
from kiosk.database.sync_tables import DeletionRow
from kiosk.database.tables import FaceRow, NumberReadingRow, PhotoRow, ShirtNumberRow, VoucherRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import PaymentState
from kiosk.photos.types import PhotoState
from kiosk.sync.pull import CHANGES_PATH, Puller, read_page
from kiosk.sync.records import Kind, PhotoRecord
from kiosk.sync.wire import PAGE_TYPE, PROTOCOL
from tests.scripted_peer import Asked, Say, ScriptedPeer
from tests.sync_kiosk import (
    CONTRACT,
    MADE_AT,
    SyncKiosk,
    add_photos,
    make_event,
    make_faces,
    make_order,
    make_payment,
    make_photo,
    photo_record,
)

AT = MADE_AT.isoformat()


class Feed:
    """A centre's feed over real HTTP; the test says what is in it."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []
        self.protocol = PROTOCOL
        self.history = ""
        self.cuts: list[int] = []
        self.peer = ScriptedPeer({CHANGES_PATH: self._page})

    def add(
        self, kind: str, key: str, record: Any, *, revision: int | None = None, gone: bool = False
    ) -> None:
        newest = max((change["revision"] for change in self.changes), default=0)
        self.changes.append(
            {
                "revision": revision or newest + 1,
                "kind": kind,
                "key": key,
                "is_deleted": gone,
                "record": None if gone else record,
            }
        )

    def add_event(self, event_id: str, name: str = "Run") -> None:
        event = {"event_id": event_id, "name": name, "name_th": name, "created_at": AT, "packages": []}
        self.add("event", event_id, event)

    def add_photo(self, number: int, event_id: str = "run", **other: Any) -> str:
        record = photo_of(number, event_id, **other)
        self.add("photo", record["photo_id"], record)
        return str(record["photo_id"])

    def _page(self, asked: Asked) -> Say:
        query = dict(part.split("=") for part in asked.path.partition("?")[2].split("&"))
        cursor, limit = int(query["cursor"]), int(query["limit"])
        newest = max((change["revision"] for change in self.changes), default=0)
        after = [change for change in self.changes if change["revision"] > cursor]
        told = after[:limit]
        page = {
            "protocol": self.protocol,
            "schema_revision": "0004",
            "history": self.history,
            "cursor": told[-1]["revision"] if told else min(cursor, newest),
            "has_more": len(after) > limit,
            "changes": told,
        }
        cut_at = self.cuts.pop(0) if self.cuts else None
        return Say(200, msgpack.packb(page), {"Content-Type": PAGE_TYPE}, cut_at=cut_at)


def photo_of(
    number: int, event_id: str = "run", face_count: int = 1, contract_id: str = CONTRACT, **other: Any
) -> dict[str, Any]:
    """As the wire has it, with whatever a test wants to be wrong with it."""
    photo = make_photo(event_id, number)
    told = photo_record(photo, make_faces(number, face_count, contract_id)).model_dump(mode="python")
    told["taken_at"], told["imported_at"] = photo.taken_at.isoformat(), photo.imported_at.isoformat()
    return {**told, "faces": list(told["faces"]), **other}


@pytest.fixture
def feed() -> Iterator[Feed]:
    one = Feed()
    with one.peer:
        yield one


@pytest.fixture
def kiosk(feed: Feed, tmp_path: Path) -> Iterator[SyncKiosk]:
    one = SyncKiosk(tmp_path, feed.peer.url, "key of the device")
    one.enrolment.enrol("tenant", "K1")
    yield one
    one.close()


def pull(kiosk: SyncKiosk, limit: int = 500) -> None:
    for pulled in Puller(kiosk.door.client(), kiosk.pulled_store, limit).pull():
        kiosk.news.append(pulled)


def test_pages_follow_each_other_until_there_is_no_more(feed: Feed, kiosk: SyncKiosk) -> None:
    feed.add_event("run")
    for number in range(1, 26):
        feed.add_photo(number)
    pull(kiosk, limit=4)
    assert kiosk.photos.count("run") == 25
    assert kiosk.pulled_store.cursor() == 26
    asked = len(feed.peer.asked_of(CHANGES_PATH))
    pull(kiosk, limit=4)
    assert len(feed.peer.asked_of(CHANGES_PATH)) == asked + 1


def test_a_page_that_another_process_has_overtaken_is_dropped_and_asked_for_again(
    feed: Feed, kiosk: SyncKiosk
) -> None:
    feed.add_event("run")
    for number in range(1, 10):
        feed.add_photo(number)
    early = read_page(kiosk.door.client().get_bytes(f"{CHANGES_PATH}?cursor=0&limit=4"))
    pull(kiosk)
    assert list(kiosk.pulled_store.apply(early, 0)) == []
    assert kiosk.pulled_store.cursor() == 10
    honest, meanwhile = feed._page, [lambda: kiosk.enrolment.enrol("tenant", "K1")]

    def page(asked: Asked) -> Say:
        if "cursor=10" in asked.path and meanwhile:
            feed.add_photo(11)
            meanwhile.pop()()  # beside it: from now on everything is to be asked for anew
        return honest(asked)

    feed.peer.script[CHANGES_PATH] = page
    pull(kiosk)
    assert kiosk.pulled_store.cursor() == 11
    assert [asked.path.partition("?")[2][:9] for asked in feed.peer.asked_of(CHANGES_PATH)][-2:] == [
        "cursor=10",
        "cursor=0&",
    ]
    assert kiosk.photos.count("run") == 10


def test_a_page_that_was_cut_off_is_asked_for_again(feed: Feed, kiosk: SyncKiosk) -> None:
    feed.add_event("run")
    feed.add_photo(1)
    feed.cuts = [900]
    with pytest.raises(KnownError) as caught:
        pull(kiosk)
    assert caught.value.code is ErrorCode.CENTRE_UNREACHABLE
    assert kiosk.pulled_store.cursor() == 0
    pull(kiosk)
    assert kiosk.photos.count("run") == 1


def test_bytes_that_are_no_page_are_nonsense() -> None:
    whole = msgpack.packb(
        {"protocol": 1, "schema_revision": "", "cursor": 1, "has_more": False, "changes": []}
    )
    for data in (b"", whole[:-3], b"\xc1", b"\x93\x01\x02\x03"):
        with pytest.raises(KnownError) as caught:
            read_page(data)
        assert caught.value.code is ErrorCode.CENTRE_NONSENSE


@pytest.mark.parametrize(
    ("protocol", "code"), [(PROTOCOL + 1, ErrorCode.CENTRE_NEWER), (PROTOCOL - 1, ErrorCode.CENTRE_OLDER)]
)
def test_a_centre_of_another_version_is_named(
    feed: Feed, kiosk: SyncKiosk, protocol: int, code: ErrorCode
) -> None:
    feed.protocol = protocol
    feed.add_event("run")
    with pytest.raises(KnownError) as caught:
        pull(kiosk)
    assert caught.value.code is code
    assert kiosk.photos.events() == []


def test_a_newer_page_that_cannot_even_be_read_is_named_as_newer() -> None:
    with pytest.raises(KnownError) as caught:
        read_page(msgpack.packb({"protocol": PROTOCOL + 1, "other": True}))
    assert caught.value.code is ErrorCode.CENTRE_NEWER


def test_what_stands_before_an_unknown_kind_is_taken_in_and_nothing_behind_it(
    feed: Feed, kiosk: SyncKiosk
) -> None:
    feed.add_event("run")
    feed.add("hologram", "h", {})
    feed.add_photo(1)
    for _ in range(2):
        with pytest.raises(KnownError) as caught:
            pull(kiosk)
        assert caught.value.code is ErrorCode.CENTRE_NEWER
    assert [event.event_id for event in kiosk.photos.events()] == ["run"]
    assert kiosk.photos.count("run") == 0
    assert kiosk.pulled_store.cursor() == 1


def test_a_broken_record_is_put_aside_and_named_and_the_rest_goes_on(feed: Feed, kiosk: SyncKiosk) -> None:
    feed.add_event("run")
    feed.add_photo(1)
    feed.add_photo(2, width="wide")
    feed.add_photo(3, faces=[{**photo_of(3)["faces"][0], "embedding": b"short"}])
    doubled = photo_of(4)["faces"][0]
    feed.add_photo(4, faces=[{**doubled, "embedding": bytes(2048)}])
    feed.add_photo(5, faces=[photo_of(5)["faces"][0], photo_of(5)["faces"][0]])
    feed.add("photo", "nothing", None)
    feed.add("voucher", "V", {"code": "V"})
    feed.add_photo(6)
    pull(kiosk)
    assert [photo.number for photo in kiosk.photos.photos("run")] == [1, 6]
    broken = kiosk.notices.open_notices()
    assert {notice.code for notice in broken} == {ErrorCode.RECORD_INVALID}
    assert len(broken) == 6
    assert kiosk.pulled_store.cursor() == 9


def test_two_photos_that_contradict_each_other_do_not_stop_the_rest(feed: Feed, kiosk: SyncKiosk) -> None:
    feed.add_event("run")
    for number in (1, 2, 3):
        feed.add_photo(number)
    feed.add_photo(4, content_hash=make_photo("run", 1).content_hash)
    pull(kiosk)
    assert [photo.number for photo in kiosk.photos.photos("run")] == [1, 2, 3]
    assert kiosk.codes() == [ErrorCode.RECORD_INVALID]


def test_photos_that_come_before_their_event_wait_for_its_name(feed: Feed, kiosk: SyncKiosk) -> None:
    feed.add_photo(1)
    feed.add_event("run", "The great run")
    pull(kiosk, limit=1)
    assert kiosk.photos.count("run") == 1
    assert kiosk.photos.event("run").name == "The great run"


def test_an_event_told_out_of_its_turn_skips_nothing(feed: Feed, kiosk: SyncKiosk) -> None:
    event = {"event_id": "run", "name": "Run", "name_th": "Run", "created_at": AT}
    feed.add("event", "run", event, revision=50)
    for number in range(1, 40):
        record = photo_of(number)
        feed.add("photo", record["photo_id"], record, revision=number)
    kiosk.pulled_store._weight = 5.0
    read = kiosk.pulled_store.apply(
        read_page(
            msgpack.packb(
                {
                    "protocol": PROTOCOL,
                    "schema_revision": "",
                    "cursor": 39,
                    "has_more": True,
                    "changes": feed.changes,
                }
            )
        ),
        0,
    )
    next(read)
    assert kiosk.pulled_store.cursor() < kiosk.photos.count("run") + 1
    for _ in read:
        pass
    assert kiosk.photos.count("run") == 39
    assert kiosk.pulled_store.cursor() == 39


def test_a_local_photo_makes_way_for_the_number_of_a_photo_of_the_centre(
    feed: Feed, kiosk: SyncKiosk
) -> None:
    kiosk.photos.add_event(make_event("run"))
    local = make_photo("run", 2, content="taken in here ")
    kiosk.photos.add_photo(local, [])
    feed.add_event("run")
    for number in (1, 2, 3):
        feed.add_photo(number)
    pull(kiosk)
    assert kiosk.photos.photo(local.photo_id).number == 4
    assert kiosk.photos.photo(make_photo("run", 2).photo_id).number == 2


def test_faces_of_another_engine_are_on_sale_and_told_once(feed: Feed, kiosk: SyncKiosk) -> None:
    feed.add_event("run")
    for number in range(1, 8):
        feed.add_photo(number, contract_id="another-engine")
    pull(kiosk, limit=2)
    assert kiosk.photos.count("run") == 7
    assert kiosk.photos.face_keys("run", CONTRACT) == set()
    notices = kiosk.notices.open_notices()
    assert [(notice.code, notice.subject) for notice in notices] == [
        (ErrorCode.CONTRACT_MISMATCH, "another-engine")
    ]


def test_what_is_here_already_is_left_alone_and_what_changed_is_told(feed: Feed, kiosk: SyncKiosk) -> None:
    feed.add_event("run")
    ids = [feed.add_photo(number) for number in range(1, 5)]
    pull(kiosk)
    feed.add_photo(1)  # as it was
    feed.add_photo(2, place="Finish")
    feed.add_photo(3, faces=[])
    feed.add_photo(4, state="withdrawn")
    kiosk.news.clear()
    pull(kiosk)
    assert kiosk.photos.photo(ids[1]).place == "Finish"
    assert kiosk.photos.photo_faces(ids[2]) == []
    assert kiosk.photos.photo(ids[3]).state is PhotoState.WITHDRAWN
    stale = [pulled.stale_faces for pulled in kiosk.news if pulled.stale_faces]
    assert stale == [{"run": (ids[2], ids[3])}]


def test_what_is_gone_at_the_centre_goes_and_a_photo_that_was_ordered_stays_for_its_order(
    feed: Feed, kiosk: SyncKiosk
) -> None:
    feed.add_event("run")
    gone, ordered = feed.add_photo(1, face_count=2), feed.add_photo(2)
    voucher = voucher_record("WELCOME")
    feed.add("voucher", "WELCOME", voucher)
    pull(kiosk)
    order = make_order(kiosk.kiosk_id, 1, photo_id=ordered)
    kiosk.orders.open_order(order, make_payment(order))
    for kind, key in (("photo", gone), ("photo", ordered), ("voucher", "WELCOME"), ("event", "run")):
        feed.add(kind, key, None, gone=True)
    pull(kiosk)
    assert kiosk.photos.count("run") == 0
    assert kiosk.photos.photo(ordered).state is PhotoState.WITHDRAWN
    assert kiosk.photos.photo_faces(ordered) == []
    with pytest.raises(KnownError):
        kiosk.photos.photo(gone)
    with kiosk.database.reading() as session:
        assert session.get(VoucherRow, ("", "WELCOME")) is None


def test_of_the_uses_of_a_voucher_the_higher_count_is_kept(feed: Feed, kiosk: SyncKiosk) -> None:
    feed.add("voucher", "WELCOME", voucher_record("WELCOME", used=3))
    pull(kiosk)
    feed.add("voucher", "WELCOME", voucher_record("WELCOME", used=1, value=20))
    pull(kiosk)
    with kiosk.database.reading() as session:
        row = session.get_one(VoucherRow, ("", "WELCOME"))
        assert (row.used, row.value) == (3, 20)


def test_news_of_an_own_charge_names_the_payment_and_that_of_others_nothing(
    feed: Feed, kiosk: SyncKiosk
) -> None:
    order = make_order(kiosk.kiosk_id, 1)
    payment = make_payment(order, PaymentState.PENDING)
    kiosk.orders.open_order(order, payment)
    for kiosk_id in (kiosk.kiosk_id, "another"):
        charge = {
            "charge_id": f"c-{kiosk_id[:4]}",
            "kiosk_id": kiosk_id,
            "idempotency_key": payment.idempotency_key,
            "status": "completed",
            "received_satang": 7900,
        }
        feed.add("charge", charge["charge_id"], charge)
    pull(kiosk)
    assert [pulled.charged_payments for pulled in kiosk.news if pulled.charged_payments] == [
        (payment.payment_id,)
    ]


def test_a_deletion_is_written_down_as_pending_once(feed: Feed, kiosk: SyncKiosk) -> None:
    deletion = {
        "deletion_id": "d1",
        "requested_at": AT,
        "requested_by": "visitor",
        "event_id": "run",
        "photo_ids": [make_photo("run", 1).photo_id],
        "faces": [],
        "order_id": None,
        "consent_id": None,
        "person_id": None,
    }
    for _ in range(2):
        feed.add("deletion", "d1", deletion)
    pull(kiosk)
    assert [pulled.deletions for pulled in kiosk.news if pulled.deletions] == [("d1",)]
    with kiosk.database.reading() as session:
        assert session.get_one(DeletionRow, "d1").done_at is None


def test_after_a_centre_was_set_back_everything_is_asked_for_and_told_anew(
    feed: Feed, kiosk: SyncKiosk
) -> None:
    order = make_order(kiosk.kiosk_id, 1)
    kiosk.orders.open_order(order, make_payment(order))
    kiosk.outbox.taken([each.message.message_id for each in kiosk.outbox.waiting(9)], {})
    feed.add_event("run")
    for number in range(1, 9):
        feed.add_photo(number)
    pull(kiosk)
    feed.changes = feed.changes[:4]
    feed.add_photo(20)
    pull(kiosk)
    assert kiosk.photos.photo_by_number("run", 20) is not None
    assert kiosk.pulled_store.cursor() == 5
    told = [each.message.record for each in kiosk.outbox.waiting(9) if each.message.kind == Kind.ORDER]
    assert [record["order_id"] for record in told] == [order.order_id]


def test_a_centre_that_went_on_after_it_was_set_back_is_asked_for_and_told_everything_anew(
    feed: Feed, kiosk: SyncKiosk
) -> None:
    order = make_order(kiosk.kiosk_id, 1)
    kiosk.orders.open_order(order, make_payment(order))
    kiosk.outbox.taken([each.message.message_id for each in kiosk.outbox.waiting(9)], {})
    feed.add_event("run")
    for number in range(1, 5):
        feed.add_photo(number)
    pull(kiosk)
    feed.changes = feed.changes[:2]
    feed.history = "second"
    for number in range(20, 26):
        feed.add_photo(number)
    for _ in range(2):
        pull(kiosk)
    assert all(kiosk.photos.photo_by_number("run", number) for number in range(20, 26))
    told = [each.message.record for each in kiosk.outbox.waiting(9) if each.message.kind == Kind.ORDER]
    assert [record["order_id"] for record in told] == [order.order_id]


def test_a_page_that_does_not_get_on_is_nonsense(kiosk: SyncKiosk) -> None:
    page = {"protocol": PROTOCOL, "schema_revision": "", "cursor": 0, "has_more": True, "changes": []}
    said = Say(200, msgpack.packb(page), {"Content-Type": PAGE_TYPE})
    with ScriptedPeer({CHANGES_PATH: said}) as peer:
        kiosk.door.url = peer.url
        with pytest.raises(KnownError) as caught:
            pull(kiosk)
    assert caught.value.code is ErrorCode.CENTRE_NONSENSE


def test_the_quick_way_into_the_database_writes_what_the_careful_one_does(
    feed: Feed, kiosk: SyncKiosk, tmp_path: Path
) -> None:
    other = SyncKiosk(tmp_path / "other", feed.peer.url)
    records = [photo_of(number, face_count=number % 3) for number in range(1, 30)]
    feed.add_event("run")
    for record in records:
        feed.add("photo", record["photo_id"], record)
    pull(kiosk)
    other.photos.add_event(make_event("run"))
    with other.database.writing() as session:
        write_photos(session, [PhotoRecord.model_validate(record) for record in records])
    for rows in (PhotoRow, FaceRow, NumberReadingRow, ShirtNumberRow):
        query = select(table_of(rows)).order_by("photo_id")
        with kiosk.database.reading() as session, other.database.reading() as careful:
            here = [tuple(map(_plain, row)) for row in session.execute(query)]
            assert here == [tuple(map(_plain, row)) for row in careful.execute(query)]
            assert here
    other.close()


def test_photos_imported_here_and_known_at_the_centre_become_one(feed: Feed, kiosk: SyncKiosk) -> None:
    kiosk.photos.add_event(make_event("run"))
    add_photos(kiosk.photos, "run", range(5, 8))
    feed.add_event("run")
    for number in range(1, 9):
        feed.add_photo(number)
    pull(kiosk)
    assert [photo.number for photo in kiosk.photos.photos("run")] == list(range(1, 9))
    assert kiosk.codes() == []


def voucher_record(code: str, **other: Any) -> dict[str, Any]:
    return {
        "code": code,
        "kind": "percent",
        "value": 10,
        "event_id": None,
        "valid_from": None,
        "valid_until": None,
        "use_limit": 5,
        "used": 0,
        "minimum_satang": 0,
        "home_kiosk_id": None,
        **other,
    }


def _plain(value: Any) -> Any:
    return value.tobytes() if hasattr(value, "tobytes") else value
