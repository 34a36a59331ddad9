"""People in memory, for tests of whoever asks who is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

import numpy as np

from kiosk.clock import Clock, ManualClock
from kiosk.vision.types import EMBEDDING_SIZE, Embedding
from kiosk.visits.person_rules import (
    check_agreement,
    check_count,
    check_faces,
    checked_person,
    digits_of,
    merge_with_itself,
    person_unknown,
)
from kiosk.visits.ports import KnownFaces
from kiosk.visits.store_rules import invalid_field
from kiosk.visits.types import (
    Agreement,
    Gender,
    NewFace,
    Person,
    PersonDraft,
    PersonFace,
    PersonKind,
)


@dataclass
class FakeVisit:
    """Of somebody, or of nobody any more."""

    person_id: str | None
    began_at: datetime


@dataclass
class _Known:
    person: Person
    faces: dict[int, Embedding] = field(default_factory=dict)


class FakePeople:
    """Keeps no pictures; a face's key is made up. `visits` are whatever a test puts there."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.visits: dict[str, FakeVisit] = {}
        self.forgotten: list[str] = []
        self._clock = clock or ManualClock()
        self._known: dict[str, _Known] = {}
        self._merged: dict[str, str] = {}
        self._changes = 0

    def add_guest(self, embedding: Embedding, gender: Gender = Gender.UNKNOWN) -> str:
        """As the visit book does where the long-term way is on."""
        at = self._clock.now()
        guest = Person(uuid4().hex, PersonKind.GUEST, "", gender, None, "", "", "", at, at)
        self._known[guest.person_id] = _Known(
            replace(guest, faces=(PersonFace(0, at, None),)), {0: embedding}
        )
        self._changes += 1
        return guest.person_id

    # -- reading ----------------------------------------------------------------------------------

    def find(
        self, text: str = "", kind: PersonKind | None = None, limit: int = 100, offset: int = 0
    ) -> list[Person]:
        found = [
            self._told(known)
            for known in self._known.values()
            if _is_meant(known.person, text.strip()) and _is_of_kind(known.person, kind)
        ]
        found.sort(key=lambda one: (one.name.lower(), one.created_at, one.person_id))
        return found[offset:][:limit]

    def person(self, person_id: str) -> Person:
        return self._told(self._find(person_id))

    def revision(self) -> str:
        return str(self._changes) if self._changes else ""

    def known_faces(self, contract_id: str) -> KnownFaces:
        rows = [
            (known.person, face.vector)
            for _, known in sorted(self._known.items())
            for _, face in sorted(known.faces.items())
            if face.contract_id == contract_id
        ]
        return KnownFaces(
            contract_id,
            self.revision(),
            np.stack([vector for _, vector in rows]) if rows else np.zeros((0, EMBEDDING_SIZE), np.float32),
            tuple(person.person_id for person, _ in rows),
            tuple(person.kind for person, _ in rows),
            tuple(person.name for person, _ in rows),
            tuple(person.gender.value for person, _ in rows),
        )

    # -- writing ----------------------------------------------------------------------------------

    def enrol(self, draft: PersonDraft, agreement: Agreement, faces: Sequence[NewFace]) -> Person:
        draft = checked_person(draft, self._clock.now())
        check_agreement(agreement)
        check_faces(draft.kind, faces)
        known = self._new(draft, agreement)
        for face in faces:
            self._add(known, face.embedding)
        return self._told(known)

    def change(self, person_id: str, draft: PersonDraft) -> Person:
        draft = checked_person(draft, self._clock.now())
        known = self._find(person_id)
        if known.person.kind is PersonKind.GUEST:
            raise invalid_field("kind", "A guest has not agreed to be known.", "Enrol them.")
        if known.person.kind is not draft.kind:
            check_count(draft.kind, len(known.faces), len(known.faces))
        known.person = replace(known.person, **_words(draft))
        self._changed(known)
        return self._told(known)

    def add_face(self, person_id: str, face: NewFace) -> Person:
        known = self._find(person_id)
        check_count(PersonKind.CUSTOMER, len(known.faces) + 1)
        self._add(known, face.embedding)
        return self._told(known)

    def remove_face(self, person_id: str, ordinal: int) -> Person:
        known = self._find(person_id)
        if ordinal in known.faces:
            check_count(known.person.kind, len(known.faces) - 1, len(known.faces))
            self._take(known, [ordinal])
        return self._told(known)

    def merge(self, kept_id: str, gone_id: str) -> Person:
        if kept_id == gone_id:
            raise merge_with_itself()
        kept, gone = self._find(kept_id), self._find(gone_id)
        if kept is gone:
            return self._told(kept)
        if kept.person.kind is PersonKind.GUEST:
            kept.person = replace(gone.person, person_id=kept.person.person_id, faces=kept.person.faces)
        elif gone.person.kind is PersonKind.STAFF:
            kept.person = replace(kept.person, kind=PersonKind.STAFF)
        for _, face in sorted(gone.faces.items()):
            self._add(kept, face)
        self._give(gone.person.person_id, kept.person.person_id, list(self.visits))
        del self._known[gone.person.person_id]
        self._merged[gone.person.person_id] = kept.person.person_id
        self._changed(kept)
        return self._told(kept)

    def split(
        self,
        person_id: str,
        ordinals: Sequence[int],
        visit_ids: Sequence[str],
        draft: PersonDraft,
        agreement: Agreement,
    ) -> Person:
        draft = checked_person(draft, self._clock.now())
        check_agreement(agreement)
        known = self._find(person_id)
        moved = [ordinal for ordinal in known.faces if ordinal in set(ordinals)]
        check_count(known.person.kind, len(known.faces) - len(moved), len(known.faces))
        check_count(draft.kind, len(moved), len(known.faces))
        other = self._new(draft, agreement)
        for ordinal in moved:
            self._add(other, known.faces[ordinal])
        self._take(known, moved)
        self._give(known.person.person_id, other.person.person_id, visit_ids)
        self._changed(other)
        return self._told(other)

    def forget(self, person_id: str) -> str:
        known = self._find(person_id)
        self._give(known.person.person_id, None, list(self.visits))
        del self._known[known.person.person_id]
        self._changes += 1
        self.forgotten.append(known.person.person_id)
        return f"deletion-{known.person.person_id}"

    # -- in between -------------------------------------------------------------------------------

    def _find(self, person_id: str) -> _Known:
        while person_id in self._merged:
            person_id = self._merged[person_id]
        if person_id not in self._known:
            raise person_unknown()
        return self._known[person_id]

    def _new(self, draft: PersonDraft, agreement: Agreement) -> _Known:
        at = self._clock.now()
        person = Person(
            person_id=uuid4().hex,
            consent_version=agreement.version,
            consented_at=agreement.at,
            created_at=at,
            **_words(draft),
        )
        known = self._known[person.person_id] = _Known(person)
        return known

    def _add(self, known: _Known, face: Embedding) -> None:
        ordinal = max(known.faces, default=-1) + 1
        known.faces[ordinal] = face
        key = f"people/{known.person.person_id}/{uuid4().hex}.jpg"
        added = PersonFace(ordinal, self._clock.now(), key)
        known.person = replace(known.person, faces=(*known.person.faces, added))
        self._changed(known)

    def _take(self, known: _Known, ordinals: Sequence[int]) -> None:
        for ordinal in ordinals:
            del known.faces[ordinal]
        left = tuple(face for face in known.person.faces if face.ordinal in known.faces)
        known.person = replace(known.person, faces=left)
        self._changed(known)

    def _give(self, person_id: str, to: str | None, visit_ids: Sequence[str]) -> None:
        for visit_id in visit_ids:
            if self.visits[visit_id].person_id == person_id:
                self.visits[visit_id].person_id = to

    def _changed(self, known: _Known) -> None:
        self._changes += 1
        if known.person.kind is PersonKind.STAFF:
            theirs = [key for key, visit in self.visits.items() if visit.person_id == known.person.person_id]
            for visit_id in theirs:
                del self.visits[visit_id]

    def _told(self, known: _Known) -> Person:
        began = [
            visit.began_at for visit in self.visits.values() if visit.person_id == known.person.person_id
        ]
        return replace(known.person, visits=len(began), last_visit_at=max(began, default=None))


def _words(draft: PersonDraft) -> dict[str, object]:
    names = ("kind", "name", "gender", "birth_year", "phone", "email")
    return {name: getattr(draft, name) for name in names}


def _is_of_kind(person: Person, kind: PersonKind | None) -> bool:
    return person.kind is kind if kind else person.kind is not PersonKind.GUEST


def _is_meant(person: Person, text: str) -> bool:
    digits = digits_of(text)
    is_number = digits.removeprefix("+").isdecimal() and digits in person.phone
    return is_number or text.lower() in person.name.lower() or text.lower() in person.email.lower()
