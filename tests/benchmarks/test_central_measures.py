"""Each measure of the central service measures what it promises; tiny, for its figures only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.benchmarks.figure import Figure
from kiosk.paths import program_root
from tests.measure.__main__ import CENTRAL, main
from tests.measure.embeddings import measure_embeddings
from tests.measure.first_pull import measure_first_pull
from tests.measure.half_a_million import measure_half_a_million
from tests.measure.import_workers import measure_import_workers
from tests.measure.new_photo import measure_new_photo
from tests.measure.selling import measure_selling
from tests.peers.processes import PeerMissingError

pytestmark = pytest.mark.real_server

TINY: dict[str, tuple[Callable[[], list[Figure]], set[str]]] = {
    "new_photo": (lambda: measure_new_photo(2, 40, 100), {"new_photo.p50", "new_photo.p95"}),
    "selling": (
        lambda: measure_selling(2, 2.0, 1.0),
        {"selling.errors", "selling.api_p50", "selling.api_p95", "selling.orders"},
    ),
    "embeddings": (lambda: measure_embeddings(200), {"embeddings.through_api"}),
    "import_workers": (
        lambda: measure_import_workers(3, (1200, 800)),
        {"import.one_worker", "import.two_workers"},
    ),
    "first_pull": (lambda: measure_first_pull(40, 100), {"pull.first, centre on a file"}),
    "half_a_million": (
        lambda: measure_half_a_million(200, 400, 30),
        {"half_a_million.memory", "half_a_million.search_p95", "half_a_million.thumbnails"},
    ),
}

SHORT = {"new_photo"}
SLOW = pytest.mark.slow
"""Servers that take seconds to start; what is measured there has tests of its own."""


@pytest.fixture(autouse=True)
def _fetched(weights: Path) -> None:
    if not (program_root() / ".cache" / "demo" / "photos").is_dir():
        pytest.skip("the demo's pictures are not fetched")


def test_every_measure_has_a_tiny_form() -> None:
    assert TINY.keys() == CENTRAL.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", [name if name in SHORT else pytest.param(name, marks=SLOW) for name in TINY])
def test_it_gives_the_figures_that_it_promises(name: str) -> None:
    measure, promised = TINY[name]
    try:
        figures = measure()
    except PeerMissingError as missing:
        pytest.skip(str(missing))
    found = {figure.name: json.loads(json.dumps(figure.as_dict())) for figure in figures}
    assert promised <= found.keys()
    assert all(figure["value"] >= 0 and figure["unit"] for figure in found.values())
    if "selling.errors" in found:
        assert found["selling.errors"]["value"] == 0


def test_the_command_prints_figures_as_json_and_tells_what_cannot_be_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[Figure]:
        raise PeerMissingError("no Milvus here")

    monkeypatch.setitem(CENTRAL, "new_photo", lambda: [Figure("new_photo.p50", 1.0, "s")])
    monkeypatch.setitem(CENTRAL, "selling", broken)
    assert main(["central", "--only", "new_photo", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "new_photo.p50"
    assert main(["central", "--only", "selling", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == [{"name": "selling", "not_measured": "no Milvus here"}]
