"""Pulls from a centre until it is killed: FOLDER URL KEY LIMIT. It says each cursor that is on disk."""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.sync.pull import Puller
from tests.sync_kiosk import SyncKiosk


def main() -> None:
    folder, url, key, limit = sys.argv[1:]
    kiosk = SyncKiosk(Path(folder), url, key)
    for _ in Puller(kiosk.door.client(), kiosk.pulled_store, int(limit)).pull():
        print(kiosk.pulled_store.cursor(), flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    main()
