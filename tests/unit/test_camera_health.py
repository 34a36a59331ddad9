"""What a camera worker tells whoever watches over containers."""

from __future__ import annotations

import json
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from kiosk.central.camera_health import LONGEST_STEP_S, CameraHealth, serve_health
from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from tests.rtsp_server import free_port

LEASE_S = 15.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def health(clock: ManualClock) -> CameraHealth:
    return CameraHealth(clock, LEASE_S)


def asked(port: int, path: str) -> tuple[int, dict[str, object]]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def test_a_worker_is_ready_once_it_has_done_a_step(health: CameraHealth) -> None:
    assert (health.is_alive, health.is_ready) == (True, False)
    health.beat()
    health.is_at_work()
    assert (health.is_alive, health.is_ready) == (True, True)


def test_one_whose_database_is_away_is_alive_and_not_ready(health: CameraHealth, clock: ManualClock) -> None:
    health.is_at_work()
    clock.advance(LEASE_S + 1)
    health.beat()
    assert (health.is_alive, health.is_ready) == (True, False)


def test_one_that_hangs_is_to_be_started_again(health: CameraHealth, clock: ManualClock) -> None:
    health.beat()
    clock.advance(LONGEST_STEP_S + 1)
    assert not health.is_alive


def test_it_is_told_over_http_with_figures(health: CameraHealth, clock: ManualClock) -> None:
    health.figures = {"streams": 2, "live": 1}
    with serve_health(health, free_port()) as port:
        assert asked(port, "/healthz") == (200, {"is_well": True, "streams": 2, "live": 1})
        assert asked(port, "/readyz") == (503, {"is_well": False, "streams": 2, "live": 1})
        health.is_at_work()
        assert asked(port, "/readyz")[0] == 200
        clock.advance(LONGEST_STEP_S + 1)
        assert asked(port, "/healthz")[0] == 503
        assert asked(port, "/")[0] == 404


def test_a_port_that_is_taken_is_told(health: CameraHealth) -> None:
    with serve_health(health, free_port()) as port:
        with pytest.raises(KnownError) as told, serve_health(health, port):
            pytest.fail("two on one port")
        assert told.value.code is ErrorCode.PORT_TAKEN


def test_of_no_port_nothing_is_served(health: CameraHealth) -> None:
    with serve_health(health, 0) as port:
        assert port == 0
