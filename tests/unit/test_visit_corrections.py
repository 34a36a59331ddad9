"""Not me: the photo and its kind go, one undo brings all back, and they stay away from the same people."""

from __future__ import annotations

import pytest

from kiosk.gallery.types import GroupRule
from kiosk.session.states import Screen
from tests.visit import Visit, match, photo

FRIEND = 1


def photo_id(number: int) -> str:
    return f"{number:032x}"


@pytest.fixture
def visit() -> Visit:
    """3, 1 and 7 for sure, 5 perhaps; 7 and 5 show the same wrong person."""
    made = Visit([photo(number) for number in range(1, 11)], [match(3), match(1), match(7), match(5, 0.4)])
    made.search.kind = frozenset({photo_id(5), photo_id(7)})
    return made


def shown(visit: Visit) -> list[int]:
    results = visit.view.results
    return sorted(tile.number for tile in (*results.sure, *results.maybe)) if results else []


def said(visit: Visit) -> tuple[str, dict[str, str]]:
    notice = visit.view.notice
    return (notice.key, dict(notice.params)) if notice else ("", {})


def test_the_photo_goes_at_once_and_its_kind_follows_with_a_word_how_many(visit: Visit) -> None:
    visit.find()
    visit.corrections.not_me(photo_id(7))
    assert shown(visit) == [1, 3, 5]
    assert said(visit) == ("results.not_me.done", {})
    visit.jobs.run()
    assert shown(visit) == [1, 3]
    assert said(visit) == ("results.not_me.kind", {"n": "2"})


def test_one_undo_brings_the_photo_and_its_kind_back_and_takes_the_word_back(visit: Visit) -> None:
    visit.find()
    visit.corrections.not_me(photo_id(7))
    visit.jobs.run()
    assert visit.records.not_me == [(photo_id(7), 0)]
    visit.corrections.undo_not_me(photo_id(7))
    visit.jobs.run()
    assert shown(visit) == [1, 3, 5, 7]
    assert visit.records.not_me == []
    assert said(visit) == ("", {})


def test_an_undo_before_the_kind_is_known_takes_nothing_more_out(visit: Visit) -> None:
    visit.find()
    visit.corrections.not_me(photo_id(7))
    visit.corrections.undo_not_me(photo_id(7))
    visit.jobs.run()
    assert shown(visit) == [1, 3, 5, 7]


def test_what_was_chosen_confirmed_or_a_favourite_is_no_kind_of_a_wrong_one(visit: Visit) -> None:
    visit.search.kind = frozenset({photo_id(1), photo_id(3), photo_id(5)})
    visit.find()
    visit.buying.choose(photo_id(1))
    visit.finding.toggle_favourite(photo_id(3))
    visit.corrections.this_is_me(photo_id(5))
    visit.corrections.not_me(photo_id(7))
    visit.jobs.run()
    assert shown(visit) == [1, 3, 5]


def test_a_photo_of_the_kind_that_is_open_closes(visit: Visit) -> None:
    visit.find()
    visit.corrections.not_me(photo_id(7))
    visit.finding.open_photo(photo_id(5))
    visit.jobs.run()
    assert visit.screen is Screen.RESULTS


def test_a_photo_is_rejected_once_however_often_it_is_touched(visit: Visit) -> None:
    visit.find()
    visit.corrections.not_me(photo_id(7))
    visit.corrections.not_me(photo_id(7))
    visit.jobs.run()
    assert visit.records.not_me == [(photo_id(7), 0)]


def test_what_was_not_me_stays_away_after_a_new_picture(visit: Visit) -> None:
    visit.find()
    visit.corrections.not_me(photo_id(7))
    visit.jobs.run()
    visit.finding.retake()
    visit.jobs.run()
    visit.take_picture()
    visit.jobs.run()
    assert shown(visit) == [1, 3]


def test_what_was_not_me_stays_away_after_going_back_to_the_camera(visit: Visit) -> None:
    visit.find()
    visit.corrections.not_me(photo_id(7))
    visit.jobs.run()
    visit.journey.back()
    visit.jobs.run()
    visit.take_picture()
    visit.jobs.run()
    assert shown(visit) == [1, 3]


def test_a_friend_brings_back_only_the_photos_that_are_theirs(visit: Visit) -> None:
    visit.search.of = {FRIEND: [match(7), match(8)]}
    visit.find()
    visit.corrections.not_me(photo_id(7))
    visit.jobs.run()
    visit.add_friend(FRIEND)
    assert shown(visit) == [1, 3, 7, 8]


def test_nothing_that_was_not_me_is_hidden_from_the_next_visitor(visit: Visit) -> None:
    visit.find()
    visit.corrections.not_me(photo_id(7))
    visit.jobs.run()
    visit.journey.close()
    visit.jobs.run()
    visit.find()
    assert shown(visit) == [1, 3, 5, 7]


def test_a_kind_that_is_known_after_the_visit_tells_the_next_visitor_nothing(visit: Visit) -> None:
    visit.find()
    visit.corrections.not_me(photo_id(7))
    visit.journey.close()
    visit.jobs.run()
    assert said(visit) == ("", {})


def test_not_all_of_us_takes_a_photo_from_the_common_ones_alone(visit: Visit) -> None:
    visit.search.kind = frozenset()
    visit.search.of = {FRIEND: [match(3, ordinal=1), match(7, 0.5, ordinal=1)]}
    visit.find()
    visit.add_friend(FRIEND)
    visit.together.show(GroupRule.ALL)
    assert shown(visit) == [3, 7]
    visit.corrections.not_me(photo_id(7))
    visit.jobs.run()
    assert shown(visit) == [3]
    assert visit.records.not_me == [(photo_id(7), 1)]
    visit.together.show(GroupRule.ANY)
    assert 7 in shown(visit)


def test_none_of_us_takes_a_photo_from_all_lists(visit: Visit) -> None:
    visit.search.kind = frozenset()
    visit.search.of = {FRIEND: [match(3, ordinal=1)]}
    visit.find()
    visit.add_friend(FRIEND)
    visit.corrections.not_me(photo_id(3))
    visit.jobs.run()
    assert visit.records.not_me == [(photo_id(3), 0), (photo_id(3), 1)]
    for rule in GroupRule:
        visit.together.show(rule)
        assert 3 not in shown(visit)


def test_a_photo_that_shows_another_of_us_is_no_kind_of_a_wrong_one(visit: Visit) -> None:
    visit.search.of = {FRIEND: [match(5, 0.7, ordinal=1)]}
    visit.find()
    visit.add_friend(FRIEND)
    visit.corrections.not_me(photo_id(7))
    visit.jobs.run()
    assert shown(visit) == [1, 3, 5]
