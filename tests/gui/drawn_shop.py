"""Drawn pictures of a shop's cameras and of faces: nobody who lives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from kiosk.vision.types import Box, Pixels

WIDTH, HEIGHT = 1280, 720
_SKIN = ("#e8bd95", "#d39b70", "#b5733f", "#f0cfae")
_HAIR = ("#2c2320", "#241f26", "#8a8580", "#4a3326")
_SHIRTS = ("#b49b6c", "#8e5b70", "#7f8f6c", "#3f5166", "#b1765c", "#5f8aa3")
_BOOKS = ("#8b5f5c", "#62768a", "#b3aa8e", "#7c8d86", "#6d5a66", "#94856a")
_WALLS = {"door": "#8b8375", "aisle": "#6f7f7f", "counter": "#857d71", "back": "#5c5953"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """Somebody in a picture: the middle of their face (pixels), its height, and how they look."""

    x: int
    y: int
    size: int
    look: int

    @property
    def box(self) -> Box:
        """Around the face, as a detector puts it."""
        return Box(
            self.x - self.size * 0.42,
            self.y - self.size / 2,
            self.x + self.size * 0.42,
            self.y + self.size / 2,
        )


PLACES: dict[str, tuple[Drawn, ...]] = {
    "door": (Drawn(418, 235, 118, 0), Drawn(672, 216, 112, 1), Drawn(945, 228, 122, 2)),
    "aisle": (Drawn(309, 219, 112, 3), Drawn(840, 226, 118, 4)),
    "counter": (Drawn(506, 230, 124, 5), Drawn(978, 183, 114, 3)),
    "back": (Drawn(660, 212, 108, 0),),
}
"""Who stands in each picture."""


def _shelf(pen: ImageDraw.ImageDraw, x: int, y: int, width: int, height: int, seed: int) -> None:
    pen.rectangle((x, y, x + width, y + height), fill="#3b3230")
    luck = np.random.default_rng(seed)
    rows = max(2, height // 105)
    for row in range(rows):
        floor = y + (row + 1) * height // rows - 10
        at = x + 12
        while at < x + width - 34:
            wide, high = int(luck.integers(14, 34)), int(luck.integers(40, max(41, height // rows - 26)))
            if luck.random() > 0.2:
                pen.rectangle((at, floor - high, at + wide, floor), fill=_BOOKS[int(luck.integers(6))])
            at += wide + 6
        pen.rectangle((x, floor, x + width, floor + 8), fill="#2a2322")


def _person(pen: ImageDraw.ImageDraw, who: Drawn) -> None:
    x, y, unit = who.x, who.y, who.size
    skin, hair, shirt = _SKIN[who.look % 4], _HAIR[who.look % 4], _SHIRTS[who.look % 6]
    pen.rounded_rectangle(
        (x - unit * 0.5, y + unit * 1.9, x - unit * 0.06, y + unit * 3.9), 18, fill="#343541"
    )
    pen.rounded_rectangle(
        (x + unit * 0.06, y + unit * 1.9, x + unit * 0.5, y + unit * 3.9), 18, fill="#343541"
    )
    for side in (-1, 1):
        arm = [(x + side * unit * 0.55, y + unit * 0.8), (x + side * unit * 0.75, y + unit * 1.9)]
        pen.line(arm, fill=skin, width=int(unit * 0.22))
    pen.rounded_rectangle(
        (x - unit * 0.62, y + unit * 0.58, x + unit * 0.62, y + unit * 2.2), int(unit * 0.3), fill=shirt
    )
    pen.rectangle((x - unit * 0.16, y + unit * 0.3, x + unit * 0.16, y + unit * 0.66), fill=skin)
    _face(pen, who, skin, hair)


def _face(pen: ImageDraw.ImageDraw, who: Drawn, skin: str, hair: str) -> None:
    x, y, unit = who.x, who.y, who.size
    pen.ellipse((x - unit * 0.36, y - unit * 0.44, x + unit * 0.36, y + unit * 0.46), fill=skin)
    pen.pieslice((x - unit * 0.4, y - unit * 0.54, x + unit * 0.4, y + unit * 0.24), 180, 360, fill=hair)
    line = max(2, unit // 30)
    for side in (-1, 1):
        eye = x + side * unit * 0.15
        pen.arc(
            (eye - unit * 0.07, y + unit * 0.02, eye + unit * 0.07, y + unit * 0.12),
            200,
            340,
            fill="#4b3328",
            width=line,
        )
    pen.arc(
        (x - unit * 0.14, y + unit * 0.1, x + unit * 0.14, y + unit * 0.3),
        20,
        160,
        fill="#7b4a3a",
        width=line,
    )


@cache
def draw_place(name: str) -> Pixels:
    """A camera's picture: 720 x 1280 x 3, BGR."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), _WALLS[name])
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 480, WIDTH, HEIGHT), fill="#5d5145")
    if name in ("door", "counter"):
        pen.rectangle((460, 70, 820, 500), fill="#c3cbc4")
    picture = picture.filter(ImageFilter.GaussianBlur(6))
    pen = ImageDraw.Draw(picture)
    if name == "door":
        _shelf(pen, 26, 150, 250, 350, 3)
        _shelf(pen, 1000, 150, 256, 350, 4)
    elif name == "aisle":
        _shelf(pen, 60, 90, 510, 410, 5)
        _shelf(pen, 700, 90, 510, 410, 6)
    elif name == "counter":
        _shelf(pen, 720, 60, 480, 240, 7)
        pen.rectangle((640, 400, WIDTH, 650), fill="#4a382c")
        pen.rectangle((620, 372, WIDTH, 404), fill="#6d543f")
    else:
        _shelf(pen, 380, 110, 640, 380, 8)
    for who in PLACES[name]:
        _person(pen, who)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


@cache
def draw_face(look: int) -> Pixels:
    """A cut-out of a face: 320 x 256 x 3, BGR."""
    picture = Image.new("RGB", (256, 320), _WALLS["counter"])
    pen = ImageDraw.Draw(picture)
    who = Drawn(128, 140, 170, look)
    _person(pen, who)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
