"""One stream: its pictures, who looks at them, what is told, and that nothing takes the picture away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from kiosk.camera.slot import FrameSlot
from kiosk.camera.types import Camera, Frame
from kiosk.clock import SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.types import WorkerFailed
from kiosk.streams import watch as watching
from kiosk.streams.looking import Looking, MakeLooker
from kiosk.streams.types import Look
from kiosk.streams.watch import Retries, Watch
from kiosk.vision.types import Box
from kiosk.visits.told import StreamFaces, StreamStatusChanged
from kiosk.visits.types import FaceKind, SeenFace, StreamState
from tests.painted_faces import SceneCamera, scene
from tests.watching import heard, wait_until

FACE = SeenFace(1, Box(10, 10, 50, 60), FaceKind.LOOKING)


class OneFace:
    """Sees one face in every picture, until it is told to fail."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.takes_s = 0.0
        self.looked = 0
        self.forgot = 0
        self.came_in = 0
        self.left_over = 0
        self.threads: set[int] = set()

    def look(self, frame: Frame) -> Look:
        self.threads.add(threading.get_ident())
        time.sleep(self.takes_s)
        if self.fault is not None:
            raise self.fault
        self.looked += 1
        return Look((FACE,), self.came_in, 0)

    def forget(self) -> Look:
        self.threads.add(threading.get_ident())
        self.forgot += 1
        left_over, self.left_over = self.left_over, 0
        return Look((), 0, left_over)


class Stage:
    """A watch on a painted scene, with ears."""

    def __init__(self) -> None:
        self.bus = EventBus()
        self.camera = SceneCamera(lambda: scene((320, 180, 120, 1)))
        self.looker = OneFace()
        self.made = 0
        self.refusal: KnownError | None = None
        self.crossings: list[tuple[str, int, int]] = []
        self.changes = heard(self.bus, StreamStatusChanged)
        self.faces = heard(self.bus, StreamFaces)
        self.failures = heard(self.bus, WorkerFailed)
        self.watch = Watch(
            "door",
            self.open_camera,
            lambda: self.looker,
            self.bus,
            SystemClock(),
            lambda *crossing: self.crossings.append(crossing),
        )

    def open_camera(self) -> Camera:
        self.made += 1
        if self.refusal is not None:
            raise self.refusal
        return self.camera

    def is_now(self, state: StreamState) -> bool:
        return self.watch.status.state is state

    def states(self) -> list[StreamState]:
        """Each state once for as long as it lasted."""
        states: list[StreamState] = []
        for change in self.changes:
            if states[-1:] != [change.status.state]:
                states.append(change.status.state)
        return states


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    assert stage.watch.stop()


def test_a_stream_connects_is_live_and_its_faces_are_told_with_their_picture(stage: Stage) -> None:
    stage.watch.start()
    wait_until(lambda: stage.faces)
    looked = stage.watch.looked_frame()
    assert stage.states() == [StreamState.CONNECTING, StreamState.LIVE]
    assert looked is not None
    assert stage.faces[0].faces == (FACE,)
    assert (stage.faces[0].frame_width, stage.faces[0].frame_height) == (640, 360)
    assert stage.faces[0].sequence <= looked.sequence


def test_the_figures_come_about_once_a_second(stage: Stage) -> None:
    stage.watch.start()
    wait_until(lambda: len(stage.changes) >= 4)
    status = stage.changes[-1].status
    assert status.state is StreamState.LIVE
    assert status.frames_per_s > 0
    assert 0 < status.looks_per_s < status.frames_per_s
    assert status.behind_s is not None
    assert status.last_picture_at is not None


def test_looks_are_at_most_ten_a_second_and_of_the_newest_picture(stage: Stage) -> None:
    stage.watch.start()
    wait_until(lambda: len(stage.faces) >= 11)
    told = stage.faces
    assert told[10].captured_at_s - told[0].captured_at_s > 0.85
    assert all(later.sequence > before.sequence for before, later in pairwise(told))


