"""The demo's shop: scripted staff see who passes its cameras, and every page of its window."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.command_line import command, environment
from tests.journeys.test_demo import LANDSCAPE, PORTRAIT, walk

PAGES = ("wall", "reports", "visits", "people", "held")


@pytest.mark.parametrize(
    ("language", "size", "options"),
    [
        pytest.param("th", PORTRAIT, ["--portrait"], id="thai portrait"),
        pytest.param("en", LANDSCAPE, [], id="english landscape", marks=pytest.mark.slow),
    ],
)
def test_staff_see_who_is_known_and_who_is_counted(
    demo: Path, weights: Path, tmp_path: Path, language: str, size: tuple[int, int], options: list[str]
) -> None:
    out = tmp_path / "out"
    words = command("demo", "--store", "--headless", "--out", out, "--language", language, *options)
    printed = walk(words, environment(tmp_path / "home"))
    report: dict[str, Any] = json.loads((out / "tour.json").read_text(encoding="utf-8"))
    assert report["stuck"] == ""
    assert report["named"] == {"Barack": "staff", "Joe": "known"}
    assert report["staff_present"] == 1
    assert set(report["streams"].values()) == {"live"}
    assert "staff not counted" in printed
    assert report["pictures"] == [f"{place + 1:02}-{page}-{language}.png" for place, page in enumerate(PAGES)]
    for name in report["pictures"]:
        with Image.open(out / name) as picture:
            assert picture.size == size, name
            assert len(picture.convert("RGB").resize((270, 270)).getcolors(100_000) or ()) > 100, name
