"""A voucher is taken only here, now, and as often as it may be; each refusal says which rule it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.money import satang
from kiosk.sales.types import Voucher, VoucherKind
from kiosk.sales.vouchers import discount_satang, new_voucher_code, normalise_voucher_code, validate

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
VOUCHER = Voucher(
    "SUN10",
    VoucherKind.PERCENT,
    10,
    event_id="run",
    valid_from=NOW - timedelta(days=1),
    valid_until=NOW + timedelta(days=1),
    minimum_satang=satang(100),
)


def test_a_valid_voucher_is_taken() -> None:
    assert validate(VOUCHER, "run", NOW, satang(100)) == VOUCHER


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"event_id": "other"}, ErrorCode.VOUCHER_OTHER_EVENT, None),
        ({"valid_from": NOW + timedelta(seconds=1)}, ErrorCode.VOUCHER_NOT_YET, "date"),
        ({"valid_until": NOW - timedelta(seconds=1)}, ErrorCode.VOUCHER_EXPIRED, "date"),
        ({"used": 1}, ErrorCode.VOUCHER_USED, None),
        ({"minimum_satang": satang(1500)}, ErrorCode.VOUCHER_MINIMUM, "amount"),
    ],
)
def test_each_rule_refuses_by_its_own_code(
    change: dict[str, Any], code: ErrorCode, param: str | None
) -> None:
    with pytest.raises(KnownError) as refused:
        validate(replace(VOUCHER, **change), "run", NOW, satang(100))
    assert refused.value.code is code
    assert list(refused.value.params) == ([param] if param else [])


def test_a_code_that_nobody_gave_out_is_unknown() -> None:
    with pytest.raises(KnownError) as refused:
        validate(None, "run", NOW, satang(100))
    assert refused.value.code is ErrorCode.VOUCHER_UNKNOWN


def test_the_last_moment_is_still_valid() -> None:
    validate(replace(VOUCHER, valid_until=NOW), "run", NOW, satang(100))


def test_a_voucher_without_limits_is_always_taken() -> None:
    validate(Voucher("X", VoucherKind.FREE, 0, use_limit=None, used=9999), "any", NOW, 0)


@pytest.mark.parametrize(
    ("kind", "value", "subtotal", "discount"),
    [
        (VoucherKind.PERCENT, 10, 29900, 2990),
        (VoucherKind.PERCENT, 33, 101, 33),
        (VoucherKind.PERCENT, 100, 29900, 29900),
        (VoucherKind.AMOUNT, 5000, 29900, 5000),
        (VoucherKind.AMOUNT, 50000, 29900, 29900),
        (VoucherKind.FREE, 0, 29900, 29900),
    ],
)
def test_what_a_voucher_takes_off(kind: VoucherKind, value: int, subtotal: int, discount: int) -> None:
    assert discount_satang(Voucher("X", kind, value), subtotal) == discount


def test_below_its_minimum_a_voucher_takes_nothing_off() -> None:
    assert discount_satang(VOUCHER, satang(100) - 1) == 0
    assert discount_satang(VOUCHER, satang(100)) == satang(10)
    assert discount_satang(None, satang(100)) == 0


def test_typed_codes_are_read_without_case_spaces_and_dashes() -> None:
    assert normalise_voucher_code(" sun-10 ") == "SUN10"


@pytest.mark.parametrize("text", ["", " - ", "ฟรี", "WELCOME!", "ÉTÉ10", "ＦＲＥＥ", "straße", "A" * 41])
def test_a_code_that_a_visitor_could_not_type_is_never_issued(text: str) -> None:
    with pytest.raises(KnownError) as refused:
        new_voucher_code(text)
    assert refused.value.code is ErrorCode.VOUCHER_CODE_INVALID
    assert refused.value.next_step


def test_a_new_code_is_the_one_that_is_looked_for_when_a_visitor_types_it() -> None:
    assert new_voucher_code("wel-come 10") == normalise_voucher_code("Wel Come-10") == "WELCOME10"