def test_a_slow_look_keeps_no_picture_waiting(stage: Stage) -> None:
    stage.looker.takes_s = 0.4
    stage.watch.start()
    wait_until(lambda: len(stage.faces) >= 3)
    newest = stage.watch.newest_frame()
    assert newest is not None
    assert newest.captured_at_s > time.monotonic() - 0.2
    assert stage.faces[2].sequence - stage.faces[1].sequence > 5
    wait_until(lambda: stage.watch.status.dropped > 0)


def test_a_lost_stream_keeps_its_last_picture_and_no_face(stage: Stage) -> None:
    stage.watch.start()
    wait_until(lambda: stage.faces)
    stage.camera.is_gone.set()
    wait_until(lambda: stage.is_now(StreamState.RECONNECTING))
    wait_until(lambda: stage.looker.forgot)
    wait_until(lambda: stage.faces[-1].faces == ())
    status = stage.watch.status
    assert status.code == "C-102"
    assert status.last_picture_at is not None
    assert status.next_try_at is not None
    assert status.attempt >= 1
    assert status.behind_s is None
    assert stage.watch.newest_frame() is not None
    assert stage.watch.looked_frame() is None


def test_a_picture_from_before_the_loss_is_not_looked_at_after_it(stage: Stage) -> None:
    stage.watch.start()
    wait_until(lambda: stage.faces)
    stage.camera.is_gone.set()
    wait_until(lambda: stage.looker.forgot)
    count = stage.looker.looked
    time.sleep(0.4)
    assert stage.looker.looked == count


def test_a_frozen_stream_is_told_and_comes_back_by_itself(stage: Stage) -> None:
    stage.watch.start()
    wait_until(lambda: stage.is_now(StreamState.LIVE))
    stage.camera.is_frozen.set()
    wait_until(lambda: stage.is_now(StreamState.RECONNECTING))
    assert stage.watch.status.code == "C-103"
    stage.camera.is_frozen.clear()
    wait_until(lambda: stage.is_now(StreamState.LIVE))
    assert stage.made == 1


def test_a_camera_that_is_not_there_is_tried_again_with_growing_pauses(stage: Stage) -> None:
    stage.camera.is_gone.set()
    stage.watch.start()
    wait_until(lambda: stage.watch.status.attempt >= 3)
    lost = [change.status for change in stage.changes if change.status.state is StreamState.RECONNECTING]
    assert [status.attempt for status in lost] == [1, 2, 3]
    assert {status.code for status in lost} == {"C-101"}
    assert lost[-1].last_picture_at is None


def test_pauses_double_up_to_ten_seconds_and_rare_ones_up_to_five_minutes() -> None:
    retries = Retries()
    quick = [retries.pause_s(is_rare=False) for _ in range(9)]
    rare = [retries.pause_s(is_rare=True) for _ in range(9)]
    assert retries.attempt == 18
    for number, pause_s in enumerate(quick):
        longest_s = min(10.0, 0.5 * 2**number)
        assert longest_s / 2 <= pause_s <= longest_s
    for number, pause_s in enumerate(rare):
        longest_s = min(300.0, 15.0 * 2**number)
        assert longest_s / 2 <= pause_s <= longest_s
    assert retries.pause_s(is_rare=False) <= 0.5


def test_a_healthy_run_makes_the_next_try_quick_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "HEALTHY_AFTER_S", 0.5)
    stage.camera.is_gone.set()
    stage.watch.start()
    wait_until(lambda: stage.watch.status.attempt >= 2)
    stage.camera.is_gone.clear()
    wait_until(lambda: stage.is_now(StreamState.LIVE))
    wait_until(lambda: stage.watch.status.frames_per_s > 0)
    stage.camera.is_gone.set()
    wait_until(lambda: stage.is_now(StreamState.RECONNECTING))
    assert stage.watch.status.attempt == 1


