"""Pictures with numbers drawn at known places, sizes, angles and blur: what a reader of numbers is put to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kiosk.paths import resources_folder
from kiosk.vision.types import Box, FloatArray, Pixels

FONT = resources_folder() / "fonts" / "IBMPlexSansThai_600SemiBold.ttf"
_DRAWN_PX = 120
"""Height of the digits on the patch before it is put into the picture."""
_COLOURS = (
    ((250, 250, 250), (20, 20, 20)),
    ((250, 250, 250), (170, 20, 30)),
    ((245, 215, 40), (20, 20, 20)),
    ((20, 40, 110), (250, 250, 250)),
    ((30, 30, 30), (240, 240, 240)),
    ((215, 60, 40), (250, 250, 250)),
)
"""Patch and digits, RGB: shirts and bibs as they are printed."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a number is worn. `height_px` is that of its digits in the picture, `angle` its tilt and `turn` how
    far the chest is turned away, both in degrees; `blur` is a Gaussian's sigma over the digits' height,
    `contrast` 1 as printed and 0 invisible, `waves` the cloth's folds over the digits' height."""

    height_px: float = 64.0
    angle: float = 0.0
    turn: float = 0.0
    blur: float = 0.0
    contrast: float = 1.0
    waves: float = 0.0


@dataclass(frozen=True, slots=True)
class DrawnNumber:
    """What stands in a picture, and where."""

    digits: str
    box: Box
    look: Look


def draw_numbers(
    background: Pixels,
    looks: Iterable[Look],
    rng: np.random.Generator,
    fonts: Sequence[Path] = (FONT,),
    digits: int | None = None,
) -> tuple[Pixels, list[DrawnNumber]]:
    """A copy of the background with a number of each look; what finds no free place is left out.

    `digits` is how many each number has, two to five where it is None.
    """
    picture, drawn = background.copy(), list[DrawnNumber]()
    for look in looks:
        length = digits or int(rng.integers(2, 6))
        number = str(rng.integers(10 ** (length - 1), 10**length))
        patch, corners = _patch(number, rng, fonts[int(rng.integers(len(fonts)))])
        placed = _placed(picture.shape, patch.shape, corners, look, rng, drawn)
        if placed is not None:
            turn, box = placed
            _print(picture, _folded(patch, look, rng), turn, look)
            drawn.append(DrawnNumber(number, box, look))
    return picture, drawn


def _patch(digits: str, rng: np.random.Generator, font_file: Path) -> tuple[Pixels, FloatArray]:
    """A patch of cloth with the number and a sponsor's line over it, and the corners of the digits on it."""
    ground, ink = _COLOURS[rng.integers(len(_COLOURS))]
    font = ImageFont.truetype(str(font_file), 100)
    left, top, right, bottom = font.getbbox(digits)
    font = ImageFont.truetype(str(font_file), round(100 * _DRAWN_PX / (bottom - top)))
    left, top, right, bottom = font.getbbox(digits)
    width, height = int(right - left + 160), 300
    image = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(image)
    draw.text((80 - left, 110 - top), digits, fill=ink, font=font)
    small = ImageFont.truetype(str(font_file), 32)
    draw.text((width / 2, 60), "CITY RUN 10K", fill=ink, font=small, anchor="mm")
    x2, y2 = 80 + right - left, 110 + bottom - top
    corners = np.array([[80, 110], [x2, 110], [x2, y2], [80, y2]], np.float32)
    return np.asarray(image, np.uint8)[..., ::-1].copy(), corners


def _placed(
    picture: tuple[int, ...],
    patch: tuple[int, ...],
    corners: FloatArray,
    look: Look,
    rng: np.random.Generator,
    drawn: Sequence[DrawnNumber],
) -> tuple[FloatArray, Box] | None:
    """The transform of patch to picture and the box of the digits, at a place that is free."""
    height, width = picture[:2]
    scale = look.height_px / _DRAWN_PX
    whole = np.array([[0, 0], [patch[1], 0], [patch[1], patch[0]], [0, patch[0]]], np.float32)
    shape = _turned(whole * scale, look)
    side = float(np.abs(shape).max()) * 1.1
    for _ in range(60):
        x, y = rng.uniform(side, max(side + 1, width - side)), rng.uniform(side, max(side + 1, height - side))
        turn = cv2.getPerspectiveTransform(whole, (shape + np.array([x, y])).astype(np.float32))
        spots = cv2.perspectiveTransform(corners[None], turn)[0]
        box = Box(*(float(v) for v in (*spots.min(axis=0), *spots.max(axis=0))))
        room = 2.2 * side
        if all(
            max(abs(a - b) for a, b in zip(box.center, one.box.center, strict=True)) > room for one in drawn
        ):
            return turn, box
    return None


def _turned(corners: FloatArray, look: Look) -> FloatArray:
    """Corners around 0 of a rectangle that is turned away (the far side is smaller) and tilted."""
    width, height = corners[2]
    away = np.deg2rad(look.turn)
    points = corners - np.array([width / 2, height / 2], np.float32)
    depth = points[:, 0] * np.sin(away) / (3.0 * max(width, height))
    points = np.stack([points[:, 0] * np.cos(away), points[:, 1]], axis=1) / (1 + depth)[:, None]
    tilt = np.deg2rad(look.angle)
    return np.asarray(points @ np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]]))


def _folded(patch: Pixels, look: Look, rng: np.random.Generator) -> Pixels:
    """The patch with the cloth's folds and shadow, and its contrast."""
    height, width = patch.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    depth = np.float32(look.waves * _DRAWN_PX)
    phase = rng.uniform(0, 2 * np.pi)
    folds = np.sin(x / 70 + y / 160 + phase).astype(np.float32)
    folded = cv2.remap(patch, x, y + depth * folds, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    shade = 0.9 + 0.1 * folds[..., None] * min(1.0, 10 * look.waves)
    middle = folded.reshape(-1, 3).mean(axis=0)
    return np.asarray(np.clip(shade * (middle + (folded - middle) * look.contrast), 0, 255), np.uint8)


def _print(picture: Pixels, patch: Pixels, turn: FloatArray, look: Look) -> None:
    """Puts the patch into the picture, in place."""
    height, width = picture.shape[:2]
    reduced = min(1.0, 1.5 * look.height_px / _DRAWN_PX)
    if reduced < 1.0:
        patch = np.asarray(cv2.resize(patch, None, fx=reduced, fy=reduced, interpolation=cv2.INTER_AREA))
        turn = turn @ np.diag([1 / reduced, 1 / reduced, 1.0])
    if look.blur > 0:
        # In the patch's own pixels; the border stays sharp, the digits do not.
        sigma = look.blur * _DRAWN_PX * reduced
        patch = np.asarray(cv2.GaussianBlur(patch, (0, 0), sigma))
    layer = cv2.warpPerspective(patch, turn, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full(patch.shape[:2], 255, np.uint8), turn, (width, height))
    picture[mask > 127] = layer[mask > 127]
