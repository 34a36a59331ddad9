"""How good a face is for recognition, and which of several faces is the visitor's. Pure functions.

The limits were set on about 1,250 centred press portraits (the share beyond each limit is given) and on
talking-head clips; the limits of light leave room for dark and for fair skin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import degrees, hypot, inf

import cv2
import numpy as np

from kiosk.vision.alignment import align, similarity_transform
from kiosk.vision.types import Detection, FloatArray, Pixels, Quality, RejectionReason

_FACE = (slice(16, 104), slice(20, 92))  # the part of an aligned face that is skin, not background
_WHOLE_FACE = np.array([[14, 16], [98, 16], [98, 106], [14, 106]], dtype=np.float64)  # in an aligned face
_CUT_OFF = 0.1  # overhang from which a face is a poor probe; half of the bystanders at the edge have more
_CLIPPED = 250  # a luma from which nothing can be told apart
_CONTRAST_FLOOR = 25.0  # keeps a flat grey face from looking sharp
_FULL_WIDTH_PX = 112.0  # a face this wide fills the recogniser's input
_FULL_SHARPNESS = 0.06  # 20 % of the portraits have less
_WAYS = tuple(  # second derivatives across, down and along both diagonals
    np.array(way, np.float32)
    for way in (
        [[0, 0, 0], [1, -2, 1], [0, 0, 0]],
        [[0, 1, 0], [0, -2, 0], [0, 1, 0]],
        [[0.5, 0, 0], [0, -1, 0], [0, 0, 0.5]],
        [[0, 0, 0.5], [0, -1, 0], [0.5, 0, 0]],
    )
)
_COMPARABLE = 0.35  # area against the largest face from which a whole face is preferred to a cut one


@dataclass(frozen=True, slots=True)
class QualityRules:
    """Limits of an acceptable face. A limit of 0 or infinity asks nothing.

    Shares are of the frame's shorter side (widths, offsets) or of the face's own side (overhang). Angles are
    read from the landmarks: `max_yaw` is the nose's distance from the middle of the face over the distance of
    the eyes (0.35 is about 25 degrees); pitch is where the nose lies between the eyes (0) and the mouth (1),
    0.57 in the middle of people. Light is mean luma 0..255; sharpness the variance of the Laplacian over
    the variance of the luma. Detail is what is left of that, smoothed, in the direction that has the least of
    it: a face smeared by its own movement is sharp across it and has nothing along it.
    """

    min_score: float = 0.0
    min_width_px: float = 0.0
    min_width_share: float = 0.0
    max_width_share: float = inf
    max_offset_share: float = inf
    max_overhang: float = inf
    max_yaw: float = inf
    max_roll_degrees: float = inf
    min_pitch: float = -inf
    max_pitch: float = inf
    min_light: float = 0.0
    max_light: float = inf
    max_clipped: float = inf
    min_sharpness: float = 0.0
    min_detail: float = 0.0
    rival_area: float = inf


LIVE_RULES = QualityRules(
    min_score=0.75,
    min_width_px=80.0,
    min_width_share=0.15,
    max_width_share=0.75,
    max_offset_share=0.35,
    max_overhang=0.05,  # 0.5 %
    max_yaw=0.35,  # 3 % of the portraits are turned further
    max_roll_degrees=25.0,
    min_pitch=0.42,  # 0.1 %
    max_pitch=0.70,  # none
    min_light=45.0,  # none
    max_light=215.0,  # none
    max_clipped=0.15,  # none
    min_sharpness=0.02,  # 3 %; nine in ten of them blurred by a Gaussian of 3 pixels
    rival_area=0.5,
)
"""For guidance in front of the camera, where a better frame is a second away."""

STILL_RULES = QualityRules(min_score=0.7, min_width_px=40.0, max_overhang=0.15)
"""For a picture that is what it is."""

DOOR_RULES = QualityRules(
    min_score=0.7,
    min_width_px=36.0,
    max_overhang=0.1,
    max_yaw=0.5,
    max_roll_degrees=35.0,
    min_pitch=0.35,
    max_pitch=0.8,
    min_light=25.0,
    max_light=235.0,
    max_clipped=0.3,
    min_sharpness=0.01,
    min_detail=0.0007,
)
"""For people who walk past a camera and are not guided. On talking-head clips brought to faces of 45 to 150
pixels and smeared by up to 0.4 of that, `min_detail` takes all that are not smeared, and one in thirty of
those that have become less than 0.35 similar to themselves. Smeared by 0.3 of its width it is nobody's."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Angles read from the landmarks; see `QualityRules` for their units."""

    yaw: float
    pitch: float
    roll_degrees: float


