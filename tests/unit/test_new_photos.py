"""Later photos of buyers who agreed: only sure ones, told in batches, by numbers that end with the wish."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from kiosk.clock import ManualClock
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.gallery.types import Certainty, FaceKey, PhotoMatch
from kiosk.language import Language
from kiosk.photos.types import Photo, PhotoRepository
from kiosk.sending.courier import Courier
from kiosk.sending.new_photos import NewPhotos
from kiosk.sending.types import NewPhotosWish, OrderToSend, Sending, SendingState, Way
from kiosk.vision.types import EMBEDDING_SIZE, Embedding
from tests.fake_sending import (
    NOW,
    ORDER,
    FakeCarrier,
    FakeOrders,
    MemorySendings,
    MemoryWishes,
    order_to_send,
)
from tests.visit import photo

TO = "somchai@example.com"
USER = "U" + "a" * 32
FACE = Embedding(np.eye(1, EMBEDDING_SIZE, dtype=np.float32)[0], "contract")
MINUTE_S = 60.0
HOUR_S = 3600.0


@dataclass
class FakePhotos:
    """Photos on sale of one event, and in which of them the buyer is, how surely."""

    imported: dict[str, datetime] = field(default_factory=dict)
    shown: dict[str, Certainty] = field(default_factory=dict)
    error: ErrorCode | None = None
    searches: int = 0

    def arrive(self, photo_id: str, at: datetime, certainty: Certainty | None = Certainty.MATCH) -> None:
        self.imported[photo_id] = at
        if certainty is not None:
            self.shown[photo_id] = certainty

    def withdraw(self, photo_id: str) -> None:
        del self.imported[photo_id]

    def ids_on_sale(self, event_id: str) -> set[str]:
        return set(self.imported)

    def photos_by_id(self, photo_ids: Iterable[str]) -> dict[str, Photo]:
        there = (each for each in photo_ids if each in self.imported)
        return {each: replace(photo(1), photo_id=each, imported_at=self.imported[each]) for each in there}

    def find(self, event_id: str, probes: Sequence[Embedding]) -> list[PhotoMatch]:
        self.searches += 1
        if self.error is not None:
            raise KnownError(self.error, "refused")
        return [
            PhotoMatch(each, (FaceKey(each, 0),), 0.6, certainty)
            for each, certainty in self.shown.items()
            if each in self.imported
        ]


class OrdersWithAdded(FakeOrders):
    """An order has also what was added to it."""

    wishes: MemoryWishes

    def to_send(self, order_id: str) -> OrderToSend:
        order = super().to_send(order_id)
        return replace(order, photo_ids=(*order.photo_ids, *self.wishes.added_photos(order_id)))


class World:
    """Everything in memory, at a time that the test moves."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW + timedelta(minutes=5))
        self.sendings = MemorySendings()
        self.wishes = MemoryWishes(self.sendings)
        self.orders = OrdersWithAdded({ORDER: order_to_send()})
        self.orders.wishes = self.wishes
        self.mail, self.line = FakeCarrier(), FakeCarrier()
        zone = ZoneInfo("Asia/Bangkok")
        self.courier = Courier(self.sendings, self.orders, EventBus(), self.clock, b"secret", zone)
        self.courier.use({Way.MAIL: self.mail, Way.LINE: self.line})
        self.photos = FakePhotos()
        repository = cast(PhotoRepository, self.photos)
        self.new = NewPhotos(self.wishes, self.photos, repository, self.orders, self.courier, self.clock)
        for photo_id in ("p1", "p2"):
            self.photos.arrive(photo_id, NOW - timedelta(hours=1))

    def wish(self, way: Way = Way.MAIL, to: str = TO) -> NewPhotosWish:
        return self.new.wish(ORDER, way, to, [FACE], Language.ENGLISH, "1")

    def arrive(self, *photo_ids: str, certainty: Certainty | None = Certainty.MATCH) -> None:
        for photo_id in photo_ids:
            self.photos.arrive(photo_id, self.clock.now(), certainty)
        self.new.look()

    def go_on(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.new.look()
        self.courier.send_due()

    @property
    def added(self) -> tuple[str, ...]:
        return self.wishes.added_photos(ORDER)

    @property
    def news(self) -> list[Sending]:
        return self.courier.of_order(ORDER)


@pytest.fixture
def world() -> World:
    return World()


def test_a_later_photo_is_in_the_order_at_once_and_told_ten_minutes_later(world: World) -> None:
    world.wish()
    world.arrive("p3")
    assert world.added == ("p3",)
    world.go_on(9 * MINUTE_S)
    assert world.mail.sent == []
    world.go_on(2 * MINUTE_S)
    (message,) = world.mail.sent
    assert "a new photo of you" in message.text
    assert world.wishes.more_downloads == [ORDER]


def test_photos_that_come_one_by_one_are_one_message(world: World) -> None:
    world.wish()
    for number in range(3, 13):
        world.arrive(f"p{number}")
        world.go_on(MINUTE_S / 2)
    world.go_on(10 * MINUTE_S)
    (message,) = world.mail.sent
    assert "There are 10 new photos" in message.text
    assert len(world.added) == 10


def test_nobody_gets_more_than_one_message_an_hour(world: World) -> None:
    world.wish()
    for number in range(24 * 6):
        world.arrive(f"later-{number}")
        world.go_on(10 * MINUTE_S)
    world.go_on(HOUR_S)
    sent = sorted(each.sent_at for each in world.news if each.sent_at is not None)
    assert all(later - sooner >= timedelta(hours=1) for sooner, later in pairwise(sent))
    assert 20 <= len(sent) <= 25
    assert sum(each.photo_count for each in world.news) == len(world.added) == 144


def test_off_line_for_a_day_it_is_one_message_that_tells_of_all(world: World) -> None:
    world.wish()
    world.mail.always = ErrorCode.MAIL_UNREACHABLE
    for number in range(24):
        world.arrive(f"later-{number}")
        world.go_on(HOUR_S)
    world.mail.always = None
    world.go_on(HOUR_S)
    (message,) = world.mail.sent
    assert "There are 24 new photos" in message.text


def test_a_photo_that_may_be_somebody_else_s_is_not_added(world: World) -> None:
    world.wish()
    world.arrive("p3", certainty=Certainty.MAYBE)
    world.arrive("p4", certainty=None)
    world.go_on(HOUR_S)
    assert world.added == ()
    assert world.mail.sent == []


def test_what_the_buyer_saw_and_did_not_take_is_never_added(world: World) -> None:
    world.photos.arrive("not-me", NOW - timedelta(minutes=1))
    world.photos.arrive("maybe", NOW - timedelta(minutes=1), Certainty.MAYBE)
    made = world.wish()
    assert made.passed_over == ("maybe", "not-me")
    world.photos.shown["maybe"] = Certainty.MATCH
    world.arrive("p3")
    assert world.added == ("p3",)


def test_what_came_between_paying_and_the_wish_is_still_news(world: World) -> None:
    world.photos.arrive("p3", NOW + timedelta(minutes=1))
    world.wish()
    world.new.look()
    assert world.added == ("p3",)


def test_a_photo_that_is_approved_later_is_news_and_a_withdrawn_one_is_none(world: World) -> None:
    world.wish()
    world.photos.arrive("withdrawn", world.clock.now())
    world.photos.withdraw("withdrawn")
    world.photos.arrive("approved", NOW - timedelta(hours=1))  # it was not on sale when the buyer looked
    world.new.look()
    assert world.added == ("approved",)


def test_it_searches_only_where_photos_are_others_than_before(world: World) -> None:
    world.wish()
    world.new.look()
    before = world.photos.searches
    for _ in range(10):
        world.new.look()
    assert world.photos.searches == before
    world.arrive("p3", certainty=None)
    assert world.photos.searches == before + 1


def test_a_wish_that_comes_while_it_looks_is_looked_for_as_well(world: World) -> None:
    world.wish()
    world.orders.orders["o2"] = replace(order_to_send(), order_id="o2")
    find, is_first = world.photos.find, True

    def find_slowly(event_id: str, probes: Sequence[Embedding]) -> list[PhotoMatch]:
        nonlocal is_first
        if is_first:
            is_first = False
            world.new.wish("o2", Way.MAIL, TO, [FACE], Language.ENGLISH, "1")
        return find(event_id, probes)

    world.photos.find = find_slowly  # type: ignore[method-assign]
    world.arrive("p3")
    world.new.look()
    assert world.wishes.added_photos("o2") == ("p3",)


def test_looking_again_after_a_restart_adds_and_tells_nothing_twice(world: World) -> None:
    world.wish()
    world.arrive("p3")
    repository = cast(PhotoRepository, world.photos)
    for _ in range(3):
        NewPhotos(world.wishes, world.photos, repository, world.orders, world.courier, world.clock).look()
    world.go_on(HOUR_S)
    assert world.added == ("p3",)
    assert len(world.mail.sent) == 1


def test_the_numbers_are_forgotten_with_the_link_or_after_30_days(world: World) -> None:
    made = world.wish()
    assert made.until == world.orders.orders[ORDER].link_until
    world.orders.orders[ORDER] = order_to_send(link_until=NOW + timedelta(days=365))
    made = world.wish()
    assert made.until == world.clock.now() + timedelta(days=30)
    assert world.new.until(ORDER) == made.until
    world.go_on(30 * 24 * HOUR_S)
    assert world.wishes.rows == {}
    world.arrive("p3")
    assert world.added == ()


def test_withdrawn_it_is_forgotten_at_once_and_what_waits_is_not_sent(world: World) -> None:
    world.wish()
    world.arrive("p3")
    world.new.withdraw(ORDER)
    assert world.wishes.rows == {}
    world.arrive("p4")
    world.go_on(HOUR_S)
    assert world.mail.sent == []
    assert world.added == ("p3",)
    (news,) = world.news
    assert (news.state, news.address) == (SendingState.CANCELLED, "")
    world.new.withdraw(ORDER)


@pytest.mark.parametrize("code", [ErrorCode.ORDER_UNKNOWN, ErrorCode.PHOTOS_DELETED])
def test_an_order_that_is_gone_takes_its_wish_with_it(world: World, code: ErrorCode) -> None:
    world.wish()
    world.orders.gone[ORDER] = code
    world.arrive("p3")
    assert world.wishes.rows == {}
    assert world.added == ()


def test_only_who_bought_every_photo_may_wish(world: World) -> None:
    assert world.new.can_wish(ORDER)
    world.orders.orders[ORDER] = order_to_send(has_every_photo=False)
    assert not world.new.can_wish(ORDER)
    with pytest.raises(BugError):
        world.wish()
    world.orders.orders[ORDER] = order_to_send()
    world.courier.use({})
    assert not world.new.can_wish(ORDER)


def test_a_wrong_address_stores_nothing(world: World) -> None:
    with pytest.raises(KnownError) as error:
        world.wish(to="somchai")
    assert error.value.code is ErrorCode.MAIL_ADDRESS_INVALID
    assert world.wishes.rows == {}


def test_by_line_it_is_told_once_the_buyer_has_written(world: World) -> None:
    world.wish(Way.LINE, "")
    world.arrive("p3")
    world.go_on(HOUR_S)
    assert world.added == ("p3",)
    assert world.news == []
    world.new.line_known(ORDER, USER)
    world.arrive("p4")
    world.go_on(HOUR_S)
    assert [message.to for message in world.line.sent] == [USER]


def test_whoever_blocks_the_account_is_looked_for_no_more(world: World) -> None:
    world.wish(Way.LINE, USER)
    world.new.line_lost("U" + "b" * 32)
    assert len(world.new.listed()) == 1
    world.new.line_lost(USER)
    assert world.new.listed() == []


def test_numbers_of_another_engine_find_nothing_and_break_nothing(world: World) -> None:
    world.wish()
    world.photos.error = ErrorCode.CONTRACT_MISMATCH
    world.arrive("p3")
    assert world.added == ()
    world.photos.error = ErrorCode.INDEX_UNREACHABLE
    with pytest.raises(KnownError):
        world.arrive("p4")
    world.photos.error = None
    world.new.look()
    assert world.added == ("p3", "p4")


def test_staff_see_who_waits_but_no_face_and_no_address(world: World) -> None:
    world.wish()
    (shown,) = world.new.listed()
    assert shown.embeddings == ()
    assert TO not in repr(shown)
    assert shown.shown_to == "s…@example.com"
    assert world.new.of_order(ORDER) == shown
