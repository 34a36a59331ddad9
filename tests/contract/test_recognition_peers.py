"""What every recognition peer keeps, so that the comparison is fair; skipped where it is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.benchmarks.figure import NotMeasured
from kiosk.benchmarks.peers import FacePeer, insightface_peer, open_dlib, open_face_analysis
from kiosk.vision.types import Pixels

OPEN = {"dlib": open_dlib, "insightface": open_face_analysis}


@pytest.fixture(scope="module", params=list(OPEN))
def peer(request: pytest.FixtureRequest, weights: Path) -> FacePeer:
    opened = OPEN[request.param]()
    if isinstance(opened, NotMeasured):
        pytest.skip(opened.reason)
    return opened


def picture(real_faces: Path, part: str) -> Pixels:
    (path,) = (real_faces / "extras").glob(f"*{part}")
    return np.asarray(cv2.imread(str(path)), np.uint8)


def test_all_faces_of_a_group_are_found_largest_first(peer: FacePeer, real_faces: Path) -> None:
    faces = peer.faces(picture(real_faces, "__t1.jpg"))
    assert len(faces) == 6
    areas = [face.box.area for face in faces]
    assert areas == sorted(areas, reverse=True)
    assert all(face.vector.dtype == np.float32 for face in faces)


def test_another_photo_of_the_same_person_is_closer_than_a_stranger(peer: FacePeer, real_faces: Path) -> None:
    probe, again, stranger = (
        peer.faces(picture(real_faces, name))[0].vector
        for name in ("__biden__biden.jpg", "__biden__biden2.jpg", "__test__obama1.jpg")
    )
    same, other = peer.similarities(probe, np.stack([again, stranger]))
    assert 1 >= same > other + 0.2
    assert other > -1
    assert peer.similarities(probe, probe[None])[0] == pytest.approx(1, abs=1e-5)


def test_a_picture_without_a_face_gives_none(peer: FacePeer) -> None:
    assert peer.faces(np.full((200, 300, 3), 128, np.uint8)) == []


def test_a_peer_that_is_not_installed_is_told_with_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    monkeypatch.setattr(insightface_peer, "program_root", lambda: tmp_path)
    for opened in (open_dlib(), open_face_analysis()):
        assert isinstance(opened, NotMeasured)
        assert "with: " in opened.reason


def test_a_detector_of_another_content_is_not_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(insightface_peer, "program_root", lambda: tmp_path)
    (tmp_path / ".cache" / "scrfd").mkdir(parents=True)
    (tmp_path / ".cache" / "scrfd" / "scrfd.onnx").write_bytes(b"another network")
    assert isinstance(open_face_analysis(), NotMeasured)
