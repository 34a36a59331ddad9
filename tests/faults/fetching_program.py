"""Fetches previews from a centre until it is killed: run by test_fetched_files.

Usage: python -m tests.faults.fetching_program HOME URL QUOTA_BYTES COUNT SEED
"""

from __future__ import annotations

import random
import sys
import threading
from pathlib import Path

from kiosk.clock import SystemClock
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.types import PreviewSize, preview_key
from kiosk.sync.client import CentralClient
from kiosk.sync.fetched_folder import FetchedFolder
from kiosk.sync.fetched_store import FetchedObjectStore


def main() -> None:
    """Says "ready" and then fetches on four threads, for ever."""
    home, url, quota, count, seed = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:6])
    store = FetchedObjectStore(
        FolderObjectStore(home / "objects"),
        FetchedFolder(home / "fetched", quota, SystemClock()),
        CentralClient(url, None),
    )

    def fetch(own_seed: int) -> None:
        chance = random.Random(own_seed)
        while True:
            store.get(preview_key("run", f"{chance.randrange(count):032x}", PreviewSize.MEDIUM))

    print("ready", flush=True)
    threads = [threading.Thread(target=fetch, args=(seed * 10 + each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    threads[0].join()


if __name__ == "__main__":
    main()
