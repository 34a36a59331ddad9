"""What is said of cameras, and what a typed camera comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.language import Language
from kiosk.visits.types import Line, StreamDraft
from tests.gui.fake_store import AISLE, CONNECTING, DOOR, LOST, NOW, OFF, live
from ui.translator import Translator
from ui.view_models.stream_draft import StreamEntry, draft_of
from ui.view_models.stream_words import lost_text, reason_text, span_text, status_text, try_text


@pytest.fixture
def english(qapp: object) -> Translator:
    words = Translator()
    words.show_language(Language.ENGLISH)
    return words


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u200b", "")


def test_each_state_of_a_camera_has_its_words(english: Translator) -> None:
    silent = replace(LOST, last_picture_at=NOW - timedelta(minutes=12))
    said = {
        status_text(status, NOW, english).replace("\u00a0", " ")
        for status in (live("door"), live("door", 0.04), OFF, CONNECTING, LOST, silent)
    }
    assert said == {
        "live, 0.2 s behind",
        "live, 0.0 s behind",
        "switched off",
        "connecting",
        "no picture for 9 s",
        "no picture for 12 min",
    }
    assert status_text(replace(live("door"), behind_s=None), NOW, english) == "live"


def test_a_camera_that_never_gave_a_picture_says_so(english: Translator) -> None:
    never = replace(LOST, last_picture_at=None)
    assert plain(lost_text(never, NOW, english)) == "No picture yet · third try in 4 s"
    assert status_text(never, NOW, english) == "connecting"


@pytest.mark.parametrize(
    ("attempt", "left_s", "said"),
    [
        (1, 0.2, "first try in 1 s"),
        (2, 4.0, "second try in 4 s"),
        (5, 59.5, "fifth try in 1 min"),
        (12, 30.0, "try 12 in 30 s"),
        (3, 0.0, "third try now"),
        (3, -7.0, "third try now"),
        (0, 9.0, ""),
    ],
)
def test_the_next_try_is_told(english: Translator, attempt: int, left_s: float, said: str) -> None:
    status = replace(LOST, attempt=attempt, next_try_at=NOW + timedelta(seconds=left_s))
    assert plain(try_text(status, NOW, english)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (7200, "2 h"),
        (90_000, "1 d"),
        (-5, "0 s"),
    ],
)
def test_a_span_is_told_in_its_largest_whole_unit(english: Translator, seconds: float, said: str) -> None:
    assert plain(span_text(timedelta(seconds=seconds), english)) == said


def test_why_a_camera_is_not_live_is_said_in_words(english: Translator) -> None:
    assert reason_text("C-104", english).startswith("The camera refuses.")
    assert reason_text("Z-999", english).startswith("It does not work right now")
    assert reason_text("", english) == ""


# what is typed


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, ""),
        ({"name": "  "}, "store.stream.name_missing"),
        ({"address": "rtsp://"}, "store.stream.address_missing"),
        ({"address": "http://camera/x"}, "store.stream.address_missing"),
        ({"address": "webcam:0"}, "store.stream.address_missing"),
        ({"address": "rtsp://camera:port/x"}, "store.stream.address_missing"),
        ({"address": "rtsps://camera/x"}, ""),
        ({"address": " RTSP://camera/x"}, ""),
        ({"name": "x" * 81}, "store.stream.refused.name_long"),
        ({"user": "x" * 101}, "store.stream.refused.field"),
        ({"kind": "clip", "path": "http://camera/x"}, "store.stream.address_missing"),
        ({"address": "rtsp://me:word@camera/x"}, "store.stream.address_user"),
        ({"address": "rtsp://camera/x@y"}, ""),
        ({"kind": "clip"}, "store.stream.path_missing"),
        ({"kind": "clip", "path": "/srv/a.mp4"}, ""),
        ({"kind": "webcam", "address": ""}, ""),
    ],
)
def test_what_is_missing_of_a_camera_is_said(changes: dict[str, str], problem: str) -> None:
    entry = StreamEntry(name="Yard", site_id="site-1", kind="network", address="rtsp://camera/x")
    assert replace(entry, **changes).problem_key == problem  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "stream", [DOOR, AISLE, replace(AISLE, source="rtsps://a/b"), replace(DOOR, source="x.mp4")]
)
def test_a_camera_written_down_again_is_the_same(stream: object) -> None:
    entry = StreamEntry.of(stream)  # type: ignore[arg-type]
    assert replace(entry.draft(), password=None) == draft_of(stream)  # type: ignore[arg-type]


def test_only_a_network_camera_has_a_user_and_a_password() -> None:
    entry = StreamEntry("Yard", "site-1", "webcam", 1, user="viewer", password="word")
    assert entry.draft() == StreamDraft("site-1", "Yard", "webcam:1", "", "")
    assert StreamEntry.of(replace(AISLE, line=Line(0, 0, 1, 1))).draft().password is None
