"""What 106 points say of lids and depth, and the network that finds them on real faces."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import models_folder
from kiosk.vision.landmarks import POINTS, FaceShape, LandmarkFinder, LandmarkNet, face_shape
from kiosk.vision.manifest import read_manifest, read_weights
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.types import Box, FloatArray
from tests.drawn_points import drawn_points


def seen_from(points: FloatArray, matrix: list[list[float]]) -> FloatArray:
    return np.asarray(points @ np.array(matrix, np.float32).T + 17, np.float32)


@pytest.mark.parametrize(
    "matrix",
    [[[2, 0], [0, 2]], [[0.9, -0.4], [0.4, 0.9]], [[0.6, 0], [0, 1]], [[1, 0], [0, 0.6]]],
    ids=["nearer", "rolled", "turned as a sheet", "tilted as a sheet"],
)
def test_a_flat_face_that_is_moved_changes_no_shape(matrix: list[list[float]]) -> None:
    before, after = face_shape(drawn_points()), face_shape(seen_from(drawn_points(), matrix))
    assert after.openness == pytest.approx(before.openness, abs=0.02)
    assert after.turn == pytest.approx(before.turn, abs=0.01)
    assert after.relief == pytest.approx(before.relief, abs=0.01)


def test_lids_that_close_are_seen_and_one_alone_is_not() -> None:
    usual = face_shape(drawn_points()).openness
    assert face_shape(drawn_points(closed=0.9)).openness < 0.3 * usual
    one_eye = drawn_points()
    one_eye[67:70] = drawn_points(closed=0.9)[67:70]
    one_eye[71:74] = drawn_points(closed=0.9)[71:74]
    assert face_shape(one_eye).openness == pytest.approx(usual, abs=0.01)


def test_a_head_that_turns_moves_its_middle_and_the_tip_of_its_nose_furthest() -> None:
    ahead, left = face_shape(drawn_points()), face_shape(drawn_points(yaw=0.3))
    assert left.turn - ahead.turn > 0.1
    assert left.relief - ahead.relief > 0.02
    right = face_shape(drawn_points(yaw=-0.3))
    assert right.turn == pytest.approx(-left.turn, abs=0.01)
    assert right.relief == pytest.approx(-left.relief, abs=0.01)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_points_that_are_no_face_have_no_shape(value: float) -> None:
    assert face_shape(np.full((POINTS, 2), value, np.float32)) == FaceShape(0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def finder(weights: Path) -> LandmarkFinder:
    return LandmarkFinder(weights)


@pytest.mark.parametrize(
    "box", [Box(-60, -80, 90, 90), Box(900, 900, 1000, 1000), Box(-900, 5, -800, 90), Box(5, 5, 5, 5)]
)
def test_a_box_over_or_beyond_the_border_gives_points_and_no_error(finder: LandmarkFinder, box: Box) -> None:
    points = finder.find(np.zeros((100, 120, 3), np.uint8), box)
    assert points.shape == (POINTS, 2)
    assert points.dtype == np.float32
    assert np.isfinite(points).all()


@pytest.mark.real_faces
def test_the_points_lie_on_real_faces_where_the_detector_sees_their_parts(
    finder: LandmarkFinder, face_engine: OpenFaceEngine, real_faces: Path
) -> None:
    looked_at = 0
    for path in sorted((real_faces / "extras").glob("face_recognition__*train*.jp*g")):
        pixels = cv2.imread(str(path))
        assert pixels is not None
        face = face_engine.detect(np.asarray(pixels, np.uint8))[0]
        points = finder.find(np.asarray(pixels, np.uint8), face.box)
        parts = [points[66:74], points[75:83], points[54:55], points[84:85], points[90:91]]
        centres = np.stack([part.mean(axis=0) for part in parts])
        apart = np.linalg.norm(face.landmarks[1] - face.landmarks[0])
        assert np.linalg.norm(centres - face.landmarks, axis=1).max() < 0.3 * apart, path.name
        looked_at += 1
    assert looked_at >= 5


@pytest.mark.real_faces
def test_a_mirrored_face_turns_the_other_way(
    finder: LandmarkFinder, face_engine: OpenFaceEngine, real_faces: Path
) -> None:
    video = cv2.VideoCapture(str(next((real_faces / "extras").glob("*source__s18.mp4"))))
    _, pixels = video.read()
    video.release()
    turns = []
    for picture in (pixels, pixels[:, ::-1].copy()):
        face = face_engine.detect(np.asarray(picture, np.uint8))[0]
        turns.append(face_shape(finder.find(np.asarray(picture, np.uint8), face.box)))
    assert turns[0].turn > 0.1
    assert turns[1].turn < -0.1
    assert turns[0].relief * turns[1].relief < 0


def manifest_without_landmarks(folder: Path) -> Path:
    content: dict[str, Any] = json.loads((models_folder() / "manifest.json").read_text(encoding="utf-8"))
    content["weights"] = [entry for entry in content["weights"] if entry["slot"] != "landmarks"]
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_a_manifest_without_landmarks_serves_recognition_and_refuses_the_challenge(tmp_path: Path) -> None:
    folder = manifest_without_landmarks(tmp_path)
    assert OpenFaceEngine(folder).contract_id == OpenFaceEngine(models_folder()).contract_id
    with pytest.raises(KnownError) as caught:
        LandmarkFinder(folder).warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_MISSING


def test_landmarks_with_another_hash_are_never_loaded(weights: Path, tmp_path: Path) -> None:
    entry = read_manifest(weights).entry("landmarks")
    content = bytearray((weights / entry.file).read_bytes())
    content[-1] ^= 1
    (tmp_path / entry.file).write_bytes(content)
    (tmp_path / "manifest.json").write_bytes((weights / "manifest.json").read_bytes())
    with pytest.raises(KnownError) as caught:
        LandmarkFinder(tmp_path).warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_HASH
    assert hashlib.sha256(content).hexdigest() != entry.sha256


def test_a_network_of_another_kind_finds_no_landmarks(weights: Path) -> None:
    manifest = read_manifest(weights)
    recogniser = read_weights(weights, manifest.entry("recogniser"))
    with pytest.raises(KnownError) as caught:
        LandmarkNet(recogniser, manifest.entry("landmarks").preprocessing)
    assert caught.value.code is ErrorCode.WEIGHTS_UNUSABLE
