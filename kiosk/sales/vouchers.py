"""Vouchers: whether one may be used here and now, and what it takes off."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from kiosk.errors import ErrorCode, KnownError
from kiosk.money import display_baht, satang
from kiosk.sales.types import Voucher, VoucherKind


def normalise_voucher_code(text: str) -> str:
    """What a person typed, as codes are stored: upper case, without spaces and dashes."""
    return "".join(symbol for symbol in text.upper() if symbol.isalnum())


def new_voucher_code(text: str) -> str:
    """A code as staff make it up, normalised. Raises KnownError(VOUCHER_CODE_INVALID) for anything but Latin
    letters and digits, spaces and dashes aside: visitors have nothing else to type it with."""
    code = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[A-Za-z0-9]{1,40}", code) is None:
        raise KnownError(
            ErrorCode.VOUCHER_CODE_INVALID,
            f"{text!r} cannot be a voucher's code: visitors type Latin letters and digits, at most 40.",
            "Choose another code, such as WELCOME10.",
        )
    return code.upper()


def new_voucher(
    code: str,
    percent: int | None,
    baht: int | None,
    is_free: bool,
    uses: int,
    now: datetime,
    days: int,
    event_id: str | None = None,
    home_kiosk_id: str | None = None,
) -> Voucher:
    """A voucher as staff ask for one: of exactly one kind, good from `now` for so many days and uses.

    Raises KnownError: SETTING_INVALID, VOUCHER_CODE_INVALID.
    """
    kinds = (
        (VoucherKind.PERCENT, percent is not None),
        (VoucherKind.AMOUNT, baht is not None),
        (VoucherKind.FREE, is_free),
    )
    chosen = [kind for kind, is_given in kinds if is_given]
    if len(chosen) != 1:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "A voucher has exactly one of percent, baht and free.",
            "Give one of them, such as: --percent 10",
        )
    value = percent or (satang(baht) if baht else 0)
    return Voucher(
        new_voucher_code(code),
        chosen[0],
        value,
        event_id,
        now,
        now + timedelta(days=days),
        use_limit=uses,
        home_kiosk_id=home_kiosk_id,
    )


def validate(voucher: Voucher | None, event_id: str, now: datetime, subtotal_satang: int) -> Voucher:
    """The voucher, if it may be used at `event_id` at `now` (UTC) for a sum of `subtotal_satang`.

    `voucher` is None where no voucher has the typed code. Raises KnownError: VOUCHER_UNKNOWN,
    VOUCHER_OTHER_EVENT, VOUCHER_NOT_YET and VOUCHER_EXPIRED (param `date`, ISO, in the machine's own time
    zone), VOUCHER_USED, VOUCHER_MINIMUM (param `amount`, baht). `valid_until` itself is still valid.
    """
    if voucher is None:
        raise KnownError(ErrorCode.VOUCHER_UNKNOWN, "No voucher has this code.")
    if voucher.event_id is not None and voucher.event_id != event_id:
        raise KnownError(ErrorCode.VOUCHER_OTHER_EVENT, "The voucher belongs to another event.")
    if voucher.valid_from is not None and now < voucher.valid_from:
        raise _outside(ErrorCode.VOUCHER_NOT_YET, "The voucher is not valid yet.", voucher.valid_from)
    if voucher.valid_until is not None and now > voucher.valid_until:
        raise _outside(ErrorCode.VOUCHER_EXPIRED, "The voucher has expired.", voucher.valid_until)
    if voucher.use_limit is not None and voucher.used >= voucher.use_limit:
        raise KnownError(ErrorCode.VOUCHER_USED, f"The voucher was used {voucher.used} times already.")
    if subtotal_satang < voucher.minimum_satang:
        amount = display_baht(voucher.minimum_satang)
        raise KnownError(
            ErrorCode.VOUCHER_MINIMUM, f"The voucher needs {amount} baht.", params={"amount": amount}
        )
    return voucher


def _outside(code: ErrorCode, detail: str, limit: datetime) -> KnownError:
    return KnownError(code, detail, params={"date": limit.astimezone().date().isoformat()})


def discount_satang(voucher: Voucher | None, subtotal_satang: int) -> int:
    """What `voucher` takes off `subtotal_satang`: never more than the sum, nothing below its minimum.

    A percentage is rounded down to whole satang.
    """
    if voucher is None or subtotal_satang < voucher.minimum_satang:
        return 0
    match voucher.kind:
        case VoucherKind.FREE:
            return subtotal_satang
        case VoucherKind.AMOUNT:
            return min(voucher.value, subtotal_satang)
        case VoucherKind.PERCENT:
            return subtotal_satang * voucher.value // 100
