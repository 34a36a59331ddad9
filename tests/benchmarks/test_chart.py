"""The chart shows every ratio that was measured, and nothing that was not."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from kiosk.benchmarks.chart import bars_of, chart, write_chart
from kiosk.benchmarks.figure import Figure, NotMeasured, PeerValue
from kiosk.errors import ErrorCode, KnownError

SVG = "{http://www.w3.org/2000/svg}"
BAR_HEIGHT = "18"


def bars(drawing: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(drawing)
    return [one for one in root.iter(f"{SVG}rect") if one.get("height") == BAR_HEIGHT]


def said(drawing: str) -> list[str]:
    root = ElementTree.fromstring(drawing)
    return [one.text or "" for one in root.iter(f"{SVG}text")]


def test_what_takes_longer_lies_right_of_the_kiosk_and_what_is_faster_left_of_it() -> None:
    figure = Figure("search", 10.0, "ms", 5.0, "", peers=(PeerValue("slow", 100.0), PeerValue("same", 10.0)))
    floor, slow, same = bars(chart([figure]))
    one = float(same.attrib["x"])
    assert float(floor.attrib["x"]) < one
    assert float(floor.attrib["x"]) + float(floor.attrib["width"]) == pytest.approx(one, abs=0.2)
    assert float(slow.attrib["x"]) == pytest.approx(one, abs=0.2)
    assert float(slow.attrib["width"]) > 3 * float(floor.attrib["width"])


def test_a_peer_that_finds_fewer_is_so_many_times_worse() -> None:
    figure = Figure("found", 0.9, "of 1", peers=(PeerValue("blind", 0.3),), more_is_better=True)
    [bar] = bars_of(figure)
    assert bar.times == pytest.approx(3.0)


def test_a_peer_that_is_missing_is_named_without_a_bar_and_a_figure_alone_is_left_out() -> None:
    missing = Figure("search", 10.0, "ms", peers=(PeerValue("gone", None, "it is not installed"),))
    drawing = chart([missing, Figure("memory", 300.0, "MB"), NotMeasured("import", "no pictures")])
    assert bars(drawing) == []
    texts = said(drawing)
    assert "gone" in texts
    assert "not measured" in texts
    assert not any(text.startswith(("memory", "import")) for text in texts)


def test_names_are_escaped_and_every_colour_is_one_of_the_theme() -> None:
    drawing = chart([Figure("a < b & c", 1.0, "ms", 0.5)])
    assert any(text.startswith("a < b & c") for text in said(drawing))
    assert '"@' not in drawing


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as refused:
        write_chart(tmp_path / "not there" / "chart.svg", [])
    assert refused.value.code is ErrorCode.FOLDER_NOT_WRITABLE
    write_chart(tmp_path / "chart.svg", [Figure("search", 1.0, "ms", 0.5)])
    assert bars((tmp_path / "chart.svg").read_text(encoding="utf-8"))
