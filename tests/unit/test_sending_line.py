"""Messages by LINE: each taken once, and what its API answers has a name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.sending.line import LineCarrier, line_entry_url
from kiosk.sending.types import Message
from tests.peers.line import TOKEN, LinePeer, line_user

USER = line_user(7)


def message(number: int = 1, text: str = "รูปพร้อมแล้ว") -> Message:
    return Message(f"{number:032x}", USER, Language.THAI, "", text)


@pytest.fixture
def peer() -> Iterator[LinePeer]:
    with LinePeer() as running:
        yield running


@pytest.fixture
def carrier(peer: LinePeer) -> LineCarrier:
    return LineCarrier(peer.url, TOKEN)


def refused(carrier: LineCarrier) -> KnownError:
    with pytest.raises(KnownError) as error:
        carrier.send(message())
    said = f"{error.value} {error.value.detail} {error.value.next_step}"
    assert USER not in said
    assert TOKEN not in said
    assert error.value.next_step
    return error.value


def test_a_message_is_taken_once_however_often_it_is_sent(peer: LinePeer, carrier: LineCarrier) -> None:
    for _ in range(3):
        carrier.send(message())
    carrier.send(message(2, "another"))
    assert peer.texts_of(USER) == ["รูปพร้อมแล้ว", "another"]


def test_one_whose_answer_was_lost_is_not_sent_twice(peer: LinePeer, carrier: LineCarrier) -> None:
    peer.answers.append(LinePeer.DROPS)
    assert refused(carrier).code is ErrorCode.LINE_UNREACHABLE
    carrier.send(message())
    assert peer.texts_of(USER) == ["รูปพร้อมแล้ว"]


def test_a_user_who_blocked_the_account_is_found_out_before_anything_is_sent(
    peer: LinePeer, carrier: LineCarrier
) -> None:
    peer.blocked.add(USER)
    assert refused(carrier).code is ErrorCode.LINE_BLOCKED
    assert not any("push" in asked for asked in peer.asked)


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (400, "The property, 'to', in the request body is invalid", ErrorCode.LINE_REFUSED),
        (403, "Access to this API is not available for your account", ErrorCode.LINE_TOKEN_REFUSED),
        (429, "The API rate limit has been exceeded. Try again later.", ErrorCode.LINE_UNREACHABLE),
        (429, "You have reached your monthly limit.", ErrorCode.LINE_REFUSED),
        (500, "Internal Server Error", ErrorCode.LINE_UNREACHABLE),
        (503, "", ErrorCode.LINE_UNREACHABLE),
        (302, "", ErrorCode.LINE_UNREACHABLE),
    ],
)
def test_what_the_api_answers_has_a_name(
    peer: LinePeer, carrier: LineCarrier, status: int, said: str, code: ErrorCode
) -> None:
    peer.answers.append((status, said))
    assert refused(carrier).code is code
    assert peer.delivered == []


def test_a_token_that_is_refused_is_told_apart(peer: LinePeer, carrier: LineCarrier) -> None:
    carrier.check()
    peer.token = "another"
    with pytest.raises(KnownError) as error:
        carrier.check()
    assert error.value.code is ErrorCode.LINE_TOKEN_REFUSED
    assert refused(carrier).code is ErrorCode.LINE_TOKEN_REFUSED


def test_nobody_there_is_unreachable() -> None:
    with LinePeer() as peer:
        gone = LineCarrier(peer.url, TOKEN)
    assert refused(gone).code is ErrorCode.LINE_UNREACHABLE


def test_a_reply_answers_once(peer: LinePeer, carrier: LineCarrier) -> None:
    token = peer.event("message", USER, "hello")["replyToken"]
    carrier.reply(token, "hello yourself")
    with pytest.raises(KnownError) as error:
        carrier.reply(token, "again")
    assert error.value.code is ErrorCode.LINE_REFUSED
    assert peer.replies == ["hello yourself"]


def test_a_token_does_not_go_to_another_machine_in_the_clear() -> None:
    with pytest.raises(KnownError) as error:
        LineCarrier("http://api.line.test", TOKEN)
    assert error.value.code is ErrorCode.SETTING_INVALID


def test_the_qr_opens_a_chat_with_the_code_in_it() -> None:
    assert line_entry_url("@photos", "K1-4Q2M") == "https://line.me/R/oaMessage/%40photos/?K1-4Q2M"
