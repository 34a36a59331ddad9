"""Guidance is right about what is wrong, and bystanders are never taken for the visitor."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.alignment import TEMPLATE
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.probe import probe_from_picture
from kiosk.vision.quality import DOOR_RULES, LIVE_RULES, STILL_RULES, assess, main_face, overhang, pose
from kiosk.vision.types import Box, Detection, FloatArray, Pixels, Quality, RejectionReason

FRAME = (1280, 720)


def face(
    x: float, y: float, width: float, score: float = 0.93, landmarks: FloatArray | None = None
) -> Detection:
    """A frontal face whose box has this centre."""
    height = width * 1.25
    box = Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    if landmarks is None:
        landmarks = ((TEMPLATE - 56) * (width / 80) + [x, y]).astype(np.float32)
    return Detection(box, score, landmarks)


def lit_frame(light: float = 130.0, contrast: float = 40.0, grain: float = 3.0) -> Pixels:
    """A frame of spots; the coarser the grain, the less sharp."""
    noise = np.random.default_rng(5).normal(0, 1, (FRAME[1], FRAME[0], 1))
    noise = cv2.GaussianBlur(noise, (0, 0), grain)
    pixels = np.clip(light + noise / noise.std() * contrast, 0, 255)
    return np.repeat(pixels.reshape(FRAME[1], FRAME[0], 1), 3, axis=2).astype(np.uint8)


def judged(detection: Detection, *others: Detection, pixels: Pixels | None = None) -> Quality:
    return assess(lit_frame() if pixels is None else pixels, detection, others, LIVE_RULES)


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> FloatArray:
    """Landmarks of a face 200 pixels wide in the middle: the nose moved, then all turned."""
    points = (TEMPLATE - 56) * 2.5
    points[2] += [yaw * 88, pitch * 101]
    cos, sin = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    return (points @ np.array([[cos, sin], [-sin, cos]]) + [640, 360]).astype(np.float32)


def test_a_centred_sharp_well_lit_face_is_good() -> None:
    quality = judged(face(640, 360, 200))
    assert quality.is_good
    assert quality.score > 0.8


@pytest.mark.parametrize(
    ("detection", "reason"),
    [
        (face(640, 360, 70), RejectionReason.TOO_SMALL),
        (face(640, 360, 560), RejectionReason.TOO_LARGE),
        (face(1100, 360, 200), RejectionReason.OFF_CENTER),
        (face(640, 80, 200), RejectionReason.CUT_OFF),
        (face(640, 360, 200, score=0.65), RejectionReason.UNCERTAIN),
        (face(640, 360, 200, landmarks=turned(yaw=0.45)), RejectionReason.TURNED),
        (face(640, 360, 200, landmarks=turned(yaw=-0.45)), RejectionReason.TURNED),
        (face(640, 360, 200, landmarks=turned(roll=35)), RejectionReason.TURNED),
        (face(640, 360, 200, landmarks=turned(pitch=0.25)), RejectionReason.LOOKING_DOWN),
        (face(640, 360, 200, landmarks=turned(pitch=-0.12)), RejectionReason.LOOKING_UP),
    ],
)
def test_each_fault_of_place_or_pose_has_its_reason(detection: Detection, reason: RejectionReason) -> None:
    assert judged(detection).reasons[0] is reason


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (lit_frame(light=25, contrast=12), RejectionReason.TOO_DARK),
        (lit_frame(light=240, contrast=10), RejectionReason.TOO_BRIGHT),
        (lit_frame(light=190, contrast=70), RejectionReason.TOO_BRIGHT),
        (lit_frame(grain=20), RejectionReason.BLURRED),
    ],
)
def test_each_fault_of_the_picture_has_its_reason(pixels: Pixels, reason: RejectionReason) -> None:
    quality = judged(face(640, 360, 200), pixels=pixels)
    assert reason in quality.reasons
    assert quality.score < judged(face(640, 360, 200)).score


@pytest.mark.parametrize("way", [(1, 0), (0, 1), (1, 1), (1, -1)])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_face_smeared_by_its_own_movement_is_blurred_whichever_way_it_moves(
    way: tuple[int, int], width: int
) -> None:
    length = round(width * 0.4)
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    for step in range(length):
        kernel[length + way[1] * step, length + way[0] * step] = 1 / length
    pixels = lit_frame(grain=width / 22)
    smeared = np.asarray(cv2.filter2D(pixels, -1, kernel), np.uint8)

    assert assess(pixels, face(640, 360, width), [], DOOR_RULES).is_good
    assert assess(smeared, face(640, 360, width), [], DOOR_RULES).reasons == (RejectionReason.BLURRED,)


def test_a_flat_grey_face_is_not_called_sharp() -> None:
    flat = np.full((FRAME[1], FRAME[0], 3), 128, np.uint8)
    assert RejectionReason.BLURRED in judged(face(640, 360, 200), pixels=flat).reasons


def test_a_second_face_of_comparable_size_is_named_first() -> None:
    assert judged(face(640, 360, 200), face(900, 360, 170)).reasons == (RejectionReason.SEVERAL_FACES,)


def test_somebody_far_behind_does_not_disturb() -> None:
    assert judged(face(640, 360, 200), face(900, 300, 90)).is_good


def test_slight_turns_and_tilts_are_accepted() -> None:
    for landmarks in (turned(yaw=0.2), turned(roll=-15), turned(pitch=0.1), turned(pitch=-0.03)):
        assert judged(face(640, 360, 200, landmarks=landmarks)).is_good


def test_pose_does_not_depend_on_size_or_tilt() -> None:
    level, tilted = pose(turned(yaw=0.2, pitch=0.05)), pose(turned(yaw=0.2, pitch=0.05, roll=30))
    assert tilted.roll_degrees - level.roll_degrees == pytest.approx(30, abs=0.1)
    assert tilted.yaw == pytest.approx(level.yaw, abs=1e-3)
    assert tilted.pitch == pytest.approx(level.pitch, abs=1e-3)


def test_a_still_is_refused_only_for_what_cannot_be_helped() -> None:
    dark = lit_frame(light=25, contrast=12)
    dim_and_turned = face(1100, 360, 200, landmarks=turned(yaw=0.45))
    assert assess(dark, dim_and_turned, [face(640, 360, 300)], STILL_RULES).is_good
    assert assess(dark, face(640, 360, 30), [], STILL_RULES).reasons == (RejectionReason.TOO_SMALL,)
    assert assess(dark, face(30, 360, 200), [], STILL_RULES).reasons[0] is RejectionReason.CUT_OFF
    assert assess(dark, face(640, 360, 200, 0.62), [], STILL_RULES).reasons == (RejectionReason.UNCERTAIN,)


def test_a_face_wholly_outside_is_judged_without_failing() -> None:
    quality = judged(face(-400, -400, 100))
    assert RejectionReason.CUT_OFF in quality.reasons
    assert quality.score == 0.0


def test_overhang_is_how_much_of_a_face_is_beyond_the_border() -> None:
    whole = face(640, 360, 200)
    assert overhang(whole, FRAME) == 0.0
    moved = [overhang(face(x, 360, 200), FRAME) for x in (100, 60, 20, -20)]
    assert moved == sorted(moved)
    assert moved[-1] > 0.5


def test_a_box_drawn_along_the_border_does_not_hide_that_the_face_is_cut_off() -> None:
    cut = face(30, 360, 200)
    along = Detection(Box(0, cut.box.y1, cut.box.x2, cut.box.y2), 0.95, cut.landmarks)
    assert overhang(along, FRAME) > 0.2


def test_nobody_is_nobody() -> None:
    assert main_face([], FRAME) is None


def test_the_largest_face_is_the_visitors() -> None:
    assert main_face([face(200, 300, 90), face(640, 360, 200), face(900, 300, 120)], FRAME) == 1


def test_a_bystander_cut_off_by_the_border_is_not_taken_for_the_visitor() -> None:
    assert main_face([face(40, 360, 260), face(640, 360, 200)], FRAME) == 1


def test_a_face_far_behind_is_not_taken_for_a_visitor_who_leans_out_of_the_frame() -> None:
    assert main_face([face(100, 360, 260), face(640, 360, 60)], FRAME) == 0


def test_a_cut_off_face_is_the_visitors_when_there_is_no_other() -> None:
    assert main_face([face(40, 360, 260)], FRAME) == 0
    assert main_face([face(40, 360, 260), face(1250, 360, 240)], FRAME) == 0


def test_a_picture_without_a_face_says_so(face_engine: OpenFaceEngine) -> None:
    outcome = probe_from_picture(face_engine, np.full((300, 300, 3), 127, np.uint8))
    assert outcome.reasons == (RejectionReason.NO_FACE,)
    assert (outcome.embedding, outcome.detection, outcome.quality) == (None, None, None)


def test_a_cut_off_face_is_searched_all_the_same_and_says_why_it_is_poor(
    face_engine: OpenFaceEngine, real_faces: Path
) -> None:
    portrait = cv2.imread(str(next((real_faces / "extras").glob("*train__obama__obama.jpg"))))
    whole = probe_from_picture(face_engine, np.asarray(portrait, np.uint8))
    assert whole.embedding is not None
    assert whole.detection is not None
    assert whole.reasons == ()
    box = whole.detection.box
    cut = portrait[:, int(box.x1 + 0.3 * box.width) :]
    outcome = probe_from_picture(face_engine, np.asarray(cut, np.uint8))
    assert RejectionReason.CUT_OFF in outcome.reasons
    assert outcome.embedding is not None
    assert 0.2 < outcome.embedding.similarity(whole.embedding) < 0.95


def test_nearly_all_centred_portraits_pass_the_live_rules_but_for_size(
    face_engine: OpenFaceEngine, real_faces: Path
) -> None:
    with (real_faces / "probes.csv").open(encoding="utf-8", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file) if row["yunet_faces"] == "1"][:100]
    reasons: list[RejectionReason] = []
    for name in names:
        pixels = np.asarray(cv2.imread(str(real_faces / name)), np.uint8)
        reasons += probe_from_picture(face_engine, pixels, LIVE_RULES).reasons
    assert len(reasons) <= 12, reasons


@pytest.mark.parametrize("sigma", [3.0, 5.0])
def test_a_blurred_portrait_is_told_to_hold_still(
    face_engine: OpenFaceEngine, real_faces: Path, sigma: float
) -> None:
    refused = 0
    for number in range(1, 21):
        pixels = cv2.imread(str(real_faces / "probes" / f"SELFIE_{number:05d}.jpg"))
        blurred = np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)
        refused += RejectionReason.BLURRED in probe_from_picture(face_engine, blurred, LIVE_RULES).reasons
    assert refused >= 18
