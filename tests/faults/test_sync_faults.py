"""Orders made off line go up while the network flaps: real processes, real kills, a real link that is cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import entered_or_skipped
from tests.measure.flapping import SHORT, Flapping
from tests.peers.network import NetworkNamespace

pytestmark = pytest.mark.real_server


@pytest.fixture
def network() -> Iterator[NetworkNamespace]:
    with ExitStack() as stack:
        yield entered_or_skipped(stack, NetworkNamespace())


def test_orders_made_off_line_arrive_once_while_the_network_flaps(
    network: NetworkNamespace, tmp_path: Path
) -> None:
    """The long form: `python -m tests.measure flapping --runs 10`."""
    flapping = Flapping(tmp_path, 40, network)
    flapping.sell()
    run = flapping.run(1, SHORT)
    assert run.wrong == []
    assert run.orders == 40
    assert min(run.kills, run.cuts, run.answers_lost) >= 1
