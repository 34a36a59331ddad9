"""`kiosk people enrol` with a picture of a guest."""

from __future__ import annotations

from pathlib import Path

from kiosk.adapters import choose_engines
from kiosk.database.guests import add_guest
from kiosk.people_commands import enrol_from_files
from kiosk.photos.decoding import load_upright, read_picture_file
from kiosk.store_commands import shop_at
from kiosk.visits.enrolment import read_face
from kiosk.visits.types import Gender, PersonDraft, PersonKind


def test_a_guest_whom_the_pictures_show_is_the_person_then(tmp_path: Path, demo: Path, weights: Path) -> None:
    photos = demo / "photos"
    with shop_at(tmp_path) as shop:
        engine = choose_engines(shop.settings.vision).photos
        seen = read_face(engine, load_upright(read_picture_file(photos / "obama.jpg")).pixels()).face
        assert seen is not None
        with shop.tenant.writing() as session:
            add_guest(session, "", seen.embedding, Gender.UNKNOWN, shop.tenant.clock.now())
        draft = PersonDraft(PersonKind.CUSTOMER, "Barack")
        enrolled = enrol_from_files(shop, draft, "1", [photos / "obama3.jpg"])
        assert (len(enrolled.person.faces), enrolled.alike) == (2, None)
        assert shop.people.find(kind=PersonKind.GUEST) == []
