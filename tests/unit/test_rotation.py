"""Embeddings turned by a secret: cosines stay, and without the secret nobody is found."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import numpy as np
import pytest

from kiosk.at_rest.rotation import SIZE, Rotation
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.rotated_index import RotatedIndex
from kiosk.gallery.types import FaceKey
from kiosk.photos.decoding import load_upright
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.types import Embedding, FloatArray

SEED = bytes(range(32))
CONTRACT = "recogniser-1"
THRESHOLD = 0.3
"""Far below what is taken for a maybe."""


def units(count: int, seed: int = 1) -> FloatArray:
    rows = np.random.default_rng(seed).standard_normal((count, SIZE)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_it_is_orthogonal_and_comes_of_the_seed_alone() -> None:
    rotation = Rotation(SEED)
    matrix = rotation.turn(np.eye(SIZE, dtype=np.float32)).astype(np.float64)
    assert np.abs(matrix @ matrix.T - np.eye(SIZE)).max() < 1e-6
    again = Rotation(SEED).turn(np.eye(SIZE, dtype=np.float32))
    assert np.array_equal(matrix.astype(np.float32), again)
    other = Rotation(bytes(32)).turn(np.eye(SIZE, dtype=np.float32)).astype(np.float64)
    assert np.abs(matrix - other).max() > 0.05


def test_a_fixed_seed_gives_these_numbers_with_every_version_of_numpy() -> None:
    """Worked out anew by hand, so that what lies on disks stays good with the next version."""
    digest = hashlib.shake_256(b"photo-kiosk rotation 1\n" + SEED).digest(16)
    first, second = (int.from_bytes(digest[at : at + 8], "little") for at in (0, 8))
    radius = (-2 * np.log(((first >> 11) + 1) / 2**53)) ** 0.5
    column = radius * np.cos(2 * np.pi * ((second >> 11) + 1) / 2**53)
    turned = Rotation(SEED).turn(np.eye(SIZE, dtype=np.float32))
    assert np.sign(turned[0, 0]) == np.sign(column)
    assert turned[0, :4] == pytest.approx(FIRST, abs=1e-6)
    assert turned[511, 508:] == pytest.approx(LAST, abs=1e-6)


FIRST = (0.0066457, 0.0106380, 0.0193379, -0.0003600)
LAST = (-0.0334678, 0.0358269, 0.0666978, 0.0250888)


def test_turning_again_and_again_does_not_wear_embeddings_out() -> None:
    """A re-issue takes the plain embedding, so nothing adds up; but a hundred in a row would do no harm."""
    plain = units(200)
    worn = plain
    rotations = [Rotation(secrets.token_bytes(32)) for _ in range(3)]
    for turn in range(100):
        rotation = rotations[turn % 3]
        worn = rotation.turn_back(rotation.turn(worn))
    assert np.abs(worn - plain).max() < 2e-5
    assert np.abs(worn @ worn.T - plain @ plain.T).max() < 5e-5


def test_a_search_among_turned_faces_finds_the_same_with_the_same_similarities(tmp_path: Path) -> None:
    rotation = Rotation(SEED)
    plain = ExactIndex(tmp_path / "plain", CONTRACT)
    turned = RotatedIndex(ExactIndex(tmp_path / "turned", "turned"), CONTRACT, lambda _: rotation)
    faces = [FaceKey(f"{number:032x}", 0) for number in range(3000)]
    rows = units(3000)
    rows[1::3] = _mixed(rows[0::3], rows[1::3], 0.6)  # of each person a second face
    for index in (plain, turned):
        index.add("run", faces, [Embedding(row, CONTRACT) for row in rows])
    for probe in _mixed(rows[:60], units(60, 7), 0.8):
        expected = plain.search("run", Embedding(probe, CONTRACT), limit=50)
        found = turned.search("run", Embedding(probe, CONTRACT), limit=50)
        similarities = {one.face: one.similarity for one in expected}
        assert [one.similarity for one in found] == pytest.approx(
            [one.similarity for one in expected], abs=1e-6
        )
        sure = {one.face for one in expected if one.similarity > THRESHOLD}
        assert sure == {one.face for one in found if one.similarity > THRESHOLD}
        assert all(abs(similarities.get(one.face, one.similarity) - one.similarity) < 1e-6 for one in found)
    plain.close()
    turned.close()


def test_whoever_steals_the_index_finds_nobody_in_it_while_the_kiosk_finds_all(tmp_path: Path) -> None:
    rotation = Rotation(secrets.token_bytes(32))
    index = RotatedIndex(ExactIndex(tmp_path, "turned"), CONTRACT, lambda _: rotation)
    rows = units(2000)
    faces = [FaceKey(f"{number:032x}", 0) for number in range(2000)]
    index.add("run", faces, [Embedding(row, CONTRACT) for row in rows])
    probes = _mixed(rows, units(2000, 9), 0.8)
    for number in range(0, 2000, 40):
        (best, *_) = index.search("run", Embedding(probes[number], CONTRACT), limit=1)
        assert (best.face, best.similarity > 0.7) == (faces[number], True)
    index.close()
    stolen = ExactIndex(tmp_path, "turned")
    held = stolen.embeddings("run", faces)
    vectors = np.stack([held[face].vector for face in faces])
    assert (probes @ vectors.T).max() < THRESHOLD, "with plain probes"
    guessed = Rotation(secrets.token_bytes(32)).turn(probes)
    assert (guessed @ vectors.T).max() < THRESHOLD, "with probes turned by a guess"
    stolen.close()


@pytest.mark.real_faces
def test_real_faces_are_found_by_the_kiosk_and_by_nobody_without_the_secret(
    real_faces: Path, face_engine: OpenFaceEngine
) -> None:
    pictures = sorted((real_faces / "gallery").rglob("*.jpg"))[:60]
    vectors = []
    for picture in pictures:
        pixels = load_upright(picture.read_bytes()).pixels()
        vectors += [one.vector for one in face_engine.embed(pixels, face_engine.detect(pixels)[:1])]
    rows = np.stack(vectors)
    turned = Rotation(SEED).turn(rows)
    assert len(rows) > 40
    assert np.abs(turned @ turned.T - rows @ rows.T).max() < 2e-6
    assert (rows @ turned.T).max() < THRESHOLD


def _mixed(of: FloatArray, other: FloatArray, similarity: float) -> FloatArray:
    """Rows at this cosine from those of `of`."""
    aside = other - np.sum(other * of, axis=1, keepdims=True) * of
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    return np.asarray(similarity * of + (1 - similarity**2) ** 0.5 * aside, np.float32)
