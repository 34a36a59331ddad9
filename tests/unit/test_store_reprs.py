"""What ends up in logs and in traces of errors: no repr of store mode holds a password, a face, a name of
somebody or how to reach them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from kiosk.streams.known_people import KnownPerson
from kiosk.sync.store_records import PersonFaceRecord, PersonRecord
from kiosk.vision.types import EMBEDDING_SIZE, Box, Embedding
from kiosk.visits.ports import KnownFaces
from kiosk.visits.types import (
    FaceKind,
    Gender,
    NewFace,
    Person,
    PersonDraft,
    PersonKind,
    SeenFace,
    Sighting,
    Stay,
    StreamDraft,
    Visit,
)
from ui.view_models.store_facts import Facts
from ui.view_models.stream_draft import StreamEntry

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
SECRET, MALEE, PHONE, MAIL, YEAR = "hidden", "Malee", "0812345678", "m@example.org", 1987
ADDRESS = f"rtsp://guard:{SECRET}@door.example/live"
VECTOR = np.full(EMBEDDING_SIZE, 0.123, np.float32)
FACE = Embedding(VECTOR, "engine")
PICTURE = np.full((2, 2, 3), 231, np.uint8)
NEVER = (SECRET, MALEE, PHONE, MAIL, str(YEAR), "array", "0.123", "231")

PERSON = Person(
    "p1", PersonKind.CUSTOMER, MALEE, Gender.FEMALE, YEAR, PHONE, MAIL, "7", AT, AT, faces=(), visits=3
)
VALUES = (
    FACE,
    NewFace(PICTURE, FACE),
    Sighting("shop", "door", AT, "p1", FACE, picture=PICTURE),
    SeenFace(1, Box(1, 2, 3, 4), FaceKind.KNOWN, MALEE, 3),
    Stay("s1", FaceKind.KNOWN, "p1", MALEE, 3, is_new=True),
    Visit("v1", "k1", "shop", "door", "p1", MALEE, Gender.FEMALE, True, 3, AT, None, None),
    PersonDraft(PersonKind.CUSTOMER, MALEE, Gender.FEMALE, YEAR, PHONE, MAIL),
    PERSON,
    KnownPerson("p1", PersonKind.CUSTOMER, MALEE),
    KnownFaces("engine", "1", VECTOR[None], ("p1",), (PersonKind.CUSTOMER,), (MALEE,), ("female",)),
    StreamDraft("shop", "Door", ADDRESS, "guard", SECRET),
    StreamEntry("Door", "shop", "network", address=ADDRESS, user="guard", password=SECRET),
    Facts.of(PERSON),
    PersonRecord(
        person_id="p1",
        kind="customer",
        name=MALEE,
        gender="",
        birth_year=YEAR,
        phone=PHONE,
        email=MAIL,
        consent_version="7",
        consented_at=AT,
        created_at=AT,
        faces=(PersonFaceRecord(ordinal=0, contract_id="engine", embedding=b"0.123"),),
    ),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_repr_holds_nothing_of_anybody(value: object) -> None:
    said = f"{value!r} {value} {[value]}"
    assert not [each for each in NEVER if each in said], type(value).__name__
    assert type(value).__name__ in said


def test_what_is_not_shown_is_still_there() -> None:
    draft = StreamDraft("shop", "Door", ADDRESS, "guard", SECRET)
    assert draft != replace(draft, password="other")
    assert {field.name for field in fields(PERSON) if not field.repr} == {
        "name",
        "birth_year",
        "phone",
        "email",
    }
