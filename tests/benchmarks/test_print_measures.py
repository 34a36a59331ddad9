"""The measure of print jobs measures what it promises; tiny, for its figures only."""

from __future__ import annotations

import pytest

from tests.measure.__main__ import PRINTING
from tests.measure.print_jobs import measure_print_jobs
from tests.peers.processes import PeerMissingError

pytestmark = pytest.mark.real_server


@pytest.mark.slow
def test_it_gives_the_figures_that_it_promises() -> None:
    assert "print_jobs" in PRINTING
    try:
        figures = {figure.name: figure for figure in measure_print_jobs(sales=1, orders=1)}
    except PeerMissingError as missing:
        pytest.skip(str(missing))
    assert {"print_jobs.paid_to_accepted.p50", "print_jobs.paid_to_accepted.p95"} <= figures.keys()
    for where in ("in_memory", "cups"):
        assert figures[f"print_jobs.{where}, 1 orders, prints not as often as bought"].value == 0
