"""What users write to the LINE account, over the real page for phones and a peer that speaks LINE's API."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
import requests
from structlog.testing import capture_logs

from kiosk.clock import ManualClock
from kiosk.delivery.phone_app import make_phone_app
from kiosk.delivery.phone_server import PhoneServer
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.language import Language, sentence
from kiosk.sending.courier import Courier
from kiosk.sending.line import LineCarrier
from kiosk.sending.line_desk import LineDesk, LineEvent, LineReply
from kiosk.sending.line_webhook import LineAccount, line_webhook, signature_of
from kiosk.sending.types import SendingState, Way
from tests.fake_sending import NOW, ORDER, FakeOrders, MemorySendings, order_to_send
from tests.peers.line import SECRET, TOKEN, LinePeer, line_user
from tests.phone_shop import ZONE, FolderOrders, MemoryDesk, MemoryLinks

USER = line_user(7)
CODE = order_to_send().order_code
TIMEOUT_S = 10


@dataclass
class Wishes:
    """Notes what it hears."""

    known: list[tuple[str, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def line_known(self, order_id: str, line_user: str) -> None:
        self.known.append((order_id, line_user))

    def line_lost(self, line_user: str) -> None:
        self.lost.append(line_user)


class Door(LineDesk):
    """One page for phones for all tests; each has a desk of its own behind it."""

    def __init__(self) -> None:
        self.desk: LineDesk | None = None
        self.carrier: LineCarrier | None = None
        self.is_set_up = True

    def take(self, event: LineEvent) -> LineReply | None:
        assert self.desk is not None
        return self.desk.take(event)

    def reply(self, reply_token: str, text: str) -> None:
        assert self.carrier is not None
        self.carrier.reply(reply_token, text)


@pytest.fixture(scope="module")
def door() -> Iterator[tuple[Door, str]]:
    """It, and the address of its webhook."""
    made, clock, links = Door(), ManualClock(NOW), MemoryLinks()
    shop = FolderOrders.__new__(FolderOrders)  # nobody asks for photos here
    webhook = line_webhook(made, lambda: LineAccount(made, SECRET) if made.is_set_up else None)
    app = make_phone_app(links, shop, MemoryDesk(links, clock), clock, ZONE, [webhook])
    server = PhoneServer(app, "127.0.0.1", 0)
    server.start()
    yield made, f"{server.base_url}/line/webhook"
    server.stop()


class World:
    """A kiosk's webhook, and LINE."""

    def __init__(self, peer: LinePeer, door: Door, url: str) -> None:
        self.peer = peer
        self.door = door
        self.url = url
        self.clock = ManualClock(NOW)
        self.store = MemorySendings()
        self.orders = FakeOrders({ORDER: order_to_send()})
        self.wishes = Wishes()
        self.courier = Courier(
            self.store, self.orders, EventBus(), self.clock, b"secret", ZoneInfo("Asia/Bangkok")
        )
        door.carrier = LineCarrier(peer.url, TOKEN)
        self.courier.use({Way.LINE: door.carrier}, "@photos")
        self.start()

    def start(self) -> None:
        """As after a restart: what was taken is not remembered."""
        self.door.desk = LineDesk(self.orders, self.courier, self.wishes, self.clock)

    def write(self, text: str, user: str = USER, **other: object) -> requests.Response:
        return self.peer.tell(self.url, self.peer.event("message", user, text, **other))

    def chat(self, user: str = USER) -> list[str]:
        """After all that is to be sent has been."""
        self.courier.send_due()
        return self.peer.texts_of(user)


@pytest.fixture
def world(door: tuple[Door, str]) -> Iterator[World]:
    with LinePeer() as peer:
        yield World(peer, *door)


def said(key: str) -> str:
    return "\n\n".join(sentence(language, key) for language in (Language.THAI, Language.ENGLISH))


def wait_for_reply(world: World, count: int = 1) -> list[str]:
    """Replies go out after the webhook was answered."""
    for _ in range(200):
        if len(world.peer.replies) >= count:
            break
        time.sleep(0.02)
    return world.peer.replies


@pytest.mark.parametrize(
    "text", [CODE, CODE.lower(), f"  {CODE}\n", f"Hello, my code is {CODE}, thank you", f"รหัส {CODE} ครับ"]
)
def test_the_code_of_a_paid_order_brings_its_link_into_the_chat(world: World, text: str) -> None:
    assert world.write(text).status_code == 200
    (message,) = world.chat()
    assert "https://photos.test/d/token" in message
    assert world.wishes.known == [(ORDER, USER)]
    (sending,) = world.store.rows.values()
    assert (sending.state, sending.address, sending.shown_to) == (SendingState.SENT, "", "LINE")


def test_an_event_that_comes_twice_is_taken_once_also_after_a_restart(world: World) -> None:
    event = world.peer.event("message", USER, CODE)
    for _ in range(3):
        assert world.peer.tell(world.url, event).status_code == 200
    world.chat()
    world.start()
    world.clock.advance(3600)
    redelivered = {**event, "deliveryContext": {"isRedelivery": True}}
    assert world.peer.tell(world.url, redelivered).status_code == 200
    assert len(world.chat()) == 1


