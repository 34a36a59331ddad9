"""Camera workers as real processes on a real PostgreSQL and real cameras: whoever dies, is paused, is cut off
or joins, each camera is watched by one of them, and every visitor is counted once."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kiosk.errors import ErrorCode
from tests.camera_workers import LEASE_S, CameraSite, Worker, people_film, wait_for
from tests.peers.postgres import PostgresServer
from tests.rtsp_server import Served, rtsp_server_is_here

pytestmark = [pytest.mark.real_server, pytest.mark.real_faces, pytest.mark.timeout(300)]

DOORS = {"door0": ("d0", "d3"), "door1": ("d9", "d10"), "door2": ("d12",), "door3": ("d18", "s18")}
PEOPLE = sum(map(len, DOORS.values()))
A_FEW_S = 15.0
"""What finding out, connecting and recognising takes beside the lease, on two cores that others use, too."""
OpenSite = Callable[[str], CameraSite]


@pytest.fixture(scope="module")
def films(real_faces: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Served]:
    if not rtsp_server_is_here():
        pytest.skip("gst-rtsp-server is not installed")
    folder = tmp_path_factory.mktemp("films")
    return {name: people_film(folder, name, real_faces, people) for name, people in DOORS.items()}


@pytest.fixture
def open_site(films: dict[str, Served], tmp_path: Path) -> Iterator[OpenSite]:
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(CameraSite(tmp_path, url, films))


@pytest.fixture
def site(open_site: OpenSite, postgres_server: PostgresServer) -> CameraSite:
    return open_site(postgres_server.new_database(f"cameras_{uuid.uuid4().hex[:8]}"))


def watched_by(site: CameraSite, *workers: Worker) -> set[str]:
    """Everybody has been seen, and the workers have shared the cameras."""
    share = len(DOORS) // len(workers)
    wait_for(
        "the workers share the cameras",
        lambda: site.shares() == {one.worker_id: share for one in workers},
        workers,
    )
    wait_for("all cameras are live", lambda: live(*workers) == len(DOORS), workers)
    wait_for("everybody was counted", lambda: len(site.visits()) == PEOPLE, workers)
    return site.visits()


def live(*workers: Worker) -> int:
    return sum(worker.figures().get("live", 0) for worker in workers)


def all_held_by(site: CameraSite, worker: Worker) -> bool:
    return set(site.holders().values()) == {worker.worker_id}


def seen_again(site: CameraSite, worker: Worker) -> None:
    """Each camera has seen somebody since now: the film begins anew, and all have come by."""
    before = site.last_seen()
    wait_for(
        "somebody is seen at every camera",
        lambda: all(at > before[stream] + 2 for stream, at in site.last_seen().items()),
        [worker],
    )


def test_the_cameras_of_a_worker_that_dies_go_on_and_no_visit_is_lost_or_doubled(site: CameraSite) -> None:
    dying, other = site.start_worker(), site.start_worker()
    visits = watched_by(site, dying, other)
    dying.kill()
    held_s = wait_for("all cameras are held", lambda: all_held_by(site, other), [other])
    live_s = held_s + wait_for("all cameras are live", lambda: live(other) == len(DOORS), [other])
    print(f"hand-over: leased after {held_s:.1f} s, live after {live_s:.1f} s (lease {LEASE_S:.0f} s)")
    assert live_s < LEASE_S + A_FEW_S
    seen_again(site, other)
    assert site.visits() == visits


@pytest.mark.slow
def test_a_worker_that_was_paused_counts_nothing_of_what_is_another_ones_by_then(site: CameraSite) -> None:
    paused, other = site.start_worker(), site.start_worker()
    visits = watched_by(site, paused, other)
    paused.signal(signal.SIGSTOP)
    wait_for("all cameras are held", lambda: all_held_by(site, other), [other])
    wait_for("all cameras are live", lambda: live(other) == len(DOORS), [other])
    paused.signal(signal.SIGCONT)
    wait_for("it finds out", lambda: ErrorCode.STREAM_LEASE_LOST in paused.log, [paused])
    share = len(DOORS) // 2
    wait_for(
        "they share again",
        lambda: site.shares() == {paused.worker_id: share, other.worker_id: share},
        [paused, other],
    )
    wait_for("all cameras are live", lambda: live(paused, other) == len(DOORS), [paused, other])
    seen_again(site, other)
    assert site.visits() == visits


@pytest.mark.slow
def test_a_worker_that_joins_gets_its_share_and_all_end_cleanly(site: CameraSite) -> None:
    workers = [site.start_worker(), site.start_worker()]
    visits = watched_by(site, *workers)
    workers.append(site.start_worker())
    wait_for("the load is evened out", lambda: sorted(site.shares().values()) == [1, 1, 2], workers)
    wait_for("all cameras are live", lambda: live(*workers) == len(DOORS), workers)
    seen_again(site, workers[-1])
    assert site.visits() == visits
    assert [worker.end() for worker in workers] == [0, 0, 0]
    assert set(site.holders().values()) == {None}
    assert site.shares() == {}


@pytest.mark.slow
def test_while_the_database_is_away_nobody_counts_and_afterwards_all_go_on(open_site: OpenSite) -> None:
    with PostgresServer(fsync=False) as server:
        site = open_site(server.new_database("cameras"))
        workers = [site.start_worker(), site.start_worker()]
        visits = watched_by(site, *workers)
        server.kill()
        wait_for(
            "nothing is watched",
            lambda: all(not one.figures("/healthz").get("streams", 1) for one in workers),
        )
        assert all(one.figures("/healthz")["is_well"] for one in workers)
        assert all(not one.figures("/readyz") for one in workers)
        server.start()
        site.reconnect()
        wait_for("all cameras are live", lambda: live(*workers) == len(DOORS), workers)
        seen_again(site, workers[0])
        assert site.visits() == visits
