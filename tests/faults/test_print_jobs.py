"""Prints while printers fail at random and the program dies at any step: as often as bought, none lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import entered_or_skipped
from tests.peers.cups import CupsServer
from tests.print_days import BadDay
from tests.print_sites import FOUR, PrintSite, SiteInMemory, SiteWithCups


@pytest.fixture
def cups(tmp_path: Path) -> Iterator[CupsServer]:
    """One of the test's own: it is killed."""
    with ExitStack() as stack:
        yield entered_or_skipped(stack, CupsServer())


def day_is_printed(folder: Path, site: PrintSite, orders: int, trouble: float = 0.25) -> None:
    day = BadDay(folder, site, trouble)
    print(day.print_all(orders))
    assert day.wrong() == []
    day.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_each_print_comes_out_as_often_as_bought_whatever_fails(tmp_path: Path, seed: int) -> None:
    day_is_printed(tmp_path, SiteInMemory(seed), 40)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_orders_are_printed_exactly_as_often_as_bought(tmp_path: Path) -> None:
    day_is_printed(tmp_path, SiteInMemory(7), 1000)


@pytest.mark.real_server
def test_a_real_print_server_puts_out_what_was_bought_whatever_fails(
    tmp_path: Path, cups: CupsServer
) -> None:
    day_is_printed(tmp_path, SiteWithCups(cups, 1), 8, trouble=0.1)


@pytest.mark.slow
@pytest.mark.real_server
@pytest.mark.timeout(3600)
def test_a_real_print_server_puts_out_a_thousand_orders_exactly(tmp_path: Path, cups: CupsServer) -> None:
    day_is_printed(tmp_path, SiteWithCups(cups, 2, FOUR), 1000, trouble=0.02)
