"""What every face engine keeps, whichever weights it runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from kiosk.benchmarks.peers.insightface_peer import scrfd_file, write_pack
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.vision.insightface_engine import InsightFaceEngine
from kiosk.vision.looks import PHOTO_SIDES
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.probe import probe_from_picture
from kiosk.vision.types import EMBEDDING_SIZE, Box, Detection, FaceEngine, Pixels, RejectionReason

Engine = OpenFaceEngine | InsightFaceEngine


@pytest.fixture(scope="session")
def insightface_pack(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack in InsightFace's shape: a detector that is for measuring only, and the default recogniser."""
    detector = scrfd_file()
    if detector is None:
        pytest.skip("the detector that is for measuring only is not fetched: python3 -m installer measuring")
    folder = tmp_path_factory.mktemp("pack")
    write_pack(folder, detector)
    return folder


@pytest.fixture(params=["open", "insightface"])
def engine(request: pytest.FixtureRequest) -> Iterator[FaceEngine]:
    if request.param == "open":
        yield request.getfixturevalue("face_engine")
    else:
        yield _insightface(request.getfixturevalue("insightface_pack"))


_insightface_engines: dict[Path, InsightFaceEngine] = {}


def _insightface(folder: Path) -> InsightFaceEngine:
    return _insightface_engines.setdefault(folder, InsightFaceEngine(folder))


def picture(real_faces: Path, part: str) -> Pixels:
    (path,) = (real_faces / "extras").glob(f"*{part}")
    return np.asarray(cv2.imread(str(path)), np.uint8)


def test_all_faces_of_a_group_are_found_largest_first(engine: FaceEngine, real_faces: Path) -> None:
    group = picture(real_faces, "__t1.jpg")
    detections = engine.detect(group)
    assert len(detections) == 6
    areas = [detection.box.area for detection in detections]
    assert areas == sorted(areas, reverse=True)
    for detection in detections:
        box, points = detection.box, detection.landmarks
        assert 0.5 <= detection.score <= 1.0
        assert points.shape == (5, 2)
        assert points.dtype == np.float32
        assert points[0, 0] < points[1, 0]
        assert points[3, 0] < points[4, 0]
        assert (points[:, 0] > box.x1).all()
        assert (points[:, 0] < box.x2).all()
        assert (points[:, 1] > box.y1).all()
        assert (points[:, 1] < box.y2).all()


def test_embeddings_are_unit_vectors_with_the_engines_contract(engine: FaceEngine, real_faces: Path) -> None:
    group = picture(real_faces, "__t1.jpg")
    embeddings = engine.embed(group, engine.detect(group))
    assert len(embeddings) == 6
    for embedding in embeddings:
        assert embedding.vector.shape == (EMBEDDING_SIZE,)
        assert embedding.vector.dtype == np.float32
        assert np.linalg.norm(embedding.vector) == pytest.approx(1.0, abs=1e-5)
        assert embedding.contract_id == engine.contract_id


def test_a_face_has_the_same_embedding_alone_and_among_others(engine: FaceEngine, real_faces: Path) -> None:
    group = picture(real_faces, "__t1.jpg")
    detections = engine.detect(group)
    together = engine.embed(group, detections)
    for detection, embedding in zip(detections, together, strict=True):
        assert engine.embed(group, [detection])[0].similarity(embedding) > 0.9999


def test_one_person_is_near_and_another_far(engine: FaceEngine, real_faces: Path) -> None:
    names = ("train__obama__obama.jpg", "train__obama__obama2.jpg", "train__biden__biden.jpg")
    probes = [probe_from_picture(engine, picture(real_faces, name)).embedding for name in names]
    first, same, other = (probe for probe in probes if probe is not None)
    assert first.similarity(same) > 0.6
    assert first.similarity(other) < 0.2


def test_a_mirrored_face_is_the_same_person(engine: FaceEngine, real_faces: Path) -> None:
    portrait = picture(real_faces, "train__obama__obama.jpg")
    mirrored = portrait[:, ::-1]  # not contiguous, on purpose
    plain = probe_from_picture(engine, portrait).embedding
    turned = probe_from_picture(engine, mirrored).embedding
    assert plain is not None
    assert turned is not None
    assert plain.similarity(turned) > 0.97


def test_a_grey_picture_in_three_channels_is_still_the_person(engine: FaceEngine, real_faces: Path) -> None:
    portrait = picture(real_faces, "train__obama__obama.jpg")
    grey = cv2.cvtColor(cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    plain = probe_from_picture(engine, portrait).embedding
    faded = probe_from_picture(engine, np.asarray(grey, np.uint8)).embedding
    assert plain is not None
    assert faded is not None
    assert plain.similarity(faded) > 0.8


def test_a_huge_picture_gives_the_same_face_in_its_own_pixels(engine: FaceEngine, real_faces: Path) -> None:
    portrait = picture(real_faces, "train__obama__obama.jpg")
    huge = np.asarray(cv2.resize(portrait, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC), np.uint8)
    small_box, huge_box = engine.detect(portrait)[0].box, engine.detect(huge)[0].box
    assert huge_box.center[0] == pytest.approx(small_box.center[0] * 6, rel=0.03)
    plain, large = probe_from_picture(engine, portrait).embedding, probe_from_picture(engine, huge).embedding
    assert plain is not None
    assert large is not None
    assert plain.similarity(large) > 0.95


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (16, 16), (1, 3000), (3000, 1), (33, 640), (9000, 40)])
def test_pictures_of_any_size_without_a_face_give_none(engine: FaceEngine, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (*shape, 3), dtype=np.uint8)
    assert engine.detect(noise) == []
    outcome = probe_from_picture(engine, noise)
    assert outcome.reasons == (RejectionReason.NO_FACE,)
    assert outcome.embedding is None


