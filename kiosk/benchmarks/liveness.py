"""How well the challenge tells a person from a picture, through the code that visitors meet.

Every film in a folder plays over and over for three asks, once for each challenge to begin with, as if
somebody stood before the camera who does not know what is asked for. Every picture, and one frame of every
film, is held up for six seconds in all the ways of `Motion`: whatever passes there is a false acceptance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import cv2
import numpy as np

from kiosk.benchmarks.held_up_pictures import Motion, held_up, picture_sheet
from kiosk.camera.types import Frame
from kiosk.capture.challenger import Challenger, Landmarks
from kiosk.capture.live_view import LOOKS_PER_S
from kiosk.capture.liveness import ASK_S, OTHER_WAY_AFTER, Challenge, LivenessCheck
from kiosk.capture.ring import LiveFace
from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.quality import LIVE_RULES
from kiosk.vision.types import Box, FaceEngine, FloatArray, Pixels

FILM_ENDINGS = frozenset({".mp4", ".mov", ".avi", ".mkv", ".webm"})
PICTURE_ENDINGS = frozenset({".jpg", ".jpeg", ".png"})
HELD_UP_S = 6.0
_FILM_S = OTHER_WAY_AFTER * ASK_S

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FilmResult:
    """What a film passed: the challenges it was asked for first, where it answered that one or one of the
    next two. `looks` are those in which a face was seen."""

    file: str
    looks: int
    passed: tuple[Challenge, ...]


@dataclass(frozen=True, slots=True)
class HeldUpResult:
    """One way of holding pictures up: how many asks there were, and how many a picture passed."""

    motion: Motion
    asks: int
    passed: int


@dataclass(frozen=True, slots=True)
class LivenessEvaluation:
    """All figures; `pictures` is how many stills were held up."""

    films: tuple[FilmResult, ...]
    held_up: tuple[HeldUpResult, ...]
    pictures: int

    @property
    def films_passed(self) -> int:
        """How many films passed, whatever they were asked for first."""
        return sum(len(film.passed) == len(Challenge) for film in self.films)

    @property
    def false_acceptance(self) -> float:
        """Share of the asks that a picture passed."""
        asks = sum(way.asks for way in self.held_up)
        return sum(way.passed for way in self.held_up) / asks if asks else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        rates = {"films_passed": self.films_passed, "false_acceptance": self.false_acceptance}
        return {**asdict(self), **rates}


def evaluate_liveness(
    folder: Path,
    engine: FaceEngine,
    landmarks: Landmarks,
    rounds: int = 1,
    progress: Progress | None = None,
) -> LivenessEvaluation:
    """Measures on the films and pictures in `folder`; each still is held up `rounds` times in each way.

    `progress` hears (done, total). Raises KnownError: EVALUATION_FOLDER_INVALID (there is neither a film nor
    a picture), and what the engine and the landmarks raise.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    films = [path for path in files if path.suffix.lower() in FILM_ENDINGS]
    pictures = [path for path in files if path.suffix.lower() in PICTURE_ENDINGS]
    if not films and not pictures:
        raise KnownError(
            ErrorCode.EVALUATION_FOLDER_INVALID,
            f"{folder} holds neither films nor pictures.",
            "Put films and pictures of faces there (.mp4, .jpg).",
        )
    tell, total = progress or (lambda _done, _total: None), 2 * len(films) + len(pictures)
    measure = _Measure(engine, landmarks)
    results = []
    for film in films:
        results.append(FilmResult(film.name, *measure.passed(_played(film))))
        tell(len(results), total)
    ways = {motion: HeldUpResult(motion, 0, 0) for motion in Motion}
    shown = 0
    for place, path in enumerate((*films, *pictures)):
        sheet = measure.sheet(_frames(path) if path in films else _picture(path))
        if sheet is not None:
            shown += 1
            for motion in Motion:
                ways[motion] = measure.held_up(ways[motion], sheet, path.name, rounds)
        tell(len(films) + place + 1, total)
    return LivenessEvaluation(tuple(results), tuple(ways.values()), shown)


