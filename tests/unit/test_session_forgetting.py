"""Photos that are forgotten while somebody looks at them leave pages and basket; orders stay."""

from __future__ import annotations

import pytest

from kiosk.session.forgetting import forget_photos
from kiosk.session.states import Screen
from tests.visit import Visit, match, photo


def an_id(number: int) -> str:
    return f"{number:032x}"


@pytest.fixture
def visit() -> Visit:
    """1 and 2 show the visitor."""
    return Visit([photo(number) for number in range(1, 4)], [match(1), match(2)])


def shown(visit: Visit) -> list[int]:
    results = visit.view.results
    return [tile.number for tile in results.sure] if results else []


def test_a_forgotten_photo_leaves_results_favourites_and_basket(visit: Visit) -> None:
    visit.find()
    for number in (1, 2):
        visit.buying.choose(an_id(number))
        visit.finding.toggle_favourite(an_id(number))
    forget_photos(visit.session, [an_id(1), an_id(9)])
    assert shown(visit) == [2]
    assert visit.session.visitor.basket.digital == (an_id(2),)
    assert visit.session.visitor.favourites == {an_id(2)}
    assert all(face.photo_id != an_id(1) for face in visit.session.visitor.found.faces)


def test_whoever_looks_at_it_is_led_back_to_the_others(visit: Visit) -> None:
    visit.find()
    visit.finding.open_photo(an_id(1))
    assert visit.screen is Screen.LIGHTBOX
    forget_photos(visit.session, [an_id(1)])
    assert visit.screen is Screen.RESULTS
    assert visit.view.lightbox_photo_id is None
    assert shown(visit) == [2]


@pytest.mark.parametrize("is_open", [True, False])
def test_where_none_is_left_the_way_without_a_face_is_open(visit: Visit, is_open: bool) -> None:
    visit.find()
    if is_open:
        visit.finding.open_photo(an_id(2))
    forget_photos(visit.session, [an_id(1), an_id(2)])
    assert visit.screen is Screen.MANUAL
    assert visit.view.results is None


def test_an_order_stays_what_it_was(visit: Visit) -> None:
    visit.go_to_payment(1, 2)
    basket = visit.session.visitor.basket
    forget_photos(visit.session, [an_id(1)])
    assert visit.screen is Screen.PAYMENT
    assert visit.session.visitor.basket == basket
    visit.pay()
    assert visit.screen is Screen.DELIVERY


def test_photos_that_nobody_looks_at_change_nothing(visit: Visit) -> None:
    visit.find()
    before = visit.view
    forget_photos(visit.session, [an_id(3)])
    assert visit.view == before