def test_no_faces_give_no_embeddings(engine: FaceEngine) -> None:
    assert engine.embed(np.zeros((100, 100, 3), np.uint8), []) == []


def test_a_face_said_to_be_beyond_the_border_has_an_embedding_all_the_same(engine: FaceEngine) -> None:
    landmarks = np.array([[-60, 20], [-20, 20], [-40, 45], [-55, 70], [-25, 70]], np.float32)
    gone = Detection(Box(-80, 0, -5, 90), 0.7, landmarks)
    (embedding,) = engine.embed(np.full((200, 200, 3), 128, np.uint8), [gone])
    assert np.isfinite(embedding.vector).all()


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((50, 50), np.uint8),
        np.zeros((50, 50, 3), np.uint16),
        np.zeros((50, 50, 4), np.uint8),
        np.zeros((0, 0, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused_as_a_bug(engine: FaceEngine, wrong: Any) -> None:
    with pytest.raises(BugError):
        engine.detect(wrong)
    with pytest.raises(BugError):
        engine.embed(wrong, [])


def test_several_threads_get_the_answers_that_one_gets(engine: FaceEngine, real_faces: Path) -> None:
    pictures = [picture(real_faces, name) for name in ("__t1.jpg", "test__obama1.jpg", "bbt3.jpg")]
    alone = [(found := engine.detect(one), engine.embed(one, found)) for one in pictures]
    failures: list[str] = []

    def work(start: int) -> None:
        for step in range(2):
            place = (start + step) % len(pictures)
            found = engine.detect(pictures[place])
            embeddings = engine.embed(pictures[place], found)
            for mine, theirs in zip(embeddings, alone[place][1], strict=True):
                if mine.similarity(theirs) < 0.9999:
                    failures.append(f"picture {place} differs")

    threads = [threading.Thread(target=work, args=(start,)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_engines_of_other_weights_never_mix(face_engine: OpenFaceEngine, insightface_pack: Path) -> None:
    pack = _insightface(insightface_pack)
    assert pack.contract_id != face_engine.contract_id
    face = Detection(
        Box(10, 10, 90, 90), 0.9, np.array([[35, 40], [65, 40], [50, 60], [38, 75], [62, 75]], np.float32)
    )
    pixels = np.full((100, 100, 3), 128, np.uint8)
    with pytest.raises(KnownError) as caught:
        face_engine.embed(pixels, [face])[0].similarity(pack.embed(pixels, [face])[0])
    assert caught.value.code is ErrorCode.CONTRACT_MISMATCH


def test_a_second_look_finds_no_fewer_faces_in_a_crowd(engine: Engine, real_faces: Path) -> None:
    crowd = picture(real_faces, "ultralight__imgs__24.jpg")
    thorough = engine.with_sides(PHOTO_SIDES)
    assert thorough.contract_id == engine.contract_id
    assert len(thorough.detect(crowd)) >= len(engine.detect(crowd)) >= 8


@pytest.mark.parametrize("content", [None, {}, {"det.onnx": b"garbage"}, {"readme.txt": b"no weights"}])
def test_a_folder_that_is_no_pack_is_refused_by_name(
    tmp_path: Path, content: dict[str, bytes] | None
) -> None:
    folder = tmp_path / "pack"
    if content is not None:
        folder.mkdir()
        for name, data in content.items():
            (folder / name).write_bytes(data)
    with pytest.raises(KnownError) as caught:
        InsightFaceEngine(folder).warm_up()
    assert caught.value.code in (ErrorCode.WEIGHTS_MISSING, ErrorCode.WEIGHTS_UNUSABLE)
    assert "pack" in caught.value.detail


def test_a_pack_without_a_recogniser_is_refused_by_name(insightface_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "det.onnx").write_bytes((insightface_pack / "det.onnx").read_bytes())
    with pytest.raises(KnownError) as caught:
        InsightFaceEngine(tmp_path).warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_UNUSABLE
    assert "recogniser" in caught.value.detail


def test_a_pack_prints_nothing(insightface_pack: Path, capfd: pytest.CaptureFixture[str]) -> None:
    engine = InsightFaceEngine(insightface_pack)
    engine.detect(np.zeros((64, 64, 3), np.uint8))
    assert capfd.readouterr() == ("", "")


def test_the_default_engine_prints_nothing(weights: Path, capfd: pytest.CaptureFixture[str]) -> None:
    OpenFaceEngine(weights).detect(np.zeros((64, 64, 3), np.uint8))
    assert capfd.readouterr() == ("", "")
