"""People before the camera get their picture taken; pictures of the same people do not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.benchmarks import liveness as liveness_benchmark
from kiosk.benchmarks.held_up_pictures import Motion, held_up, picture_sheet
from kiosk.benchmarks.liveness import evaluate_liveness
from kiosk.camera.types import Frame
from kiosk.capture.challenger import Challenger
from kiosk.capture.liveness import Challenge, LivenessCheck
from kiosk.capture.photographer import Photographer
from kiosk.capture.types import ShotRefused, ShotTaken
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.vision.landmarks import LandmarkFinder
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.quality import LIVE_RULES
from kiosk.vision.types import Pixels, RejectionReason
from tests.watching import heard

PER_SECOND = 15


class Place:
    """A kiosk's photographer with a challenge, to whom frames are shown at their pace but without waiting."""

    def __init__(self, engine: OpenFaceEngine, weights: Path, challenge: Challenge) -> None:
        bus = EventBus()
        self.shots, self.refusals = heard(bus, ShotTaken), heard(bus, ShotRefused)
        check = LivenessCheck
        self.challenger = Challenger(LandmarkFinder(weights), engine, lambda: check(lambda _: challenge))
        self.photographer = Photographer(engine, bus, LIVE_RULES, self.challenger)
        self.photographer.is_begun.set()
        self.seen = 0

    def show(self, frames: Iterator[Pixels], seconds: float) -> None:
        for _, pixels in zip(range(round(seconds * PER_SECOND)), frames, strict=False):
            self.seen += 1
            frame = Frame(self.seen, self.seen / PER_SECOND, pixels)
            self.photographer.look(frame, threading.Event())
            if self.shots:
                return


def film(real_faces: Path, name: str, start_s: float = 0.0) -> Iterator[Pixels]:
    video = cv2.VideoCapture(str(next((real_faces / "extras").glob(f"*__{name}.mp4"))))
    step = round(video.get(cv2.CAP_PROP_FPS) / PER_SECOND)
    video.set(cv2.CAP_PROP_POS_FRAMES, start_s * video.get(cv2.CAP_PROP_FPS))
    number = 0
    while (read := video.read())[0]:
        if number % step == 0:
            yield np.asarray(read[1], np.uint8)
        number += 1
    video.release()


@pytest.mark.real_faces
@pytest.mark.parametrize(("name", "challenge"), [("d9", Challenge.BLINK), ("d3", Challenge.TURN_RIGHT)])
def test_who_does_what_is_asked_gets_their_picture(
    real_faces: Path, face_engine: OpenFaceEngine, weights: Path, name: str, challenge: Challenge
) -> None:
    place = Place(face_engine, weights, challenge)
    place.show(film(real_faces, name), 12)
    assert len(place.shots) == 1
    shot = place.shots[0].shot
    (again,) = face_engine.embed(shot.still, face_engine.detect(shot.still)[:1])
    assert shot.probe.similarity(again) > 0.8


@pytest.mark.slow
@pytest.mark.real_faces
@pytest.mark.parametrize(
    ("motion", "challenge"),
    [
        (Motion.TURN, Challenge.TURN_LEFT),
        (Motion.TURN_BENT_UPRIGHT, Challenge.TURN_LEFT),
        (Motion.TURN_BENT_UPRIGHT, Challenge.TURN_RIGHT),
        (Motion.FLAP, Challenge.BLINK),
        (Motion.HAND_OVER_IT, Challenge.BLINK),
    ],
)
def test_a_picture_held_up_gets_none(
    real_faces: Path, face_engine: OpenFaceEngine, weights: Path, motion: Motion, challenge: Challenge
) -> None:
    still = next(film(real_faces, "d9"))
    sheet = picture_sheet(still, face_engine.detect(still)[0].box)
    place = Place(face_engine, weights, challenge)
    place.show(held_up(sheet, motion, seed=5, frames=60, per_second=PER_SECOND), 4)
    place.photographer.is_touched.set()
    place.photographer.answer_touch()
    assert place.shots == []
    assert place.refusals == [ShotRefused(RejectionReason.NOT_LIVE)]


@pytest.mark.slow
@pytest.mark.real_faces
def test_who_answers_and_holds_up_a_picture_of_somebody_else_gets_none_of_theirs(
    real_faces: Path, face_engine: OpenFaceEngine, weights: Path
) -> None:
    place = Place(face_engine, weights, Challenge.BLINK)
    frames = film(real_faces, "d9")
    while not place.challenger.is_passed():
        place.show(frames, 1 / PER_SECOND)
    somebody_else = next(film(real_faces, "d10"))
    place.show(iter([somebody_else] * 60), 4)
    assert place.shots == []


@pytest.mark.real_faces
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_evaluation_tells_films_from_pictures(
    real_faces: Path,
    face_engine: OpenFaceEngine,
    weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(liveness_benchmark, "HELD_UP_S", 2.0)  # of each of sixteen motions
    source = next((real_faces / "extras").glob("*__d0.mp4"))
    (tmp_path / "film.mp4").write_bytes(source.read_bytes())
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    told: list[tuple[int, int]] = []
    finder = LandmarkFinder(weights)
    result = evaluate_liveness(tmp_path, face_engine, finder, progress=lambda *it: told.append(it))
    assert [film.passed for film in result.films] == [tuple(Challenge)]
    assert result.pictures == 1
    assert [way.asks for way in result.held_up] == [3] * len(Motion)
    assert result.false_acceptance < 0.05
    assert told[-1] == (3, 3)


def test_a_folder_without_films_and_pictures_is_refused(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        evaluate_liveness(tmp_path, OpenFaceEngine(weights), LandmarkFinder(weights))
    assert caught.value.code is ErrorCode.EVALUATION_FOLDER_INVALID
