"""What came from the centre, on a machine whose power fails while it comes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from kiosk.clock import SystemClock
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.types import PreviewSize
from kiosk.sync.fetched_folder import FetchedFolder
from tests.file_centre import FileCentre

QUOTA = 200_000
COUNT = 60
KILLS = 5


def test_a_kiosk_killed_while_it_fetches_keeps_its_quota_and_whole_files_only(tmp_path: Path) -> None:
    chance = random.Random(4)
    with FileCentre() as centre:
        for number in range(COUNT):
            photo_id = f"{number:032x}"
            centre.add_preview(photo_id, PreviewSize.MEDIUM, os.urandom(chance.randrange(2000, 20_000)))
        for kill in range(KILLS):
            _run_and_kill(tmp_path, centre.url, kill, chance.uniform(0.1, 0.5))
            files = _files(tmp_path / "fetched")
            assert sum(map(len, files.values())) <= QUOTA
            for key, data in files.items():
                photo_id = Path(key).stem
                assert data == centre.files[f"/api/photos/{photo_id}/preview/medium"]
    folder = FetchedFolder(tmp_path / "fetched", QUOTA, SystemClock())
    files = _files(tmp_path / "fetched")
    assert files
    assert sum(map(len, files.values())) <= folder.passing_bytes <= QUOTA
    folder.close()


def _run_and_kill(home: Path, url: str, seed: int, after_s: float) -> None:
    command = [sys.executable, "-m", "tests.faults.fetching_program", home, url, QUOTA, COUNT, seed]
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        time.sleep(after_s)
        assert program.poll() is None
        program.kill()


def _files(folder: Path) -> dict[str, bytes]:
    store = FolderObjectStore(folder)
    return {key: store.get(key) for key in store.keys("")}
