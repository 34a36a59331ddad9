"""A database's embeddings are sealed: new ones at once, old ones when it is opened, whoever is killed
meanwhile."""

from __future__ import annotations

import base64
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import LargeBinary, func, insert, select, type_coerce

from kiosk.at_rest.vault import GivenKeys, PassingKeys, Vault, is_sealed
from kiosk.database import sealing
from kiosk.database.engine import Database, open_database
from kiosk.database.page_sums import drop_sums
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.sync_tables import OutboxRow
from kiosk.database.tables import FaceRow, MetaRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from kiosk.photos.types import PhotoEvent
from kiosk.sync.records import Kind
from kiosk.sync.store_records import PersonFaceRecord
from tests.peers.postgres import PostgresServer
from tests.visit import EVENT_ID, START, photo

OLD, NEW = "11" * 32, "22" * 32
CONTRACT = "recogniser-1"


def given(**secrets: str) -> Vault:
    return Vault(GivenKeys(lambda name: secrets[name], secrets.get))


def vectors(count: int) -> np.ndarray:
    rows = np.random.default_rng(3).standard_normal((count, 512)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def fill(database: Database, count: int) -> np.ndarray:
    """One photo with so many faces."""
    rows = SqlPhotoRepository(database)
    rows.add_event(PhotoEvent(EVENT_ID, "Run", "", START))
    rows.add_photo(photo(1), [])
    found = vectors(count)
    box = {"x1": 0.0, "y1": 0.0, "x2": 9.0, "y2": 9.0, "score": 0.9, "contract_id": CONTRACT}
    with database.writing() as session:
        session.execute(
            insert(FaceRow),
            [
                {"photo_id": photo(1).photo_id, "ordinal": ordinal, "embedding": vector, **box}
                for ordinal, vector in enumerate(found)
            ],
        )
    return found


def read(database: Database) -> np.ndarray:
    return np.stack(
        [face.embedding.vector for face in SqlPhotoRepository(database).photo_faces(photo(1).photo_id)]
    )


def stored(database: Database) -> list[bytes]:
    """The bytes as they lie there."""
    column = type_coerce(FaceRow.__table__.c.embedding, LargeBinary)
    with database.reading() as session:
        return [bytes(value) for (value,) in session.execute(select(column).order_by(FaceRow.ordinal))]


def test_every_column_that_holds_embeddings_is_known() -> None:
    names = {table.name for table, _ in sealing.vector_columns()}
    assert names == {"faces", "person_faces", "stays", "visit_faces", "new_photo_wish_faces"}


def test_what_is_written_is_sealed_on_the_disk_and_comes_back_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    database = open_database(path, vault=given(at_rest_key=OLD))
    rows = fill(database, 40)
    assert np.array_equal(read(database), rows)
    assert all(is_sealed(value) for value in stored(database))
    database.close()
    data = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert not any(row.tobytes()[:64] in data for row in rows)
    thief = open_database(path)
    with pytest.raises(Exception, match="without its vault"):
        read(thief)
    thief.close()


def test_what_lay_there_in_clear_is_sealed_when_it_is_opened_and_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    before = open_database(path)
    rows = fill(before, 1200)
    before.back_up()
    before.close()
    database = open_database(path, vault=given(at_rest_key=OLD))
    assert np.array_equal(read(database), rows)
    assert all(is_sealed(value) for value in stored(database))
    assert not sealing.is_sealing_due(database)
    data = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert not any(row.tobytes()[:64] in data for row in rows), "in file, journal and older copies"
    database.close()


def test_a_new_key_takes_the_place_of_the_old_one_when_the_database_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    first = open_database(path, vault=given(at_rest_key=OLD))
    rows = fill(first, 30)
    first.close()
    open_database(path, vault=given(at_rest_key=NEW, at_rest_key_before=OLD)).close()
    after = open_database(path, vault=given(at_rest_key=NEW))
    assert np.array_equal(read(after), rows)
    after.close()


def test_faces_whose_key_is_lost_are_told_apart_and_keep_nothing_else_from_being_sealed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kiosk.db"
    lost = open_database(path, vault=given(at_rest_key=OLD))
    fill(lost, 3)
    lost.close()
    database = open_database(path, vault=given(at_rest_key=NEW))
    with pytest.raises(KnownError) as told:
        read(database)
    assert told.value.code is ErrorCode.KEY_LOST
    assert SqlPhotoRepository(database).photos(EVENT_ID), "all else goes on"
    database.close()


def test_a_damaged_face_is_never_taken_for_another(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    database = open_database(path, vault=given(at_rest_key=OLD))
    fill(database, 1)
    database.close()
    with closing(sqlite3.connect(path)) as raw, raw:
        (value,) = raw.execute("SELECT embedding FROM faces").fetchone()
        raw.execute("UPDATE faces SET embedding = ?", (value[:500] + bytes([value[500] ^ 1]) + value[501:],))
    drop_sums(path)  # by which damage would have been found before
    database = open_database(path, vault=given(at_rest_key=OLD))
    with pytest.raises(KnownError) as told:
        read(database)
    assert told.value.code is ErrorCode.SEALED_DAMAGED
    database.close()


def test_a_key_that_cannot_be_had_is_said_and_nothing_is_written_in_clear(tmp_path: Path) -> None:
    class Gone(PassingKeys):
        def current(self) -> bytes:
            raise KnownError(ErrorCode.SECRET_MISSING, "The keyring is locked.")

        def current_id(self) -> None:  # type: ignore[override]
            return None

    database = open_database(tmp_path / "kiosk.db", vault=Vault(Gone()))
    with pytest.raises(KnownError) as told:
        fill(database, 1)
    assert told.value.code is ErrorCode.SECRET_MISSING
    assert stored(database) == []
    database.close()


_OPENS = """
import sys
from pathlib import Path
from kiosk.at_rest.vault import GivenKeys, Vault
from kiosk.database import sealing
from kiosk.database.engine import open_database
sealing._AT_ONCE = 20
secrets = {"at_rest_key": sys.argv[2]} | ({"at_rest_key_before": sys.argv[3]} if sys.argv[3] else {})
print("begun", flush=True)
open_database(Path(sys.argv[1]), vault=Vault(GivenKeys(lambda name: secrets[name], secrets.get))).close()
"""


@pytest.mark.skipif(os.name != "posix", reason="kills")
def test_sealing_that_is_killed_again_and_again_comes_to_its_end_and_mixes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    before = open_database(path)
    rows = fill(before, 1500)
    before.close()
    for key, older in ((OLD, ""), (NEW, OLD)):
        for moment in range(2):
            process = subprocess.Popen(
                [sys.executable, "-c", _OPENS, str(path), key, older],
                stdout=subprocess.PIPE,
                cwd=program_root(),
            )
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.04 + 0.03 * moment)
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
        last = open_database(
            path, vault=given(**{"at_rest_key": key, **({"at_rest_key_before": older} if older else {})})
        )
        assert np.array_equal(read(last), rows)
        assert not sealing.is_sealing_due(last)
        last.close()
    alone = open_database(path, vault=given(at_rest_key=NEW))
    assert np.array_equal(read(alone), rows)
    alone.close()
    data = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert not any(row.tobytes()[:64] in data for row in rows)


def test_the_centres_database_on_a_server_is_sealed_alike(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database("sealing")
    before = open_database(url)
    rows = fill(before, 700)
    before.close()
    for vault in (given(at_rest_key=OLD), given(at_rest_key=NEW, at_rest_key_before=OLD)):
        database = open_database(url, vault=vault)
        assert np.array_equal(read(database), rows)
        assert all(value.startswith(vault.header()) for value in stored(database))
        assert not sealing.is_sealing_due(database)
        database.close()


def test_nothing_of_a_secret_is_in_the_database(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    database = open_database(path, vault=given(at_rest_key=OLD))
    fill(database, 2)
    database.close()
    database = open_database(path, vault=given(at_rest_key=OLD))
    with database.reading() as session:
        kept = {row.key: row.value for row in session.scalars(select(MetaRow))}
    database.close()
    assert "sealed_under" in kept
    data = path.read_bytes()
    root = bytes.fromhex(OLD)
    assert not any(word in data for word in (root, OLD.encode(), base64.b64encode(root)))


def test_what_waits_for_a_centre_carries_no_face_in_clear(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    vector = vectors(1)[0]
    face = PersonFaceRecord(ordinal=0, face_id="f", contract_id=CONTRACT, embedding=vector.tobytes())
    message = json.dumps({"person_id": "p1", "faces": [json.loads(face.model_dump_json())]})

    def add(database: Database, message_id: str) -> None:
        with database.writing() as session:
            session.add(
                OutboxRow(
                    message_id=message_id,
                    kind=Kind.PERSON.value,
                    payload=message,
                    created_at=START,
                    attempts=0,
                    state="waiting",
                )
            )

    before = open_database(path)
    fill(before, 1)
    add(before, "before")
    before.close()
    for secrets in ({"at_rest_key": OLD}, {"at_rest_key": NEW, "at_rest_key_before": OLD}):
        database = open_database(path, vault=given(**secrets))
        add(database, secrets["at_rest_key"])
        with database.reading() as session:
            people = select(OutboxRow).where(OutboxRow.kind == Kind.PERSON.value)
            assert {row.payload for row in session.scalars(people)} == {message}
            assert session.scalar(select(func.count()).where(OutboxRow.payload.contains("p1"))) > 1
        database.close()
    data = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for form in (base64.b64encode(vector.tobytes()), base64.urlsafe_b64encode(vector.tobytes())):
        assert form[:64] not in data
