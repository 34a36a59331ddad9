"""The courier's policy, line by line."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.sending.courier import MOST_OF_AN_ORDER, Courier
from kiosk.sending.types import Purpose, Sending, SendingsChanged, SendingState, Way
from tests.fake_sending import NOW, ORDER, FakeCarrier, FakeOrders, MemorySendings, order_to_send

TO = "somchai@example.com"
USER = "U" + "a" * 32
MINUTE_S = 60.0
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


@dataclass
class World:
    """A courier over a store in memory, with both ways."""

    store: MemorySendings = field(default_factory=MemorySendings)
    orders: FakeOrders = field(default_factory=lambda: FakeOrders({ORDER: order_to_send()}))
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    mail: FakeCarrier = field(default_factory=FakeCarrier)
    line: FakeCarrier = field(default_factory=FakeCarrier)
    changed: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        bus = EventBus()
        bus.subscribe(SendingsChanged, lambda event: self.changed.update([event.order_id]))
        zone = ZoneInfo("Asia/Bangkok")
        self.courier = Courier(self.store, self.orders, bus, self.clock, b"secret", zone)
        self.courier.use({Way.MAIL: self.mail, Way.LINE: self.line}, "@photos")

    def ask(self, to: str = TO, way: Way = Way.MAIL, intent: str = "") -> Sending:
        return self.courier.ask(ORDER, way, to, intent)

    def now(self, sending: Sending) -> Sending:
        return self.store.get(sending.sending_id)

    def wait_s(self, sending: Sending) -> float:
        """Until it is tried again."""
        return (self.now(sending).due_at - self.clock.now()).total_seconds()

    def go_on(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.courier.send_due()

    def go_on_until_due(self, sending: Sending) -> None:
        self.go_on(self.wait_s(sending))


@pytest.fixture
def world() -> World:
    return World()


def test_a_message_is_on_disk_before_anything_is_sent(world: World) -> None:
    asked = world.ask()
    assert (asked.state, asked.shown_to, asked.attempts) == (SendingState.WAITING, "s…@example.com", 0)
    assert world.mail.tries == 0
    assert world.now(asked).address == TO
    world.courier.send_due()
    assert world.now(asked).state is SendingState.SENT


def test_the_attempt_is_counted_and_the_next_set_before_it_is_made(world: World) -> None:
    asked = world.ask()

    class Dies(FakeCarrier):
        def send(self, message: object) -> None:
            there = world.now(asked)
            assert (there.attempts, world.wait_s(asked)) == (1, 120.0)
            raise SystemExit

    world.courier.use({Way.MAIL: Dies()})
    with pytest.raises(SystemExit):
        world.courier.send_due()
    world.courier.use({Way.MAIL: world.mail})
    world.go_on(119)
    assert world.mail.tries == 0
    world.go_on(2)
    assert world.now(asked).state is SendingState.SENT


@pytest.mark.parametrize(
    ("way", "code"), [(Way.MAIL, ErrorCode.MAIL_UNREACHABLE), (Way.LINE, ErrorCode.LINE_UNREACHABLE)]
)
def test_off_line_it_waits_5_s_doubling_to_15_min_with_jitter(
    world: World, way: Way, code: ErrorCode
) -> None:
    carrier = world.mail if way is Way.MAIL else world.line
    carrier.always = code
    asked = world.ask(TO if way is Way.MAIL else USER, way)
    world.courier.send_due()
    for attempt in range(1, 100):
        full_s = min(15 * MINUTE_S, 5.0 * 2 ** (attempt - 1))
        assert full_s / 2 <= world.wait_s(asked) <= full_s
        there = world.now(asked)
        assert (there.attempts, there.state, there.code) == (attempt, SendingState.WAITING, code.value)
        assert there.address
        world.go_on_until_due(asked)
    carrier.always = None
    world.go_on_until_due(asked)
    assert world.now(asked).state is SendingState.SENT
    assert len(carrier.sent) == 1


def test_off_line_what_else_is_due_by_that_way_waits_untried(world: World) -> None:
    world.mail.always = ErrorCode.MAIL_UNREACHABLE
    mails = [world.ask(f"{number}@example.com") for number in range(10)]
    line = world.ask(USER, Way.LINE)
    world.courier.send_due()
    assert world.mail.tries == 1
    assert {world.now(each).code for each in mails} == {ErrorCode.MAIL_UNREACHABLE.value}
    assert sum(world.now(each).attempts for each in mails) == 1
    assert world.now(line).state is SendingState.SENT


def test_the_first_that_gets_through_makes_all_of_its_way_due(world: World) -> None:
    world.mail.always = ErrorCode.MAIL_UNREACHABLE
    mails = [world.ask(f"{number}@example.com") for number in range(10)]
    for _ in range(40):
        world.go_on(10 * MINUTE_S)
    world.mail.always = None
    first = min(mails, key=lambda each: world.now(each).due_at)
    world.go_on_until_due(first)
    world.go_on(0)
    assert {world.now(each).state for each in mails} == {SendingState.SENT}


def test_off_line_it_is_given_up_after_14_days(world: World) -> None:
    world.mail.always = ErrorCode.MAIL_UNREACHABLE
    asked = world.ask()
    while world.now(asked).state is SendingState.WAITING:
        world.go_on_until_due(asked)
    waited = world.clock.now() - asked.created_at
    assert timedelta(days=14) <= waited < timedelta(days=14, minutes=16)
    assert world.now(asked).state is SendingState.FAILED


@pytest.mark.parametrize(
    "code", [ErrorCode.MAIL_LOGIN_REFUSED, ErrorCode.MAIL_NOT_CONFIGURED, ErrorCode.LINE_TOKEN_REFUSED]
)
def test_a_wrong_login_is_no_message_s_fault(world: World, code: ErrorCode) -> None:
    world.mail.always = code
    mails = [world.ask(f"{number}@example.com") for number in range(3)]
    world.go_on(0)
    assert world.mail.tries == 1
    for _ in range(100):
        world.go_on(HOUR_S)
    assert {world.now(each).state for each in mails} == {SendingState.WAITING}
    assert {world.now(each).code for each in mails} == {code.value}
    world.courier.use({Way.MAIL: FakeCarrier()})
    world.go_on(0)
    assert {world.now(each).state for each in mails} == {SendingState.SENT}


def test_a_way_that_is_taken_away_keeps_its_messages_until_it_is_back(world: World) -> None:
    asked = world.ask()
    world.courier.use({})
    world.go_on(0)
    assert world.now(asked).code == ErrorCode.MAIL_NOT_CONFIGURED.value
    with pytest.raises(KnownError) as error:
        world.ask("other@example.com")
    assert error.value.code is ErrorCode.MAIL_NOT_CONFIGURED
    world.courier.use({Way.MAIL: world.mail})
    world.go_on(0)
    assert world.now(asked).state is SendingState.SENT


def test_a_full_mailbox_is_tried_5_min_doubling_to_4_h_and_holds_up_nobody(world: World) -> None:
    world.mail.errors.append(ErrorCode.MAIL_LATER)
    full = world.ask()
    other = world.ask("other@example.com")
    world.store.rows[other.sending_id] = other
    world.courier.send_due()
    assert {world.now(each).state for each in (full, other)} == {SendingState.WAITING, SendingState.SENT}
    waiting = next(each for each in (full, other) if world.now(each).state is SendingState.WAITING)
    world.mail.always = ErrorCode.MAIL_LATER
    for attempt in range(1, 9):
        full_s = min(4 * HOUR_S, 5 * MINUTE_S * 2 ** (attempt - 1))
        assert full_s / 2 <= world.wait_s(waiting) <= full_s
        world.go_on_until_due(waiting)
    world.mail.always = None
    world.go_on_until_due(waiting)
    assert world.now(waiting).state is SendingState.SENT
    assert len(world.mail.sent) == 2


def test_a_mailbox_that_stays_full_is_given_up_after_2_days(world: World) -> None:
    world.mail.always = ErrorCode.MAIL_LATER
    asked = world.ask()
    while world.now(asked).state is SendingState.WAITING:
        world.go_on_until_due(asked)
    waited = world.clock.now() - asked.created_at
    assert timedelta(days=2) <= waited <= timedelta(days=2, hours=4)
    there = world.now(asked)
    assert (there.state, there.code) == (SendingState.FAILED, ErrorCode.MAIL_LATER.value)


@pytest.mark.parametrize(
    "code",
    [
        ErrorCode.MAIL_ADDRESS_INVALID,
        ErrorCode.MAIL_REFUSED,
        ErrorCode.LINE_BLOCKED,
        ErrorCode.LINE_REFUSED,
    ],
)
def test_what_is_for_good_is_for_staff_who_try_again_or_cancel(world: World, code: ErrorCode) -> None:
    world.mail.errors.extend([code, code])
    asked, other = world.ask(), world.ask("other@example.com")
    world.courier.send_due()
    there = world.now(asked)
    assert (there.state, there.code, there.address) == (SendingState.FAILED, code.value, TO)
    world.go_on(DAY_S)
    assert world.mail.tries == 2
    assert world.courier.retry(asked.sending_id).state is SendingState.WAITING
    world.courier.send_due()
    assert world.now(asked).state is SendingState.SENT
    world.courier.cancel(other.sending_id)
    assert (world.now(other).state, world.now(other).address) == (SendingState.CANCELLED, "")


@pytest.mark.parametrize("code", [ErrorCode.ORDER_UNKNOWN, ErrorCode.PHOTOS_DELETED])
def test_an_order_that_is_gone_is_not_sent_any_more(world: World, code: ErrorCode) -> None:
    asked = world.ask()
    world.orders.gone[ORDER] = code
    world.courier.send_due()
    there = world.now(asked)
    assert (there.state, there.address, world.mail.tries) == (SendingState.CANCELLED, "", 0)
    with pytest.raises(KnownError) as error:
        world.ask("other@example.com")
    assert error.value.code is code


def test_the_address_goes_when_it_is_over_and_after_7_days_of_failure(world: World) -> None:
    sent = world.ask()
    world.courier.send_due()
    assert world.now(sent).address == ""
    assert world.now(sent).shown_to == "s…@example.com"
    world.mail.always = ErrorCode.MAIL_REFUSED
    failed = world.ask("other@example.com")
    world.courier.send_due()
    world.go_on(7 * DAY_S)
    assert world.now(failed).address
    world.go_on(2 * HOUR_S)
    assert world.now(failed).address == ""
    with pytest.raises(KnownError) as error:
        world.courier.retry(failed.sending_id)
    assert error.value.code is ErrorCode.SENDING_UNKNOWN


def test_one_intent_is_one_message_however_often_it_is_asked(world: World) -> None:
    first = world.ask()
    assert world.ask().sending_id == world.ask(" Somchai@EXAMPLE.com").sending_id == first.sending_id
    world.courier.send_due()
    world.go_on(119)
    assert world.ask().state is SendingState.SENT
    assert len(world.mail.sent) == 1


def test_whoever_asks_again_later_is_sent_another(world: World) -> None:
    first = world.ask()
    world.courier.send_due()
    world.clock.advance(121)
    second = world.ask()
    assert second.sending_id != first.sending_id
    world.courier.send_due()
    assert len(world.mail.sent) == 2
    assert len({message.message_id for message in world.mail.sent}) == 2


def test_an_order_is_sent_20_times_at_most(world: World) -> None:
    for number in range(MOST_OF_AN_ORDER):
        world.ask(f"{number}@example.com")
        world.courier.send_due()
    with pytest.raises(KnownError) as error:
        world.ask()
    assert error.value.code is ErrorCode.MAIL_REFUSED
    assert len(world.courier.of_order(ORDER)) == MOST_OF_AN_ORDER
    for _ in range(3):
        world.clock.advance(HOUR_S)
        with pytest.raises(KnownError):
            world.ask("0@example.com")


def test_of_a_named_intent_there_is_never_a_second(world: World) -> None:
    first = world.ask(USER, Way.LINE, "event-1")
    world.courier.send_due()
    world.clock.advance(DAY_S)
    assert world.ask(USER, Way.LINE, "event-1").sending_id == first.sending_id
    assert world.ask(USER, Way.LINE, "event-2").sending_id != first.sending_id
    world.courier.send_due()
    assert len(world.line.sent) == 2


def test_the_same_message_has_the_same_id_at_each_attempt(world: World) -> None:
    ids: list[str] = []

    class Notes(FakeCarrier):
        def send(self, message: object) -> None:
            ids.append(message.message_id)  # type: ignore[attr-defined]
            raise KnownError(ErrorCode.MAIL_UNREACHABLE, "away")

    world.courier.use({Way.MAIL: Notes()})
    asked = world.ask()
    for _ in range(3):
        world.go_on_until_due(asked)
    assert ids == [asked.sending_id] * 3


def test_ids_tell_nobody_an_address(world: World) -> None:
    zone = ZoneInfo("Asia/Bangkok")
    other = Courier(MemorySendings(), world.orders, EventBus(), world.clock, b"another secret", zone)
    other.use({Way.MAIL: world.mail})
    assert other.ask(ORDER, Way.MAIL, TO).sending_id != world.ask().sending_id
    assert TO not in repr(world.ask())


def test_cancelled_while_it_is_on_its_way_it_stays_cancelled(world: World) -> None:
    asked = world.ask()

    class Cancels(FakeCarrier):
        def send(self, message: object) -> None:
            world.courier.cancel(asked.sending_id)

    world.courier.use({Way.MAIL: Cancels()})
    world.courier.send_due()
    there = world.now(asked)
    assert (there.state, there.address) == (SendingState.CANCELLED, "")
    world.courier.cancel(asked.sending_id)


def test_again_tries_at_once_what_is_not_out_yet(world: World) -> None:
    world.mail.errors.extend([ErrorCode.MAIL_REFUSED, ErrorCode.MAIL_LATER])
    world.ask()
    world.ask("other@example.com")
    world.courier.send_due()
    assert {each.state for each in world.courier.again(ORDER)} == {SendingState.WAITING}
    world.courier.send_due()
    assert {each.state for each in world.courier.of_order(ORDER)} == {SendingState.SENT}
    with pytest.raises(KnownError) as error:
        world.courier.again(ORDER)
    assert error.value.code is ErrorCode.SENDING_UNKNOWN
    assert error.value.next_step


def test_a_line_user_who_blocked_the_account_is_forgotten(world: World) -> None:
    world.line.errors.append(ErrorCode.LINE_REFUSED)
    failed = world.ask(USER, Way.LINE)
    world.courier.send_due()
    theirs, other = world.ask(USER, Way.LINE), world.ask("U" + "b" * 32, Way.LINE)
    world.courier.give_up_on(USER)
    assert world.now(failed).address == ""
    there = world.now(theirs)
    assert (there.state, there.code, there.address) == (
        SendingState.FAILED,
        ErrorCode.LINE_BLOCKED.value,
        "",
    )
    assert world.now(other).state is SendingState.WAITING


def test_a_wrong_address_is_refused_before_anything_is_stored(world: World) -> None:
    for way, wrong in ((Way.MAIL, "somchai"), (Way.LINE, TO)):
        with pytest.raises(KnownError) as error:
            world.ask(wrong, way)
        assert error.value.code in (ErrorCode.MAIL_ADDRESS_INVALID, ErrorCode.LINE_REFUSED)
    assert world.store.rows == {}


def test_the_screens_hear_of_every_change(world: World) -> None:
    world.mail.errors.append(ErrorCode.MAIL_UNREACHABLE)
    asked = world.ask()
    world.courier.send_due()
    world.go_on_until_due(asked)
    assert world.changed[ORDER] == 3


def test_what_a_message_says_in_the_order_s_language(world: World) -> None:
    world.ask()
    world.courier.send_due()
    (english,) = world.mail.sent
    assert english.subject == "Your photos: Riverside Run"
    assert "https://photos.test/d/token" in english.text
    assert "20 Dec 2026" in english.text
    assert "https://photos.test/r/receipt" not in english.text
    assert 'href="https://photos.test/d/token"' in english.html
    thai = order_to_send(language=Language.THAI, event_name="งานวิ่งริมน้ำ <2569>")
    world.orders.orders[ORDER] = thai
    world.ask(USER, Way.LINE)
    world.ask("other@example.com")
    world.courier.send_due()
    (chat,) = world.line.sent
    assert "20 ธ.ค. 2569" in chat.text
    assert chat.html == ""
    assert "&lt;2569&gt;" in world.mail.sent[1].html


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("http://192.168.1.20:8377/d/t", True),
        ("http://kiosk.local/d/t", True),
        ("https://photos.example/d/t", False),
        ("https://203.0.114.9/d/t", False),
    ],
)
def test_a_link_that_opens_in_the_local_network_only_says_so(world: World, url: str, is_local: bool) -> None:
    world.orders.orders[ORDER] = order_to_send(link_url=url)
    world.ask()
    world.courier.send_due()
    assert ("Wi-Fi" in world.mail.sent[0].text) is is_local


def test_news_tell_how_many_and_how_to_stop_them(world: World) -> None:
    for number, count in ((1, 3), (2, 1)):
        world.store.add(
            Sending(
                sending_id=f"{number:032x}",
                order_id=ORDER,
                order_code="K1-0001",
                way=Way.MAIL,
                purpose=Purpose.NEW_PHOTOS,
                language=Language.ENGLISH,
                state=SendingState.WAITING,
                created_at=NOW,
                due_at=NOW,
                address=TO,
                photo_count=count,
            )
        )
    world.courier.send_due()
    many, one = world.mail.sent
    assert many.subject == "New photos of you: Riverside Run"
    assert "There are 3 new photos" in many.text
    assert "There is a new photo" in one.text
    assert "https://photos.test/r/receipt" in many.text
    assert "https://photos.test/r/receipt" in many.html


def test_the_worker_sends_what_is_asked_and_ends_when_it_is_told(world: World) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=world.courier.run, args=(stop,))
    worker.start()
    asked = world.ask()
    for _ in range(100):
        if world.now(asked).state is SendingState.SENT:
            break
        stop.wait(0.05)
    stop.set()
    world.courier.wake()
    worker.join(5)
    assert not worker.is_alive()
    assert world.now(asked).state is SendingState.SENT


def test_the_qr_for_line_is_there_where_line_is(world: World) -> None:
    assert world.courier.line_entry_url("K1-0001") == "https://line.me/R/oaMessage/%40photos/?K1-0001"
    world.courier.use({Way.MAIL: world.mail}, "@photos")
    assert world.courier.line_entry_url("K1-0001") is None
    assert world.courier.ways() == {Way.MAIL}
