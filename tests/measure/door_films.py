"""Films of shop doors, made at the time of measuring of pictures and clips of real faces."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kiosk.camera.types import Pixels
from kiosk.paths import program_root
from tests.peers.processes import PeerMissingError

WIDTH, HEIGHT = 1280, 720
CLIPS = ("driving__d3", "driving__d9", "driving__d10")
"""Long enough that the frames of enrolment are others than those of the film."""
_CLIP_SIDE = 330
_STILL_SIDE = 300
_ENROLLED_AFTER = 160
_IN_S, _STAY_S, _EMPTY_S = 0.8, 1.8, 0.6
IN_VIEW_S = 0.3
"""From the first of somebody in the picture to the whole face, at the most."""
_FACE_SHARE = 0.32
"""Half of the face's width in a square picture of a head, with some room."""


@dataclass(frozen=True, slots=True, eq=False)
class Enrolled:
    """Somebody to be known, and other pictures of them than those in the film."""

    name: str
    pictures: tuple[Pixels, ...]


@dataclass(frozen=True, slots=True)
class Pass:
    """Somebody goes through the picture: numbers of the film's pictures."""

    name: str
    full_view: int
    leaves: int


def faces_folder() -> Path:
    """The labelled pictures beside the repository. Raises PeerMissingError."""
    folder = program_root().parent / "shared" / "data" / "faces"
    if not (folder / "gallery.csv").is_file():
        raise PeerMissingError("the calibration set is not beside the repository")
    return folder


def clip_frames(name: str, first: int, count: int, every: int = 1) -> list[Pixels]:
    """Pictures of one of the talking-head clips, square."""
    path = next((faces_folder() / "extras").glob(f"*{name}.mp4"))
    capture = cv2.VideoCapture(str(path))
    frames: list[Pixels] = []
    number = 0
    while len(frames) < count:
        is_whole, pixels = capture.read()
        if not is_whole:
            break
        if number >= first and (number - first) % every == 0:
            side = min(pixels.shape[:2])
            top, left = (pixels.shape[0] - side) // 2, (pixels.shape[1] - side) // 2
            frames.append(np.ascontiguousarray(pixels[top : top + side, left : left + side]))
        number += 1
    capture.release()
    return frames


def people_of_clips() -> list[Enrolled]:
    """Those of the clips, by frames that the film does not show."""
    return [Enrolled(name, tuple(clip_frames(name, _ENROLLED_AFTER, 4, every=40))) for name in CLIPS]


def three_faces(length: int) -> Iterator[Pixels]:
    """Three people talk side by side and sway, seamless when it begins anew."""
    half = length // 2
    clips = [
        [cv2.resize(one, (_CLIP_SIDE, _CLIP_SIDE)) for one in clip_frames(name, 0, half)] for name in CLIPS
    ]
    ground = _ground()
    for number in range(length):
        picture = ground.copy()
        place = number if number < half else length - 1 - number
        for column, frames in enumerate(clips):
            sway = round(24 * math.sin(2 * math.pi * (number / length * 2 + column / 3)))
            _paste(picture, frames[min(place, len(frames) - 1)], 230 + column * 410 + sway, 390)
        yield picture


def people_of_stills(count: int) -> tuple[list[Enrolled], dict[str, Pixels]]:
    """People of the calibration set by two of their pictures, and one more picture of each."""
    pictures: dict[str, list[Path]] = defaultdict(list)
    folder = faces_folder()
    for table in ("gallery.csv", "probes.csv"):
        with (folder / table).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["role"] == "enrolled" and row["yunet_faces"] == "1":
                    pictures[row["identity"]].append(folder / row["file"])
    chosen = [name for name, paths in sorted(pictures.items()) if len(paths) >= 3][:: len(pictures) // 60][
        :count
    ]
    known = [Enrolled(name, tuple(_read(path) for path in pictures[name][:2])) for name in chosen]
    return known, {name: _read(pictures[name][2]) for name in chosen}


def doors(shown: dict[str, Pixels], fps: int) -> tuple[Iterator[Pixels], list[Pass], int]:
    """One after the other comes in from the left, stands, moves a little, and goes out on the right. The
    pictures, who is in full view when, and how many pictures there are."""
    each = round((2 * _IN_S + _STAY_S + _EMPTY_S) * fps)
    passes = []
    for turn, name in enumerate(shown):
        places = [_place(step, fps) for step in range(each)]
        inside = [
            step
            for step, place in enumerate(places)
            if place is not None
            and place[0] - _FACE_SHARE * place[2] >= 0
            and place[0] + _FACE_SHARE * place[2] < WIDTH
        ]
        passes.append(Pass(name, turn * each + inside[0], turn * each + inside[-1]))
    return _walk(list(shown.values()), each, fps), passes, each * len(shown)


def _walk(heads: Sequence[Pixels], each: int, fps: int) -> Iterator[Pixels]:
    ground = _ground()
    for head in heads:
        for step in range(each):
            picture = ground.copy()
            place = _place(step, fps)
            if place is not None:
                x, y, side = place
                light = 1 + 0.08 * math.sin(step / 9)
                _paste(picture, cv2.convertScaleAbs(cv2.resize(head, (side, side)), alpha=light), x, y)
            yield picture


def _place(step: int, fps: int) -> tuple[int, int, int] | None:
    """Centre and side of the head at a step of its way; None while nobody is there."""
    at_s, middle = step / fps, WIDTH * 0.45
    side = round(_STILL_SIDE * (0.9 + 0.12 * at_s / (2 * _IN_S + _STAY_S)))
    y = round(360 + 10 * math.sin(at_s * 9))
    if at_s < _IN_S:
        return round(-side / 2 + (middle + side / 2) * at_s / _IN_S), y, side
    at_s -= _IN_S
    if at_s < _STAY_S:
        return round(middle + 30 * at_s), y, side
    at_s -= _STAY_S
    if at_s < _IN_S:
        from_x = middle + 30 * _STAY_S
        return round(from_x + (WIDTH + side / 2 - from_x) * at_s / _IN_S), y, side
    return None


def _ground() -> Pixels:
    """Something to stand before, with some grain as cameras have it."""
    chance = np.random.default_rng(11)
    coarse = chance.integers(60, 150, (9, 16, 3), dtype=np.uint8)
    ground = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.add(ground, chance.integers(0, 6, ground.shape, dtype=np.uint8)), np.uint8)


def _paste(picture: Pixels, head: np.ndarray, x: int, y: int) -> None:
    """Lays a square over the picture with its centre there, as far as it reaches; its corners fade."""
    side = head.shape[0]
    left, top = x - side // 2, y - side // 2
    x1, y1, x2, y2 = max(0, left), max(0, top), min(WIDTH, left + side), min(HEIGHT, top + side)
    if x1 >= x2 or y1 >= y2:
        return
    row, column = np.ogrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    mask = np.clip((1.15 - np.sqrt(row**2 + column**2)) * 6, 0, 1)[..., None].astype(np.float32)
    part = (slice(y1 - top, y2 - top), slice(x1 - left, x2 - left))
    under = picture[y1:y2, x1:x2]
    picture[y1:y2, x1:x2] = (head[part] * mask[part] + under * (1 - mask[part])).astype(np.uint8)


def _read(path: Path) -> Pixels:
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(pixels, np.uint8)
