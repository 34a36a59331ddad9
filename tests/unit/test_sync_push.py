"""The outbox goes up in order: what was answered is told, what was refused parked, the rest stays first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.database.consents import SqlConsentRepository
from kiosk.database.deletions import ask_centre_to_forget
from kiosk.database.sync_state import SqlOutbox
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.sales.types import Voucher, VoucherKind
from kiosk.session.types import ConsentRecord
from kiosk.sync.push import MESSAGES_PATH, Pusher, Troubles
from kiosk.sync.records import DeletionRecord, HealthRecord, Kind
from tests.scripted_peer import Asked, Say, ScriptedPeer, say_error, say_html, say_json
from tests.sync_kiosk import MADE_AT, SyncKiosk, make_event, make_order, make_payment


class Taker:
    """A centre's inbox over real HTTP."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self.taken: list[str] = []
        self.batches: list[list[str]] = []
        self.peer = ScriptedPeer({MESSAGES_PATH: self.answer})

    def answer(self, asked: Asked) -> Say:
        answers = []
        self.batches.append([])
        for message in asked.json["messages"]:
            code = self.refused.get(message["message_id"])
            self.batches[-1].append(message["message_id"])
            if code is None:
                self.taken.append(message["message_id"])
            answers.append({"message_id": message["message_id"], "is_taken": code is None, "code": code})
        return say_json({"answers": answers})


@pytest.fixture
def taker() -> Iterator[Taker]:
    one = Taker()
    with one.peer:
        yield one


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def kiosk(taker: Taker, tmp_path: Path, clock: ManualClock) -> Iterator[SyncKiosk]:
    one = SyncKiosk(tmp_path, taker.peer.url, "key of the device", clock)
    one.enrolment.enrol("tenant", "K1")
    yield one
    one.close()


def order_some(kiosk: SyncKiosk, count: int) -> None:
    for number in range(count):
        order_one(kiosk, number)


def order_one(kiosk: SyncKiosk, number: int) -> None:
    order = make_order(kiosk.kiosk_id, number)
    kiosk.orders.open_order(order, make_payment(order))


def waiting(kiosk: SyncKiosk) -> list[str]:
    return [each.message.message_id for each in kiosk.outbox.waiting(1000)]


def push(kiosk: SyncKiosk) -> int:
    return Pusher(kiosk.door.client(), kiosk.outbox).push()


def test_messages_go_up_in_their_order_a_hundred_a_call(taker: Taker, kiosk: SyncKiosk) -> None:
    order_some(kiosk, 130)
    before = waiting(kiosk)
    assert push(kiosk) == 130
    assert taker.taken == before
    assert [len(batch) for batch in taker.batches] == [100, 30]
    assert kiosk.outbox.counts() == (0, 0)


def test_a_message_that_is_refused_is_parked_with_its_reason_and_the_others_go_on(
    taker: Taker, kiosk: SyncKiosk
) -> None:
    order_some(kiosk, 3)
    before = waiting(kiosk)
    taker.refused[before[1]] = "E-101"
    assert push(kiosk) == 3
    assert kiosk.outbox.counts() == (0, 1)
    parked = kiosk.outbox.parked()
    assert [(each.message_id, each.code, each.attempts) for each in parked] == [(before[1], "E-101", 1)]
    assert [(n.code, n.subject) for n in kiosk.notices.open_notices()] == [
        (ErrorCode.MESSAGE_REFUSED, before[1])
    ]
    assert kiosk.outbox.retry(before[1])
    assert not kiosk.outbox.retry(before[0])
    assert push(kiosk) == 1  # under a fresh id: a centre answers the old one as before
    assert kiosk.outbox.counts() == (0, 0)
    assert kiosk.notices.open_notices() == []


def test_a_reason_of_any_length_parks_a_message(kiosk: SyncKiosk) -> None:
    order_some(kiosk, 1)
    (refused,) = waiting(kiosk)
    kiosk.outbox.taken([], {refused: KnownError(ErrorCode.RECORD_INVALID, "because\x00 " * 100)})
    assert kiosk.outbox.counts() == (0, 1)
    (notice,) = kiosk.notices.open_notices()
    assert notice.detail.startswith("The centre refused a message (")


