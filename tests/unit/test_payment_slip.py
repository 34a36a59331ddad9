"""A slip is read whatever its bank does with zeros, and nothing else passes as a slip."""

from __future__ import annotations

import itertools

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments import emv
from kiosk.payments.slip import Slip, parse_slip

VECTOR = "004000060000010103002021900021231231212000115102TH91049C30"


def slip_text(bank: str, reference: str, form: str = "000001", country: str = "TH") -> str:
    inner = emv.field("00", form) + emv.field("01", bank) + emv.field("02", reference)
    body = emv.field("00", inner) + emv.field("51", country) + "9104"
    return body + emv.crc16(body)


def test_the_public_vector_is_read() -> None:
    assert parse_slip(VECTOR) == Slip("002", "0002123123121200011")
    assert slip_text("002", "0002123123121200011") == VECTOR


@pytest.mark.parametrize("zeros", [1, 2])
def test_leading_zeros_that_a_bank_app_dropped_do_not_matter(zeros: int) -> None:
    numbers = (f"{n:019d}" for n in itertools.count())
    text = next(t for t in (slip_text("014", n) for n in numbers) if t[-4:].startswith("0" * zeros))
    whole = parse_slip(text)
    assert parse_slip(text[:-4] + text[-4 + zeros :]) == whole
    assert parse_slip(text[:-8] + f"910{4 - zeros}" + text[-4 + zeros :]) == whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        VECTOR[:-1] + "1",
        VECTOR[:-5],
        VECTOR.replace("0002123", "0002124"),
        slip_text("02", "0002123123121200011"),
        slip_text("002", "0002123123121200011", form="000002"),
        slip_text("002", "0002123123121200011", country="US"),
        slip_text("002", "/etc/passwd"),
        "00020101021129370016A000000677010111011300668012345675802TH530376463046197",
    ],
)
def test_anything_else_is_no_slip(text: str) -> None:
    with pytest.raises(KnownError) as refused:
        parse_slip(text)
    assert refused.value.code is ErrorCode.SLIP_UNREADABLE
