"""Whom somebody means on the command line: an id, or a name that only one has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.people_commands import agreed_version, check_pictures, person_named
from kiosk.store_commands import Shop, shop_at
from kiosk.vision.types import EMBEDDING_SIZE, Embedding
from kiosk.visits.types import Agreement, NewFace, PersonDraft, PersonKind

FACE = NewFace(
    np.full((8, 8, 3), 90, np.uint8), Embedding(np.eye(1, EMBEDDING_SIZE, dtype=np.float32)[0], "e")
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with shop_at(tmp_path) as opened:
        yield opened


def enrol(shop: Shop, *names: str) -> list[str]:
    people, at = shop.people, shop.tenant.clock.now()
    return [
        people.enrol(PersonDraft(PersonKind.CUSTOMER, name), Agreement("1", at), [FACE]).person_id
        for name in names
    ]


def refused(shop: Shop, name: str) -> str:
    with pytest.raises(KnownError) as raised:
        person_named(shop, name)
    assert raised.value.code is ErrorCode.PERSON_UNKNOWN
    return raised.value.detail


def test_an_exact_name_is_found_among_any_number_that_hold_it(shop: Shop) -> None:
    *_, last = enrol(shop, *(f"A. Somchai {number:03}" for number in range(101)), "Somchai")
    assert person_named(shop, "somchai").person_id == last
    assert person_named(shop, last).name == "Somchai"
    assert refused(shop, "Somchai 1") == "There is no such person."


def test_capital_letters_make_no_difference_in_any_script(shop: Shop) -> None:
    (person_id,) = enrol(shop, "Élodie")
    assert person_named(shop, "ÉLODIE").person_id == person_id


def test_a_name_that_two_have_names_nobody(shop: Shop) -> None:
    enrol(shop, "Nok", "nok", "Nok")
    assert refused(shop, "Nok") == "Several people have this name."


def test_only_the_text_of_the_shop_can_be_agreed_to(shop: Shop) -> None:
    assert agreed_version(shop, " 1 ") == "1"
    with pytest.raises(KnownError) as raised:
        agreed_version(shop, "99")
    assert raised.value.code is ErrorCode.CONSENT_MISSING
    assert raised.value.next_step.endswith("--agreed 1.")


def test_a_picture_that_is_not_there_is_named(shop: Shop) -> None:
    person = shop.people.person(*enrol(shop, "Malee"))
    check_pictures(person, [0])
    with pytest.raises(KnownError) as raised:
        check_pictures(person, [7, 0, 3])
    assert (raised.value.code, "picture 3, 7" in raised.value.detail) == (ErrorCode.PERSON_PHOTOS, True)
