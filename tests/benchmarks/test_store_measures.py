"""Each measure of reports measures what it promises; tiny, for its figures only."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.benchmarks.figure import Figure
from kiosk.visits.reports import Span
from tests.measure.__main__ import STORE
from tests.measure.month import measure_chain_report, measure_month, measure_year
from tests.peers.processes import PeerMissingError

pytestmark = pytest.mark.real_server

TINY: dict[str, tuple[Callable[[], list[Figure]], set[str]]] = {
    "month": (
        lambda: measure_month(300, 2, 2),
        {f"month.sqlite.{by} worst" for by in Span} | {"month.csv.hour p95, 2160 rows"},
    ),
    "chain_report": (lambda: measure_chain_report(300, 2, 2), {"month.through_centre.week p95"}),
    "year": (lambda: measure_year(500, 2, 2), {"year.sqlite.month worst"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TINY)
def test_it_gives_the_figures_that_it_promises(name: str) -> None:
    assert name in STORE
    measure, promised = TINY[name]
    try:
        figures = {figure.name: figure for figure in measure()}
    except PeerMissingError as missing:
        pytest.skip(str(missing))
    assert promised <= figures.keys()
    assert all(figure.value > 0 for figure in figures.values())
