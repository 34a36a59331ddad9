"""The wall: what is watched follows the rows, and only what changed is touched."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from kiosk.camera.types import Camera, Frame
from kiosk.clock import SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.streams.types import Look
from kiosk.streams.wall import Wall
from kiosk.vision.types import Box
from kiosk.visits.told import StreamFaces, StreamStatusChanged
from kiosk.visits.types import FaceKind, Line, SeenFace, Stream, StreamState
from tests.fake_streams import FakeStreams, a_stream
from tests.painted_faces import SceneCamera, scene
from tests.watching import heard, wait_until


class OneFace:
    """Sees one face in every picture."""

    def __init__(self) -> None:
        self.forgot = threading.Event()

    def look(self, frame: Frame) -> Look:
        return Look((SeenFace(1, Box(10, 10, 50, 60), FaceKind.LOOKING),))

    def forget(self) -> Look:
        self.forgot.set()
        return Look()


class Shop:
    """A wall on painted cameras, with ears."""

    def __init__(self, *ids: str) -> None:
        self.bus = EventBus()
        self.streams = FakeStreams()
        for stream_id in ids:
            self.streams.put(a_stream(stream_id))
        self.cameras: dict[str, list[SceneCamera]] = {}
        self.lookers: dict[str, list[OneFace]] = {}
        self.gone: set[str] = set()
        self.changes = heard(self.bus, StreamStatusChanged)
        self.faces = heard(self.bus, StreamFaces)
        self.wall = Wall(self.streams, self.make_looker, self.open_camera, self.bus, SystemClock())

    def make_looker(self, stream: Stream) -> OneFace:
        self.lookers.setdefault(stream.stream_id, []).append(OneFace())
        return self.lookers[stream.stream_id][-1]

    def open_camera(self, stream: Stream) -> Camera:
        camera = SceneCamera(lambda: scene((320, 180, 120, 1)))
        if stream.stream_id in self.gone:
            camera.is_gone.set()
        self.cameras.setdefault(stream.stream_id, []).append(camera)
        return camera

    def state(self, stream_id: str) -> StreamState | None:
        return {status.stream_id: status.state for status in self.wall.statuses()}.get(stream_id)

    def are_live(self, *ids: str) -> bool:
        return all(self.state(stream_id) is StreamState.LIVE for stream_id in ids)

    def change(self, stream_id: str, **parts: object) -> None:
        self.streams.put(replace(self.streams.stream(stream_id), **parts))  # type: ignore[arg-type]
        self.wall.refresh()


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop("door", "till")
    yield shop
    assert shop.wall.stop()


def test_every_stream_is_watched_and_shows_its_picture(shop: Shop) -> None:
    shop.wall.start()
    wait_until(lambda: shop.are_live("door", "till"))
    assert [status.stream_id for status in shop.wall.statuses()] == ["door", "till"]
    assert shop.wall.newest_frame("door") is not None
    wait_until(lambda: shop.wall.looked_frame("till") is not None)
    assert shop.wall.newest_frame("nowhere") is None


def test_a_rename_touches_nothing(shop: Shop) -> None:
    shop.wall.start()
    wait_until(lambda: shop.faces)
    shop.change("door", name="front door")
    shop.wall.refresh()
    time.sleep(0.2)
    assert len(shop.cameras["door"]) == len(shop.lookers["door"]) == 1
    assert shop.cameras["door"][0].opened == 1


def test_switching_recognition_does_not_connect_anew(shop: Shop) -> None:
    shop.wall.start()
    wait_until(lambda: {told.stream_id for told in shop.faces} == {"door", "till"})
    shop.change("door", recognises=False)
    assert shop.lookers["door"][0].forgot.wait(5)
    wait_until(lambda: [told.faces for told in shop.faces if told.stream_id == "door"][-1] == ())
    shop.change("door", recognises=True)
    wait_until(lambda: [told.faces for told in shop.faces if told.stream_id == "door"][-1])
    assert shop.cameras["door"][0].opened == 1
    assert len(shop.lookers["door"]) == 2
    assert len(shop.lookers["till"]) == 1


def test_another_line_is_looked_for_without_connecting_anew(shop: Shop) -> None:
    shop.wall.start()
    wait_until(lambda: shop.faces)
    shop.change("door", line=Line(0.1, 0.5, 0.9, 0.5))
    wait_until(lambda: len(shop.lookers["door"]) == 2)
    assert shop.lookers["door"][0].forgot.is_set()
    assert len(shop.cameras["door"]) == 1


def test_another_source_connects_anew_and_leaves_the_others_alone(shop: Shop) -> None:
    shop.wall.start()
    wait_until(lambda: shop.are_live("door", "till"))
    shop.change("door", source="webcam:1")
    assert shop.cameras["door"][0].closed == 1
    wait_until(lambda: len(shop.cameras["door"]) == 2 and shop.are_live("door"))
    assert len(shop.cameras["till"]) == 1
    assert shop.cameras["till"][0].closed == 0


def test_another_password_connects_anew(shop: Shop) -> None:
    shop.wall.start()
    wait_until(lambda: shop.are_live("door", "till"))
    shop.change("door", access_revision=1)
    wait_until(lambda: len(shop.cameras["door"]) == 2 and shop.are_live("door"))
    assert len(shop.cameras["till"]) == 1


def test_a_stream_that_is_switched_off_lets_go_of_its_camera_and_comes_back(shop: Shop) -> None:
    shop.wall.start()
    wait_until(lambda: shop.are_live("door", "till"))
    shop.change("door", is_on=False)
    assert shop.state("door") is StreamState.OFF
    assert shop.cameras["door"][0].closed == 1
    assert shop.wall.newest_frame("door") is None
    assert shop.changes[-1].status.stream_id != "door" or shop.changes[-1].status.state is StreamState.OFF
    shop.change("door", is_on=True)
    wait_until(lambda: shop.are_live("door"))


def test_a_stream_that_is_off_from_the_beginning_is_told(shop: Shop) -> None:
    shop.streams.switch("door", is_on=False)
    shop.wall.start()
    wait_until(lambda: shop.are_live("till"))
    told = [change.status.state for change in shop.changes if change.status.stream_id == "door"]
    assert told == [StreamState.OFF]
    assert "door" not in shop.cameras


def test_streams_come_and_go_with_their_rows(shop: Shop) -> None:
    shop.wall.start()
    wait_until(lambda: shop.are_live("door", "till"))
    shop.streams.remove("till")
    shop.streams.put(a_stream("yard"))
    shop.wall.refresh()
    wait_until(lambda: shop.are_live("yard"))
    assert [status.stream_id for status in shop.wall.statuses()] == ["door", "yard"]
    assert shop.cameras["till"][0].closed == 1
    assert len(shop.cameras["door"]) == 1


def test_one_that_is_lost_takes_none_of_the_others_away(shop: Shop) -> None:
    shop.wall.start()
    wait_until(lambda: shop.are_live("door", "till"))
    shop.cameras["door"][0].is_gone.set()
    wait_until(lambda: shop.state("door") is StreamState.RECONNECTING)
    before = shop.wall.newest_frame("till")
    assert before is not None
    wait_until(lambda: (shop.wall.newest_frame("till") or before).sequence > before.sequence + 5)
    assert shop.are_live("till")
    assert shop.wall.newest_frame("door") is not None


def test_rows_that_cannot_be_read_leave_the_wall_as_it_is(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> list[Stream]:
        raise KnownError(ErrorCode.DATABASE_UNREACHABLE, "away")

    shop.wall.start()
    wait_until(lambda: shop.are_live("door", "till"))
    monkeypatch.setattr(shop.streams, "streams", fail)
    with pytest.raises(KnownError):
        shop.wall.refresh()
    assert shop.are_live("door", "till")


def test_before_the_start_and_after_the_stop_nothing_is_watched() -> None:
    shop = Shop("door")
    shop.wall.refresh()
    assert shop.wall.statuses() == ()
    shop.wall.start()
    wait_until(lambda: shop.are_live("door"))
    assert shop.wall.stop()
    shop.wall.refresh()
    assert shop.wall.statuses() == ()
    assert shop.cameras["door"][0].closed == 1


def test_stopping_keeps_its_bound_while_cameras_are_stuck_and_missing() -> None:
    shop = Shop("door", "till", "yard", "roof")
    shop.gone = {"roof"}
    shop.wall.start()
    wait_until(lambda: shop.are_live("door", "till", "yard"))
    shop.cameras["door"][0].is_frozen.set()
    shop.cameras["till"][0].is_frozen.set()
    time.sleep(0.1)
    began_s = time.monotonic()
    assert shop.wall.stop(timeout_s=3.0)
    assert time.monotonic() - began_s < 3.0


def test_starts_and_stops_leave_no_thread_behind(shop: Shop) -> None:
    before = threading.active_count()
    for _ in range(5):
        shop.wall.start()
        wait_until(lambda: shop.are_live("door", "till"))
        assert shop.wall.stop()
    assert threading.active_count() == before