def pose(landmarks: FloatArray) -> Pose:
    """Where a face looks, from its 5 x 2 landmarks; positive yaw is to the picture's right."""
    points = landmarks.astype(np.float64)
    eyes, mouth = (points[0] + points[1]) / 2, (points[3] + points[4]) / 2
    across = points[1] - points[0]
    distance = max(float(np.hypot(*across)), 1e-6)
    right = across / distance
    down = np.array([-right[1], right[0]])
    height = float((mouth - eyes) @ down)
    nose = points[2]
    return Pose(
        yaw=float((nose - (eyes + mouth) / 2) @ right) / distance,
        pitch=float((nose - eyes) @ down) / height if abs(height) > 1e-6 else 0.0,
        roll_degrees=degrees(float(np.arctan2(across[1], across[0]))),
    )


def overhang(detection: Detection, frame_size: tuple[int, int]) -> float:
    """How far a face reaches over the border of a frame (width, height), as a share of the face's side.

    Detectors draw the box of a cut-off face along the border, so where the whole face would be is read from
    the landmarks; a box that does reach over counts as well.
    """
    matrix = similarity_transform(detection.landmarks)
    corners = np.linalg.solve(matrix[:, :2], (_WHOLE_FACE - matrix[:, 2]).T).T
    side = float(np.hypot(*(corners[1] - corners[0])))
    box, size = detection.box, np.array(frame_size, dtype=np.float64)
    beyond = np.maximum(-corners, corners - size).max() / side
    beyond_x = max(-box.x1, box.x2 - frame_size[0]) / max(box.width, 1e-6)
    beyond_y = max(-box.y1, box.y2 - frame_size[1]) / max(box.height, 1e-6)
    return max(0.0, float(beyond), beyond_x, beyond_y)


def main_face(detections: Sequence[Detection], frame_size: tuple[int, int]) -> int | None:
    """The place in `detections` of the visitor's face in a frame of (width, height); None when there is none.

    It is the largest, but not one that the border cuts off while a whole one of comparable size is there:
    bystanders at the edge have large boxes and give wrong matches.
    """
    if not detections:
        return None
    areas = [detection.box.area for detection in detections]
    largest = max(range(len(areas)), key=areas.__getitem__)
    if overhang(detections[largest], frame_size) <= _CUT_OFF:
        return largest
    whole = [
        place
        for place, detection in enumerate(detections)
        if areas[place] >= _COMPARABLE * areas[largest] and overhang(detection, frame_size) <= _CUT_OFF
    ]
    return max(whole, key=areas.__getitem__, default=largest)


def assess(pixels: Pixels, detection: Detection, others: Sequence[Detection], rules: QualityRules) -> Quality:
    """How good one face of a picture is, `others` being the rest of its faces.

    `score` is 0..1, a product of the detector's score, size, pose, light and sharpness: it ranks frames of
    one visitor. `reasons` are the broken rules, the first to mend first.
    """
    angles, face = pose(detection.landmarks), align(pixels, detection.landmarks)
    looks = _appearance(face)
    frame_size = (pixels.shape[1], pixels.shape[0])
    reasons = [
        *_place_reasons(detection, others, frame_size, rules),
        *_pose_reasons(angles, rules),
        *_appearance_reasons(looks, rules),
    ]
    if RejectionReason.BLURRED not in reasons and rules.min_detail > 0 and _detail(face) < rules.min_detail:
        reasons.append(RejectionReason.BLURRED)
    if detection.score < rules.min_score:
        reasons.append(RejectionReason.UNCERTAIN)
    score = (
        detection.score
        * min(1.0, detection.box.width / _FULL_WIDTH_PX)
        * max(0.0, 1.0 - abs(angles.yaw))
        * max(0.0, 1.0 - overhang(detection, frame_size))
        * min(1.0, 0.5 + looks.sharpness / _FULL_SHARPNESS / 2)
        * _light_factor(looks)
    )
    return Quality(score=float(np.clip(score, 0.0, 1.0)), reasons=tuple(reasons))


