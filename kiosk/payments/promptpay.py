"""PromptPay codes: the text inside a Thai payment QR, built and read.

Layout: `00` version, `01` static (11) or dynamic (12, an amount is present), `29` credit transfer or `30`
bill payment, `53` currency, `54` amount, `58` country, `59` name, `60` city, `62` additional data, `63`
checksum over everything before it including `6304`. A reader does not depend on the order of the fields
between the first and the last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.errors import ErrorCode, KnownError
from kiosk.money import decimal_baht, parse_baht
from kiosk.payments import emv

_TRANSFER_AID = "A000000677010111"
_BILL_AID = "A000000677010112"
_BAHT = "764"
_THAILAND = "TH"
_CHECKSUM_TAG = "6304"
_PHONE_DIGITS = 9  # of a Thai number without its leading 0
_LARGEST_SATANG = 999_999_999_999  # "9999999999.99" fills the 13 characters of field 54
_REFERENCE = re.compile(r"[A-Za-z0-9]{1,20}")
_BILLER = re.compile(r"[0-9]{13}([0-9]{2})?")


class ReceiverKind(StrEnum):
    """What the receiver's id is. The first three are credit transfers."""

    PHONE = "phone"
    NATIONAL_ID = "national_id"
    E_WALLET = "e_wallet"
    BILLER = "biller"


_TRANSFER_TAGS = {
    ReceiverKind.PHONE: "01",
    ReceiverKind.NATIONAL_ID: "02",
    ReceiverKind.E_WALLET: "03",
}


@dataclass(frozen=True, slots=True)
class PromptPayCode:
    """What a PromptPay code says. `receiver` is digits only: a phone number of 10 digits with its leading 0,
    a national or tax id of 13, an e-wallet of 15, a biller of 13 or 15; it stays out of the repr, so out of
    logs. `amount_satang` is None where the payer types the amount."""

    kind: ReceiverKind
    receiver: str = field(repr=False)
    amount_satang: int | None = None
    is_dynamic: bool = False
    name: str = ""
    city: str = ""
    ref1: str = ""
    ref2: str = ""
    ref3: str = ""


def receiver_of(promptpay_id: str) -> tuple[ReceiverKind, str]:
    """Kind and digits of an id as people write it, with dashes and spaces: a phone number (0812345678 or
    +66 81 234 5678), a national or tax id (13 digits) or an e-wallet (15 digits).

    Raises KnownError(PROMPTPAY_ID_INVALID), without the id, for anything else.
    """
    digits = re.sub(r"[\s()+.-]", "", promptpay_id)
    if digits.isascii() and digits.isdigit():
        if len(digits) == _PHONE_DIGITS + 1 and digits.startswith("0"):
            return ReceiverKind.PHONE, digits
        if len(digits) == _PHONE_DIGITS + 2 and digits.startswith("66"):
            return ReceiverKind.PHONE, "0" + digits[2:]
        if len(digits) == 13:
            return ReceiverKind.NATIONAL_ID, digits
        if len(digits) == 15:
            return ReceiverKind.E_WALLET, digits
    raise KnownError(
        ErrorCode.PROMPTPAY_ID_INVALID,
        f"The PromptPay id ({len(promptpay_id)} characters) is no phone number, national id or e-wallet.",
        "Enter 10, 13 or 15 digits.",
    )


def transfer_payload(
    promptpay_id: str, amount_satang: int | None = None, name: str = "", city: str = ""
) -> str:
    """The code that pays `promptpay_id` (see `receiver_of`): dynamic with an amount, static without.

    Raises KnownError: PROMPTPAY_ID_INVALID, AMOUNT_INVALID, SETTING_INVALID (name or city unfit for a code).
    """
    kind, digits = receiver_of(promptpay_id)
    account = "0066" + digits[1:] if kind is ReceiverKind.PHONE else digits
    template = emv.field("00", _TRANSFER_AID) + emv.field(_TRANSFER_TAGS[kind], account)
    return _payload(emv.field("29", template), amount_satang, name, city)


def bill_payload(
    biller_id: str,
    ref1: str,
    ref2: str = "",
    ref3: str = "",
    amount_satang: int | None = None,
    name: str = "",
    city: str = "",
) -> str:
    """The code that pays a bill: `biller_id` is a tax id (13 digits), mostly with a suffix of two more;
    references are 1 to 20 Latin letters and digits.

    Raises KnownError: PROMPTPAY_ID_INVALID (biller or reference), AMOUNT_INVALID, SETTING_INVALID.
    """
    if _BILLER.fullmatch(biller_id) is None:
        raise KnownError(
            ErrorCode.PROMPTPAY_ID_INVALID, "The biller id is not 13 or 15 digits.", "Ask the bank for it."
        )
    for reference in (ref1, *filter(None, (ref2, ref3))):
        if _REFERENCE.fullmatch(reference) is None:
            raise KnownError(
                ErrorCode.PROMPTPAY_ID_INVALID,
                f"A bill reference of {len(reference)} characters cannot be in a code.",
                "Use 1 to 20 Latin letters and digits.",
            )
    template = emv.field("00", _BILL_AID) + emv.field("01", biller_id) + emv.field("02", ref1)
    if ref2:
        template += emv.field("03", ref2)
    return _payload(emv.field("30", template), amount_satang, name, city, ref3)


