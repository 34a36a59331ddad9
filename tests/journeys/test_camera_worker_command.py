"""`kiosk central camera-worker` beside a centre on one data folder, without a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.camera_workers import Worker, wait_for
from tests.command_line import answer, kiosk


@pytest.fixture
def home(tmp_path: Path, weights: Path) -> Path:
    return tmp_path


@pytest.mark.slow
def test_a_camera_worker_needs_no_server_and_ends_when_it_is_told(home: Path) -> None:
    answer(kiosk(home / "centre", "central", "tenant", "add", "River", "--json"))
    worker = Worker(home, "centre", {"CENTRAL_HOME": str(home / "centre" / "central")})
    try:
        wait_for("the worker is ready", lambda: bool(worker.figures()), [worker])
        listed = answer(kiosk(home / "centre", "central", "stream", "workers", "--json"))
        assert [(one["worker_id"], one["streams"]) for one in listed] == [(worker.worker_id, 0)]
        assert worker.end() == 0
        assert answer(kiosk(home / "centre", "central", "stream", "workers", "--json")) == []
    finally:
        worker.close()


@pytest.mark.slow
def test_a_health_port_that_is_taken_is_said(home: Path) -> None:
    worker = Worker(home, "centre", {})
    try:
        ended = kiosk(home / "other", "central", "camera-worker", "--health-port", str(worker.port))
        assert ended.returncode == 2
        assert "A-104" in ended.stderr
    finally:
        worker.close()


def test_pictures_that_the_centre_could_not_delete_are_not_kept(home: Path) -> None:
    url = "postgresql+psycopg://kiosk@127.0.0.1:1/centre"
    ended = kiosk(home, "central", "camera-worker", CENTRAL_DATABASE__URL=url)
    assert ended.returncode == 2
    assert "store.keeps_pictures" in ended.stderr
