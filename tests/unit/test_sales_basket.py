"""A basket never changes under anybody's hands, and never holds a photo twice."""

from __future__ import annotations

import pytest

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.sales.basket import MOST_PRINTS, add, remove, set_print, with_voucher, without_photos
from kiosk.sales.types import Basket, Finish, PrintItem, PrintSize

SMALL, LARGE, GLOSSY, MATTE = PrintSize.S10X15, PrintSize.S20X25, Finish.GLOSSY, Finish.MATTE


def test_photos_keep_the_order_in_which_they_were_chosen_and_come_once() -> None:
    basket = add(add(add(Basket(), "b"), "a"), "b")
    assert basket.digital == ("b", "a")


def test_adding_leaves_the_old_basket_as_it_was() -> None:
    before = Basket(digital=("a",))
    add(before, "b")
    assert before.digital == ("a",)


def test_taking_out_a_digital_photo_keeps_its_prints() -> None:
    basket = set_print(add(Basket(), "a"), "a", SMALL, GLOSSY, 1)
    assert remove(basket, "a") == Basket(prints=(PrintItem("a", SMALL, GLOSSY, 1),))
    assert remove(Basket(), "a") == Basket()


def test_prints_of_other_paper_are_lines_of_their_own() -> None:
    basket = set_print(Basket(), "a", SMALL, GLOSSY, 1)
    basket = set_print(basket, "a", SMALL, MATTE, 2)
    basket = set_print(basket, "a", SMALL, GLOSSY, 3)
    assert basket.prints == (PrintItem("a", SMALL, GLOSSY, 3), PrintItem("a", SMALL, MATTE, 2))
    assert set_print(basket, "a", SMALL, MATTE, 0).prints == (PrintItem("a", SMALL, GLOSSY, 3),)


def test_more_prints_than_the_limit_are_refused_with_the_limit() -> None:
    basket = set_print(Basket(), "a", SMALL, GLOSSY, MOST_PRINTS - 1)
    assert set_print(basket, "a", SMALL, GLOSSY, MOST_PRINTS).prints[0].copies == MOST_PRINTS
    with pytest.raises(KnownError) as refused:
        set_print(basket, "b", LARGE, GLOSSY, 2)
    assert (refused.value.code, refused.value.params) == (ErrorCode.PRINT_LIMIT, {"n": str(MOST_PRINTS)})


def test_fewer_than_no_copies_is_a_bug() -> None:
    with pytest.raises(BugError):
        set_print(Basket(), "a", SMALL, GLOSSY, -1)


def test_photos_that_are_withdrawn_leave_with_their_prints() -> None:
    basket = set_print(add(add(Basket(), "a"), "b"), "a", SMALL, GLOSSY, 1)
    assert without_photos(basket, {"a"}) == Basket(digital=("b",))


def test_a_voucher_code_is_put_in_and_taken_out() -> None:
    basket = with_voucher(Basket(), "SUN")
    assert basket.voucher_code == "SUN"
    assert with_voucher(basket, None) == Basket()