def test_whoever_sends_the_code_once_more_gets_the_link_once_more(world: World) -> None:
    world.write(CODE)
    world.write(CODE)
    assert len(world.chat()) == 2


def test_an_unknown_code_gets_a_friendly_answer(world: World) -> None:
    world.write("K1-9999")
    assert wait_for_reply(world) == [said("line.reply.unknown")]
    assert world.store.rows == {}


def test_photos_that_were_deleted_are_said_to_be(world: World) -> None:
    world.orders.gone[ORDER] = ErrorCode.PHOTOS_DELETED
    world.write(CODE)
    assert wait_for_reply(world) == [said("line.reply.deleted")]


def test_whoever_guesses_has_to_wait_and_nobody_else(world: World) -> None:
    for number in range(10):
        world.write(f"K1-99{number:02d}")
    world.write(CODE)
    assert wait_for_reply(world, 11)[-1] == said("line.reply.slow")
    assert world.store.rows == {}
    world.write(CODE, line_user(8))
    assert len(world.chat(line_user(8))) == 1
    world.clock.advance(601)
    world.write(CODE)
    assert len(world.chat()) == 12


def test_a_new_friend_is_told_what_to_send(world: World) -> None:
    world.peer.tell(world.url, world.peer.event("follow", USER))
    assert wait_for_reply(world) == [said("line.reply.welcome")]


def test_whoever_blocks_the_account_is_forgotten(world: World) -> None:
    world.write(CODE)
    world.peer.tell(world.url, world.peer.event("unfollow", USER))
    (sending,) = world.store.rows.values()
    assert (sending.state, sending.code, sending.address) == (
        SendingState.FAILED,
        ErrorCode.LINE_BLOCKED.value,
        "",
    )
    assert world.wishes.lost == [USER]
    assert world.chat() == []


def test_who_blocked_it_before_the_message_left_is_found_out(world: World) -> None:
    world.write(CODE)
    world.peer.blocked.add(USER)
    assert world.chat() == []
    (sending,) = world.store.rows.values()
    assert sending.code == ErrorCode.LINE_BLOCKED.value


@pytest.mark.parametrize("secret", ["", "another secret"])
def test_what_line_did_not_sign_is_refused_and_changes_nothing(world: World, secret: str) -> None:
    event = world.peer.event("message", USER, CODE)
    assert world.peer.tell(world.url, event, secret=secret).status_code == 403
    assert requests.post(world.url, json={"events": [event]}, timeout=TIMEOUT_S).status_code == 403
    signed = {"X-Line-Signature": signature_of(b'{"events":[]}', SECRET)}
    other = requests.post(world.url, data=json.dumps({"events": [event]}), headers=signed, timeout=TIMEOUT_S)
    assert other.status_code == 403
    assert world.store.rows == {}


def test_the_check_of_the_webhook_s_address_is_answered(world: World) -> None:
    assert world.peer.tell(world.url).status_code == 200


def test_events_that_mean_nothing_here_are_let_go(world: World) -> None:
    group = world.peer.event("message", USER, CODE, source={"type": "group", "groupId": "C1", "userId": USER})
    sticker = world.peer.event("message", USER, message={"type": "sticker", "id": "1"})
    standby = world.peer.event("message", USER, CODE, mode="standby")
    new_kind = world.peer.event("somethingNew", USER, unheard={"of": 1})
    nobody = world.peer.event("follow", USER)
    del nobody["replyToken"]
    answer = world.peer.tell(world.url, group, sticker, standby, new_kind, nobody)
    assert answer.status_code == 200
    assert world.store.rows == {}
    assert world.peer.replies == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"events": 3}', b'{"events": [{"type": "message"}]}'])
def test_signed_nonsense_is_no_crash(world: World, body: bytes) -> None:
    headers = {"X-Line-Signature": signature_of(body, SECRET)}
    assert requests.post(world.url, data=body, headers=headers, timeout=TIMEOUT_S).status_code == 400


def test_a_flood_is_cut_off(world: World) -> None:
    body = b"x" * 300_000
    headers = {"X-Line-Signature": signature_of(body, SECRET)}
    assert requests.post(world.url, data=body, headers=headers, timeout=TIMEOUT_S).status_code == 413


def test_an_event_that_could_not_be_stored_is_taken_when_it_comes_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_sending: object) -> bool:
        raise KnownError(ErrorCode.DISK_FULL, "full")

    event = world.peer.event("message", USER, CODE)
    with monkeypatch.context() as broken:
        broken.setattr(world.store, "add", full)
        assert world.peer.tell(world.url, event).status_code == 503
    assert world.peer.tell(world.url, event).status_code == 200
    assert len(world.chat()) == 1


def test_nobody_s_id_or_words_stand_in_the_log(world: World) -> None:
    with capture_logs() as logs:
        world.write("K1-9999 my name is Somchai")
        world.peer.answers.append((500, ""))
        world.write(CODE)
        world.peer.tell(world.url, world.peer.event("message", USER, "x"), secret="wrong")
        world.chat()
    assert {line["event"] for line in logs} >= {"webhook_refused", "not_sent"}
    for secret in (USER, "Somchai", TOKEN, SECRET):
        assert secret not in repr(logs)
