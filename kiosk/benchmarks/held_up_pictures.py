"""Pictures of a face held up to a camera, as a print or a phone would be: moved, tilted, bent.

Each frame is cast by rays through a pinhole camera onto a flat or cylindrically bent sheet. Sizes are in
metres, angles in radians; x is to the frame's right, y down, z away from the camera. Everything follows from
the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import pi

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.types import Box, FloatArray, Pixels

WIDTH, HEIGHT = 480, 360
_FOCAL_PX = 1.1 * WIDTH  # a usual webcam
_SHEET_PX = 640
_SHEET_M = 0.40
_FACES_WIDE = 2.2  # the sheet's side over the face's: the face is life-size
_STEP_PX = 8  # rays are cast for every eighth pixel; between them the sheet is smooth

Floats = NDArray[np.float64]


class Motion(StrEnum):
    """What the hand that holds the picture does. Bends are about an axis: upright, level or oblique."""

    HOLD = "hold"
    SLIDE = "slide"
    ROLL = "roll"
    TURN = "turn"
    TILT = "tilt"
    TURN_AND_TILT = "turn and tilt"
    ZOOM = "zoom"
    LIGHT = "light"
    BEND_UPRIGHT = "bend, upright"
    BEND_LEVEL = "bend, level"
    TURN_BENT_UPRIGHT = "turn, bent upright"
    TURN_BENT_LEVEL = "turn, bent level"
    TURN_BENT_OBLIQUE = "turn, bent obliquely"
    FLAP = "flap"
    EVERYTHING = "everything"
    HAND_OVER_IT = "a hand across it"


@dataclass(slots=True)
class Course:
    """How the sheet moves: one value for each frame. `bend` is 1 / radius, positive towards the camera."""

    x: Floats
    y: Floats
    z: Floats
    yaw: Floats
    pitch: Floats
    roll: Floats
    bend: Floats
    gain: Floats
    axis: float = 0.0


def picture_sheet(picture: Pixels, face: Box) -> Pixels:
    """The square around a face that somebody would print, 640 x 640 x 3."""
    scale = _SHEET_PX / (max(face.width, face.height) * _FACES_WIDE)
    x, y = face.center
    matrix = np.array([[scale, 0, _SHEET_PX / 2 - scale * x], [0, scale, _SHEET_PX / 2 - scale * y]])
    size = (_SHEET_PX, _SHEET_PX)
    sheet = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sheet, np.uint8)


def held_up(sheet: Pixels, motion: Motion, seed: int, frames: int, per_second: float) -> Iterator[Pixels]:
    """`frames` frames (480 x 360 x 3) of the sheet before a blurred room, with the camera's noise."""
    chance = np.random.default_rng(seed)
    room = cv2.resize(
        chance.integers(40, 200, (6, 8, 3)).astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC
    )
    course = _course(motion, chance, frames, per_second)
    noise, print_gain = chance.uniform(1, 4), chance.uniform(0.8, 1.1)
    hand = _Hand(chance, frames, per_second) if motion is Motion.HAND_OVER_IT else None
    for place in range(frames):
        frame = _drawn(sheet, room, course, place, print_gain)
        frame += chance.standard_normal(frame.shape, np.float32) * np.float32(noise)
        shown = np.clip(frame, 0, 255).astype(np.uint8)
        yield shown if hand is None else hand.over(shown, place)


class _Hand:
    """A band of one colour that goes up and down over the picture."""

    def __init__(self, chance: np.random.Generator, frames: int, per_second: float) -> None:
        self._top = _wander(chance, frames, per_second, 1.2) * 90 + HEIGHT / 2
        self._height = int(chance.uniform(12, 40))
        self._colour = [int(level) for level in chance.integers(90, 200, 3)]

    def over(self, frame: Pixels, place: int) -> Pixels:
        top = int(self._top[place])
        frame[max(0, top) : max(0, top + self._height)] = self._colour
        return frame


