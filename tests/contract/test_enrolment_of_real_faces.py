"""Enrolment with real pictures: what is taken, whether two show one person, and who is known already."""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.calibration import Wishes, certainty_of
from kiosk.gallery.calibration_file import shipped_calibration
from kiosk.gallery.types import Thresholds
from kiosk.paths import models_folder
from kiosk.photos.decoding import load_upright
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.types import EMBEDDING_SIZE, RejectionReason
from kiosk.visits.enrolment import Reading, check_addable, is_one_person, read_face, whose
from kiosk.visits.ports import KnownFaces
from kiosk.visits.types import NewFace, PersonKind

pytestmark = pytest.mark.real_faces
PEOPLE = 120
NOBODY = KnownFaces("", "", np.zeros((0, EMBEDDING_SIZE), np.float32), (), (), (), ())


@pytest.fixture(scope="module")
def readings(real_faces: Path, face_engine: OpenFaceEngine) -> dict[str, list[Reading]]:
    """Up to three portraits of each of some people."""
    files: dict[str, list[str]] = defaultdict(list)
    with (real_faces / "gallery.csv").open(encoding="utf-8") as listed:
        for row in csv.DictReader(listed):
            if row["role"] == "enrolled":
                files[row["identity"]].append(row["file"])
    several = sorted(identity for identity, theirs in files.items() if len(theirs) >= 2)[:PEOPLE]
    return {
        identity: [
            read_face(face_engine, load_upright(real_faces / file).pixels()) for file in files[identity][:3]
        ]
        for identity in several
    }


@pytest.fixture(scope="module")
def limits(face_engine: OpenFaceEngine) -> Thresholds:
    """As they ship, for a shop of some people."""
    calibration = shipped_calibration(models_folder(), face_engine.contract_id)
    return certainty_of(calibration, Wishes(), 500).thresholds


def good(readings: dict[str, list[Reading]]) -> dict[str, list[NewFace]]:
    return {who: [one.face for one in theirs if one.face is not None] for who, theirs in readings.items()}


@pytest.mark.slow
def test_most_portraits_are_good_enough_and_most_others_show_several_people(
    readings: dict[str, list[Reading]],
) -> None:
    reasons = [one.reason for theirs in readings.values() for one in theirs]
    refused = [reason for reason in reasons if reason is not None]
    assert len(refused) / len(reasons) < 0.2
    assert refused.count(RejectionReason.SEVERAL_FACES) > 0.5 * len(refused)


def test_two_pictures_of_one_person_are_taken_and_one_of_somebody_else_is_not(
    readings: dict[str, list[Reading]], limits: Thresholds
) -> None:
    faces = good(readings)
    pairs = [pair for theirs in faces.values() for pair in combinations(theirs, 2)]
    refused = sum(not is_one_person(one.embedding, [other.embedding], limits.maybe) for one, other in pairs)
    assert len(pairs) > 100
    assert refused / len(pairs) < 0.06
    firsts = [theirs[0] for theirs in faces.values() if theirs]
    strangers = [
        is_one_person(one.embedding, [other.embedding], limits.maybe)
        for one, other in combinations(firsts, 2)
    ]
    assert len(strangers) > 5000
    assert sum(strangers) / len(strangers) < 0.001
    with pytest.raises(KnownError) as raised:
        check_addable(firsts[:2], NOBODY, "", lambda _: limits)
    assert raised.value.code is ErrorCode.FACE_UNUSABLE
    assert raised.value.params == {"reason": "other_person"}


def test_whoever_is_enrolled_again_is_mostly_told_and_strangers_are_not(
    readings: dict[str, list[Reading]], limits: Thresholds
) -> None:
    faces = {who: theirs for who, theirs in good(readings).items() if len(theirs) >= 2}
    names = tuple(faces)
    contract_id = next(iter(faces.values()))[0].embedding.contract_id
    known = KnownFaces(
        contract_id,
        "1",
        np.stack([theirs[0].embedding.vector for theirs in faces.values()]),
        names,
        (PersonKind.CUSTOMER,) * len(names),
        names,
        ("unknown",) * len(names),
    )
    told = {who: whose(known, theirs[1:], limits.match) for who, theirs in faces.items()}
    assert sum(told[who] == who for who in names) / len(names) > 0.85
    assert sum(told[who] not in (who, None) for who in names) <= 1
    others = [whose(known, theirs[1:], limits.match, besides=who) for who, theirs in faces.items()]
    assert sum(other is not None for other in others) <= 1
