"""Photos that are written to a folder are on the screen and on sale by themselves."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from PIL import Image, ImageOps

from kiosk.adapters import Engines
from kiosk.app import Kiosk, Outside
from kiosk.archive import open_archive
from kiosk.errors import ErrorCode
from kiosk.paths import program_root
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.runtime.types import WorkerFailed
from kiosk.settings import EventSection, Settings
from kiosk.vision.open_engine import OpenFaceEngine
from tests.command_line import answer, command, environment, fresh_kiosk, kiosk, refusal
from tests.photo_fakes import drawn, encoded
from tests.watching import heard
from tests.whole_kiosk import Guest, gateway_at, running, settings_for

NO_CAMERA = "no-camera.mp4"


def watching(settings: Settings, folder: Path, event: str = "") -> Settings:
    return settings.model_copy(update={"event": EventSection(name=event, watch_folder=str(folder))})


def photo_count(guest: Guest) -> int:
    event = guest.kiosk.view.event
    return event.photo_count if event else 0


def test_a_photo_that_is_written_to_the_folder_is_counted_and_found_by_the_visitor_in_it(
    home: Path, demo: Path, bank: PayNoiSimulator, tmp_path: Path
) -> None:
    folder = tmp_path / "ftp"
    folder.mkdir()
    with running(home, watching(settings_for(demo / "visitor.mp4"), folder), bank.base_url) as guest:
        before = photo_count(guest)
        (folder / "later.jpg").write_bytes(mirrored(demo / "photos" / "obama3.jpg"))
        guest.wait(lambda: photo_count(guest) == before + 1)
        guest.find_by_face()
        assert "later.jpg" in guest.file_names()


def mirrored(picture: Path) -> bytes:
    """The same person on other bytes."""
    return encoded(ImageOps.mirror(Image.open(picture).convert("RGB")))


def test_a_kiosk_without_an_event_makes_the_one_of_its_settings_for_the_folder(
    tmp_path: Path, weights: Path, bank: PayNoiSimulator
) -> None:
    folder = tmp_path / "ftp"
    folder.mkdir()
    (folder / "first.jpg").write_bytes(encoded(drawn(1)))
    settings = watching(settings_for(NO_CAMERA), folder, "Night Run")
    with running(tmp_path / "home", settings, bank.base_url) as guest:
        guest.wait(lambda: photo_count(guest) == 1)
        event = guest.kiosk.view.event
        assert event is not None
        assert event.name == "Night Run"


@pytest.mark.slow
def test_new_photos_go_to_the_event_on_the_screen_and_those_of_the_day_before_stay_where_they_are(
    drawn_home: Path, bank: PayNoiSimulator, tmp_path: Path
) -> None:
    folder = tmp_path / "ftp"
    folder.mkdir()
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "other.jpg").write_bytes(encoded(drawn(50)))
    with running(drawn_home, watching(settings_for(NO_CAMERA), folder), bank.base_url) as guest:
        (folder / "one.jpg").write_bytes(encoded(drawn(51)))
        before = photo_count(guest)
        guest.wait(lambda: photo_count(guest) == before + 1)
        answer(kiosk(drawn_home, "import", tmp_path / "card", "--event", "Second Day", "--json"))
        guest.wait(lambda: guest.kiosk.view.event and guest.kiosk.view.event.name == "Second Day")
        second = guest.kiosk.view.event
        assert second is not None
        (folder / "two.jpg").write_bytes(encoded(drawn(52)))
        guest.wait(lambda: photo_count(guest) == 2)
        names = {photo.file_name for photo in guest.kiosk.archive.photos.photos(second.event_id)}
        assert names == {"other.jpg", "two.jpg"}


@pytest.mark.slow
def test_photos_wait_for_weights_that_are_missing_and_the_kiosk_goes_on_selling(
    drawn_home: Path, weights: Path, bank: PayNoiSimulator, tmp_path: Path
) -> None:
    folder = tmp_path / "ftp"
    folder.mkdir()
    models = Path(shutil.copytree(weights, tmp_path / "models"))
    network = min(models.glob("*.onnx")).rename(tmp_path / "network.onnx")
    archive = open_archive(drawn_home, watching(settings_for(NO_CAMERA), folder))
    engine = OpenFaceEngine(models)
    archive = dataclasses.replace(archive, engines=Engines(live=engine, photos=engine))
    kiosk = Kiosk(archive, Outside(gateway=gateway_at(bank.base_url)))
    faults = heard(kiosk.bus, WorkerFailed)
    try:
        guest = Guest(kiosk)
        kiosk.start()
        guest.wait(lambda: photo_count(guest) > 0)
        before = photo_count(guest)
        with structlog.testing.capture_logs() as told:
            (folder / "early.jpg").write_bytes(encoded(drawn(70)))
            guest.wait(lambda: any(line["event"] == "photos_wait_for_weights" for line in told))
        guest.find_without_face()
        kiosk.journey.close()
        assert photo_count(guest) == before
        network.rename(models / min(weights.glob("*.onnx")).name)
        guest.wait(lambda: photo_count(guest) == before + 1)
        assert faults == []
    finally:
        kiosk.stop()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT for another process")
def test_the_command_watches_until_it_is_ended(drawn_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ftp"
    folder.mkdir()
    with command_watching(drawn_home, folder) as process:
        for number in (60, 61):
            (folder / f"{number}.jpg").write_bytes(encoded(drawn(number)))
            assert process.stdout is not None
            report = json.loads(process.stdout.readline())
            assert (report["taken"], report["refused"]) == (1, [])
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    (event,) = (one for one in answer(kiosk(drawn_home, "events", "--json")) if one["name"] == "Watched")
    assert event["photos"] == 2


@contextmanager
def command_watching(home: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command("import", folder, "--event", "Watched", "--watch", "--json"),
        cwd=program_root(),
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


@pytest.mark.slow
def test_a_folder_that_is_not_there_is_refused_by_name(drawn_home: Path, tmp_path: Path) -> None:
    gone = tmp_path / "nowhere"
    done = fresh_kiosk(drawn_home, "import", gone, "--event", "Watched", "--watch", "--json")
    assert refusal(done) == ErrorCode.FOLDER_MISSING


def test_the_doctor_says_whether_the_watched_folder_is_there(drawn_home: Path, tmp_path: Path) -> None:
    for folder, is_ok in ((tmp_path, True), (tmp_path / "nowhere", False)):
        done = kiosk(drawn_home, "doctor", "--json", KIOSK_EVENT__WATCH_FOLDER=str(folder))
        (watch,) = (one for one in json.loads(done.stdout) if one["part"] == "watch")
        assert watch["is_ok"] is is_ok
