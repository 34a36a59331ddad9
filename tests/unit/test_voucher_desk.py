"""Uses that are to be given back keep nobody waiting, and what the rule refuses staff hear of."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.types import Voucher, VoucherKind
from kiosk.sync import voucher_desk
from kiosk.sync.voucher_desk import VoucherDesk

VOUCHER = Voucher("ONCE", VoucherKind.FREE, 0, None, None, None, use_limit=1)


class Silent:
    """A centre that takes every question and never answers; it counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.delay_s = 0.0

    def get_json(self, path: str) -> dict[str, Any]:
        raise AssertionError(path)

    def post_json(self, path: str, body: object, idempotency_key: str | None = None) -> dict[str, Any]:
        self.asked.append(path.rpartition("/")[2])
        time.sleep(self.delay_s)
        raise KnownError(ErrorCode.CENTRE_FAILED, "no answer")


class Notes:
    """In memory."""

    def __init__(self) -> None:
        self.noted: dict[str, str] = {}

    def remember(self, order_id: str, code: str) -> None:
        self.noted[order_id] = code

    def forget(self, order_id: str) -> None:
        self.noted.pop(order_id, None)

    def remembered(self) -> dict[str, str]:
        return dict(self.noted)


class Notices:
    """In memory."""

    def __init__(self) -> None:
        self.told: list[KnownError] = []
        self.is_full = False

    def add(self, error: KnownError, subject: str = "") -> None:
        assert subject == VOUCHER.code
        if self.is_full:
            raise KnownError(ErrorCode.DISK_FULL, "no room")
        self.told.append(error)


class Refusing(Silent):
    """A centre that says no."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__()
        self.code = code

    def post_json(self, path: str, body: object, idempotency_key: str | None = None) -> dict[str, Any]:
        raise KnownError(self.code, "no")


@pytest.mark.parametrize("trouble", [ErrorCode.DISK_FULL, ErrorCode.DATABASE_UNREACHABLE])
def test_trouble_of_the_own_database_is_not_taken_for_the_centres(trouble: ErrorCode) -> None:
    class Full(Notes):
        def remember(self, order_id: str, code: str) -> None:
            raise KnownError(trouble, "no room")

    centre = Silent()
    desk = VoucherDesk("k1", lambda _: VOUCHER, lambda _: False, lambda: centre, Full(), Notices())
    with pytest.raises(KnownError) as raised:
        desk.hold(VOUCHER.code, "an order")
    assert raised.value.code is trouble
    assert centre.asked == []


def test_a_visitor_waits_for_one_slow_answer_not_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voucher_desk, "_ASKED_WITHIN_S", 0.05)
    centre, notes = Silent(), Notes()
    centre.delay_s = 0.1
    notes.noted = {f"order{number}": VOUCHER.code for number in range(3)}
    desk = VoucherDesk("k1", lambda _: VOUCHER, lambda _: False, lambda: centre, notes, Notices())
    with pytest.raises(KnownError) as needs:
        desk.hold(VOUCHER.code, "another")
    assert needs.value.code is ErrorCode.VOUCHER_NEEDS_CENTRE
    assert centre.asked == ["release"]
    assert "another" not in notes.noted


def test_however_many_uses_wait_to_be_given_back_a_silent_centre_is_waited_for_once() -> None:
    centre, notes = Silent(), Notes()
    notes.noted = {f"order{number}": VOUCHER.code for number in range(9)}
    desk = VoucherDesk("k1", lambda _: VOUCHER, lambda _: False, lambda: centre, notes, Notices())
    with pytest.raises(KnownError) as needs:
        desk.hold(VOUCHER.code, "another")
    assert needs.value.code is ErrorCode.VOUCHER_NEEDS_CENTRE
    assert centre.asked == ["release", "hold"]
    assert len(notes.noted) == 10
    desk.resume()
    assert centre.asked == ["release", "hold", "release"]


def refusal(do: Callable[[], None]) -> ErrorCode:
    with pytest.raises(KnownError) as no:
        do()
    return no.value.code


def test_a_voucher_of_another_kiosk_is_refused_before_anybody_is_asked_and_staff_hear_whose_it_is() -> None:
    centre, notices = Silent(), Notices()
    there = replace(VOUCHER, home_kiosk_id="0123456789abcdef")
    desk = VoucherDesk("k1", lambda _: there, lambda _: False, lambda: centre, Notes(), notices)
    for do in (
        lambda: desk.check(there),
        lambda: desk.hold(there.code, "an order"),
        lambda: desk.check(there),
    ):
        assert refusal(do) is ErrorCode.VOUCHER_ELSEWHERE
    (told,) = notices.told
    assert (told.code, centre.asked) == (ErrorCode.VOUCHER_ELSEWHERE, [])
    assert "kiosk 01234567," in told.detail
    assert "Send the visitor there" in told.next_step


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (ErrorCode.VOUCHER_USED, ErrorCode.VOUCHER_USED),
        (ErrorCode.VOUCHER_ELSEWHERE, ErrorCode.VOUCHER_ELSEWHERE),
        (ErrorCode.CENTRE_UNREACHABLE, ErrorCode.VOUCHER_NEEDS_CENTRE),
    ],
)
def test_what_the_rule_refuses_staff_hear_of_once_a_day(
    said: ErrorCode, code: ErrorCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre, notices = Refusing(said), Notices()
    desk = VoucherDesk("k1", lambda _: VOUCHER, lambda _: False, lambda: centre, Notes(), notices)
    for _ in range(3):
        assert refusal(lambda: desk.hold(VOUCHER.code, "an order")) is code
    assert [(told.code, bool(told.next_step)) for told in notices.told] == [(code, True)]
    monkeypatch.setattr(voucher_desk, "_TOLD_EVERY_S", 0.0)
    assert refusal(lambda: desk.hold(VOUCHER.code, "an order")) is code
    assert len(notices.told) == 2


def test_a_notice_that_cannot_be_stored_is_told_at_the_next_try() -> None:
    centre, notices = Refusing(ErrorCode.VOUCHER_USED), Notices()
    desk = VoucherDesk("k1", lambda _: VOUCHER, lambda _: False, lambda: centre, Notes(), notices)
    notices.is_full = True
    assert refusal(lambda: desk.hold(VOUCHER.code, "an order")) is ErrorCode.VOUCHER_USED
    notices.is_full = False
    assert refusal(lambda: desk.hold(VOUCHER.code, "an order")) is ErrorCode.VOUCHER_USED
    assert len(notices.told) == 1
