"""What is remembered of a watched folder's files: what was dealt with is not dealt with again."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.watched_files import SqlWatchedFiles
from kiosk.photos.arrivals import Stamp
from kiosk.photos.types import PhotoEvent
from tests.visit import START

OLD, NEW = Stamp(1000, 1), Stamp(2000, 2)


@pytest.mark.parametrize(("first", "second"), [("day-1", "day-2"), ("day-2", "day-1")])
def test_a_file_whose_name_a_camera_gave_twice_is_known_as_it_was_last(
    tmp_path: Path, first: str, second: str
) -> None:
    database = open_database(tmp_path / "kiosk.db")
    for event_id in ("day-1", "day-2", "day-3"):
        SqlPhotoRepository(database).add_event(PhotoEvent(event_id, event_id, "", START))
    files = SqlWatchedFiles(database, across_events=True)
    files.note(first, {"IMG_0001.JPG": OLD})
    files.note(second, {"IMG_0001.JPG": NEW})
    assert files.of("day-3") == {"IMG_0001.JPG": NEW}
    assert SqlWatchedFiles(database).of(first) == {"IMG_0001.JPG": OLD}
    assert SqlWatchedFiles(database).of("day-3") == {}
    database.close()