def _payload(account: str, amount_satang: int | None, name: str, city: str, ref3: str = "") -> str:
    if amount_satang is not None and not 0 < amount_satang <= _LARGEST_SATANG:
        raise KnownError(ErrorCode.AMOUNT_INVALID, f"{amount_satang} satang cannot be asked for.")
    _check_label("name", name, 25)
    _check_label("city", city, 15)
    text = emv.field("00", "01") + emv.field("01", "11" if amount_satang is None else "12") + account
    text += emv.field("53", _BAHT)
    if amount_satang is not None:
        text += emv.field("54", decimal_baht(amount_satang))
    text += emv.field("58", _THAILAND)
    if name:
        text += emv.field("59", name)
    if city:
        text += emv.field("60", city)
    if ref3:
        text += emv.field("62", emv.field("07", ref3))
    text += _CHECKSUM_TAG
    return text + emv.crc16(text)


def _check_label(what: str, text: str, longest: int) -> None:
    if len(text) > longest or not (text.isascii() and text.isprintable()):
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            f"The receiver's {what} cannot be in a payment code.",
            f"Use at most {longest} Latin letters, digits and signs.",
        )


def parse(payload: str) -> PromptPayCode:
    """What a PromptPay code says, whatever the order of its fields.

    Raises KnownError(QR_UNREADABLE), without the payload, for a wrong checksum, a broken field, another
    currency or country, or a code that is not PromptPay's.
    """
    try:
        return _read(payload.strip())
    except ValueError as wrong:
        raise KnownError(
            ErrorCode.QR_UNREADABLE, f"The code is not a PromptPay code: {wrong}.", "Scan it again."
        ) from None
    except KnownError as wrong:  # an amount that is none
        raise KnownError(ErrorCode.QR_UNREADABLE, "The code's amount is not an amount.") from wrong


def _read(payload: str) -> PromptPayCode:
    body, checksum = payload[:-4], payload[-4:]
    if not body.endswith(_CHECKSUM_TAG):
        raise ValueError("it does not end in a checksum")
    if emv.crc16(body) != checksum.upper():
        raise ValueError("its checksum is wrong")
    fields = emv.read_fields(body.removesuffix(_CHECKSUM_TAG))
    if next(iter(fields), "") != "00" or fields["00"] != "01":
        raise ValueError("it does not begin with version 01")
    if fields.get("53") != _BAHT or fields.get("58") != _THAILAND:
        raise ValueError("it is not in Thai baht")
    kind, receiver, ref1, ref2 = _read_account(fields)
    additional = emv.read_fields(fields.get("62", ""))
    return PromptPayCode(
        kind=kind,
        receiver=receiver,
        amount_satang=parse_baht(fields["54"]) if "54" in fields else None,
        is_dynamic=fields.get("01") == "12",
        name=fields.get("59", ""),
        city=fields.get("60", ""),
        ref1=ref1,
        ref2=ref2,
        ref3=additional.get("07", ""),
    )


def _read_account(fields: dict[str, str]) -> tuple[ReceiverKind, str, str, str]:
    """Kind, digits, ref1 and ref2 of the receiver."""
    transfer = emv.read_fields(fields.get("29", ""))
    if transfer.get("00") == _TRANSFER_AID:
        for kind, tag in _TRANSFER_TAGS.items():
            if tag in transfer:
                return kind, _read_digits(kind, transfer[tag]), "", ""
    bill = emv.read_fields(fields.get("30", ""))
    if bill.get("00") == _BILL_AID and "01" in bill:
        if _BILLER.fullmatch(bill["01"]) is None:
            raise ValueError("its biller is not 13 or 15 digits")
        return ReceiverKind.BILLER, bill["01"], bill.get("02", ""), bill.get("03", "")
    raise ValueError("it names no PromptPay receiver")


def _read_digits(kind: ReceiverKind, account: str) -> str:
    lengths = {ReceiverKind.PHONE: 13, ReceiverKind.NATIONAL_ID: 13, ReceiverKind.E_WALLET: 15}
    if len(account) != lengths[kind] or not (account.isascii() and account.isdigit()):
        raise ValueError(f"its {kind} has the wrong length")
    if kind is not ReceiverKind.PHONE:
        return account
    if not account.startswith("0066"):
        raise ValueError("its phone number is not Thai")
    return "0" + account[4:]
