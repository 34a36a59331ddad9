"""Messages and wishes are stored alike in memory, in a file and on a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, select

from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.links import SqlLinkRepository
from kiosk.database.sendings import SqlSendings
from kiosk.database.staff_tables import OrderPhotoRow, SendingRow, WishFaceRow, WishRow
from kiosk.database.tables import LinkRow, OrderRow
from kiosk.database.wishes import SqlWishes
from kiosk.delivery.types import DownloadLink
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.sending.types import (
    NewPhotosWish,
    Purpose,
    Sending,
    SendingState,
    SendingStore,
    Way,
    WishStore,
)
from kiosk.vision.types import EMBEDDING_SIZE, Embedding
from tests.fake_sending import NOW, MemorySendings, MemoryWishes
from tests.peers.postgres import PostgresServer

ORDERS = ("o1", "o2", "o3")
USER = "U" + "a" * 32


@dataclass
class Stores:
    """Both stores over one database, and how often the links of an order may be used."""

    sendings: SendingStore
    wishes: WishStore
    more_downloads: Callable[[str], int]


@pytest.fixture(scope="session")
def on_server(postgres_server: PostgresServer) -> Iterator[Database]:
    database = open_database(postgres_server.new_database("sending"))
    yield database
    database.close()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "memory":
        sendings = MemorySendings()
        wishes = MemoryWishes(sendings)
        yield Stores(sendings, wishes, lambda order_id: wishes.more_downloads.count(order_id))
        return
    if request.param == "sqlite":
        database = open_database(tmp_path / "kiosk.db", ManualClock(NOW))
    else:
        database = request.getfixturevalue("on_server")
        with database.writing() as session:
            for rows in (WishFaceRow, WishRow, OrderPhotoRow, SendingRow, LinkRow, OrderRow):
                session.execute(delete(rows))
    _add_orders(database)
    yield Stores(SqlSendings(database), SqlWishes(database), lambda order_id: _limit(database, order_id) - 10)
    if request.param == "sqlite":
        database.close()


def _add_orders(database: Database) -> None:
    with database.writing() as session:
        for order_id in ORDERS:
            session.add(
                OrderRow(
                    order_id=order_id,
                    tenant_id="",
                    kiosk_id="kiosk",
                    code=f"K1-{order_id.upper()}",
                    event_id="run",
                    language="th",
                    state="paid",
                    total_satang=149900,
                    discount_satang=0,
                    created_at=NOW,
                    paid_at=NOW,
                    voucher_code=None,
                )
            )
    links = SqlLinkRepository(database)
    for order_id in ORDERS:
        end = NOW + timedelta(days=30)
        links.add_link(DownloadLink(f"link-{order_id}", order_id, f"hash-{order_id}", NOW, end, 10))


def _limit(database: Database, order_id: str) -> int:
    with database.reading() as session:
        return session.scalars(select(LinkRow.download_limit).where(LinkRow.order_id == order_id)).one()


def sending(number: int, order_id: str = "o1", **other: object) -> Sending:
    values: dict[str, object] = {
        "sending_id": f"{number:032x}",
        "order_id": order_id,
        "order_code": f"K1-{order_id.upper()}",
        "way": Way.MAIL,
        "purpose": Purpose.PHOTOS,
        "language": Language.THAI,
        "state": SendingState.WAITING,
        "created_at": NOW + timedelta(minutes=number),
        "due_at": NOW + timedelta(minutes=number),
        "address": "somchai@example.com",
        "shown_to": "s…@example.com",
        "photo_count": 3,
    }
    return Sending(**{**values, **other})  # type: ignore[arg-type]


def wish(order_id: str = "o1", faces: int = 1, **other: object) -> NewPhotosWish:
    vectors = np.eye(faces, EMBEDDING_SIZE, dtype=np.float32)
    values: dict[str, object] = {
        "wish_id": f"wish-{order_id}",
        "order_id": order_id,
        "order_code": f"K1-{order_id.upper()}",
        "event_id": "run",
        "way": Way.MAIL,
        "language": Language.THAI,
        "consent_version": "1",
        "agreed_at": NOW,
        "until": NOW + timedelta(days=30),
        "address": "somchai@example.com",
        "shown_to": "s…@example.com",
        "embeddings": tuple(Embedding(vector, "contract") for vector in vectors),
        "passed_over": ("p7", "p8"),
    }
    return NewPhotosWish(**{**values, **other})  # type: ignore[arg-type]


def is_same(one: NewPhotosWish, other: NewPhotosWish) -> bool:
    numbers = zip(one.embeddings, other.embeddings, strict=True)
    alike = all(a.contract_id == b.contract_id and np.array_equal(a.vector, b.vector) for a, b in numbers)
    return alike and replace(one, embeddings=()) == replace(other, embeddings=())


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_message_is_stored_once_and_comes_back_as_it_was(stores: Stores) -> None:
    first = sending(1)
    assert stores.sendings.add(first)
    assert not stores.sendings.add(replace(first, address="other@example.com"))
    assert stores.sendings.get(first.sending_id) == first
    with pytest.raises(KnownError) as error:
        stores.sendings.get("f" * 32)
    assert error.value.code is ErrorCode.SENDING_UNKNOWN


def test_what_is_due_comes_oldest_first(stores: Stores) -> None:
    for number in (3, 1, 2):
        stores.sendings.add(sending(number))
    stores.sendings.add(sending(4, due_at=at(0), state=SendingState.FAILED))
    assert [each.sending_id for each in stores.sendings.due(at(2))] == [f"{n:032x}" for n in (1, 2)]
    assert len(stores.sendings.due(at(9), most=2)) == 2


def test_lists_by_order_and_by_state(stores: Stores) -> None:
    stores.sendings.add(sending(2))
    stores.sendings.add(sending(1))
    stores.sendings.add(sending(3, "o2", state=SendingState.FAILED))
    assert [each.sending_id[-1] for each in stores.sendings.of_order("o1")] == ["1", "2"]
    both = stores.sendings.listed([SendingState.WAITING, SendingState.FAILED])
    assert [each.sending_id[-1] for each in both] == ["3", "2", "1"]
    assert [each.sending_id[-1] for each in stores.sendings.listed([SendingState.FAILED])] == ["3"]
    assert len(stores.sendings.listed([SendingState.WAITING], most=1)) == 1


def test_only_what_stands_as_expected_changes_and_the_address_goes_with_the_end(stores: Stores) -> None:
    first = sending(1)
    stores.sendings.add(first)
    sent = replace(first, state=SendingState.SENT, sent_at=at(5), attempts=2)
    assert not stores.sendings.update(sent, SendingState.FAILED)
    assert stores.sendings.get(first.sending_id) == first
    assert stores.sendings.update(sent, SendingState.WAITING)
    assert stores.sendings.get(first.sending_id) == replace(sent, address="")
    assert not stores.sendings.update(replace(sent, state=SendingState.FAILED), SendingState.WAITING)


def test_what_was_put_off_for_the_network_is_hurried(stores: Stores) -> None:
    unreachable = ErrorCode.MAIL_UNREACHABLE
    stores.sendings.add(sending(1, code=unreachable.value, due_at=at(60)))
    stores.sendings.add(sending(2, code=ErrorCode.MAIL_LATER.value, due_at=at(60)))
    stores.sendings.add(sending(3, way=Way.LINE, address=USER, code=unreachable.value, due_at=at(60)))
    stores.sendings.add(sending(4, code=unreachable.value, due_at=at(60), state=SendingState.FAILED))
    assert stores.sendings.hurry(Way.MAIL, {unreachable}, at(5)) == 1
    assert [each.sending_id[-1] for each in stores.sendings.due(at(5))] == ["1"]


def test_addresses_of_what_failed_long_ago_are_forgotten(stores: Stores) -> None:
    stores.sendings.add(sending(1, state=SendingState.FAILED))
    stores.sendings.add(sending(2))
    stores.sendings.add(sending(9, state=SendingState.FAILED))
    assert stores.sendings.forget_failed(at(5)) == 1
    assert stores.sendings.forget_failed(at(5)) == 0
    kept = [each.address != "" for each in stores.sendings.of_order("o1")]
    assert kept == [False, True, True]


def test_a_wish_comes_back_with_its_numbers_only_where_they_are_needed(stores: Stores) -> None:
    stores.wishes.put(wish(faces=3))
    (found,) = stores.wishes.of_event("run", NOW)
    assert is_same(found, wish(faces=3))
    for shown in (stores.wishes.of_order("o1"), *stores.wishes.listed()):
        assert shown == replace(wish(), embeddings=())
    assert stores.wishes.of_order("o2") is None
    assert stores.wishes.of_event("other", NOW) == []


def test_a_second_wish_takes_the_place_of_the_first(stores: Stores) -> None:
    stores.wishes.put(wish(faces=3))
    stores.wishes.put(wish(wish_id="second", faces=1, address="other@example.com"))
    (found,) = stores.wishes.of_event("run", NOW)
    assert is_same(found, wish(wish_id="second", faces=1, address="other@example.com"))


def test_wishes_are_listed_and_end(stores: Stores) -> None:
    stores.wishes.put(wish("o1", until=at(10)))
    stores.wishes.put(wish("o2", agreed_at=at(1), event_id="fair"))
    assert stores.wishes.events(NOW) == ["fair", "run"]
    assert stores.wishes.events(at(10)) == ["fair"]
    assert stores.wishes.of_event("run", at(10)) == []
    assert [each.order_id for each in stores.wishes.listed()] == ["o2", "o1"]
    assert [each.order_id for each in stores.wishes.listed(most=1)] == ["o2"]
    assert stores.wishes.end_due(at(10)) == 1
    assert stores.wishes.end_due(at(10)) == 0
    assert [each.order_id for each in stores.wishes.listed()] == ["o2"]


def test_the_address_of_a_wish_by_line_comes_later_and_only_once(stores: Stores) -> None:
    stores.wishes.put(wish(way=Way.LINE, address="", shown_to=""))
    assert not stores.wishes.set_address("o1", Way.MAIL, "a@example.com", "a…")
    assert stores.wishes.set_address("o1", Way.LINE, USER, "LINE")
    assert not stores.wishes.set_address("o1", Way.LINE, "U" + "b" * 32, "LINE")
    assert not stores.wishes.set_address("o2", Way.LINE, USER, "LINE")
    found = stores.wishes.of_order("o1")
    assert found is not None
    assert (found.address, found.shown_to) == (USER, "LINE")


def test_withdrawing_forgets_at_once_and_takes_back_the_news_that_wait(stores: Stores) -> None:
    stores.wishes.put(wish())
    stores.sendings.add(sending(1))
    news = sending(2, purpose=Purpose.NEW_PHOTOS)
    stores.wishes.add_photos("o1", ["p1"], NOW, news)
    assert stores.wishes.withdraw("o1")
    assert not stores.wishes.withdraw("o1")
    assert stores.wishes.of_event("run", NOW) == []
    link, waiting = stores.sendings.of_order("o1")
    assert link.state is SendingState.WAITING
    assert (waiting.state, waiting.address) == (SendingState.CANCELLED, "")
    assert stores.wishes.added_photos("o1") == ("p1",)


def test_added_photos_are_owed_one_message_that_grows_until_it_is_on_its_way(stores: Stores) -> None:
    stores.wishes.put(wish())
    news = sending(2, purpose=Purpose.NEW_PHOTOS, photo_count=2, due_at=at(10))
    assert stores.wishes.add_photos("o1", ["p2", "p1", "p2"], NOW, news) == ("p2", "p1")
    later = sending(3, purpose=Purpose.NEW_PHOTOS, photo_count=1)
    assert stores.wishes.add_photos("o1", ["p1", "p3"], at(1), later) == ("p3",)
    assert stores.wishes.add_photos("o1", ["p1", "p3"], at(2), later) == ()
    assert stores.wishes.added_photos("o1") == ("p1", "p2", "p3")
    (owed,) = stores.sendings.of_order("o1")
    assert owed == replace(news, photo_count=3)
    assert stores.more_downloads("o1") == 1
    stores.sendings.update(replace(owed, attempts=1), SendingState.WAITING)
    assert stores.wishes.add_photos("o1", ["p4"], at(3), later) == ("p4",)
    assert [each.photo_count for each in stores.sendings.of_order("o1")] == [3, 1]
    assert stores.more_downloads("o1") == 2
    put_off = replace(stores.sendings.get(later.sending_id), attempts=1, code="M-104")
    stores.sendings.update(put_off, SendingState.WAITING)
    stores.wishes.add_photos("o1", ["p5"], at(4), sending(4, purpose=Purpose.NEW_PHOTOS))
    assert [each.photo_count for each in stores.sendings.of_order("o1")] == [3, 2]
    (found,) = stores.wishes.of_event("run", NOW)
    assert found.photos_added == 5


def test_added_photos_need_no_message_where_nobody_knows_where_to(stores: Stores) -> None:
    stores.wishes.put(wish(way=Way.LINE, address=""))
    assert stores.wishes.add_photos("o1", ["p1"], NOW, None) == ("p1",)
    assert stores.sendings.of_order("o1") == []
    assert stores.more_downloads("o1") == 1


def test_the_numbers_of_a_wish_that_was_replaced_leave_the_journal_with_the_next_look(tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db")
    _add_orders(database)
    wishes = SqlWishes(database)
    first, second = wish(faces=1), wish(faces=1, wish_id="2" * 32)
    numbers = np.random.default_rng(3).random(EMBEDDING_SIZE, np.float32)
    first = replace(first, embeddings=(Embedding(numbers, "contract"),))
    wishes.end_due(NOW)
    wishes.put(first)
    wishes.end_due(NOW)
    wishes.put(second)
    wishes.end_due(NOW)
    for path in tmp_path.glob("kiosk.db*"):
        assert numbers.tobytes()[:256] not in path.read_bytes(), path.name
    database.close()
