"""What staff do about people on the command line, beside a running shop: that notices by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters import choose_engines
from kiosk.archive import thresholds_of
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.decoding import load_upright, read_picture_file
from kiosk.store_commands import Shop
from kiosk.vision.types import FaceEngine
from kiosk.visits.enrolling_guests import enrol_somebody
from kiosk.visits.enrolment import check_addable, known_already, read_face, unusable
from kiosk.visits.types import Agreement, NewFace, Person, PersonDraft, PersonKind


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody with the faces that they are known by now. `alike` is another one whom their pictures show, it
    seems, and who was known already: the two may be one."""

    person: Person
    alike: Person | None = None


def enrol_from_files(shop: Shop, draft: PersonDraft, agreed: str, files: Sequence[Path]) -> Enrolled:
    """Enrols somebody who agreed to the text of this version, just now. A guest whom they show is them then.

    Raises KnownError: PHOTO_* (a file is no picture), FACE_UNUSABLE (a picture has no face that is good
    enough, or shows somebody else than the ones before it), and what `People.enrol` raises.
    """
    engine = choose_engines(shop.settings.vision).photos
    faces = [_face(engine, file) for file in files]
    alike = _alike(shop, engine, faces)
    agreement = Agreement(agreed, shop.tenant.clock.now())
    thresholds = thresholds_of(shop.tenant.database, shop.settings.vision, engine.contract_id)
    person = enrol_somebody(shop.people, draft, agreement, faces, engine.contract_id, thresholds)
    is_guest = alike is not None and alike.kind is PersonKind.GUEST
    return Enrolled(person, None if is_guest else alike)


def add_photos(shop: Shop, person: Person, files: Sequence[Path]) -> Enrolled:
    """Adds pictures of somebody who is known. Raises as `enrol_from_files`."""
    engine = choose_engines(shop.settings.vision).photos
    faces = [_face(engine, file) for file in files]
    alike = _alike(shop, engine, faces, person.person_id)
    people = shop.people
    for face in faces:
        person = people.add_face(person.person_id, face)
    return Enrolled(person, alike)


def _face(engine: FaceEngine, file: Path) -> NewFace:
    reading = read_face(engine, load_upright(read_picture_file(file)).pixels())
    if reading.face is None:
        why = unusable(str(reading.reason))
        raise KnownError(why.code, f"{file.name}: {why.detail}", why.next_step, why.params)
    return reading.face


def _alike(shop: Shop, engine: FaceEngine, faces: Sequence[NewFace], person_id: str = "") -> Person | None:
    """Another one whom these show, it seems. Raises KnownError(FACE_UNUSABLE) where they may not be added to
    those of this person (empty: of somebody new)."""
    people = shop.people
    known = people.known_faces(engine.contract_id)
    thresholds = thresholds_of(shop.tenant.database, shop.settings.vision, engine.contract_id)
    check_addable(faces, known, person_id, thresholds)
    alike = known_already(faces, known, person_id, thresholds)
    return people.person(alike) if alike else None


def agreed_version(shop: Shop, version: str) -> str:
    """The version that somebody agreed to. Raises KnownError(CONSENT_MISSING) unless it is that of the shop's
    text: of no other one can anybody tell what it said."""
    current = shop.settings.store.consent_version
    if version.strip() == current:
        return current
    raise KnownError(
        ErrorCode.CONSENT_MISSING,
        f"The consent text of this shop is of another version: {current}.",
        f"Have them read it; then say so with --agreed {current}.",
    )


def check_pictures(person: Person, numbers: Iterable[int]) -> None:
    """Raises KnownError(PERSON_PHOTOS) that names the pictures which this person does not have."""
    missing = sorted(set(numbers) - {face.ordinal for face in person.faces})
    if missing:
        named = ", ".join(str(number) for number in missing)
        raise KnownError(
            ErrorCode.PERSON_PHOTOS,
            f"There is no picture {named} of this person.",
            f"See which there are: kiosk people show {person.person_id}",
        )


def person_named(shop: Shop, name: str) -> Person:
    """The person of this id, or the only one of this name. Raises KnownError(PERSON_UNKNOWN)."""
    people = shop.people
    try:
        return people.person(name)
    except KnownError as unknown:
        if unknown.code is not ErrorCode.PERSON_UNKNOWN:
            raise
    found = people.named(name)
    if len(found) == 1:
        return found[0]
    raise KnownError(
        ErrorCode.PERSON_UNKNOWN,
        "Several people have this name." if found else "There is no such person.",
        "Name them by their id: kiosk people list",
    )
