"""Which prints are sold, and how many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.shelf import Shelf, ShelfRules
from kiosk.printing.types import Paper
from kiosk.sales.types import Finish, PrintItem, PrintSize
from tests.printing_shop import EVENT_ID, LARGE, SMALL, PrintingShop

_NO_QUEUE = Paper(PrintSize.S20X25, Finish.GLOSSY)
_PAPERS = frozenset({SMALL, LARGE, _NO_QUEUE})


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PrintingShop]:
    shop = PrintingShop(tmp_path / "kiosk.db", ManualClock())
    yield shop
    shop.close()


def shelf_of(shop: PrintingShop, *, per_event: int = 0, stop_at: int = 0) -> Shelf:
    return Shelf(shop.store, ShelfRules(_PAPERS, 20, per_event, 10, stop_at), shop.queue_of, shop.clock)


def prints(*wanted: tuple[Paper, int]) -> list[PrintItem]:
    return [PrintItem("a", paper.size, paper.finish, copies) for paper, copies in wanted]


def refused(shelf: Shelf, *wanted: tuple[Paper, int]) -> tuple[ErrorCode, str | None]:
    with pytest.raises(KnownError) as error:
        shelf.check(prints(*wanted), EVENT_ID)
    return error.value.code, error.value.params.get("n")


def test_paper_without_a_queue_or_whose_printer_is_out_is_not_offered(shop: PrintingShop) -> None:
    shelf = shelf_of(shop)
    assert shelf.offered() == {SMALL, LARGE}
    shelf.look(out=["dnp"])
    assert shelf.offered() == {LARGE}
    assert refused(shelf, (SMALL, 1)) == (ErrorCode.PRINT_SIZE_NOT_OFFERED, None)
    assert shelf.printed() == {SMALL, LARGE}
    shelf.queue_of = lambda paper: "dnp" if paper == SMALL else ""
    assert (shelf.printed(), shelf.offered()) == ({SMALL}, set())


def test_paper_is_sold_until_what_is_owed_reaches_the_rest_that_stays(shop: PrintingShop) -> None:
    shop.store.count(SMALL.name, 10, shop.clock.now())
    shelf = shelf_of(shop, stop_at=2)
    shop.buy((SMALL, 5))
    shop.store.take_owed(shop.clock.now())
    shelf.look()
    shelf.check(prints((SMALL, 3)), EVENT_ID)
    assert refused(shelf, (SMALL, 2), (SMALL, 2)) == (ErrorCode.PRINT_QUOTA, "3")
    shop.buy((SMALL, 3))
    shop.store.take_owed(shop.clock.now())
    shelf.look()
    assert shelf.offered() == {LARGE}
    assert refused(shelf, (SMALL, 1)) == (ErrorCode.PRINT_SIZE_NOT_OFFERED, None)


def test_ink_runs_out_for_every_paper_of_its_queue(shop: PrintingShop) -> None:
    shop.store.count("ink/dnp", 0, shop.clock.now())
    shelf = shelf_of(shop)
    shelf.look()
    assert shelf.offered() == {LARGE}


def test_an_order_and_an_event_hold_so_many_sheets(shop: PrintingShop) -> None:
    shelf = shelf_of(shop, per_event=30)
    assert refused(shelf, (SMALL, 11), (LARGE, 10)) == (ErrorCode.PRINT_QUOTA, "20")
    assert shelf.most(EVENT_ID) == 20
    shop.buy((SMALL, 18))
    assert shelf.most(EVENT_ID) == 20, "as at the last look"
    shelf.look()
    assert shelf.most(EVENT_ID) == 12
    assert refused(shelf, (SMALL, 13)) == (ErrorCode.PRINT_QUOTA, "12")
    shelf.check(prints((SMALL, 12)), EVENT_ID)


def test_supplies_are_those_that_are_used_here_and_low_ones_say_so(shop: PrintingShop) -> None:
    shop.store.count(SMALL.name, 10, shop.clock.now())
    shelf = shelf_of(shop)
    shelf.look()
    assert {supply.name: supply.left for supply in shelf.supplies()} == {
        SMALL.name: 10,
        LARGE.name: None,
        "ink/dnp": None,
        "ink/epson": None,
    }
    assert [supply.name for supply in shelf.supplies() if supply.is_low] == [SMALL.name]


def test_what_staff_hand_out_is_offered_in_every_paper_with_a_price(shop: PrintingShop) -> None:
    shelf = Shelf(shop.store, ShelfRules(_PAPERS), None, shop.clock)
    shop.store.count(SMALL.name, 0, shop.clock.now())
    shelf.look()
    assert shelf.offered() == _PAPERS
    shelf.check(prints((SMALL, 20)), EVENT_ID)
    assert refused(shelf, (SMALL, 21)) == (ErrorCode.PRINT_QUOTA, "20")
