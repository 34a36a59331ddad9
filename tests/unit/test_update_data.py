"""The data of before an update comes back whole, also where the power goes at any step of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.updates.data_copy import HALF_RESTORED, copy_data, restore_data, revision_of


def _with_journal(path: Path, revision: str, orders: int) -> None:
    """A database as a killed program leaves it: its last orders stand in the journal only."""
    made = path.with_name("made.db")
    with closing(sqlite3.connect(made, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("CREATE TABLE orders (order_id INTEGER)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.executemany("INSERT INTO orders VALUES (?)", [(number,) for number in range(orders)])
        for ending in ("", "-wal"):
            shutil.copyfile(f"{made}{ending}", f"{path}{ending}")
    made.unlink()
    path.with_name(f"{path.name}.sums").write_bytes(b"sums of " + revision.encode())


def _orders(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM orders").fetchone()[0])


class _PowerCutError(Exception):
    pass


@pytest.mark.parametrize("replaced", [0, 1, 2, 3])
def test_a_power_cut_between_two_files_is_seen_and_all_of_them_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: int
) -> None:
    path, copy, aside = tmp_path / "kiosk.db", tmp_path / "before", tmp_path / "aside"
    _with_journal(path, "0001", 5)
    copy_data(path, copy)
    _with_journal(path, "0002", 7)
    done: list[Path] = []
    replace = Path.replace

    def replace_or_die(self: Path, target: Path) -> Path:
        if self.suffix == ".restoring":
            if len(done) == replaced:
                raise _PowerCutError
            done.append(target)
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace_or_die)
        if replaced < 3:
            with pytest.raises(_PowerCutError):
                restore_data(path, copy, aside)
        else:
            restore_data(path, copy, aside)
    assert revision_of(path) == (HALF_RESTORED if replaced < 3 else "0001")
    if revision_of(path) != "0001":
        restore_data(path, copy, aside)
    assert path.with_name("kiosk.db.sums").read_bytes() == b"sums of 0001"
    assert (revision_of(path), _orders(path)) == ("0001", 5)
    assert _orders(aside / path.name) == 7, "what was sold meanwhile is kept"
    assert not list(tmp_path.glob("*.restoring"))
