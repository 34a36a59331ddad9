"""What a camera at a door sees: clips of people, near and far, coming towards it and walking past it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from kiosk.camera.types import Pixels
from kiosk.vision.types import FaceEngine

LOOKS_PER_S = 10
WIDTH, HEIGHT = 1280, 720
_FACE_M, _WALK_M_S = 0.16, 1.4
_GRAINS = 7
HEADS = {
    "d0": "liveportrait_clips__assets__examples__driving__d0.mp4",
    "d3": "liveportrait_clips__assets__examples__driving__d3.mp4",
    "d9": "liveportrait_clips__assets__examples__driving__d9.mp4",
    "d10": "liveportrait_clips__assets__examples__driving__d10.mp4",
    "d12": "liveportrait_clips__assets__examples__driving__d12.mp4",
    "d18": "liveportrait_clips__assets__examples__driving__d18.mp4",
    "s18": "liveportrait_clips__assets__examples__source__s18.mp4",
}
"""Films of one person each, all different: the means of any two of them are at most 0.19 similar."""
SHOW = "face_recognition__examples__short_hamilton_clip.mp4"
"""Four shots of a show. A singer is in the first and from 2.8 to 7.0 s; then the audience, of whom one looks
at the camera."""


def pictures_of(path: Path, per_s: float = LOOKS_PER_S) -> list[Pixels]:
    """The pictures of a clip that a look at this pace would meet."""
    capture = cv2.VideoCapture(str(path))
    step, found, number = capture.get(cv2.CAP_PROP_FPS) / per_s, [], 0
    while capture.grab():
        if number >= len(found) * step:
            found.append(np.asarray(capture.retrieve()[1], np.uint8))
        number += 1
    capture.release()
    return found


def face_width(engine: FaceEngine, pictures: Sequence[Pixels]) -> float:
    """Of the largest face in the first picture."""
    return engine.detect(pictures[0])[0].box.width


def far(pictures: Iterable[Pixels], scale: float, noise: float = 0.0) -> list[Pixels]:
    """Pictures made smaller: somebody who stands further away, in the noise of a cheap camera."""
    walls = [_on_wall([(pixels, scale, WIDTH * 0.5, HEIGHT * 0.5)]) for pixels in pictures]
    return noisy(walls, noise) if noise else walls


def noisy(pictures: Sequence[Pixels], deviation: float) -> list[Pixels]:
    """The pictures, all of one size, with a sensor's noise in them."""
    chance = np.random.default_rng(1)
    shape = pictures[0].shape
    grains = [chance.normal(0, deviation, shape).astype(np.int16) for _ in range(_GRAINS)]
    return [
        np.clip(one + np.roll(grains[place % _GRAINS], place // _GRAINS, axis=1), 0, 255).astype(np.uint8)
        for place, one in enumerate(pictures)
    ]


def coming(pictures: Sequence[Pixels], width: float, seconds: float = 3.0) -> list[Pixels]:
    """Somebody whose face is `width` pixels wide in the pictures walks towards the camera, from 6 m on."""
    walls = []
    for look in range(round(seconds * LOOKS_PER_S)):
        distance_m = 6 - _WALK_M_S * look / LOOKS_PER_S
        scale = 1200 * _FACE_M / distance_m / width
        place = 640 + 200 / distance_m, 300 + 60 / distance_m
        walls.append(_on_wall([(pictures[look % len(pictures)], scale, *place)]))
    return walls


def passing(pictures: Sequence[Pixels], width: float, face_px: float) -> list[Pixels]:
    """Somebody walks past, near enough for a face of `face_px`, and a little smeared by it."""
    step = _WALK_M_S / _FACE_M * face_px / LOOKS_PER_S
    return [
        _on_wall(
            [(pictures[look % len(pictures)], face_px / width, look * step, HEIGHT * 0.5)],
            smear=round(face_px * 0.06),
        )
        for look in range(round(WIDTH / step))
    ]


def beside(clips: Sequence[Sequence[Pixels]], scales: Sequence[float]) -> list[Pixels]:
    """Several people beside each other, as long as the shortest clip."""
    places = [WIDTH * (place + 0.5) / len(clips) for place in range(len(clips))]
    return [
        _on_wall([(one, scale, x, HEIGHT * 0.5) for one, scale, x in zip(shown, scales, places, strict=True)])
        for shown in zip(*clips, strict=False)
    ]


def crossing(clips: Sequence[Sequence[Pixels]], widths: Sequence[float], face_px: float) -> list[Pixels]:
    """Two people walk past each other; the head of the first hides that of the second for a moment."""
    step = _WALK_M_S / _FACE_M * face_px / LOOKS_PER_S
    walls = []
    for look in range(round(WIDTH / step)):
        front, behind = (clip[look % len(clip)] for clip in clips)
        walls.append(
            _on_wall(
                [
                    (behind, face_px / widths[1], WIDTH - look * step, HEIGHT * 0.48),
                    (front, face_px / widths[0], look * step, HEIGHT * 0.5),
                ]
            )
        )
    return walls


def _on_wall(shown: Iterable[tuple[Pixels, float, float, float]], smear: int = 0) -> Pixels:
    """A picture of 1280 x 720 with these in it: pixels, scale, where their middle is."""
    wall = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for pixels, scale, x, y in shown:
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=how)
        if smear > 1:
            small = cv2.blur(small, (smear, 1))
        height, width = small.shape[:2]
        left, top = round(x - width / 2), round(y - height / 2)
        x1, x2 = max(0, left), min(WIDTH, left + width)
        y1, y2 = max(0, top), min(HEIGHT, top + height)
        if x1 < x2 and y1 < y2:
            wall[y1:y2, x1:x2] = small[y1 - top : y2 - top, x1 - left : x2 - left]
    return wall
