"""Order states follow one table, and a code that was read aloud or typed finds its order."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.sales.orders import CODE_ALPHABET, make_code, move, normalise_code
from kiosk.sales.types import OrderState

S = OrderState
LEGAL = {
    (S.AWAITING_PAYMENT, S.PAID),
    (S.AWAITING_PAYMENT, S.CANCELLED),
    (S.CANCELLED, S.PAID),
    (S.PAID, S.REFUNDED),
}


@pytest.mark.parametrize(("state", "to"), list(itertools.product(OrderState, OrderState)))
def test_only_the_transitions_of_the_table_are_possible(state: OrderState, to: OrderState) -> None:
    if (state, to) in LEGAL:
        assert move(state, to) is to
    else:
        with pytest.raises(BugError):
            move(state, to)


def test_no_two_symbols_of_the_alphabet_look_alike() -> None:
    for look_alikes in ("0O", "1IL", "2Z", "5S", "8B", "VU"):
        assert len(set(look_alikes) & set(CODE_ALPHABET)) == 1


@given(st.data())
def test_a_code_is_found_however_it_is_typed(data: st.DataObject) -> None:
    code = make_code("K7")
    typed = code if data.draw(st.booleans()) else code.replace("-", data.draw(st.sampled_from(["", " "])))
    for symbol, mistaken in (("0", "O"), ("1", "l"), ("2", "z"), ("5", "s"), ("8", "b"), ("V", "u")):
        if data.draw(st.booleans()):
            typed = typed.replace(symbol, mistaken)
    if data.draw(st.booleans()):
        typed = typed.lower()
    assert normalise_code(f" {typed} ", "K1") == code


def test_without_a_prefix_the_code_is_this_kiosks() -> None:
    assert normalise_code("4q2m", "K7") == "K7-4Q2M"
    assert normalise_code("4q2m", "BO") == "80-4Q2M"


def test_a_prefix_with_look_alikes_gives_codes_that_can_be_found() -> None:
    code = make_code("BO1")
    assert code.startswith("801-")
    assert normalise_code(code.replace("801", "bol"), "K1") == code


@pytest.mark.parametrize("prefix", ["", "K7K7K", "K-", "ก1"])
def test_a_prefix_that_cannot_be_typed_is_refused(prefix: str) -> None:
    with pytest.raises(KnownError) as refused:
        make_code(prefix)
    assert refused.value.code is ErrorCode.SETTING_INVALID


@pytest.mark.parametrize("text", ["", "K7", "4Q2", "K7K7K-4Q2M", "สวัสดี", "-" * 50])
def test_what_cannot_be_a_code_is_an_unknown_order(text: str) -> None:
    with pytest.raises(KnownError) as refused:
        normalise_code(text, "K7")
    assert refused.value.code is ErrorCode.ORDER_UNKNOWN


def test_codes_are_not_predictable() -> None:
    assert len({make_code("K7") for _ in range(50)}) > 45
