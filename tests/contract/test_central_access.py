"""Access to the centre over real HTTP."""

from __future__ import annotations

from pathlib import Path

import requests

from tests.centre import CentreServer


def test_the_version_is_told_to_anybody(tmp_path: Path) -> None:
    with CentreServer(tmp_path) as server:
        answer = requests.get(f"{server.url}/api/system/version", timeout=5)
        assert answer.status_code == 200
        assert answer.json()["protocol"] == 1
        server.stop()
        server.start()
        assert requests.get(f"{server.url}/api/system/version", timeout=5).status_code == 200
