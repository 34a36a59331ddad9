"""The sums of pages are true after every end that a program can come to: no false alarm, no loss."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from kiosk.clock import ManualClock
from kiosk.database import folding
from kiosk.database.engine import Database, open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.page_sums import damage_of, read_sums
from kiosk.database.repair import Way
from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.file_lock import FileLock

ROOT = Path(__file__).resolve().parents[2]
_WRITES = """
import sys
from pathlib import Path
from kiosk.database import folding
from kiosk.database.engine import open_database
from kiosk.database.meta import SqlMeta
folding._FRAMES = 6
database = open_database(Path(sys.argv[1]))
meta = SqlMeta(database)
number = int(meta.get("newest") or 0)
print("opened", database.repaired, flush=True)
while True:
    number += 1
    with database.writing():
        pass
    meta.set("newest", str(number))
    meta.set(f"key {number % 50}", "x" * (number % 9000))
    if number % 40 == 0:
        database.clear_journal("meta")
    print(number, flush=True)
"""


def _is_whole(path: Path) -> bool:
    sums = read_sums(path)
    return sums is not None and sums.is_closed and not damage_of(path, sums)


def _writer(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WRITES, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
@pytest.mark.parametrize("kills", [3, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.timeout(600)
def test_a_program_killed_at_any_moment_leaves_neither_damage_nor_a_false_alarm(
    tmp_path: Path, kills: int
) -> None:
    path, chance = tmp_path / "kiosk.db", random.Random(kills)
    open_database(path).close()
    for _ in range(kills):
        writer = _writer(path)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "opened None\n"
        time.sleep(chance.uniform(0.0, 0.6))
        os.kill(writer.pid, signal.SIGKILL)
        told = writer.stdout.read().split()
        writer.wait()
        writer.stdout.close()
        database = open_database(path)
        assert database.repaired is None
        newest = int(SqlMeta(database).get("newest") or 0)
        assert not told or newest >= int(told[-1]), "what was told to be written is there"
        database.close()
        assert _is_whole(path)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_one_of_two_programs_is_killed_and_the_other_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    database = open_database(path)
    for _ in range(2):
        writer = _writer(path)
        assert writer.stdout is not None
        writer.stdout.readline()
        until_s = time.monotonic() + 0.4
        while time.monotonic() < until_s:
            SqlMeta(database).set("mine", str(until_s))
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate()
        SqlMeta(database).set("mine", "after")
    database.close()
    assert _is_whole(path)
    again = open_database(path)
    assert (again.repaired, SqlMeta(again).get("mine")) == (None, "after")
    again.close()


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a lock is of one descriptor, not of a process")
def test_others_that_look_into_the_file_do_not_take_the_journal_away(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    writer = _writer(path)
    try:
        assert writer.stdout
        while int((writer.stdout.readline().split() or ["0"])[0].replace("opened", "0")) < 20:
            assert writer.poll() is None
        journal = path.with_name("kiosk.db-wal").stat().st_ino
        for _ in range(30):
            with closing(sqlite3.connect(path, timeout=5)) as other:
                other.execute("SELECT count(*) FROM meta").fetchone()
            writer.stdout.readline()
            assert writer.poll() is None
            assert path.with_name("kiosk.db-wal").stat().st_ino == journal
    finally:
        writer.kill()
        writer.communicate()


def test_a_pool_that_loses_its_connections_lets_nobody_else_fold(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    open_database(path).close()
    database = open_database(path)
    SqlMeta(database).set("a", "b")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", interrupt)
    try:
        with database.reading() as session, pytest.raises(KeyboardInterrupt):
            session.execute(text("SELECT 1"))
    finally:
        event.remove(Engine, "before_cursor_execute", interrupt)
    database.close()
    assert _is_whole(path)
    database = open_database(path)
    assert (database.repaired, SqlMeta(database).get("a")) == (None, "b")
    database.close()


def test_an_opening_that_fails_leaves_the_sums_true(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    database = open_database(path)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(KnownError) as refused:
        open_database(path)
    assert refused.value.code is ErrorCode.DATABASE_NEWER
    assert _is_whole(path)


def test_folding_that_ends_before_its_sums_are_written_raises_no_false_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kiosk.db"
    database = open_database(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(folding, "write_sums", full)
        patched.setattr(folding, "_FRAMES", 1)
        _fill(database, 30)
    _fill(database, 60)  # SQLite has begun its journal anew meanwhile
    database.close()
    assert _is_whole(path)
    again = open_database(path)
    assert (again.repaired, SqlMeta(again).get("key 59")) == (None, "x" * 590)
    again.close()


def test_many_threads_write_while_the_journal_is_folded_and_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "_FRAMES", 5)
    path = tmp_path / "kiosk.db"
    database = open_database(path)

    def write(name: str) -> None:
        for number in range(40):
            SqlMeta(database).set(f"{name} {number}", "x" * 3000)

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        database.clear_journal("meta")
    database.close()
    assert _is_whole(path)


def test_a_reader_that_ends_while_the_journal_is_emptied_leaves_the_sums_true(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    database = open_database(path)
    reads, may_end = threading.Event(), threading.Event()

    def read() -> None:
        with database.reading() as session:
            session.execute(text("SELECT count(*) FROM meta")).all()
            reads.set()
            may_end.wait()
            time.sleep(0.3)  # the folding before stops at what this reads; SQLite waits for it, and goes on

    reader = threading.Thread(target=read)
    reader.start()
    reads.wait()
    _fill(database, 20)
    may_end.set()
    database.keep_no_traces()
    reader.join()
    database.check()
    database.close()
    again = open_database(path)
    assert (again.repaired, SqlMeta(again).get("key 19")) == (None, "x" * 190)
    again.close()


def test_the_journal_is_not_emptied_while_another_program_folds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "_WAIT_S", 0.05)
    path = tmp_path / "kiosk.db"
    database = open_database(path)
    _fill(database, 20)
    other = FileLock.take(path.with_name("kiosk.db.fold"))
    assert other is not None
    assert not database.clear_journal("meta")
    other.release()
    database.check()
    assert database.clear_journal("meta")
    database.close()
    assert _is_whole(path)


def test_a_file_that_another_program_folded_after_a_crash_is_said_and_taken_as_it_is(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kiosk.db"
    database = open_database(path)
    crashed = tmp_path / "crashed" / "kiosk.db"
    crashed.parent.mkdir()
    _fill(database, 20)
    for ending in ("", "-wal", ".sums"):
        crashed.with_name(crashed.name + ending).write_bytes(path.with_name(path.name + ending).read_bytes())
    database.close()
    with closing(sqlite3.connect(crashed)) as other:
        other.execute("SELECT count(*) FROM meta").fetchone()  # reading is enough: it folds as it ends
    again = open_database(crashed)
    assert again.repaired is not None
    assert again.repaired.way is Way.UNKNOWN
    assert SqlMeta(again).get("key 19") == "x" * 190
    again.close()
    assert _is_whole(crashed)


def test_no_backup_is_made_of_a_file_that_was_damaged_while_the_kiosk_runs(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    database = open_database(path, clock)
    _fill(database, 20)
    database.back_up_if_due()
    (before,) = (tmp_path / "backups").glob("*.db")
    clock.advance(100_000)
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    with pytest.raises(KnownError) as refused:
        database.back_up_if_due()
    assert refused.value.code is ErrorCode.DATABASE_DAMAGED
    assert list((tmp_path / "backups").glob("*.db")) == [before]
    database.close()
    again = open_database(path, clock)
    assert again.repaired is not None
    again.close()


def _fill(database: Database, count: int) -> None:
    for number in range(count):
        SqlMeta(database).set(f"key {number}", "x" * (10 * number))
