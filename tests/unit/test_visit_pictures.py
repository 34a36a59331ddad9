"""Whose faces are sharp: the visitor's own, those of bought photos, all without a face search; else one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kiosk.photos.types import PreviewSize
from kiosk.session.pictures import Pictures
from kiosk.vision.types import Pixels
from tests.visit import Visit, match, photo

SIZE = PreviewSize.LARGE


class Asked:
    """A preview source that notes which faces were to stay sharp."""

    def __init__(self) -> None:
        self.kept: frozenset[int] | None = frozenset({-1})

    def __call__(self, photo_id: str, size: PreviewSize, keep: frozenset[int] | None) -> Pixels:
        self.kept = keep
        return np.zeros((1, 1, 3), np.uint8)


@pytest.fixture
def visit() -> Visit:
    return Visit([photo(number) for number in range(1, 5)], [match(1), match(2)])


def kept(visit: Visit, number: int) -> frozenset[int] | None:
    asked = Asked()
    Pictures(visit.session, asked, lambda: None).photo_pixels(f"{number:032x}", SIZE)
    return asked.kept


def test_in_the_visitors_results_only_their_own_face_is_sharp(visit: Visit) -> None:
    visit.find()
    assert kept(visit, 1) == frozenset({0})


def test_of_a_group_every_face_is_sharp_and_nobody_elses(visit: Visit) -> None:
    visit.search.of = {1: [match(1, ordinal=2)]}
    visit.find()
    visit.add_friend(1)
    assert kept(visit, 1) == frozenset({0, 2})
    assert kept(visit, 2) == frozenset({0})
    visit.together.take_out(visit.view.group.people[1].person_id)
    visit.jobs.run()
    assert kept(visit, 1) == frozenset({0})


def test_where_the_organiser_does_not_want_it_nobody_is_blurred_for_who_searched(visit: Visit) -> None:
    event = visit.session.event
    assert event is not None
    visit.session.event = replace(event, blurs_bystanders=False)
    assert kept(visit, 1) == frozenset({0})  # nobody has searched: the first page
    visit.find()
    assert kept(visit, 1) is None
    results = visit.view.results
    assert results is not None
    assert not results.is_blurred


def test_without_a_face_search_people_can_recognise_themselves(visit: Visit) -> None:
    visit.journey.go_manual()
    visit.finding.find_all()
    visit.jobs.run()
    assert kept(visit, 3) is None


def test_a_photo_that_nobody_searched_shows_one_face_at_most(visit: Visit) -> None:
    assert kept(visit, 4) == frozenset({0})


def test_what_is_bought_is_seen_as_it_is_also_by_order_code(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.pay()
    assert kept(visit, 1) is None
    code = visit.view.order_code
    assert code is not None
    visit.journey.close()
    visit.buying.open_order(code)
    visit.jobs.run()
    assert kept(visit, 1) is None
    assert kept(visit, 2) == frozenset({0})
