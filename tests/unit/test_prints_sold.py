"""What a visitor may buy of prints: so many, on paper that is there, told before anything is paid."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.money import satang
from kiosk.printing.types import Paper
from kiosk.sales.types import Finish, PrintItem, PrintSize
from kiosk.session.states import Screen
from tests.visit import Visit, match, photo

GLOSSY = Paper(PrintSize.S10X15, Finish.GLOSSY)
MATTE = Paper(PrintSize.S10X15, Finish.MATTE)
PHOTO = f"{1:032x}"


class Limits:
    """So many sheets in an order; `refusal` is raised at the last look."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.refusal: KnownError | None = None

    def most(self, event_id: str) -> int:
        return self._most

    def check(self, prints: Iterable[PrintItem], event_id: str) -> None:
        if self.refusal is not None:
            raise self.refusal


@pytest.fixture
def visit() -> Visit:
    visit = Visit([photo(1)], [match(1)])
    visit.session.print_prices.update({PrintSize.S10X15: satang(50)})
    visit.find()
    return visit


def notice(visit: Visit) -> tuple[str, dict[str, str]]:
    shown = visit.view.notice
    return (shown.key, dict(shown.params)) if shown else ("", {})


def choose(visit: Visit, paper: Paper, copies: int) -> int:
    """Sheets in the basket then."""
    visit.buying.set_print(PHOTO, paper.size, paper.finish, copies)
    return sum(item.copies for item in visit.session.visitor.basket.prints)


def test_an_order_holds_as_many_prints_as_the_settings_say(visit: Visit) -> None:
    assert choose(visit, GLOSSY, 20) == 20
    assert choose(visit, GLOSSY, 21) == 20
    assert notice(visit) == ("error.print_limit", {"n": "20"})


def test_of_an_event_no_more_are_sold_than_are_left(visit: Visit) -> None:
    visit.checkout.print_limits = Limits(3)
    assert choose(visit, GLOSSY, 3) == 3
    assert choose(visit, MATTE, 1) == 3
    assert notice(visit) == ("error.print_limit", {"n": "3"})
    assert choose(visit, GLOSSY, 2) == 2


def test_what_became_too_much_meanwhile_can_be_taken_out_step_by_step(visit: Visit) -> None:
    choose(visit, GLOSSY, 5)
    visit.checkout.print_limits = Limits(2)
    assert choose(visit, GLOSSY, 4) == 4
    assert choose(visit, GLOSSY, 5) == 4


def test_paper_that_has_run_out_is_not_sold_and_the_basket_is_told_before_it_is_paid(visit: Visit) -> None:
    choose(visit, GLOSSY, 2)
    visit.session.papers = frozenset({MATTE})
    assert choose(visit, GLOSSY, 3) == 2
    assert notice(visit)[0] == "basket.prints.none"
    visit.buying.open_basket()
    visit.buying.pay()
    visit.jobs.run()
    assert visit.screen is Screen.BASKET
    assert notice(visit)[0] == "basket.prints.none"
    assert choose(visit, GLOSSY, 0) == 0
    visit.buying.choose(PHOTO)
    visit.buying.pay()
    visit.jobs.run()
    assert visit.screen is Screen.PAYMENT, "digital photos go on"


@pytest.mark.parametrize("code", [ErrorCode.PRINT_SIZE_NOT_OFFERED, ErrorCode.PRINT_QUOTA])
def test_what_is_refused_at_the_last_look_leads_back_to_the_basket(visit: Visit, code: ErrorCode) -> None:
    limits = Limits(20)
    visit.checkout.print_limits = limits
    limits.refusal = KnownError(code, "gone", params={"n": "1"})
    choose(visit, GLOSSY, 2)
    visit.buying.open_basket()
    visit.buying.pay()
    visit.jobs.run()
    assert visit.screen is Screen.BASKET
    assert notice(visit) == (limits.refusal.message_key, {"n": "1"})
    assert visit.session.visitor.order is None


def test_the_other_finish_takes_all_prints_along_or_none(visit: Visit) -> None:
    choose(visit, GLOSSY, 2)
    choose(visit, MATTE, 1)
    visit.buying.change_finish(PHOTO, MATTE.size, MATTE.finish)
    (item,) = visit.session.visitor.basket.prints
    assert (item.finish, item.copies) == (MATTE.finish, 3)
    visit.session.papers = frozenset({MATTE})
    visit.buying.change_finish(PHOTO, GLOSSY.size, GLOSSY.finish)
    assert visit.session.visitor.basket.prints == (item,)
    assert notice(visit)[0] == "basket.prints.none"
