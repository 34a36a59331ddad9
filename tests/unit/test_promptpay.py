"""PromptPay codes agree with what public libraries make, and nothing but such a code is read as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments import emv
from kiosk.payments.promptpay import (
    PromptPayCode,
    ReceiverKind,
    bill_payload,
    parse,
    receiver_of,
    transfer_payload,
)

K = ReceiverKind

# From the test suites of the public libraries dtinth/promptpay-qr, maythiwat/promptparse and
# saladpuk/PromptPay.
TRANSFERS = [
    (
        "0801234567",
        None,
        "00020101021129370016A000000677010111011300668012345675802TH530376463046197",
        PromptPayCode(K.PHONE, "0801234567"),
    ),
    (
        "+66-89-123-4567",
        None,
        "00020101021129370016A000000677010111011300668912345675802TH5303764630429C1",
        PromptPayCode(K.PHONE, "0891234567"),
    ),
    (
        "1-1111-11111-11-1",
        None,
        "00020101021129370016A000000677010111021311111111111115802TH530376463047B5A",
        PromptPayCode(K.NATIONAL_ID, "1111111111111"),
    ),
    (
        "012345678901234",
        None,
        "00020101021129390016A00000067701011103150123456789012345802TH530376463049781",
        PromptPayCode(K.E_WALLET, "012345678901234"),
    ),
    (
        "000-000-0000",
        422,
        "00020101021229370016A000000677010111011300660000000005802TH530376454044.226304E469",
        PromptPayCode(K.PHONE, "0000000000", 422, is_dynamic=True),
    ),
    (
        "0812223333",
        3000,
        "00020101021229370016A0000006770101110113006681222333353037645802TH540530.0063043CAD",
        PromptPayCode(K.PHONE, "0812223333", 3000, is_dynamic=True),
    ),
    (
        "0914185401",
        5000,
        "00020101021229370016A000000677010111011300669141854015303764540550.005802TH630401F8",
        PromptPayCode(K.PHONE, "0914185401", 5000, is_dynamic=True),
    ),
]
BILL = (
    "00020101021130620016A000000677010112011301122334455660211CUSTOMER0010306INV00153037645802TH"
    "62070703SCB6304780E"
)


def fields_of(payload: str) -> dict[str, str]:
    """All fields but the checksum, after the checksum was recomputed over this order."""
    assert emv.crc16(payload[:-4]) == payload[-4:]
    return emv.read_fields(payload[:-8])


@pytest.mark.parametrize(("receiver", "amount", "vector", "code"), TRANSFERS)
def test_transfer_codes_equal_the_public_vectors_field_by_field(
    receiver: str, amount: int | None, vector: str, code: PromptPayCode
) -> None:
    assert fields_of(transfer_payload(receiver, amount)) == fields_of(vector)
    assert parse(vector) == code


def test_a_code_in_our_own_order_equals_its_vector_to_the_letter() -> None:
    assert transfer_payload("0914185401", 5000) == TRANSFERS[-1][2]


def test_bill_codes_equal_the_public_vector_to_the_letter() -> None:
    assert bill_payload("0112233445566", "CUSTOMER001", "INV001", "SCB") == BILL
    assert parse(BILL) == PromptPayCode(
        K.BILLER, "0112233445566", ref1="CUSTOMER001", ref2="INV001", ref3="SCB"
    )


def test_name_and_city_are_carried() -> None:
    code = parse(transfer_payload("0801234567", 100, name="RIVERSIDE PHOTO", city="BANGKOK"))
    assert (code.name, code.city, code.amount_satang) == ("RIVERSIDE PHOTO", "BANGKOK", 100)


@given(
    receiver=st.from_regex(r"(0[0-9]{9}|[0-9]{13}|[0-9]{15})", fullmatch=True, alphabet="0123456789"),
    amount=st.none() | st.integers(min_value=1, max_value=999_999_999_999),
)
def test_every_code_that_we_make_is_read_back(receiver: str, amount: int | None) -> None:
    code = parse(transfer_payload(receiver, amount))
    assert (code.receiver, code.amount_satang) == (receiver, amount)
    assert code.is_dynamic == (amount is not None)


@given(position=st.integers(min_value=0, max_value=200), symbol=st.sampled_from("0123456789AF"))
def test_one_wrong_character_is_always_noticed(position: int, symbol: str) -> None:
    payload = transfer_payload("0801234567", 29924)
    position %= len(payload)
    damaged = payload[:position] + symbol + payload[position + 1 :]
    if damaged == payload:
        return
    with pytest.raises(KnownError) as refused:
        parse(damaged)
    assert refused.value.code is ErrorCode.QR_UNREADABLE


@given(st.text(max_size=80))
def test_any_other_text_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(KnownError) as refused:
        parse(text)
    assert refused.value.code is ErrorCode.QR_UNREADABLE


def sealed(body: str) -> str:
    return f"{body}6304{emv.crc16(body + '6304')}"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "000201",
        "00020229370016A00000067701011101130066801234567" + "53037645802TH",
        "01021129370016A0000006770101110113006680123456753037645802TH",
        "00020101021129370016A0000006770101110113006680123456753038405802TH",  # US dollars
        "00020101021129370016A0000006770101110113006680123456753037645802US",
        "00020101021129370016A0000006770101990113006680123456753037645802TH",  # another scheme
        "00020101021129360016A000000677010111011200668012345653037645802TH",
        "00020101021129370016A0000006770101110113008480123456753037645802TH",  # not a Thai number
        "00020101021129370016A0000006770101110113006680123456753037645405abcde5802TH",
        "00020101021130290016A00000067701011201051234553037645802TH",
        "00020101021153037645802TH",
        "0002010102115303764530376458",
    ],
)
def test_a_right_checksum_over_wrong_fields_is_still_refused(body: str) -> None:
    with pytest.raises(KnownError) as refused:
        parse(sealed(body))
    assert refused.value.code is ErrorCode.QR_UNREADABLE


@pytest.mark.parametrize(
    "text", ["", "abc", "12345", "1812223333", "081222333", "08122233334", "1" * 14, "๐" * 13]
)
def test_an_id_that_is_none_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(KnownError) as refused:
        receiver_of(text)
    assert refused.value.code is ErrorCode.PROMPTPAY_ID_INVALID
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("amount", [0, -100, 1_000_000_000_000])
def test_an_amount_that_no_code_can_carry_is_refused(amount: int) -> None:
    with pytest.raises(KnownError) as refused:
        transfer_payload("0801234567", amount)
    assert refused.value.code is ErrorCode.AMOUNT_INVALID


@pytest.mark.parametrize(("name", "city"), [("N" * 26, ""), ("", "C" * 16), ("ร้านรูป", ""), ("A\nB", "")])
def test_a_name_that_no_code_can_carry_is_refused(name: str, city: str) -> None:
    with pytest.raises(KnownError) as refused:
        transfer_payload("0801234567", 100, name, city)
    assert refused.value.code is ErrorCode.SETTING_INVALID


@pytest.mark.parametrize(
    ("biller", "ref1", "ref2"),
    [
        ("123", "A", ""),
        ("0112233445566", "", ""),
        ("0112233445566", "A" * 21, ""),
        ("0112233445566", "A", "B-1"),
    ],
)
def test_a_bill_that_no_code_can_carry_is_refused(biller: str, ref1: str, ref2: str) -> None:
    with pytest.raises(KnownError) as refused:
        bill_payload(biller, ref1, ref2)
    assert refused.value.code is ErrorCode.PROMPTPAY_ID_INVALID


def test_the_receiver_stays_out_of_logs() -> None:
    assert "0801234567" not in repr(parse(transfer_payload("0801234567")))