def _wander(chance: np.random.Generator, frames: int, per_second: float, speed: float = 1.0) -> Floats:
    """A smooth way between -1 and 1: three slow waves (0.15 to 1 Hz, times `speed`)."""
    times = np.arange(frames) / per_second
    way = np.zeros(frames)
    for frequency in chance.uniform(0.15, 1.0, 3) * speed:
        way += chance.uniform(0.3, 1) * np.sin(2 * pi * frequency * times + chance.uniform(0, 2 * pi))
    return way / max(1e-6, float(np.abs(way).max()))


def _course(motion: Motion, chance: np.random.Generator, frames: int, per_second: float) -> Course:
    def wander(speed: float = 1.0) -> Floats:
        return _wander(chance, frames, per_second, speed)

    hand = [wander(1.5) * chance.uniform(0.002, 0.008) for _ in range(3)]
    tremor = [wander(3) * 0.01 for _ in range(3)]
    still, even = np.zeros(frames), np.ones(frames)
    far = np.full(frames, chance.uniform(0.42, 0.62))
    yaw, pitch, roll = tremor
    course = Course(
        x=hand[0], y=hand[1], z=far + hand[2], yaw=yaw, pitch=pitch, roll=roll, bend=still, gain=even
    )
    _MOTIONS[motion](course, chance, wander)
    return course


Wander = Callable[..., Floats]