def test_a_kiosk_that_enrols_anew_tells_again_what_it_did_to_the_orders_of_others(kiosk: SyncKiosk) -> None:
    order_some(kiosk, 1)
    order = make_order("another", 2)
    kiosk.orders.open_order(order, make_payment(order))
    forgotten = DeletionRecord(
        deletion_id="d1",
        requested_at=MADE_AT,
        requested_by="visitor",
        event_id=None,
        photo_ids=(),
        faces=(),
        order_id=order.order_id,
        consent_id=None,
        person_id=None,
    )
    with kiosk.database.writing() as session:
        ask_centre_to_forget(session, forgotten, kiosk.kiosk_id, MADE_AT)
    before = waiting(kiosk)
    kiosk.outbox.taken(before[1:], {})  # a centre that was put back does not know of it any more
    kiosk.enrolment.enrol("tenant", "K1")
    told = [each.message for each in kiosk.outbox.waiting(9)]
    assert [each.kind for each in told] == [Kind.ORDER, Kind.ORDER, Kind.DELETION]
    assert [each.message_id for each in told[1:]] == before[1:]
    assert told[0].message_id != before[0]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (say_html(), ErrorCode.NETWORK_LOGIN_PAGE),
        (say_error("N-103", 503), ErrorCode.CENTRE_FAILED),
        (say_error("N-106", 409), ErrorCode.CENTRE_NEWER),
        (say_json({"answers": []}), ErrorCode.CENTRE_NONSENSE),
        (say_json({"fine": True}), ErrorCode.CENTRE_NONSENSE),
        (say_json({"answers": [{"message_id": "another", "is_taken": True}]}), ErrorCode.CENTRE_NONSENSE),
    ],
)
def test_what_is_no_answer_never_counts_as_one(
    taker: Taker, kiosk: SyncKiosk, said: Say, code: ErrorCode
) -> None:
    order_some(kiosk, 1)
    before = waiting(kiosk)
    taker.peer.script[MESSAGES_PATH] = said
    with pytest.raises(KnownError) as caught:
        push(kiosk)
    assert caught.value.code is code
    assert waiting(kiosk) == before
    taker.peer.script[MESSAGES_PATH] = taker.answer
    push(kiosk)
    assert taker.taken == before


def test_an_answer_that_was_lost_makes_the_same_message_be_told_again(taker: Taker, kiosk: SyncKiosk) -> None:
    order_some(kiosk, 2)
    before = waiting(kiosk)

    def lose(asked: Asked) -> Say:
        said = taker.answer(asked)
        return Say(200, said.body, said.headers, cut_at=5)

    taker.peer.script[MESSAGES_PATH] = lose
    with pytest.raises(KnownError) as caught:
        push(kiosk)
    assert caught.value.code is ErrorCode.CENTRE_FAILED
    taker.peer.script[MESSAGES_PATH] = taker.answer
    push(kiosk)
    assert taker.batches == [before, before]


def test_one_message_that_the_centre_cannot_read_keeps_none_of_the_others_back(
    taker: Taker, kiosk: SyncKiosk
) -> None:
    order_some(kiosk, 3)
    before = waiting(kiosk)

    def chokes(asked: Asked) -> Say:
        if before[1] in [message["message_id"] for message in asked.json["messages"]]:
            return say_error("N-123", 422)
        return taker.answer(asked)

    taker.peer.script[MESSAGES_PATH] = chokes
    assert push(kiosk) == 3
    assert taker.taken == [before[0], before[2]]
    assert [each.message_id for each in kiosk.outbox.parked()] == [before[1]]


def test_one_message_that_the_centre_fails_at_every_time_is_parked_and_the_others_go_on(
    taker: Taker, kiosk: SyncKiosk
) -> None:
    order_some(kiosk, 3)
    before = waiting(kiosk)
    troubles = Troubles()

    def chokes(asked: Asked) -> Say:
        if before[0] in [message["message_id"] for message in asked.json["messages"]]:
            return say_error("N-103", 503)
        return taker.answer(asked)

    def fail_to_push() -> None:
        with pytest.raises(KnownError) as caught:
            Pusher(kiosk.door.client(), kiosk.outbox, troubles).push()
        assert caught.value.code is ErrorCode.CENTRE_FAILED

    taker.peer.script[MESSAGES_PATH] = chokes
    for _ in range(3):
        fail_to_push()
    assert taker.taken == []
    fail_to_push()
    assert taker.taken == before[1:]
    assert kiosk.outbox.counts() == (1, 0)
    fail_to_push()  # alone, and nobody with it: that says nothing of the message
    order_one(kiosk, 3)
    fail_to_push()
    order_one(kiosk, 4)
    Pusher(kiosk.door.client(), kiosk.outbox, troubles).push()
    assert [each.message_id for each in kiosk.outbox.parked()] == [before[0]]
    assert kiosk.codes() == [ErrorCode.MESSAGE_REFUSED]
    assert kiosk.outbox.counts() == (0, 1)


