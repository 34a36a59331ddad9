"""A photographer's folder goes to a centre: broken off, it goes on; nothing is sent or taken twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.central.accounts import add_account
from kiosk.central.principal import Role
from kiosk.central.uploading import UploadDesk, UploadProgress
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from tests.bad_pictures import REFUSED, TAKEN, write_mixed_folder
from tests.central_site import Site, site_at
from tests.centre import CentreServer
from tests.command_line import command, environment
from tests.photo_fakes import write_photos

PASSWORD = "a-good-long-password"
EVENT = "River Run"


@pytest.fixture(scope="module")
def site(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with CentreServer(tmp_path_factory.mktemp("centre")) as server:
        site = site_at(server)
        centre = server.centre
        add_account(centre.database, centre.clock, site.tenant_id, "ploy", PASSWORD, Role.PHOTOGRAPHER)
        yield site


@pytest.fixture
def desk(site: Site) -> Iterator[UploadDesk]:
    desk = UploadDesk(site.server.url, "ploy", PASSWORD)
    yield desk
    desk.close()


@pytest.mark.slow
def test_the_command_sends_a_folder_with_its_places_and_names_what_was_refused(
    site: Site, tmp_path: Path
) -> None:
    card = tmp_path / "card"
    write_mixed_folder(card / "Finish line")
    arguments = ("--event", EVENT, "--url", site.server.url, "--login", "ploy", "--photographer", "Ploy")
    done = subprocess.run(
        command("central", "upload", str(card), *arguments, "--json"),
        cwd=program_root(),
        env=environment(tmp_path / "home"),
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["sent"], report["taken"], report["waiting"]) == (len(TAKEN) + len(REFUSED), len(TAKEN), 0)
    assert {each["file_name"]: each["code"] for each in report["refused"]} == dict(REFUSED)
    photos = site.server.centre.archive.photos.photos(site.event_id)
    assert {(photo.place, photo.photographer) for photo in photos} == {("Finish line", "Ploy")}


def test_a_run_that_broke_off_goes_on_and_sends_nothing_twice(
    site: Site, desk: UploadDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.central.uploading.BATCH_FILES", 2)
    card = tmp_path / "card"
    write_photos(card, 5, people=0)

    def pull_the_card(now: UploadProgress) -> None:
        if now.sent == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.upload_folder(card, EVENT, progress=pull_the_card)
    report = desk.upload_folder(card, EVENT)
    again = desk.upload_folder(card, EVENT)

    assert (report.sent, report.were_there, report.taken, report.duplicates) == (1, 4, 5, 0)
    assert (again.sent, again.taken) == (0, 5)


def test_files_of_another_folder_that_the_event_has_are_duplicates(
    site: Site, desk: UploadDesk, tmp_path: Path
) -> None:
    write_photos(tmp_path / "card", 2, people=1)
    shutil.copytree(tmp_path / "card", tmp_path / "copy")
    desk.upload_folder(tmp_path / "card", EVENT)

    report = desk.upload_folder(tmp_path / "copy", EVENT)

    assert (report.sent, report.taken, report.duplicates) == (2, 0, 2)


def test_a_centre_that_is_away_for_a_moment_is_asked_again(
    site: Site, desk: UploadDesk, tmp_path: Path
) -> None:
    write_photos(tmp_path / "card", 2, people=2)
    site.server.stop()
    back = threading.Timer(0.3, site.server.start)
    back.start()

    report = desk.upload_folder(tmp_path / "card", EVENT, is_waiting=False)
    back.join()

    assert report.sent == 2


@pytest.mark.parametrize(
    ("login", "event", "code"),
    [("ploy", "No such event", ErrorCode.EVENT_UNKNOWN), ("nobody", EVENT, ErrorCode.CENTRE_LOGIN_REFUSED)],
)
def test_a_wrong_event_or_login_is_said_at_once(
    site: Site, tmp_path: Path, login: str, event: str, code: ErrorCode
) -> None:
    write_photos(tmp_path / "card", 1, people=2)
    desk = UploadDesk(site.server.url, login, PASSWORD)
    with pytest.raises(KnownError) as refused:
        desk.upload_folder(tmp_path / "card", event)
    desk.close()

    assert refused.value.code is code
    is_about_event = code is ErrorCode.EVENT_UNKNOWN
    assert ("kiosk central event NAME --tenant TENANT" in refused.value.next_step) is is_about_event
