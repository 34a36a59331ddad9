"""The small QR on a payment slip, which a payer's bank app shows after paying.

It proves that the slip has the right form and, by its reference, that it was not shown before. Amount and
receiver are not in it: they come from an online check or from staff.
Layout: `00` { `00`=000001, `01` sending bank, `02` reference }, `51`=TH, `91` checksum.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments import emv

_CHECKSUM = re.compile(r"(.*)910([1-4])([0-9A-Fa-f]{1,4})", re.DOTALL)
_FORM = "000001"
_BANK = re.compile(r"[0-9]{3}")
_REFERENCE = re.compile(r"[A-Za-z0-9]{1,25}")


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip: the sending bank's 3-digit code and the bank's reference, unique with it."""

    bank: str
    reference: str


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """What a service tells of a slip. `receiver` is as the bank masks it."""

    amount_satang: int
    receiver: str = field(repr=False)
    paid_at: datetime | None = None
    is_ours: bool | None = None


class SlipChecker(Protocol):
    """Asks a service about a slip. Bounded to 10 s. Raises KnownError SLIP_CHECK_UNREACHABLE, SLIP_MISMATCH
    (the bank knows no such slip)."""

    def check(self, bank: str, reference: str) -> SlipFacts: ...


def parse_slip(payload: str) -> Slip:
    """The slip in a scanned text. Leading zeros that a bank app dropped from the checksum are put back.

    Raises KnownError(SLIP_UNREADABLE) with the reason for anything else.
    """
    try:
        return _read(payload.strip())
    except ValueError as wrong:
        raise KnownError(
            ErrorCode.SLIP_UNREADABLE, f"The code is not a slip's: {wrong}.", "Scan the code on the slip."
        ) from None


def _read(payload: str) -> Slip:
    match = _CHECKSUM.fullmatch(payload)
    if match is None:
        raise ValueError("it does not end in a checksum")
    body, length, checksum = match[1], match[2], match[3]
    # The length says 4 even where zeros were dropped, or the true number of digits; the bank's sum is over
    # the full form.
    if int(length) not in (4, len(checksum)) or emv.crc16(body + "9104") != checksum.upper().zfill(4):
        raise ValueError("its checksum is wrong")
    fields = emv.read_fields(body)
    if fields.get("51") != "TH":
        raise ValueError("it is not Thai")
    inner = emv.read_fields(fields.get("00", ""))
    bank, reference = inner.get("01", ""), inner.get("02", "")
    if inner.get("00") != _FORM or _BANK.fullmatch(bank) is None:
        raise ValueError("it names no sending bank")
    if _REFERENCE.fullmatch(reference) is None:
        raise ValueError("it has no reference")
    return Slip(bank, reference)
