"""From a card of photos to the runner in front of the kiosk: numbers are read, stored and found."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.benchmarks.drawn_numbers import FONT, Look, draw_numbers
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.shirt_numbers import SqlShirtNumberRepository
from kiosk.errors import ErrorCode
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.session.states import Screen
from tests.command_line import answer, kiosk, refusal
from tests.whole_kiosk import Guest, running, settings_for

EVENT = "River Run"


@pytest.fixture
def card(tmp_path: Path, weights: Path) -> dict[str, str]:
    """Three photos of one runner each, as a camera's card has them; the number worn in each."""
    (tmp_path / "card").mkdir()
    return {f"IMG_{place}.png": _photo(tmp_path / "card", place) for place in range(3)}


def _photo(folder: Path, place: int) -> str:
    rng = np.random.default_rng(place)
    ground = rng.integers(60, 120, (50, 75, 3), np.uint8)
    background = np.asarray(cv2.resize(ground, (1500, 1000), interpolation=cv2.INTER_CUBIC), np.uint8)
    picture, drawn = draw_numbers(background, [Look(height_px=60.0, angle=8.0)], rng, [FONT], digits=4)
    cv2.imwrite(str(folder / f"IMG_{place}.png"), picture)
    return drawn[0].digits


def _worn(home: Path) -> dict[str, list[str]]:
    database = open_database(home / "kiosk.db")
    try:
        photos, numbers = SqlPhotoRepository(database), SqlShirtNumberRepository(database)
        event = photos.event_by_name(EVENT)
        assert event is not None
        return {
            photo.file_name: [number.digits for number in numbers.numbers(photo.photo_id)]
            for photo in photos.photos(event.event_id)
        }
    finally:
        database.close()


@pytest.mark.slow
def test_numbers_are_read_in_photos_that_are_there_once_and_in_those_that_come(
    card: dict[str, str], tmp_path: Path
) -> None:
    home, folder = tmp_path / "home", tmp_path / "card"
    answer(kiosk(home, "import", folder, "--event", EVENT, "--json"))
    shown = answer(kiosk(home, "event", EVENT, "--json"))
    assert (shown["reads_numbers"], shown["photos_unread"]) == (False, 3)
    assert shown["reading"] is None

    read = answer(kiosk(home, "event", EVENT, "--read-numbers", "--json"))
    assert read["reading"] == {"photos": 3, "numbers": 3, "unreadable": 0}
    again = answer(kiosk(home, "event", EVENT, "--read-numbers", "--json"))
    assert again["reading"] == {"photos": 0, "numbers": 0, "unreadable": 0}

    card["IMG_9.png"] = _photo(folder, 9)
    answer(kiosk(home, "import", folder, "--event", EVENT, "--json"))
    assert answer(kiosk(home, "event", EVENT, "--json"))["photos_unread"] == 0
    assert _worn(home) == {name: [digits] for name, digits in card.items()}


@pytest.mark.slow
def test_an_organisers_choices_are_kept_each_by_itself(card: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    answer(kiosk(home, "import", tmp_path / "card", "--event", EVENT, "--json"))
    clear = answer(kiosk(home, "event", EVENT, "--keep-bystanders-clear", "--json"))
    assert (clear["reads_numbers"], clear["blurs_bystanders"]) == (False, False)
    both = answer(kiosk(home, "event", EVENT, "--read-numbers", "--blur-bystanders", "--json"))
    assert (both["reads_numbers"], both["blurs_bystanders"]) == (True, True)
    neither = kiosk(home, "event", EVENT, "--no-read-numbers")
    assert "not read" in neither.stdout
    assert refusal(kiosk(home, "event", "Gala", "--json")) == ErrorCode.EVENT_UNKNOWN


def _look_up(guest: Guest, number: str) -> None:
    guest.kiosk.journey.go_manual()
    guest.wait_for(Screen.MANUAL)
    guest.kiosk.finding.find_by_shirt_number(number)
    guest.wait(lambda: guest.screen is Screen.RESULTS or guest.notice)


@pytest.mark.slow
def test_a_runner_types_the_number_and_one_wrong_digit_is_forgiven_behind_maybe(
    card: dict[str, str], tmp_path: Path, bank: PayNoiSimulator
) -> None:
    home = tmp_path / "home"
    answer(kiosk(home, "import", tmp_path / "card", "--event", EVENT, "--json"))
    answer(kiosk(home, "event", EVENT, "--read-numbers", "--json"))
    file_name, digits = next(iter(card.items()))
    slipped = digits[:-1] + str((int(digits[-1]) + 5) % 10)

    with running(home, settings_for("no-camera.mp4"), bank.base_url) as guest:
        event = guest.kiosk.view.event
        assert event is not None
        assert event.reads_numbers
        _look_up(guest, digits)
        assert guest.file_names() == {file_name}
        guest.kiosk.journey.back()

        _look_up(guest, slipped)
        results = guest.kiosk.view.results
        assert results is not None
        assert guest.file_names() == set()
        [maybe] = results.maybe
        guest.kiosk.corrections.this_is_me(maybe.photo_id)
        assert guest.file_names() == {file_name}
        guest.kiosk.journey.back()

        _look_up(guest, "555555")
        assert (guest.screen, guest.notice) == (Screen.MANUAL, "manual.none")
