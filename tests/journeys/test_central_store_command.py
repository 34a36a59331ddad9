"""`kiosk central site` and `kiosk central stream`, as real processes on one data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.errors import ErrorCode
from tests.command_line import answer, kiosk, refusal

OF_CHAIN = ("--tenant", "River")
SOURCE = "rtsp://192.0.2.7/door"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    answer(kiosk(tmp_path, "central", "tenant", "add", "River", "--json"))
    return tmp_path


def told(home: Path, *words: str) -> Any:
    return answer(kiosk(home, "central", *words, *OF_CHAIN, "--json"))


def done(home: Path, *words: str) -> str:
    ended = kiosk(home, "central", *words, *OF_CHAIN)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.slow
def test_sites_come_get_another_name_and_go(home: Path) -> None:
    site = told(home, "site", "add", "Siam")
    assert refusal(kiosk(home, "central", "site", "add", "siam", *OF_CHAIN, "--json")) == ErrorCode.SITE_TAKEN
    done(home, "site", "rename", "siam", "Siam Square")
    assert [one["name"] for one in told(home, "site", "list")] == ["Siam Square"]
    assert "Siam Square" in done(home, "site", "list")
    done(home, "site", "remove", site["site_id"])
    assert told(home, "site", "list") == []
    done(home, "site", "add", "Ari")
    gone = kiosk(home, "central", "site", "remove", "Siam", *OF_CHAIN)
    assert gone.returncode == 2
    assert ErrorCode.SITE_UNKNOWN in gone.stderr
    assert "Name one of these: Ari." in gone.stderr


@pytest.mark.slow
def test_cameras_come_are_switched_and_go(home: Path) -> None:
    told(home, "site", "add", "Siam")
    line = ("--line", "0.1,0.5,0.9,0.5")
    made = told(home, "stream", "add", "Door", SOURCE, "--site", "Siam", "--user", "view", *line)
    assert made["password_name"] == f"stream.{made['stream_id']}"
    assert made["line"] == {"x1": 0.1, "y1": 0.5, "x2": 0.9, "y2": 0.5}
    (listed,) = told(home, "stream", "list")
    assert (listed["site"], listed["is_on"], listed["worker_id"]) == ("Siam", True, None)
    done(home, "stream", "switch", "door", "--off", "--no-recognise")
    assert "off, without recognition, run by nobody" in done(home, "stream", "list")
    done(home, "stream", "switch", made["stream_id"], "--on")
    (listed,) = told(home, "stream", "list")
    assert (listed["is_on"], listed["recognises"]) == (True, False)
    done(home, "stream", "remove", "Door")
    assert told(home, "stream", "list") == []


@pytest.mark.slow
def test_whoever_names_a_user_hears_where_the_password_goes(home: Path) -> None:
    told(home, "site", "add", "Siam")
    words = ("stream", "add", "Door", SOURCE, "--site", "Siam", "--user", "view", *OF_CHAIN)
    made = kiosk(home, "central", *words)
    assert made.returncode == 0, made.stderr
    assert "kiosk secret stream." in made.stderr
    assert "CENTRAL_SECRETS" in made.stderr


@pytest.mark.slow
def test_an_address_with_a_password_is_refused_and_not_repeated(home: Path) -> None:
    told(home, "site", "add", "Siam")
    words = ("stream", "add", "Door", "rtsp://view:hidden@192.0.2.7/", "--site", "Siam", *OF_CHAIN)
    ended = kiosk(home, "central", *words)
    assert ended.returncode == 2
    assert ErrorCode.STORE_FIELD_INVALID in ended.stderr
    assert "hidden" not in ended.stderr + "".join(
        log.read_text(encoding="utf-8") for log in (home / "central" / "logs").iterdir()
    )


@pytest.mark.slow
def test_a_name_that_two_sites_have_is_asked_for_by_its_id(home: Path) -> None:
    ids = []
    for site in ("Siam", "Ari"):
        told(home, "site", "add", site)
        ids.append(told(home, "stream", "add", "Door", SOURCE, "--site", site)["stream_id"])
    twice = kiosk(home, "central", "stream", "remove", "Door", *OF_CHAIN)
    assert twice.returncode == 2
    assert "2 cameras are called" in twice.stderr
    done(home, "stream", "remove", ids[0])
    assert [one["stream_id"] for one in told(home, "stream", "list")] == ids[1:]


def test_switching_nothing_is_no_command(home: Path) -> None:
    ended = kiosk(home, "central", "stream", "switch", "Door", *OF_CHAIN)
    assert ended.returncode == 2
    assert "--off" in ended.stderr


def test_without_camera_workers_there_are_none(home: Path) -> None:
    assert answer(kiosk(home, "central", "stream", "workers", "--json")) == []


def test_a_secret_of_a_camera_has_a_name_that_is_taken(home: Path) -> None:
    refused = kiosk(home, "secret", "stream.")
    assert refused.returncode == 2
    assert "must be one of" in refused.stderr.replace("\n", " ")