@pytest.mark.parametrize(
    "code", [ErrorCode.CAMERA_REFUSED, ErrorCode.SECRET_MISSING, ErrorCode.SETTING_INVALID]
)
def test_a_fault_that_somebody_must_mend_is_told_and_tried_rarely_but_not_given_up(
    stage: Stage, code: ErrorCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "RARE_FIRST_PAUSE_S", 1.0)
    monkeypatch.setattr(watching, "RARE_LONGEST_PAUSE_S", 1.0)
    stage.refusal = KnownError(code, "refused")
    stage.watch.start()
    wait_until(lambda: stage.watch.status.code == code)
    made = stage.made
    time.sleep(0.3)
    assert stage.made == made
    stage.refusal = None
    wait_until(lambda: stage.is_now(StreamState.LIVE))
    assert stage.watch.status.code == ""


def test_a_camera_that_was_refused_once_is_looked_at_again_from_its_first_picture_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "RARE_FIRST_PAUSE_S", 0.01)
    stage.watch.start()
    wait_until(lambda: len(stage.faces) >= 8)
    before = stage.watch.newest_frame()
    assert before is not None
    first, stage.camera = stage.camera, SceneCamera(lambda: scene((320, 180, 120, 1)))
    first.fault = KnownError(ErrorCode.CAMERA_REFUSED, "refused")
    wait_until(lambda: stage.made == 2 and stage.is_now(StreamState.LIVE))
    newest = stage.watch.newest_frame()
    assert newest is not None
    assert newest.sequence > before.sequence
    wait_until(lambda: stage.faces[-1].faces and stage.faces[-1].captured_at_s >= newest.captured_at_s)
    assert all(later.sequence >= one.sequence for one, later in pairwise(stage.faces))


