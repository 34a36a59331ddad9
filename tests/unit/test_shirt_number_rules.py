"""Which read numbers may be the typed one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.photos.shirt_numbers import MOST_DIGITS, one_digit_wrong, same_number
from kiosk.vision.number_reader import digits_of

numbers = st.integers(100, 999_999).map(str)


def test_zeros_before_a_number_count_for_nothing() -> None:
    assert same_number("0042") == same_number("42") == {"42", "042", "0042", "00042", "000042"}
    assert same_number("000") == same_number("0")


@pytest.mark.parametrize("text", ["", "1234567", "12a", "๑๒", "²", "-1", " 1"])
def test_what_is_no_number_finds_nothing(text: str) -> None:
    assert same_number(text) == frozenset()
    assert one_digit_wrong(text) == frozenset()


def test_a_replaced_a_missing_and_an_added_digit_are_forgiven_and_nothing_else() -> None:
    near = one_digit_wrong("1234")
    assert {"1734", "234", "124", "12334", "91234", "12345", "01734"} <= near
    assert not near & {"1234", "01234", "1243", "12", "123456", "4321"}


@pytest.mark.parametrize("short", ["7", "42", "007", "0042"])
def test_short_numbers_forgive_nothing(short: str) -> None:
    assert one_digit_wrong(short) == frozenset()


@given(numbers, st.data())
def test_every_slip_of_one_digit_is_near(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    slips = {number[:at] + digit + number[at + 1 :], number[:at] + number[at + 1 :], number + digit}
    near = one_digit_wrong(number) | same_number(number)
    assert {slip for slip in slips if len(slip) <= MOST_DIGITS} <= near
    assert not one_digit_wrong(number) & same_number(number)


@pytest.mark.parametrize(
    ("text", "digits"), [("1234", "1234"), (" 42 ", "42"), ("#7", "7"), ("F1234", "1234"), ("AB-120", "120")]
)
def test_a_number_is_taken_as_it_is_worn(text: str, digits: str) -> None:
    assert digits_of(text) == digits


@pytest.mark.parametrize(
    "text",
    ["12:34", "10K", "42.195", "2026-11-20", "0812345678", "S12", "RUN", "12 34", "", "A", "三", "١٢٣"],
)
def test_times_distances_dates_and_words_are_no_numbers(text: str) -> None:
    assert digits_of(text) == ""