@pytest.mark.parametrize("has_proxy", [True, False])
def test_messages_that_no_centre_looked_at_are_never_parked(
    taker: Taker, kiosk: SyncKiosk, has_proxy: bool
) -> None:
    """A proxy says that there is no centre; or the centre takes the first one and is gone each time."""
    order_some(kiosk, 3)
    troubles = Troubles()
    [first, *_] = before = waiting(kiosk)
    lives: list[bool] = []

    def flaps(asked: Asked) -> Say:
        told = [message["message_id"] for message in asked.json["messages"]]
        if has_proxy:
            return say_html(502) if first in told else taker.answer(asked)
        return taker.answer(asked) if len(told) == 1 and lives.pop() else say_error("N-103", 503)

    taker.peer.script[MESSAGES_PATH] = flaps
    for number in range(8):
        order_one(kiosk, 10 + number)
        lives[:] = [*[False] * 99, True]
        with pytest.raises(KnownError):
            Pusher(kiosk.door.client(), kiosk.outbox, troubles).push()
    assert len(taker.taken) >= len(before) - 1
    assert kiosk.outbox.parked() == []


def test_a_centre_that_fails_for_everything_parks_nothing(taker: Taker, kiosk: SyncKiosk) -> None:
    order_some(kiosk, 3)
    before = waiting(kiosk)
    troubles = Troubles()
    taker.peer.script[MESSAGES_PATH] = say_error("N-103", 503)
    for _ in range(20):
        with pytest.raises(KnownError):
            Pusher(kiosk.door.client(), kiosk.outbox, troubles).push()
    assert waiting(kiosk) == before
    taker.peer.script[MESSAGES_PATH] = taker.answer
    Pusher(kiosk.door.client(), kiosk.outbox, troubles).push()
    assert taker.taken == before
    assert kiosk.outbox.counts() == (0, 0)


def test_of_the_word_how_a_kiosk_is_only_the_newest_waits(kiosk: SyncKiosk) -> None:
    for waits in range(3):
        kiosk.outbox.add_health(HealthRecord(at=MADE_AT, version="1", facts={"waiting": waits}))
    told = [each.message for each in kiosk.outbox.waiting(9)]
    assert [(message.kind, message.record["facts"]) for message in told] == [(Kind.HEALTH, {"waiting": 2})]


def test_enrolling_tells_all_that_is_held_in_place_of_what_waited(tmp_path: Path, clock: ManualClock) -> None:
    kiosk = SyncKiosk(tmp_path, "http://127.0.0.1:9", "key", clock)
    kiosk.photos.add_event(make_event("run"))
    order_some(kiosk, 2)
    SqlVoucherRepository(kiosk.database, clock).add_voucher(
        Voucher("WELCOME", VoucherKind.FREE, 0, None, None, None, use_limit=1)
    )
    consents = SqlConsentRepository(kiosk.database)
    consents.add_consent(ConsentRecord("c1", "run", "4", Language.THAI, MADE_AT))
    consents.set_withdrawn("c1", MADE_AT)
    kiosk.photos.add_not_me("run", "p1", 0, MADE_AT)
    before = waiting(kiosk)
    kiosk.enrolment.enrol("tenant", "K7")
    told = [each.message for each in kiosk.outbox.waiting(99)]
    assert [message.kind for message in told] == [
        Kind.EVENT,
        Kind.VOUCHER,
        Kind.ORDER,
        Kind.ORDER,
        Kind.CONSENT,
        Kind.FEEDBACK,
    ]
    assert not {message.message_id for message in told}.intersection(before)
    assert told[1].record["home_kiosk_id"] == kiosk.kiosk_id
    assert told[2].record["kiosk_id"] == kiosk.kiosk_id
    assert told[4].record["withdrawn_at"] is not None
    enrolled = kiosk.enrolment.enrolled()
    assert enrolled is not None
    assert (enrolled.tenant, enrolled.code_prefix) == ("tenant", "K7")
    kiosk.close()


def test_vouchers_of_the_centre_stay_the_centres_when_a_kiosk_is_enrolled_anew(kiosk: SyncKiosk) -> None:
    SqlVoucherRepository(kiosk.database).add_voucher(
        Voucher("CENTRAL", VoucherKind.FREE, 0, None, None, None, use_limit=1)
    )
    kiosk.enrolment.enrol("tenant", "K1")
    voucher = SqlVoucherRepository(kiosk.database).voucher("CENTRAL")
    assert voucher is not None
    assert voucher.home_kiosk_id is None


def test_what_was_told_is_kept_for_a_week_and_what_nobody_wants_for_thirty_days(
    taker: Taker, kiosk: SyncKiosk, clock: ManualClock, tmp_path: Path
) -> None:
    order_some(kiosk, 2)
    push(kiosk)
    clock.advance(timedelta(days=6).total_seconds())
    assert kiosk.enrolment.prune() == 0
    clock.advance(timedelta(days=2).total_seconds())
    assert kiosk.enrolment.prune() == 2
    alone = SyncKiosk(tmp_path / "alone", taker.peer.url, clock=clock)
    order = make_order(alone.kiosk_id, 1)
    alone.orders.open_order(order, make_payment(order))
    later = ManualClock(MADE_AT + timedelta(days=31))
    assert len(SqlOutbox(alone.database).waiting(9)) == 1
    alone.enrolment._clock = later
    assert alone.enrolment.prune() == 1
    alone.close()