def test_a_bug_in_the_camera_is_survived_for_as_long_as_it_lasts(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LONGEST_PAUSE_S", 0.05)
    stage.camera.fault = ZeroDivisionError("ours")
    stage.watch.start()
    wait_until(lambda: stage.watch.status.attempt > 8)
    stage.camera.fault = None
    wait_until(lambda: stage.is_now(StreamState.LIVE))


@pytest.mark.parametrize(
    ("fault", "code"),
    [(ValueError("ours"), ""), (KnownError(ErrorCode.WEIGHTS_MISSING, "none"), "F-101")],
)
def test_a_looker_that_fails_is_recorded_forgets_and_the_picture_goes_on(
    stage: Stage, fault: Exception, code: str
) -> None:
    stage.watch.start()
    wait_until(lambda: stage.faces)
    stage.looker.fault = fault
    wait_until(lambda: stage.failures)
    assert stage.failures[0] == WorkerFailed("look door", code, has_given_up=False)
    wait_until(lambda: stage.faces[-1].faces == ())
    before = stage.watch.newest_frame()
    assert before is not None
    wait_until(lambda: (stage.watch.newest_frame() or before).sequence > before.sequence + 10)
    assert stage.is_now(StreamState.LIVE)
    assert len(stage.failures) <= 2
    stage.looker.fault = None
    count = stage.looker.looked
    wait_until(lambda: stage.looker.looked > count)


def test_a_looker_that_cannot_be_made_is_tried_again(stage: Stage) -> None:
    def make() -> OneFace:
        if len(stage.failures) < 2:
            raise KnownError(ErrorCode.WEIGHTS_MISSING, "none")
        return stage.looker

    stage.watch.look_with(make)
    stage.watch.start()
    wait_until(lambda: stage.faces)
    assert len(stage.failures) == 2


def test_without_recognition_nobody_looks_and_nothing_counts_as_dropped(stage: Stage) -> None:
    stage.watch.look_with(None)
    stage.watch.start()
    wait_until(lambda: stage.watch.status.frames_per_s > 0)
    assert stage.looker.looked == 0
    assert stage.watch.status.dropped == 0
    assert stage.watch.looked_frame() is None
    stage.watch.look_with(lambda: stage.looker)
    wait_until(lambda: stage.faces)


def test_switching_recognition_off_forgets_faces_at_once_and_keeps_the_picture(stage: Stage) -> None:
    stage.watch.start()
    wait_until(lambda: stage.faces)
    stage.watch.look_with(None)
    wait_until(lambda: stage.looker.forgot)
    wait_until(lambda: stage.faces[-1].faces == ())
    count = len(stage.faces)
    time.sleep(0.3)
    assert len(stage.faces) == count
    assert stage.camera.opened == 1
    assert stage.is_now(StreamState.LIVE)


def test_faces_of_a_look_that_was_going_on_when_recognition_ended_are_not_told(stage: Stage) -> None:
    stage.looker.takes_s = 0.3
    stage.watch.start()
    wait_until(lambda: stage.looker.threads)
    stage.watch.look_with(None)
    wait_until(lambda: stage.looker.forgot)
    assert [told for told in stage.faces if told.faces] == []


def test_a_looker_lives_on_one_thread(stage: Stage) -> None:
    stage.watch.start()
    wait_until(lambda: stage.faces)
    stage.watch.stop()
    assert stage.looker.forgot == 1
    assert len(stage.looker.threads) == 1


def test_crossings_of_the_line_are_counted(stage: Stage) -> None:
    stage.looker.came_in = 2
    stage.watch.start()
    wait_until(lambda: stage.crossings)
    assert stage.crossings[0] == ("door", 2, 0)


def lose(stage: Stage) -> None:
    stage.camera.is_gone.set()


def switch_off(stage: Stage) -> None:
    stage.watch.look_with(None)


def stop(stage: Stage) -> None:
    stage.watch.stop()


def fail(stage: Stage) -> None:
    stage.looker.fault = ValueError("ours")


@pytest.mark.parametrize("end", [lose, switch_off, stop, fail])
def test_whoever_has_crossed_when_looking_ends_is_counted(stage: Stage, end: Callable[[Stage], None]) -> None:
    stage.looker.left_over = 3
    stage.watch.start()
    wait_until(lambda: stage.faces)
    assert stage.crossings == []
    end(stage)
    wait_until(lambda: stage.looker.forgot)
    wait_until(lambda: stage.crossings == [("door", 0, 3)])


def test_crossings_of_a_look_that_ends_too_late_are_counted_all_the_same(stage: Stage) -> None:
    stage.looker.takes_s, stage.looker.came_in = 0.3, 1
    stage.watch.start()
    wait_until(lambda: stage.looker.threads)
    stage.watch.look_with(None)
    wait_until(lambda: stage.looker.forgot)
    assert [told for told in stage.faces if told.faces] == []
    assert stage.crossings == [("door", 1, 0)]


class Fickle(Looking):
    """Wants nobody any more from right after the moment when it asks who is wanted; each moment once."""

    fickle_at = -1
    asked = 0

    @property
    def _wanted(self) -> MakeLooker | None:  # type: ignore[override]
        wanted, self.asked = self._now, self.asked + 1
        if self.asked == self.fickle_at:
            self._now = None
        return wanted

    @_wanted.setter
    def _wanted(self, wanted: MakeLooker | None) -> None:
        self._now = wanted


@pytest.mark.parametrize("moment", range(4, 9))
def test_whoever_is_replaced_forgets_whenever_that_comes(moment: int) -> None:
    slot, looker = FrameSlot(), OneFace()
    looking = Fickle("door", slot, EventBus())
    looking.fickle_at = moment
    looking.look_with(lambda: looker)
    looking.start()
    for number in range(1, 4):
        slot.put(Frame(number, time.monotonic(), scene((320, 180, 120, 1))))
        time.sleep(0.12)
    wait_until(lambda: looking.asked > moment)
    wait_until(lambda: bool(looker.forgot) or not looker.looked)
    assert looking.stop()


def test_stopping_while_a_lost_camera_is_waited_for_is_quick(stage: Stage) -> None:
    stage.camera.is_gone.set()
    stage.watch.start()
    wait_until(lambda: stage.watch.status.attempt >= 3)
    began_s = time.monotonic()
    assert stage.watch.stop()
    assert time.monotonic() - began_s < 1


def test_after_stopping_nothing_more_is_told_and_the_camera_is_let_go_of(stage: Stage) -> None:
    stage.watch.start()
    wait_until(lambda: stage.faces)
    assert stage.watch.stop()
    count = len(stage.changes) + len(stage.faces)
    time.sleep(0.2)
    assert len(stage.changes) + len(stage.faces) == count
    assert stage.camera.closed == 1
    assert stage.looker.forgot == 1