@dataclass(frozen=True, slots=True)
class _Appearance:
    light: float
    clipped: float
    sharpness: float


def _appearance(face: Pixels) -> _Appearance:
    luma = _luma(face)
    edges = float(cv2.Laplacian(luma, cv2.CV_32F).var())
    return _Appearance(
        light=float(luma.mean()),
        clipped=float((luma > _CLIPPED).mean()),
        sharpness=edges / (float(luma.var()) + _CONTRAST_FLOOR),
    )


def _detail(face: Pixels) -> float:
    """See `QualityRules`."""
    luma = _luma(face).astype(np.float32)
    smooth = cv2.GaussianBlur(luma, (0, 0), 1.0)
    least = min(float(np.square(cv2.filter2D(smooth, -1, way)).mean()) for way in _WAYS)
    return least / (float(luma.var()) + _CONTRAST_FLOOR)


def _luma(face: Pixels) -> Pixels:
    """Of the part of an aligned face that is skin."""
    return np.asarray(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), dtype=np.uint8)[_FACE]


def _light_factor(looks: _Appearance) -> float:
    """1 in the middle of the scale, falling off below 90 and above 180 luma."""
    dark = min(1.0, 0.5 + looks.light / 180.0)
    bright = min(1.0, 0.5 + (255.0 - looks.light) / 150.0)
    return dark * bright


def _place_reasons(
    detection: Detection, others: Sequence[Detection], frame_size: tuple[int, int], rules: QualityRules
) -> list[RejectionReason]:
    box, (width, height) = detection.box, frame_size
    shorter = min(width, height)
    reasons = []
    if any(other.box.area >= rules.rival_area * box.area for other in others):
        reasons.append(RejectionReason.SEVERAL_FACES)
    if overhang(detection, frame_size) > rules.max_overhang:
        reasons.append(RejectionReason.CUT_OFF)
    if box.width < max(rules.min_width_px, rules.min_width_share * shorter):
        reasons.append(RejectionReason.TOO_SMALL)
    if box.width > rules.max_width_share * shorter:
        reasons.append(RejectionReason.TOO_LARGE)
    x, y = box.center
    if hypot(x - width / 2, y - height / 2) > rules.max_offset_share * shorter:
        reasons.append(RejectionReason.OFF_CENTER)
    return reasons


def _pose_reasons(angles: Pose, rules: QualityRules) -> list[RejectionReason]:
    reasons = []
    if abs(angles.yaw) > rules.max_yaw or abs(angles.roll_degrees) > rules.max_roll_degrees:
        reasons.append(RejectionReason.TURNED)
    if angles.pitch > rules.max_pitch:
        reasons.append(RejectionReason.LOOKING_DOWN)
    if angles.pitch < rules.min_pitch:
        reasons.append(RejectionReason.LOOKING_UP)
    return reasons


def _appearance_reasons(looks: _Appearance, rules: QualityRules) -> list[RejectionReason]:
    reasons = []
    if looks.light < rules.min_light:
        reasons.append(RejectionReason.TOO_DARK)
    if looks.light > rules.max_light or looks.clipped > rules.max_clipped:
        reasons.append(RejectionReason.TOO_BRIGHT)
    if looks.sharpness < rules.min_sharpness:
        reasons.append(RejectionReason.BLURRED)
    return reasons