class _Measure:
    """Puts each challenge to the same looks, side by side."""

    def __init__(self, engine: FaceEngine, landmarks: Landmarks) -> None:
        self._engine = engine
        self._landmarks = _OncePerLook(landmarks)

    def passed(self, frames: Iterable[Pixels]) -> tuple[int, tuple[Challenge, ...]]:
        """In how many of the frames (15 a second) there was a face, and which challenges were passed."""
        challengers = {challenge: self._asking(challenge) for challenge in Challenge}
        passed: set[Challenge] = set()
        looks = 0
        for number, pixels in enumerate(frames):
            face = self._look(Frame(number + 1, number / LOOKS_PER_S, pixels))
            looks += face is not None
            for challenge, challenger in challengers.items():
                if challenge not in passed and challenger.look(face).is_passed:
                    passed.add(challenge)
            if len(passed) == len(Challenge):
                break
        return looks, tuple(challenge for challenge in Challenge if challenge in passed)

    def sheet(self, frames: Iterable[Pixels]) -> Pixels | None:
        """The first frame with a good face, else the first with any, as it would be printed."""
        first: Pixels | None = None
        for number, pixels in enumerate(frames):
            face = self._look(Frame(number + 1, number / LOOKS_PER_S, pixels))
            if face is not None and (first is None or face.quality.is_good):
                first = picture_sheet(pixels, face.detection.box)
                if face.quality.is_good:
                    break
        return first

    def held_up(self, so_far: HeldUpResult, sheet: Pixels, name: str, rounds: int) -> HeldUpResult:
        """Adds what a sheet passes that is held up in one way, `rounds` times."""
        asks, passed = so_far.asks, so_far.passed
        for one in range(rounds):
            seed = crc32(f"{name} {so_far.motion} {one}".encode())
            count = round(HELD_UP_S * LOOKS_PER_S)
            asks += len(Challenge)
            passed += len(self.passed(held_up(sheet, so_far.motion, seed, count, LOOKS_PER_S))[1])
        return HeldUpResult(so_far.motion, asks, passed)

    def _look(self, frame: Frame) -> LiveFace | None:
        return LiveFace.among(frame, self._engine.detect(frame.pixels), LIVE_RULES)

    def _asking(self, challenge: Challenge) -> Challenger:
        def choose(among: Sequence[Challenge]) -> Challenge:
            return challenge if challenge in among else among[0]

        return Challenger(self._landmarks, self._engine, lambda: LivenessCheck(choose))


class _OncePerLook:
    """Landmarks that are computed once for several that look at the same frame."""

    def __init__(self, landmarks: Landmarks) -> None:
        self._landmarks = landmarks
        self._pixels: Pixels | None = None
        self._points = np.empty((0, 2), np.float32)

    def find(self, pixels: Pixels, box: Box) -> FloatArray:
        if pixels is not self._pixels:
            self._pixels, self._points = pixels, self._landmarks.find(pixels, box)
        return self._points


def _played(film: Path) -> Iterator[Pixels]:
    """The frames of a film at 15 a second, over and over for the time of three asks."""
    left = round(_FILM_S * LOOKS_PER_S)
    while left > 0:
        before = left
        for pixels in _frames(film):
            yield pixels
            left -= 1
            if left == 0:
                return
        if left == before:
            return


def _frames(film: Path) -> Iterator[Pixels]:
    video = cv2.VideoCapture(str(film))
    try:
        step = max(1.0, (video.get(cv2.CAP_PROP_FPS) or LOOKS_PER_S) / LOOKS_PER_S)
        shown = 0
        number = 0
        while (read := video.read())[0]:
            if number >= shown * step:
                shown += 1
                yield np.asarray(read[1], np.uint8)
            number += 1
    finally:
        video.release()


def _picture(path: Path) -> Iterator[Pixels]:
    """The one frame of a picture; none where it cannot be read."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is not None:
        yield np.asarray(pixels, np.uint8)
