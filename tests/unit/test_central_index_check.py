"""A centre's index that was lost, or holds what is gone, is made true at the next start."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kiosk.central.centre import Centre, open_centre
from kiosk.central.index_check import check_index
from kiosk.central.settings import CentralSettings
from kiosk.gallery.types import FaceKey
from kiosk.photos.types import Face, Photo, PhotoEvent
from kiosk.vision.types import Box, Embedding

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
PHOTO, GONE = "a" * 32, "b" * 32


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    opened = open_centre(tmp_path, CentralSettings())
    yield opened
    opened.close()


def embedding(centre: Centre) -> Embedding:
    vector = np.zeros(512, np.float32)
    vector[0] = 1.0
    return Embedding(vector, centre.archive.index.contract_id)


def test_an_index_is_made_true_to_the_database_at_start(centre: Centre) -> None:
    archive = centre.archive
    archive.photos.add_event(PhotoEvent("run", "River Run", "River Run", NOW, tenant_id="river"))
    photo = Photo(PHOTO, "run", 1, "a.jpg", "c" * 64, 800, 600, NOW, NOW)
    archive.photos.add_photo(photo, [Face(0, Box(0, 0, 9, 9), 0.9, embedding(centre))])
    archive.index.add("run", [FaceKey(GONE, 0)], [embedding(centre)])
    for _ in range(2):
        check_index(centre, threading.Event())
        assert archive.index.faces("run") == {FaceKey(PHOTO, 0)}
