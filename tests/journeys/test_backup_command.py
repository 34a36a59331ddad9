"""`kiosk backup` and `kiosk restore` on a machine with another keyring, as a technician types them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kiosk.at_rest.own_keys import IDS_FILE
from kiosk.clock import SystemClock
from kiosk.database.engine import open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.sync_tables import OutboxRow
from kiosk.errors import ErrorCode
from kiosk.paths import program_root
from kiosk.sync.records import Kind
from tests.command_line import answer, command, environment, kiosk, refusal
from tests.faults.test_a_destroyed_kiosk import sell
from tests.file_keyring import keyring_in
from tests.journeys.conftest import EVENT

PASSPHRASE = "a long passphrase"
Keys = dict[str, str]
NO_KEYS = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """A keyring of this test's own that has what the imported event needs."""
    folder = tmp_path / "keys"
    shutil.copytree(os.environ["KEYRING_FOLDER"], folder)
    return keyring_in(folder)


@pytest.fixture
def other_keys(tmp_path: Path) -> Keys:
    """That of another machine: nothing is in it."""
    (tmp_path / "other-keys").mkdir()
    return keyring_in(tmp_path / "other-keys")


def typed(home: Path, *words: str | Path, keys: Keys) -> Any:
    """What the command says as JSON, with the passphrase on its standard input."""
    done = subprocess.run(
        command(*words, "--json"),
        cwd=program_root(),
        env=environment(home, **keys),
        input=PASSPHRASE + "\n",
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def found(home: Path, picture: Path, keys: Keys) -> list[str]:
    told = answer(kiosk(home, "search", picture, "--event", EVENT, "--json", **keys))
    return sorted(match["photo_id"] for match in told["matches"])


def sell_at(home: Path, numbers: range) -> None:
    """At a kiosk that has a centre."""
    database = open_database(home / "kiosk.db")
    SqlEnrolment(database, SystemClock()).enrol("the tenant", "K1")
    sell(database, SqlMeta(database).kiosk_id(), numbers)
    database.close()


def orders_told(home: Path) -> set[str]:
    database = open_database(home / "kiosk.db")
    with database.reading() as session:
        rows = session.query(OutboxRow.payload).where(OutboxRow.kind == Kind.ORDER.value)
        told = {json.loads(payload)["order_id"] for (payload,) in rows}
    database.close()
    return told


@pytest.mark.slow
def test_a_backup_brings_the_secret_that_faces_lie_under(
    home: Path, visitor_picture: Path, demo: Path, keys: Keys, other_keys: Keys, tmp_path: Path
) -> None:
    joe = ("people", "enrol", "Joe", demo / "photos" / "biden.jpg", "--agreed", "1", "--json")
    sell_at(home, range(5))
    answer(kiosk(home, *joe, **keys))
    before, file = found(home, visitor_picture, keys), tmp_path / "one.kiosk"
    assert before
    (secret,) = (path.read_text() for path in Path(keys["KEYRING_FOLDER"]).glob("*at_rest_key.*"))
    assert typed(home, "backup", file, keys=keys)["has_face_keys"]
    assert secret.encode() not in file.read_bytes()
    shutil.rmtree(home)
    back = typed(home, "restore", file, keys=other_keys)
    assert (back["orders"], back["missing_face_keys"]) == (5, [])
    assert secret not in json.dumps(back)
    assert found(home, visitor_picture, other_keys) == before
    assert len(orders_told(home)) == 5
    again = kiosk(home, "people", "add-photo", "Joe", demo / "photos" / "biden.jpg", "--json", **other_keys)
    assert refusal(again) == ErrorCode.FACE_UNUSABLE, "his face can be read"


def test_a_lost_secret_alone_is_brought_back_and_all_that_is_newer_stays(
    home: Path, visitor_picture: Path, keys: Keys, other_keys: Keys, tmp_path: Path
) -> None:
    before, file = found(home, visitor_picture, keys), tmp_path / "one.kiosk"
    typed(home, "backup", file, "--no-photos", keys=keys)
    sell_at(home, range(5))
    lost = kiosk(home, "search", visitor_picture, "--event", EVENT, "--json", **other_keys)
    assert refusal(lost) == ErrorCode.KEY_LOST
    assert typed(home, "templates", "bring-back", file, keys=other_keys) == {"secrets": 1}
    assert found(home, visitor_picture, other_keys) == before
    assert len(orders_told(home)) == 5
    assert typed(home, "templates", "bring-back", file, keys=other_keys) == {"secrets": 0}


@pytest.mark.slow
def test_without_that_secret_it_says_which_one_and_what_to_do_and_nothing_that_was_sold_is_lost(
    home: Path, visitor_picture: Path, demo: Path, keys: Keys, other_keys: Keys, tmp_path: Path
) -> None:
    joe = ("people", "enrol", "Joe", demo / "photos" / "biden.jpg", "--agreed", "1", "--json")
    sell_at(home, range(5))
    answer(kiosk(home, *joe, **keys))
    before, file = found(home, visitor_picture, keys), tmp_path / "one.kiosk"
    (key_id,) = (home / IDS_FILE).read_text().split()
    assert not typed(home, "backup", file, keys=NO_KEYS)["has_face_keys"]
    shutil.rmtree(home)
    back = typed(home, "restore", file, keys=other_keys)
    assert (back["orders"], back["missing_face_keys"]) == (5, [key_id])
    (step,) = [step for step in back["to_do"] if key_id in step]
    assert "kiosk templates recover" in step
    lost = kiosk(home, "search", visitor_picture, "--event", EVENT, "--json", **other_keys)
    assert refusal(lost) == ErrorCode.KEY_LOST
    recovered = answer(kiosk(home, "templates", "recover", "--json", **other_keys))
    assert recovered["people_faces"] == 1
    assert found(home, visitor_picture, other_keys) == before
    assert len(orders_told(home)) == 5
