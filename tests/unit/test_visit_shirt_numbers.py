"""A runner types the number on their shirt."""

from __future__ import annotations

import pytest

from kiosk.gallery.types import Certainty
from kiosk.session.states import Screen
from tests.visit import Visit, match, photo


@pytest.fixture
def visit() -> Visit:
    fresh = Visit([photo(number) for number in range(1, 7)], [match(6)])
    fresh.shirt_numbers.worn = {1: {"1234"}, 2: {"88", "01234"}, 3: {"1284"}, 4: {"123"}, 5: {"9999"}}
    return fresh


def typed(visit: Visit, number: str) -> None:
    visit.journey.go_manual()
    visit.finding.find_by_shirt_number(number)
    visit.jobs.run()


def shown(visit: Visit) -> tuple[list[int], list[int]]:
    results = visit.view.results
    assert results is not None
    return [tile.number for tile in results.sure], [tile.number for tile in results.maybe]


def test_the_number_is_sure_and_one_wrong_digit_is_only_maybe(visit: Visit) -> None:
    typed(visit, "1234")
    assert visit.screen is Screen.RESULTS
    assert shown(visit) == ([1, 2], [3, 4])
    assert visit.live.consents_when_opened == []
    results = visit.view.results
    assert results is not None
    assert (results.total, results.by_face, results.is_blurred) == (2, False, False)


def test_where_only_a_wrong_digit_fits_the_maybes_are_shown(visit: Visit) -> None:
    typed(visit, "9989")
    assert visit.screen is Screen.RESULTS
    assert shown(visit) == ([], [5])


@pytest.mark.parametrize("number", ["", "77777", "abc", "1" * 40, "٣"])
def test_a_number_that_nobody_wears_is_told_and_the_page_stays(visit: Visit, number: str) -> None:
    typed(visit, number)
    assert visit.screen is Screen.MANUAL
    assert visit.view.notice is not None
    assert visit.view.notice.key == "manual.none"


def test_a_maybe_is_confirmed_or_refused_and_a_refusal_can_be_undone(visit: Visit) -> None:
    typed(visit, "1234")
    visit.corrections.this_is_me(photo(3).photo_id)
    visit.corrections.not_me(photo(4).photo_id)
    visit.jobs.run()
    assert shown(visit) == ([1, 2, 3], [])
    assert visit.records.not_me == [], "no face was looked for, so none is said to be another's"
    visit.corrections.undo_not_me(photo(4).photo_id)
    visit.jobs.run()
    assert shown(visit) == ([1, 2, 3], [4])


def test_photos_found_by_time_are_not_refused(visit: Visit) -> None:
    visit.journey.go_manual()
    visit.finding.find_all()
    visit.jobs.run()
    visit.corrections.not_me(photo(1).photo_id)
    visit.jobs.run()
    assert len(shown(visit)[0]) == 6


def test_nobody_is_blurred_in_what_a_number_found(visit: Visit) -> None:
    """People have to recognise themselves, and the number does not say whose face is theirs."""
    typed(visit, "1234")
    found = visit.session.visitor.found
    assert not found.matches
    assert {tile.certainty for tile in found.tiles.values()} == {Certainty.MATCH, Certainty.MAYBE}