def _hold(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    """Only the hand's own trembling."""


def _slide(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    course.x = course.x + wander() * 0.08
    course.y = course.y + wander() * 0.05


def _roll(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    course.roll = course.roll + wander() * 0.4


def _turn(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    course.yaw = course.yaw + wander(0.7) * chance.uniform(0.5, 0.95)


def _tilt(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    course.pitch = course.pitch + wander(0.7) * chance.uniform(0.4, 0.75)


def _turn_and_tilt(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    _turn(course, chance, wander)
    _tilt(course, chance, wander)


def _zoom(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    course.z = course.z * (1 + wander() * 0.25)


def _light(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    course.gain = 1 + wander() * 0.4


def _bending(axis: float) -> Callable[[Course, np.random.Generator, Wander], None]:
    def bend(course: Course, chance: np.random.Generator, wander: Wander) -> None:
        course.bend, course.axis = wander() * chance.uniform(4, 8), axis

    return bend


def _turning_bent(axis: float) -> Callable[[Course, np.random.Generator, Wander], None]:
    def turn_bent(course: Course, chance: np.random.Generator, wander: Wander) -> None:
        _turn(course, chance, wander)
        course.bend, course.axis = course.bend + chance.uniform(3, 9), axis

    return turn_bent


def _turn_bent_obliquely(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    _turn(course, chance, wander)
    course.bend = course.bend + chance.uniform(3, 8) * chance.choice([-1, 1])
    course.axis = float(chance.uniform(0.3, 1.2) * chance.choice([-1, 1]))


def _flap(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    course.bend = wander(4) * chance.uniform(2, 6)
    course.axis = float(chance.choice([0, 0.8, pi / 2]))
    course.pitch = course.pitch + wander(3) * 0.25


def _everything(course: Course, chance: np.random.Generator, wander: Wander) -> None:
    _slide(course, chance, wander)
    _light(course, chance, wander)
    course.yaw = course.yaw + wander(0.8) * 0.6
    course.pitch = course.pitch + wander(0.8) * 0.4
    course.roll = course.roll + wander() * 0.25
    course.z = course.z * (1 + wander() * 0.15)
    course.bend, course.axis = wander() * 5, float(chance.uniform(0, pi))


_MOTIONS: dict[Motion, Callable[[Course, np.random.Generator, Wander], None]] = {
    Motion.HOLD: _hold,
    Motion.SLIDE: _slide,
    Motion.ROLL: _roll,
    Motion.TURN: _turn,
    Motion.TILT: _tilt,
    Motion.TURN_AND_TILT: _turn_and_tilt,
    Motion.ZOOM: _zoom,
    Motion.LIGHT: _light,
    Motion.BEND_UPRIGHT: _bending(0.0),
    Motion.BEND_LEVEL: _bending(pi / 2),
    Motion.TURN_BENT_UPRIGHT: _turning_bent(0.0),
    Motion.TURN_BENT_LEVEL: _turning_bent(pi / 2),
    Motion.TURN_BENT_OBLIQUE: _turn_bent_obliquely,
    Motion.FLAP: _flap,
    Motion.EVERYTHING: _everything,
    Motion.HAND_OVER_IT: _hold,
}

_COLUMNS, _ROWS = np.meshgrid(
    np.arange(0, WIDTH + _STEP_PX, _STEP_PX), np.arange(0, HEIGHT + _STEP_PX, _STEP_PX)
)
_RAYS: Floats = np.stack(
    [(_COLUMNS - WIDTH / 2) / _FOCAL_PX, (_ROWS - HEIGHT / 2) / _FOCAL_PX, np.ones(_COLUMNS.shape)], axis=-1
)


def _drawn(sheet: Pixels, room: FloatArray, course: Course, place: int, print_gain: float) -> FloatArray:
    """One frame, float32, before noise."""
    across, down, is_hit = _where_hit(course, place)
    half = _SHEET_M / 2
    maps = []
    for way in (across, down):
        pixels = ((way / half + 1) / 2 * _SHEET_PX).astype(np.float32)
        pixels[~is_hit] = -1e4
        size = (_RAYS.shape[1] * _STEP_PX, _RAYS.shape[0] * _STEP_PX)
        large = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
        start = _STEP_PX // 2  # a sample lies in the middle of its enlarged square
        maps.append(large[start : start + HEIGHT, start : start + WIDTH])
    seen = cv2.remap(sheet, maps[0], maps[1], cv2.INTER_LINEAR).astype(np.float32)
    inside = np.logical_and.reduce([(way >= 0) & (way < _SHEET_PX - 1) for way in maps])
    seen *= np.float32(print_gain * course.gain[place])
    return np.asarray(np.where(inside[..., None], seen, room), np.float32)


def _where_hit(course: Course, place: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Where each ray meets the sheet, in metres across and down it from its middle, and whether it does."""
    turn = _rotation(course.yaw[place], course.pitch[place], course.roll[place])
    origin = -turn.T @ np.array([course.x[place], course.y[place], course.z[place]])
    rays: Floats = _RAYS @ turn
    bend = float(course.bend[place])
    if abs(bend) < 1e-3:
        far = -origin[2] / rays[..., 2]
        hit = origin + rays * far[..., None]
        return hit[..., 0], hit[..., 1], far > 0
    cos, sin = np.cos(course.axis), np.sin(course.axis)
    along_ray, across_ray = rays[..., 1] * cos - rays[..., 0] * sin, rays[..., 0] * cos + rays[..., 1] * sin
    along_origin, across_origin = origin[1] * cos - origin[0] * sin, origin[0] * cos + origin[1] * sin
    radius = 1 / bend  # the cylinder's middle lies behind a sheet that is bent towards the camera
    a = across_ray**2 + rays[..., 2] ** 2
    b = 2 * (across_origin * across_ray + (origin[2] - radius) * rays[..., 2])
    c = across_origin**2 + (origin[2] - radius) ** 2 - radius**2
    inner = b * b - 4 * a * c
    root = np.sqrt(np.maximum(inner, 0.0))
    far = (-b - root) / (2 * a) if radius > 0 else (-b + root) / (2 * a)
    depth = radius - (origin[2] + rays[..., 2] * far)
    arc = np.arctan2(across_origin + across_ray * far, depth * np.sign(radius)) * abs(radius)
    along = along_origin + along_ray * far
    return arc * cos - along * sin, arc * sin + along * cos, (inner > 0) & (far > 0)


def _rotation(yaw: float, pitch: float, roll: float) -> Floats:
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    cr, sr = np.cos(roll), np.sin(roll)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z, np.float64)
