"""`kiosk people` as real processes, with real pictures: enrolled, merged, split, forgotten, beside a shop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.archive import DATABASE_FILE
from kiosk.database.engine import open_database
from kiosk.database.people import SqlPeople
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.visits.pictures import FacePictures
from tests.command_line import answer, kiosk, refusal
from tests.forgetting_machine import traces

PHONE = "0812345678"


@pytest.fixture
def photos(demo: Path, weights: Path) -> Path:
    """Portraits of two people, and one with several faces."""
    return demo / "photos"


def enrol(home: Path, name: str, *more: str | Path) -> dict[str, Any]:
    made: dict[str, Any] = answer(kiosk(home, "people", "enrol", name, *more, "--agreed", "1", "--json"))
    return made


def listed(home: Path, *more: str) -> dict[str, dict[str, Any]]:
    return {person["name"]: person for person in answer(kiosk(home, "people", "list", *more, "--json"))}


@pytest.mark.slow
def test_a_shop_without_a_screen_knows_merges_splits_and_forgets(tmp_path: Path, photos: Path) -> None:
    home = tmp_path / "home"
    staff = enrol(
        home, "Barack", photos / "obama.jpg", photos / "obama3.jpg", "--kind", "staff", "--phone", PHONE
    )
    assert (staff["kind"], staff["pictures"], staff["looks_like"]) == ("staff", 2, None)
    joe = enrol(home, "Joe", photos / "biden.jpg")
    again = enrol(home, "Obi", photos / "obama3.jpg")
    assert (joe["looks_like"], again["looks_like"]) == (None, staff["person_id"])
    people = listed(home)
    assert set(people) == {"Barack", "Joe", "Obi"}
    assert PHONE not in str(people)
    assert set(listed(home, "234")) == {"Barack"}
    assert set(listed(home, "--kind", "customer")) == {"Joe", "Obi"}
    merged = answer(kiosk(home, "people", "merge", "Barack", "Obi", "--json"))
    assert (merged["person_id"], merged["kind"], merged["pictures"]) == (staff["person_id"], "staff", 3)
    shown = answer(kiosk(home, "people", "show", "Barack", "--json"))
    assert (shown["phone"], len(shown["faces"])) == (PHONE, 3)
    words = ("--photo", "2", "--agreed", "1", "--json")
    split = answer(kiosk(home, "people", "split", "Barack", "Obi", *words))
    assert (split["name"], split["pictures"]) == ("Obi", 1)
    changed = answer(
        kiosk(home, "people", "change", "Joe", "--name", "Joe B.", "--birth-year", "1942", "--json")
    )
    assert changed["person_id"] == joe["person_id"]
    picture = face_picture(home, staff["person_id"])
    told = answer(kiosk(home, "people", "forget", staff["person_id"], "--json"))
    assert told["what"] == "person"
    assert told["removed"] == {"messages": 4, "people": 1, "person_faces": 2, "pictures": 2, "copies": 1}
    assert set(listed(home)) == {"Joe B.", "Obi"}
    assert traces(home, staff["person_id"].encode() + b"/", PHONE.encode(), picture) == []


def face_picture(home: Path, person_id: str) -> bytes:
    """The bytes of a picture of somebody, but for the beginning, which all pictures share."""
    database = open_database(home / DATABASE_FILE)
    store = FolderObjectStore(home / "objects")
    people = SqlPeople(TenantDatabase(database, ""), "tests", FacePictures(store))
    key = people.person(person_id).faces[0].picture_key
    database.close()
    assert key is not None
    return store.get(key)[-400:]


@pytest.mark.slow
def test_nobody_is_enrolled_without_saying_so_or_with_a_picture_of_no_use(
    tmp_path: Path, photos: Path
) -> None:
    home = tmp_path / "home"
    one, other, several = photos / "obama.jpg", photos / "biden.jpg", photos / "t1.jpg"

    def refused(*words: str | Path) -> str:
        return refusal(kiosk(home, "people", "enrol", "Somebody", *words, "--json"))

    assert refused(one) == ErrorCode.CONSENT_MISSING
    assert refused(several, "--agreed", "1") == ErrorCode.FACE_UNUSABLE
    assert refused(one, other, "--agreed", "1") == ErrorCode.FACE_UNUSABLE
    assert refused(one, "--kind", "staff", "--agreed", "1") == ErrorCode.PERSON_PHOTOS
    assert refused(one, one, "--kind", "staff", "--agreed", "1") == ErrorCode.FACE_UNUSABLE
    assert refused(one, "--agreed", "99") == ErrorCode.CONSENT_MISSING
    assert refused(one, "--phone", "call me", "--agreed", "1") == ErrorCode.STORE_FIELD_INVALID
    assert refused(tmp_path / "missing.jpg", "--agreed", "1").startswith("P-")
    assert listed(home) == {}
    assert not list(FolderObjectStore(home / "objects").keys("people/"))
    enrol(home, "Barack", one)
    assert refusal(kiosk(home, "people", "add-photo", "Barack", other, "--json")) == ErrorCode.FACE_UNUSABLE
    assert refusal(kiosk(home, "people", "add-photo", "Barack", one, "--json")) == ErrorCode.FACE_UNUSABLE
    for words, code in ((("7", "--agreed", "1"), ErrorCode.PERSON_PHOTOS), (("0", "--agreed", "2"), "V-")):
        done = kiosk(home, "people", "split", "Barack", "Obi", "--photo", *words, "--json")
        assert refusal(done).startswith(code)
    more = answer(kiosk(home, "people", "add-photo", "Barack", photos / "obama3.jpg", "--json"))
    assert (more["pictures"], more["looks_like"]) == (2, None)
    left = answer(kiosk(home, "people", "remove-photo", "Barack", "0", "--json"))
    assert left["pictures"] == 1
    assert refusal(kiosk(home, "people", "show", "Nobody", "--json")) == ErrorCode.PERSON_UNKNOWN
    enrol(home, "Oba", one)
    said = kiosk(home, "people", "merge", "Barack", "Oba")
    assert said.stdout.strip() == left["person_id"]
    assert ("What Barack" in said.stderr, "what Oba" in said.stderr) == (True, True)
