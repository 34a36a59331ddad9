"""Which faces may be added to whom, and who seems to be known already: one rule, also without a screen."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import Thresholds
from kiosk.vision.types import EMBEDDING_SIZE, Embedding, FloatArray
from kiosk.visits.enrolment import check_addable, known_already, objection
from kiosk.visits.ports import KnownFaces
from kiosk.visits.types import NewFace, PersonKind

PICTURE = np.zeros((1, 1, 3), np.uint8)


def vector(similarity: float = 1.0, place: int = 1) -> FloatArray:
    """So similar to Malee's face, else like nobody's but those of the same place."""
    made = np.zeros(EMBEDDING_SIZE, np.float32)
    made[0], made[place] = similarity, np.sqrt(1 - similarity**2)
    return made


def face(similarity: float = 1.0, place: int = 1, contract_id: str = "engine") -> NewFace:
    return NewFace(PICTURE, Embedding(vector(similarity, place), contract_id))


def among(others: int) -> KnownFaces:
    """Malee's face and those of so many others."""
    ids = ("malee", *(f"other-{number}" for number in range(others)))
    vectors = np.stack([vector(), *[vector(0.0, 2 + number % 500) for number in range(others)]])
    return KnownFaces("engine", "1", vectors, ids, (PersonKind.CUSTOMER,) * len(ids), ids, ("",) * len(ids))


def thresholds(faces: int) -> Thresholds:
    """Stricter the more are known, as calibrated ones are."""
    rise = 0.2 if faces > 1000 else 0.0
    return Thresholds(match=0.45 + rise, maybe=0.35 + rise, kin=0.47)


@pytest.mark.parametrize("others", [0, 5, 2000])
def test_how_many_others_are_known_does_not_change_whether_two_pictures_show_one_person(others: int) -> None:
    known = among(others)
    assert objection(face(0.4), known, "malee", (), thresholds) == ""
    assert objection(face(0.3), known, "malee", (), thresholds) == "other_person"
    assert objection(face(0.3), known, "", (), thresholds) == ""
    assert objection(face(0.3), known, "", [face()], thresholds) == "other_person"
    assert objection(face(0.3), known, "malee", [face(0.5)], thresholds) == ""  # as the one taken before
    check_addable([face(0.4), face(0.5)], known, "malee", thresholds)
    with pytest.raises(KnownError) as raised:
        check_addable([face(), face(0.3)], known, "", thresholds)
    assert raised.value.code is ErrorCode.FACE_UNUSABLE


def test_faces_of_another_engine_say_nothing() -> None:
    assert objection(face(0.0, contract_id="other"), among(0), "malee", (), thresholds) == ""


def test_one_picture_is_not_two() -> None:
    known = among(3)
    assert objection(face(0.4), known, "", [face(0.4)], thresholds) == "same_picture"
    assert objection(face(), known, "malee", (), thresholds) == "same_picture"
    assert objection(face(), known, "", (), thresholds) == ""  # another one's
    assert objection(face(0.999), known, "malee", (), thresholds) == ""
    with pytest.raises(KnownError) as raised:
        check_addable([face(0.4), face(0.5), face(0.4)], known, "", thresholds)
    assert raised.value.params == {"reason": "same_picture"}


def test_among_many_somebody_must_be_more_alike_to_be_taken_for_known() -> None:
    assert known_already([face(0.5)], among(5), "", thresholds) == "malee"
    assert known_already([face(0.5)], among(2000), "", thresholds) is None
    assert known_already([face(0.9)], among(2000), "", thresholds) == "malee"
    assert known_already([face(0.9)], among(2000), "malee", thresholds) is None
