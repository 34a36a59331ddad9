"""A damaged file, a full disk, a locked file."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from kiosk.clock import ManualClock
from kiosk.database import files
from kiosk.database.engine import Database, open_database
from kiosk.database.failures import known_errors
from kiosk.database.meta import SqlMeta
from kiosk.database.page_sums import drop_sums
from kiosk.database.tables import MetaRow
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.types import Voucher, VoucherKind

ROOT = Path(__file__).resolve().parents[2]


def _filled(path: Path, clock: ManualClock) -> None:
    database = open_database(path, clock)
    with database.writing() as session:
        rows = [{"key": f"key {number}", "value": "x" * 200} for number in range(400)]
        session.execute(insert(MetaRow), rows)
    database.close()


def _damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 12] = b"\x5a" * (4096 * 11)
    path.write_bytes(data)


def test_a_damaged_database_is_kept_aside_and_the_newest_good_backup_takes_its_place(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    _filled(path, clock)
    open_database(path, clock).close()  # makes the backup
    clock.advance(100_000)
    open_database(path, clock).close()
    newest, older = files.backups(path)
    _damage(newest)
    _damage(path)
    damaged = path.read_bytes()
    path.with_name("kiosk.db-wal").write_bytes(b"of the damaged file")

    for sums in (path, *files.backups(path)):  # else the pages themselves would be put right
        drop_sums(sums)
    database = open_database(path, clock)
    assert database.restored_from == older
    assert SqlMeta(database).get("key 399") == "x" * 200
    database.close()
    kept = [found for found in tmp_path.iterdir() if ".damaged-" in found.name and found.suffix == ".db"]
    assert [found.read_bytes() for found in kept] == [damaged]


def test_what_was_stored_after_the_backup_survives_damage_elsewhere_in_the_file(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    _filled(path, clock)
    open_database(path, clock).close()
    database = open_database(path, clock)
    SqlVoucherRepository(database).add_voucher(Voucher("AFTER", VoucherKind.FREE, 0))
    SqlMeta(database).set("key 0", "after the backup")
    database.close()
    page = path.read_bytes().index(b"key 200") // 4096
    data = bytearray(path.read_bytes())
    data[page * 4096 : page * 4096 + 48] = b"\x5a" * 48
    path.write_bytes(data)

    database = open_database(path, clock)
    assert database.repaired is not None
    assert SqlVoucherRepository(database).voucher("AFTER") is not None
    assert SqlMeta(database).get("key 0") == "after the backup"
    assert all(SqlMeta(database).get(f"key {number}") == "x" * 200 for number in range(1, 400))
    database.close()


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to be read" * 200])
def test_a_file_that_is_no_database_is_not_taken_for_one(tmp_path: Path, content: bytes) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    _filled(path, clock)
    open_database(path, clock).close()
    path.write_bytes(content)
    database = open_database(path, clock)
    assert SqlMeta(database).get("key 1") == "x" * 200
    database.close()


def test_a_database_that_is_gone_comes_back_from_its_backup(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    _filled(path, clock)
    open_database(path, clock).close()
    path.unlink()
    database = open_database(path, clock)
    assert SqlMeta(database).get("key 1") == "x" * 200
    database.close()


def test_damage_without_a_backup_is_a_clear_error_and_the_file_stays(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    _filled(path, clock)
    _damage(path)
    damaged = path.read_bytes()
    for _ in range(2):
        with pytest.raises(KnownError) as refused:
            open_database(path, clock)
        assert refused.value.code is ErrorCode.DATABASE_DAMAGED
    assert path.read_bytes() == damaged


_OPEN = "import sys; from pathlib import Path; from kiosk.database.engine import open_database; "


@pytest.mark.skipif(sys.platform == "win32", reason="there an open file cannot be replaced at all")
def test_a_damaged_database_is_not_replaced_under_a_kiosk_that_runs(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    _filled(path, clock)
    open_database(path, clock).close()
    running = open_database(path, clock)
    _damage(path)
    damaged = path.read_bytes()
    program = _OPEN + "open_database(Path(sys.argv[1])).close()"
    command = [sys.executable, "-c", program, str(path)]
    beside = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ErrorCode.DATABASE_DAMAGED in beside.stderr
    assert path.read_bytes() == damaged
    running.close()
    after = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert after.returncode == 0, after.stderr
    assert path.read_bytes() != damaged


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there the second to come is told that it is locked")
def test_several_programs_that_make_the_database_at_once_agree(tmp_path: Path) -> None:
    program = _OPEN + "from kiosk.database.meta import SqlMeta; "
    program += "print(SqlMeta(open_database(Path(sys.argv[1]))).kiosk_id())"
    command = [sys.executable, "-c", program, str(tmp_path / "kiosk.db")]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = {process.communicate(timeout=60)[0].strip() for process in running}
    assert len(told) == 1
    assert len(told.pop()) == 32


def test_damage_met_while_running_is_named(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    _filled(path, clock)
    database = open_database(path, clock)
    _damage(path)
    with pytest.raises(KnownError) as refused, database.reading() as session:
        session.execute(text("SELECT sum(length(value)) FROM meta")).scalar()
    assert refused.value.code is ErrorCode.DATABASE_DAMAGED
    database.close()


def _limited(database: Database) -> None:
    """As on a disk without room: the file may not grow by a page."""
    with database.reading() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count={pages}"))


def test_a_full_disk_is_named_and_stores_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db")
    meta = SqlMeta(database)
    meta.set("before", "1")
    _limited(database)
    with pytest.raises(KnownError) as refused:
        meta.set("large", "x" * 100_000)
    assert refused.value.code is ErrorCode.DISK_FULL
    assert (meta.get("before"), meta.get("large")) == ("1", None)
    with database.reading() as session:
        session.execute(text("PRAGMA max_page_count=100000"))
    meta.set("large", "x" * 100_000)
    assert meta.get("large") is not None
    database.close()


def test_a_full_disk_reported_by_the_system_is_the_same_error() -> None:
    with pytest.raises(KnownError) as refused, known_errors():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert refused.value.code is ErrorCode.DISK_FULL
    with pytest.raises(FileNotFoundError), known_errors():
        raise FileNotFoundError(errno.ENOENT, "another matter")


def test_half_a_character_is_refused_and_nothing_of_the_change_is_stored(tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db")
    rows = [MetaRow(key="whole", value="word"), MetaRow(key="half", value="\ud800")]
    with pytest.raises(KnownError) as refused, database.writing() as session:
        session.add_all(rows)
    assert refused.value.code is ErrorCode.TEXT_INVALID
    assert SqlMeta(database).get("whole") is None
    database.close()


def test_a_backup_that_fails_does_not_keep_the_kiosk_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    _filled(path, clock)
    (tmp_path / "backups").write_text("in the way")

    def full(*_: object) -> Path:
        raise KnownError(ErrorCode.DISK_FULL, "full")

    monkeypatch.setattr(files, "back_up", full)
    database = open_database(path, clock)
    assert SqlMeta(database).get("key 1") is not None
    database.close()


def test_a_file_locked_by_another_program_is_named(tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db")
    with database.reading() as session:
        session.execute(text("PRAGMA busy_timeout=50"))
    with closing(sqlite3.connect(tmp_path / "kiosk.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(KnownError) as refused:
            SqlMeta(database).set("a", "b")
        assert refused.value.code is ErrorCode.DATABASE_UNREACHABLE
        other.execute("ROLLBACK")
    SqlMeta(database).set("a", "b")
    assert SqlMeta(database).get("a") == "b"
    database.close()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(KnownError) as refused:
        open_database(tmp_path / "file" / "kiosk.db")
    assert refused.value.code is ErrorCode.FOLDER_NOT_WRITABLE
