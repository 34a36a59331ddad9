"""What is Milvus's own: answers of limited length, read page by page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery import milvus_index
from kiosk.gallery.types import FaceKey
from kiosk.vision.types import Embedding


def test_more_hits_than_one_answer_holds_are_all_found_once_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_index, "_FIRST_HITS", 20)
    monkeypatch.setattr(milvus_index, "_HITS_A_CALL", 70)
    rows = np.random.default_rng(5).standard_normal((300, 512)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    faces = [FaceKey(f"{number:032x}", 0) for number in range(300)]
    index = milvus_index.MilvusIndex(str(tmp_path / "faces.db"), "recogniser-1")
    index.add("wedding", faces, [Embedding(row, "recogniser-1") for row in rows])

    everything = index.search("wedding", Embedding(rows[7], "recogniser-1"))
    some = index.search("wedding", Embedding(rows[7], "recogniser-1"), limit=100)
    held = index.faces("wedding")
    index.close()

    best_first = np.argsort(-(rows @ rows[7]))
    assert [hit.face for hit in everything] == [faces[row] for row in best_first]
    assert some == everything[:100]
    assert held == set(faces)


def test_where_milvus_lite_does_not_come_along_the_way_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_index, "find_spec", lambda _: None)
    with pytest.raises(KnownError) as raised:
        milvus_index.MilvusIndex(str(tmp_path / "milvus.db"), "contract")
    assert raised.value.code is ErrorCode.INDEX_UNREACHABLE
    assert "exact" in raised.value.next_step
