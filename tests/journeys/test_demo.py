"""The scripted visitor walks the real window through the whole journey, and leaves pictures and figures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat

from kiosk.paths import program_root
from kiosk.session.states import Screen
from tests.command_line import command, environment

PORTRAIT, LANDSCAPE = (1080, 1920), (1920, 1080)
WAY = [
    Screen.ATTRACT,
    Screen.MANUAL,
    Screen.ATTRACT,
    Screen.CONSENT,
    Screen.CAPTURE,
    Screen.SEARCHING,
    Screen.RESULTS,
    Screen.CONSENT,
    Screen.RESULTS,
    Screen.LIGHTBOX,
    Screen.RESULTS,
    Screen.BASKET,
    Screen.PAYMENT,
    Screen.DELIVERY,
    Screen.THANKS,
    Screen.ATTRACT,
]
PICTURED = (
    "attract",
    "manual",
    "easy-access",
    "my-data",
    "consent",
    "capture",
    "results",
    "friend",
    "lightbox",
    "basket",
    "payment",
    "delivery",
    "thanks",
)
_PATIENCE_S = 110


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual display; its name."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not here: no window can be opened on a virtual display")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", "1200x2000x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait(30)


def walk(words: list[str], environ: dict[str, str]) -> str:
    """Runs a visitor to the end; what was printed."""
    done = subprocess.run(
        words,
        cwd=program_root(),
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def assert_whole_journey(out: Path, size: tuple[int, int], language: str) -> None:
    """Everything that a journey leaves is there and says that it went well."""
    report: dict[str, Any] = json.loads((out / "journey.json").read_text(encoding="utf-8"))
    assert report["stuck"] == ""
    assert [state["screen"] for state in report["states"]] == WAY
    times = [state["at_ms"] for state in report["states"]]
    assert times == sorted(times)
    found = {match["file_name"]: match for match in report["matches"]}
    assert set(found) == {"obama.jpg", "obama3.jpg"}
    assert all(0.4 < match["similarity"] < 1 and match["certainty"] == "match" for match in found.values())
    order, payment = report["order"], report["payment"]
    assert (order["state"], order["lines"], order["total_satang"]) == ("paid", 2, 2 * 7900)
    assert (payment["state"], payment["gateway"]) == ("paid", "paynoi")
    assert payment["received_satang"] == payment["due_satang"] > order["total_satang"]
    assert (report["delivery"]["page_status"], report["delivery"]["files"]) == (200, 2)
    assert report["delivery"]["bytes"] > 100_000
    for step in ("shutter_to_results", "to_payment", "to_delivery", "phone_download"):
        assert report["steps_ms"][step] > 0
    assert_pictures(out, report["pictures"], size, language)


def assert_pictures(out: Path, names: list[str], size: tuple[int, int], language: str) -> None:
    """One picture of each page that a visitor sees, of the window's size, and something on each."""
    assert sorted(path.name for path in out.glob("*.png")) == sorted(names)
    assert [page for page in PICTURED if not any(f"-{page}-{language}" in name for name in names)] == []
    for name in names:
        with Image.open(out / name) as picture:
            assert picture.size == size, name
            small = picture.convert("RGB").resize((size[0] // 4, size[1] // 4))
        assert max(ImageStat.Stat(small).stddev) > 8, f"{name} is blank"
        assert len(small.getcolors(1_000_000) or ()) > 100, f"{name} is blank"


@pytest.mark.parametrize(
    ("language", "size", "options"),
    [
        pytest.param("th", PORTRAIT, [], id="thai portrait"),
        pytest.param("en", LANDSCAPE, ["--landscape"], id="english landscape", marks=pytest.mark.slow),
    ],
)
def test_the_demo_walks_the_whole_journey_without_a_screen(
    imported_home: Path, tmp_path: Path, language: str, size: tuple[int, int], options: list[str]
) -> None:
    shutil.copytree(imported_home, tmp_path / "home" / "demo")
    out = tmp_path / "out"
    words = command("demo", "--headless", "--out", out, "--language", language, *options)
    printed = walk(words, environment(tmp_path / "home"))
    assert_whole_journey(out, size, language)
    assert "by PromptPay" in printed


@pytest.mark.slow
def test_in_pictures_without_the_visitor_none_is_called_theirs(
    demo: Path, weights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = command("demo", "--headless", "--photos", demo / "scenes" / "Lake", "--out", out)
    printed = walk(words, environment(tmp_path / "home"))
    report = json.loads((out / "journey.json").read_text(encoding="utf-8"))
    assert report["stuck"] == ""
    assert Screen.NO_MATCH in [state["screen"] for state in report["states"]]
    assert report["matches"] == []
    assert report["photos_shown"] == len(list((demo / "scenes" / "Lake").iterdir()))
    assert "Browsed without a match" in printed
    assert "Photos of the visitor" not in printed


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a virtual display is a thing of Linux")
def test_the_journey_is_walked_in_a_real_window(home: Path, demo: Path, display: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = [sys.executable, "-m", "tests.journeys.screen_program"]
    words = [*program, str(home), str(demo / "visitor.mp4"), str(out)]
    environ = environment(home, DISPLAY=display, QT_QPA_PLATFORM="xcb", QT_QUICK_BACKEND="software")
    printed = walk(words, environ)
    assert "platform xcb" in printed
    assert_whole_journey(out, PORTRAIT, "en")
