"""A picture on the wall is not alive; whoever walks, or sits and talks, is."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.streams.life import Life
from kiosk.vision.types import EMBEDDING_SIZE, Box, Embedding, FloatArray


def box(x: float, width: float = 80.0) -> Box:
    return Box(x - width / 2, 100 - width / 2, x + width / 2, 100 + width / 2)


def unit(vector: FloatArray) -> Embedding:
    return Embedding((vector / np.linalg.norm(vector)).astype(np.float32), "c")


@pytest.mark.parametrize("seed", range(5))
def test_a_poster_is_not_alive_however_noisy_its_picture(seed: int) -> None:
    life, rng = Life(), np.random.default_rng(seed)
    face = rng.normal(size=EMBEDDING_SIZE)
    for _ in range(300):
        life.see(box(300 + float(rng.normal(0, 2.0)), 80 + float(rng.normal(0, 2.0))))
        life.look(unit(face + rng.normal(0, 0.4, EMBEDDING_SIZE)))

    assert not life.is_seen


@pytest.mark.parametrize("seed", range(5))
def test_a_jump_of_the_detector_is_no_life(seed: int) -> None:
    life, rng = Life(), np.random.default_rng(seed)
    for look in range(200):
        life.see(box(400 if look % 50 in (25, 26) else 300 + float(rng.normal(0, 1.0))))

    assert not life.is_seen


def test_whoever_walks_is_alive_at_once() -> None:
    life = Life()
    for look in range(8):
        life.see(box(300 + 40 * look))

    assert life.is_seen


def test_whoever_comes_nearer_is_alive() -> None:
    life = Life()
    for look in range(12):
        life.see(box(300, 60 + 3 * look))

    assert life.is_seen


@pytest.mark.parametrize("seed", range(5))
def test_a_face_that_changes_little_by_little_is_alive(seed: int) -> None:
    """Somebody who does not move but blinks, breathes and talks."""
    life, rng = Life(), np.random.default_rng(seed)
    face, mien = rng.normal(size=(2, EMBEDDING_SIZE))
    for look in range(30):
        life.see(box(300))
        changing = face + 0.35 * np.sin(look / 6) * mien
        life.look(unit(changing + rng.normal(0, 0.3, EMBEDDING_SIZE)))

    assert life.is_seen


def test_what_was_alive_once_stays_so() -> None:
    life = Life()
    for look in range(8):
        life.see(box(300 + 40 * look))
    for _ in range(100):
        life.see(box(600))
        life.look(unit(np.ones(EMBEDDING_SIZE)))

    assert life.is_seen
