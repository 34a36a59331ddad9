"""The benchmark of the index: it tells what is exact, and what is not installed."""

from __future__ import annotations

import pytest

from kiosk.benchmarks import index as benchmark
from kiosk.benchmarks.peers.index_peers import FaissPeer, IndexPeer


def missing() -> IndexPeer:
    raise ImportError("no such module", name="usearch")


def test_a_small_run_finds_everything_and_names_the_peer_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("faiss")
    monkeypatch.setattr(
        benchmark, "PEERS", {"faiss Flat": lambda: FaissPeer("Flat"), "usearch HNSW": missing}
    )

    figures = {figure.name: figure for figure in benchmark.measure_index(events=2, faces=5000)}

    assert set(figures) == {
        "index.search_p95",
        "index.search_p50",
        "index.search_while_adding_p95",
        "index.open",
        "index.open_event",
        "index.equal_results",
        "index.memory",
        "index.insert",
    }
    assert figures["index.equal_results"].value == 1.0
    flat, absent = figures["index.equal_results"].peers
    assert flat.value == pytest.approx(1.0, abs=1e-3)
    assert (absent.value, absent.why_not) == (None, "usearch is not installed")
