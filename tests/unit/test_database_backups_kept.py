"""Which copies of a database are kept when the clock does not go forward only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.database import files
from kiosk.database.engine import open_database

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)


def test_a_copy_that_was_just_made_stays_also_where_the_clock_went_back(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    open_database(path).close()
    for day in range(files.BACKUPS_KEPT):
        files.back_up(path, NOW + timedelta(days=day))
    made = files.back_up(path, NOW - timedelta(days=1))
    kept = files.backups(path)
    assert made in kept
    assert len(kept) == files.BACKUPS_KEPT
    files.renew_backups(path, NOW - timedelta(days=2))
    (only,) = files.backups(path)
    assert files.is_sound(only)
