"""`kiosk templates` as real processes, with real pictures: re-issued, killed, lost, recovered."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.archive import DATABASE_FILE
from kiosk.at_rest.own_keys import IDS_FILE
from kiosk.at_rest.vault import HEADER_BYTES
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.runtime.single_instance import SingleInstance
from kiosk.templates_commands import recover
from tests.command_line import answer, command, environment, kiosk, refusal
from tests.file_keyring import keyring_in, this_process_has
from tests.journeys.conftest import EVENT

Keys = dict[str, str]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """A keyring of this test's own that has what the imported event needs: others have copies of the
    event."""
    folder = tmp_path / "keys"
    shutil.copytree(os.environ["KEYRING_FOLDER"], folder)
    return keyring_in(folder)


def headers(home: Path) -> set[bytes]:
    """Under which keys faces and pictures of faces lie."""
    with closing(sqlite3.connect(home / DATABASE_FILE)) as raw:
        found = {
            bytes(row[0]) for row in raw.execute(f"SELECT substr(embedding, 1, {HEADER_BYTES}) FROM faces")
        }
    store = FolderObjectStore(home / "objects")
    return found | {store.get(key)[:HEADER_BYTES] for key in store.keys("people/")}


def found(home: Path, picture: Path, keys: Keys) -> list[str]:
    told = answer(kiosk(home, "search", picture, "--event", EVENT, "--json", **keys))
    return sorted(match["photo_id"] for match in told["matches"])


def ids(home: Path) -> list[str]:
    return (home / IDS_FILE).read_text().split()


def test_a_new_secret_takes_the_place_of_the_old_one_and_the_same_photos_are_found(
    home: Path, visitor_picture: Path, demo: Path, keys: Keys
) -> None:
    answer(
        kiosk(
            home, "people", "enrol", "Joe", demo / "photos" / "biden.jpg", "--agreed", "1", "--json", **keys
        )
    )
    before, (old,), secrets = found(home, visitor_picture, keys), ids(home), secrets_of(keys)
    index = [file.read_bytes() for file in (home / "index").rglob("faces.index")]
    assert before
    assert headers(home) == {b"PKS" + bytes.fromhex(old)}
    told = answer(kiosk(home, "templates", "reissue", "--json", **keys))
    assert told["faces"] > 5
    assert told["pictures"] == 1
    (new,) = ids(home)
    assert new != old
    assert headers(home) == {b"PKS" + bytes.fromhex(new)}
    assert secrets[old] not in secrets_of(keys).values(), "the old secret is gone"
    assert [file.read_bytes() for file in (home / "index").rglob("faces.index")] != index
    assert found(home, visitor_picture, keys) == before
    (line,) = [
        line
        for line in answer(kiosk(home, "audit", "--json", **keys))
        if line["action"] == "templates_reissued"
    ]
    assert line["detail"]["faces"] == str(told["faces"])


def secrets_of(keys: Keys) -> dict[str, str]:
    """By the ids of the keys; those of other homes are among them."""
    files = Path(keys["KEYRING_FOLDER"]).glob("*at_rest_key.*")
    return {file.name.rpartition(".")[2]: file.read_text() for file in files}


@pytest.mark.skipif(os.name != "posix", reason="kills")
def test_a_reissue_that_is_killed_is_gone_on_with_and_loses_nobody(
    home: Path, visitor_picture: Path, keys: Keys
) -> None:
    before, (old,) = found(home, visitor_picture, keys), ids(home)
    process = subprocess.Popen(
        command("templates", "reissue"), cwd=program_root(), env=environment(home, **keys)
    )
    until = time.monotonic() + 60
    while len(ids(home)) < 2 and time.monotonic() < until:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    new = ids(home)[0]
    assert ids(home) == [new, old]
    assert found(home, visitor_picture, keys) == before, "in the middle of it"
    answer(kiosk(home, "templates", "reissue", "--json", **keys))
    assert ids(home) == [new]
    assert headers(home) == {b"PKS" + bytes.fromhex(new)}
    assert found(home, visitor_picture, keys) == before


def test_without_the_secret_it_is_said_and_recovered_from_the_photos_themselves(
    home: Path, visitor_picture: Path, demo: Path, keys: Keys
) -> None:
    answer(
        kiosk(
            home, "people", "enrol", "Joe", demo / "photos" / "biden.jpg", "--agreed", "1", "--json", **keys
        )
    )
    before = found(home, visitor_picture, keys)
    for file in Path(keys["KEYRING_FOLDER"]).glob("*at_rest_key.*"):
        file.unlink()
    lost = kiosk(home, "search", visitor_picture, "--event", EVENT, "--json", **keys)
    assert refusal(lost) == ErrorCode.KEY_LOST
    told: dict[str, Any] = answer(kiosk(home, "templates", "recover", "--json", **keys))
    assert told["photos"] > 3
    assert (told["without_faces"], told["people_faces"]) == (0, 1)
    assert found(home, visitor_picture, keys) == before
    again = kiosk(home, "people", "add-photo", "Joe", demo / "photos" / "biden.jpg", "--json", **keys)
    assert answer(again)["pictures"] == 1
    nothing = answer(kiosk(home, "templates", "recover", "--json", **keys))
    assert nothing == {"photos": 0, "without_faces": 0, "people_faces": 0}


@pytest.mark.slow
def test_no_faces_are_given_up_while_the_originals_are_out_of_reach(
    home: Path, visitor_picture: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = found(home, visitor_picture, keys)
    folder = Path(keys["KEYRING_FOLDER"])
    for file in folder.glob("*at_rest_key.*"):
        file.unlink()

    def away(*_: object) -> bytes:
        raise KnownError(ErrorCode.OBJECT_STORE_UNREACHABLE, "The centre is away.")

    with this_process_has(folder), monkeypatch.context() as patched:
        patched.setattr(FolderObjectStore, "get", away)
        with pytest.raises(KnownError) as refused:
            recover(home)
    assert refused.value.code is ErrorCode.OBJECT_STORE_UNREACHABLE
    told = answer(kiosk(home, "templates", "recover", "--json", **keys))
    assert (told["photos"] > 3, told["without_faces"]) == (True, 0)
    assert found(home, visitor_picture, keys) == before


def test_it_waits_for_no_kiosk_that_runs(home: Path, keys: Keys) -> None:
    with SingleInstance(home):
        done = kiosk(home, "templates", "reissue", "--json", **keys)
    assert refusal(done) == ErrorCode.ALREADY_RUNNING
    assert len(ids(home)) == 1


@pytest.mark.slow
def test_a_kiosk_without_a_keyring_keeps_its_faces_under_a_secret_of_its_sealed_file(
    demo: Path, weights: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    env = {name: value for name, value in environment(home).items() if "KEYRING" not in name}
    env |= {"DBUS_SESSION_BUS_ADDRESS": "disabled:"}
    shutil.copytree(demo / "photos", tmp_path / "one", ignore=lambda _, names: sorted(names)[1:])
    done = subprocess.run(
        command("import", tmp_path / "one", "--event", EVENT, "--json"),
        cwd=program_root(),
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (home / "keyring" / "secrets.sealed").exists()
    doctor = subprocess.run(
        command("doctor", "--json"), cwd=program_root(), env=env, capture_output=True, text=True, check=False
    )
    assert "in a file of this kiosk, encrypted" in doctor.stdout
