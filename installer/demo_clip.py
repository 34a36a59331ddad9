"""Films the demo's visitor: a portrait that steps in front of a quiet backdrop, moves a little, stands still;
and people who pass a shop's camera.

The clips loop: each begins and ends with nobody there. Faint noise keeps any two frames different, as a real
sensor does, so that a frozen camera can be told from a still visitor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS, SECONDS = 1280, 720, 30, 20
_FACE_HEIGHT = 0.37  # of the frame
_FACE = (195, 223, 275, 390)  # left, top, width, height in the portrait
_ENTERS, _MOVES, _STILL, _LEAVES = 3.0, 4.0, 7.0, 18.5
_FADE = 80  # columns of the portrait
_NOISE = 1.8  # grey levels, standard deviation
_SEED = 7
_PASSING_S = 12

Pixels = NDArray[np.uint8]


def _backdrop() -> NDArray[np.float32]:
    """A softly lit wall with blurred lights."""
    rng = np.random.default_rng(_SEED)
    down = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None, None]
    light, dark = np.array([128, 134, 140], np.float32), np.array([92, 98, 106], np.float32)
    wall = np.broadcast_to((1 - down) * light + down * dark, (HEIGHT, WIDTH, 3)).copy()
    for _ in range(26):
        centre = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT // 2)))
        colour = [float(value) for value in rng.uniform((120, 150, 170), (170, 205, 235))]
        cv2.circle(wall, centre, int(rng.integers(12, 40)), colour, -1)
    return np.asarray(cv2.GaussianBlur(wall, (0, 0), 14), np.float32)


def _cut_out(portrait: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The visitor at the size of the frame, and their opacity (0..1), without what stood behind them."""
    left, top, width, height = _FACE
    mask = np.full(portrait.shape[:2], cv2.GC_BGD, np.uint8)
    middle = left + width // 2
    cv2.ellipse(
        mask, (middle, top + height // 2), (width * 4 // 5, height * 3 // 4), 0, 0, 360, cv2.GC_PR_FGD, -1
    )
    shoulders = np.array(
        [[middle - 110, 600], [middle + 110, 600], [620, 730], [626, 1199], [0, 1199], [0, 760]], np.int32
    )
    cv2.fillPoly(mask, [shoulders], cv2.GC_PR_FGD)
    cv2.ellipse(
        mask, (middle, top + height // 2), (width * 2 // 5, height * 2 // 5), 0, 0, 360, cv2.GC_FGD, -1
    )
    cv2.rectangle(mask, (middle - 90, 640), (middle + 90, 1199), cv2.GC_FGD, -1)
    cv2.setRNGSeed(_SEED)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(portrait, mask, None, background, foreground, 6, cv2.GC_INIT_WITH_MASK)
    opacity = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    opacity = cv2.morphologyEx(opacity, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    soft = cv2.GaussianBlur(cv2.erode(opacity, np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 2.0)
    across = np.arange(portrait.shape[1], dtype=np.float32)
    # The picture cuts the shoulders off: they fade out instead of ending in an edge.
    fading = np.clip(np.minimum(across, across[::-1]) / _FADE, 0, 1)
    return portrait.astype(np.float32), soft * fading


def _placement(seconds: float) -> NDArray[np.float64]:
    """Portrait to frame at a moment, as a 2 x 3 affine matrix."""
    left, top, width, height = _FACE
    moving = min(1.0, max(0.0, (_STILL - seconds) / 1.5))
    scale = _FACE_HEIGHT * HEIGHT / height * (1 + 0.012 * moving * math.sin(2.1 * seconds))
    away = max(
        0.0, 1 - (seconds - _ENTERS) / (_MOVES - _ENTERS), (seconds - _LEAVES) / (SECONDS - 0.5 - _LEAVES)
    )
    x = WIDTH / 2 + moving * 7 * math.sin(1.7 * seconds) + WIDTH * 0.75 * away**1.5
    y = HEIGHT * 0.46 + moving * 4 * math.sin(2.6 * seconds)
    return np.array(
        [[scale, 0, x - scale * (left + width / 2)], [0, scale, y - scale * (top + height / 2)]], np.float64
    )


def _frames(portrait: Pixels) -> Iterator[Pixels]:
    """All frames in order, still without noise; one that shows the same as the last is not composed again."""
    visitor, opacity = _cut_out(portrait)
    backdrop = _backdrop()
    empty = backdrop.astype(np.uint8)
    last, frame = np.zeros((2, 3)), empty
    for number in range(FPS * SECONDS):
        seconds = number / FPS
        if not _ENTERS <= seconds < SECONDS - 0.5:
            yield empty
            continue
        matrix = _placement(seconds)
        if not np.array_equal(matrix, last):
            person = cv2.warpAffine(visitor, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
            cover = cv2.warpAffine(opacity, matrix, (WIDTH, HEIGHT))[:, :, None]
            frame = (person * cover + backdrop * (1 - cover)).astype(np.uint8)
            last = matrix
        yield frame


def film_visitor(portrait: bytes, target: Path) -> None:
    """Writes the clip: 1280x720, 30 frames a second, 20 s. Raises OSError where it cannot be written."""
    _film(_frames(_decoded(portrait)), target)


def film_passer_by(portrait: bytes, target: Path) -> None:
    """Writes a clip of somebody who comes in from the right, stands for a while and goes out to the left: the
    portrait as it is, so that it needs no outline of its own. Raises OSError where it cannot be written."""
    _film(_passing(_decoded(portrait)), target)


def _passing(portrait: Pixels) -> Iterator[Pixels]:
    height = HEIGHT * 3 // 4
    bust = portrait[: portrait.shape[1] * 6 // 5]
    person = cv2.resize(bust, (bust.shape[1] * height // bust.shape[0], height))
    width, top = person.shape[1], HEIGHT - height
    empty = _backdrop().astype(np.uint8)
    for number in range(FPS * _PASSING_S):
        share = number / (FPS * _PASSING_S)
        # Two thirds of the time in the middle: quick at both ends, slow in between.
        way = 0.5 + 0.5 * np.sign(share - 0.5) * (2 * abs(share - 0.5)) ** 4
        left = round((1 - way) * (WIDTH + width) - width)
        frame = empty.copy()
        x1, x2 = max(0, left), min(WIDTH, left + width)
        if x2 > x1:
            frame[top:, x1:x2] = person[:, x1 - left : x2 - left]
        yield frame


def _decoded(portrait: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(portrait, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _film(frames: Iterator[Pixels], target: Path) -> None:
    grains = (
        np.random.default_rng(_SEED).normal(0, _NOISE, (HEIGHT + 64, WIDTH + 64)).round().astype(np.int16)
    )
    noise = cv2.merge([grains] * 3)
    unfinished = target.with_name(f"unfinished-{target.name}")
    writer = cv2.VideoWriter(str(unfinished), cv2.VideoWriter.fourcc(*"mp4v"), FPS, (WIDTH, HEIGHT))
    if not writer.isOpened():
        raise OSError(f"the clip {target.name} cannot be written")
    for number, frame in enumerate(frames):
        down, right = number * 29 % 64, number * 17 % 64
        here = noise[down : down + HEIGHT, right : right + WIDTH]
        writer.write(cv2.add(frame.astype(np.int16), here, dtype=cv2.CV_8U))
    writer.release()
    unfinished.replace(target)
