"""Clips of people played as doors: who is named, how soon, who is counted, and what a look costs.

Looks come ten a second in the door's own time, so that the figures do not depend on what else runs here.
"""

from __future__ import annotations

import csv
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from kiosk.benchmarks.figure import Figure, Goal, percentile
from kiosk.camera.types import Pixels
from kiosk.paths import models_folder
from kiosk.streams.tracking import FaceTracker
from kiosk.vision.alignment import align
from kiosk.vision.looks import LIVE_SIDES, scaled
from kiosk.vision.manifest import read_manifest, read_weights
from kiosk.vision.mobilefacenet import MobileFaceNet
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.quality import DOOR_RULES, assess
from kiosk.vision.types import Embedding, FaceEngine
from kiosk.vision.yunet import MIN_SCORE, YuNet
from tests.door_pictures import (
    HEADS,
    LOOKS_PER_S,
    beside,
    coming,
    face_width,
    far,
    noisy,
    passing,
    pictures_of,
)
from tests.doors import Door, Enrolled, best_faces
from tests.measure.door_films import faces_folder

_OTHERS = 1000
_STILL_LOOKS = 8


def measure_doors() -> list[Figure]:
    """Each person sitting before the camera, far away in noise, coming in, and walking past: enrolled from
    other frames beside 1,000 others, not enrolled among these, and with nobody enrolled."""
    cv2.setNumThreads(1)
    engine = OpenFaceEngine(models_folder(), threads=1)
    engine.warm_up()
    played = Played()
    crowd = _crowd(engine)
    for name, pictures in all_clips().items():
        for enrolment, rest in (
            (pictures[: len(pictures) // 3], pictures[len(pictures) // 3 :]),
            _woven(pictures),
        ):
            known = crowd.copy().add(name, best_faces(engine, enrolment))
            for shown in ways(rest, face_width(engine, rest)):
                played.own(name, Door(engine, known).play(shown))
        for shown in ways(pictures, face_width(engine, pictures)):
            played.stranger(Door(engine, crowd).play(shown))
            played.stranger(Door(engine, Enrolled(engine.contract_id)).play(shown))
    return [*played.figures(), *_strangers(engine, crowd), *_cost(engine, crowd)]


def all_clips() -> dict[str, list[Pixels]]:
    """By name. Raises PeerMissingError."""
    return {name: pictures_of(faces_folder() / "extras" / file) for name, file in HEADS.items()}


def ways(pictures: Sequence[Pixels], width: float) -> Iterator[list[Pixels]]:
    """How somebody may come before the camera."""
    yield list(pictures)
    yield far(pictures, 40 / width, noise=5.0)
    yield coming(pictures, width)
    yield passing(pictures, width, 50)
    yield passing(pictures, width, 90)


@dataclass
class Played:
    """What came of all doors."""

    named: list[bool] = field(default_factory=list)
    wrong: int = 0
    exact: list[bool] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    undecided: list[float] = field(default_factory=list)
    decided: list[float] = field(default_factory=list)

    def own(self, name: str, door: Door) -> None:
        """Somebody who is enrolled."""
        until = door.looks_until_named()
        self.named.append(door.names() == {name} and door.is_named_once())
        self.wrong += bool(door.names() - {name})
        if until is not None:
            self.looks.append(until)
        self._cost(door)
        _leave(door)
        self.exact.append([visit.person_id for visit in door.visits()] == [name])

    def stranger(self, door: Door) -> None:
        """Somebody who is not."""
        self.wrong += bool(door.names())
        self._cost(door)
        _leave(door)
        self.exact.append([visit.person_id for visit in door.visits()] == [None])

    def figures(self) -> list[Figure]:
        return [
            Figure(
                "doors.named_once",
                sum(self.named) / len(self.named),
                f"of {len(self.named)} passes",
                goal=Goal(at_least=1.0),
                more_is_better=True,
            ),
            Figure("doors.wrong_names", self.wrong, f"of {len(self.exact)} passes", goal=Goal(at_most=0)),
            Figure(
                "doors.counted_exactly",
                sum(self.exact) / len(self.exact),
                f"of {len(self.exact)} passes",
                goal=Goal(at_least=1.0),
                more_is_better=True,
            ),
            Figure("doors.first_found_to_name_p50", percentile(self.looks, 50), "looks"),
            Figure("doors.first_found_to_name_p95", percentile(self.looks, 95), "looks"),
            Figure(
                "doors.first_found_to_name_seconds_p95",
                (percentile(self.looks, 95) - 1) / LOOKS_PER_S,
                "s",
                goal=Goal(at_most=1.0),
            ),
            Figure("doors.embeddings_of_a_face_undecided", statistics.mean(self.undecided), "1/s"),
            Figure("doors.embeddings_of_a_face_decided", statistics.mean(self.decided), "1/s"),
        ]

    def _cost(self, door: Door) -> None:
        """Embeddings a second, while there was a face, before and after it was decided on."""
        for is_decided, rates in ((False, self.undecided), (True, self.decided)):
            looks = [
                embedded
                for embedded, look in zip(door.embedded_by_look(), door.looks, strict=True)
                if look.faces and (look.faces[0].kind != "looking") is is_decided
            ]
            if len(looks) >= LOOKS_PER_S:
                rates.append(sum(looks) / len(looks) * LOOKS_PER_S)


def _leave(door: Door) -> None:
    door.empty(np.zeros((720, 1280, 3), np.uint8))


def _cut(pictures: Sequence[Pixels]) -> tuple[Sequence[Pixels], Sequence[Pixels]]:
    """The first third for enrolment, the rest to be played."""
    return pictures[: len(pictures) // 3], pictures[len(pictures) // 3 :]


def _woven(pictures: Sequence[Pixels]) -> tuple[list[Pixels], list[Pixels]]:
    """Every fifth picture for enrolment, the others to be played."""
    return list(pictures[::5]), [one for place, one in enumerate(pictures) if place % 5]


def _crowd(engine: FaceEngine) -> Enrolled:
    """Other people who are known, one photo each."""
    known = Enrolled(engine.contract_id)
    for name, pixels in _photos("gallery.csv", "enrolled"):
        if len(known.names()) == _OTHERS:
            break
        if name not in known.names():
            faces = _centred(engine, pixels)
            known.add(name, faces) if faces else None
    return known


def _strangers(engine: FaceEngine, crowd: Enrolled) -> list[Figure]:
    """News photos of people who are not enrolled, held before the door and moved a little."""
    named = passes = 0
    for _, pixels in _photos("probes.csv", "non-enrolled"):
        passes += 1
        held = np.pad(pixels, ((60, 60), (60, 60), (0, 0)), constant_values=90)
        shown = [np.roll(held, 3 * look, axis=1) for look in range(_STILL_LOOKS)]
        named += bool(Door(engine, crowd).play(noisy(shown, 4.0)).names())
    return [Figure("doors.strangers_named", named / passes, f"of {passes} people", goal=Goal(at_most=0.002))]


def _cost(engine: FaceEngine, crowd: Enrolled) -> list[Figure]:
    """What a look with three faces takes of one core, while nobody is decided on and afterwards."""
    clips = [pictures[:40] for pictures in all_clips().values() if len(pictures) >= 40][:3]
    shown = beside(clips, [90 / face_width(engine, one) for one in clips])
    door = Door(engine, crowd).play(shown)
    assert all(len(look.faces) == 3 for look in door.looks[1:])
    embedded = door.embedded_by_look()
    busy = [place for place, count in enumerate(embedded) if count == 3]
    calm = [place for place, look in enumerate(door.looks) if place > 12 and not embedded[place]]
    tracking, judging = _tracking_ms(engine, shown)
    bare_detector, bare_recogniser = _bare_ms(shown[20])
    seen_ms = [1000 * value for value in door.engine.detecting_s]
    embed_ms = [1000 * value / 3 for value in door.engine.embedding_s[: len(busy)]]

    def look_ms(places: Sequence[int]) -> float:
        return statistics.median(1000 * door.looking_s[place] for place in places)

    models = "YuNet at 640 pixels and MobileFaceNet on aligned faces, nothing else"
    return [
        Figure(
            "doors.look_undecided_three_faces",
            look_ms(busy),
            "ms",
            bare_detector + 3 * bare_recogniser,
            models,
        ),
        Figure("doors.look_decided_three_faces", look_ms(calm), "ms", bare_detector, "YuNet at 640 pixels"),
        Figure("doors.detect", statistics.median(seen_ms), "ms", bare_detector, "YuNet at 640 pixels"),
        Figure("doors.embed_a_face", statistics.median(embed_ms), "ms", bare_recogniser, "MobileFaceNet"),
        Figure("doors.track_three_faces", tracking, "ms"),
        Figure("doors.judge_a_face", judging, "ms"),
    ]


def _tracking_ms(engine: FaceEngine, shown: Sequence[Pixels]) -> tuple[float, float]:
    """Of a look with three faces: following them, and judging one."""
    tracker, tracking, judging = FaceTracker(), [], []
    for place, pixels in enumerate(shown):
        found = engine.detect(pixels)
        began_s = time.thread_time()
        tracker.update(found, place / LOOKS_PER_S)
        tracking.append(time.thread_time() - began_s)
        began_s = time.thread_time()
        for one in found:
            assess(pixels, one, (), DOOR_RULES)
        judging.append((time.thread_time() - began_s) / len(found))
    return 1000 * statistics.median(tracking), 1000 * statistics.median(judging)


def _bare_ms(pixels: Pixels) -> tuple[float, float]:
    """The networks alone: a picture searched, a face turned into numbers."""
    models = models_folder()
    manifest = read_manifest(models)
    seen, known = manifest.entry("detector"), manifest.entry("recogniser")
    detector = YuNet(read_weights(models, seen), seen.preprocessing)
    recogniser = MobileFaceNet(read_weights(models, known), known.preprocessing)
    small = scaled(pixels, LIVE_SIDES[0])
    face = align(small, detector.detect(small, MIN_SCORE)[0].landmarks)
    took = []
    for job in (lambda: detector.detect(small, MIN_SCORE), lambda: recogniser.embed([face])):
        times = []
        for _ in range(30):
            began_s = time.thread_time()
            job()
            times.append(time.thread_time() - began_s)
        took.append(1000 * statistics.median(times))
    return took[0], took[1]


def _photos(table: str, role: str) -> Iterator[tuple[str, Pixels]]:
    folder = faces_folder()
    with (folder / table).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["role"] == role:
                yield row["identity"], _read(folder / row["file"])


def _centred(engine: FaceEngine, pixels: Pixels) -> list[Embedding]:
    """The face in the middle of a photo."""
    middle = pixels.shape[1] / 2, pixels.shape[0] / 2
    found = sorted(engine.detect(pixels), key=lambda one: np.hypot(*np.subtract(one.box.center, middle)))
    return engine.embed(pixels, found[:1])


def _read(path: Path) -> Pixels:
    return np.asarray(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR), np.uint8)
