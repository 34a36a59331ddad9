"""People who agreed to be known, and guests (`kiosk.visits.ports.People`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol
from uuid import uuid4

import structlog
from sqlalchemy.orm import Session

from kiosk.database.deletions import deletion_id_for
from kiosk.database.people_changing import add_faces, merge_rows, new_person, split_rows, write_words
from kiosk.database.people_forgetting import ask_to_forget
from kiosk.database.people_joining import add_gone_faces, faces_of
from kiosk.database.people_reading import (
    find_people,
    kept_row,
    people_named,
    people_of,
    read_known_faces,
)
from kiosk.database.people_revision import hold_people, people_revision
from kiosk.database.people_tables import PersonRow
from kiosk.database.people_visits import settle_visits
from kiosk.database.person_records import tell_person
from kiosk.database.retrying import once_more
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import KnownError
from kiosk.sync.records import DeletionRecord
from kiosk.vision.types import Pixels
from kiosk.visits.person_rules import (
    check_agreement,
    check_count,
    check_faces,
    checked_person,
    merge_with_itself,
)
from kiosk.visits.ports import KnownFaces
from kiosk.visits.store_rules import invalid_field
from kiosk.visits.types import Agreement, NewFace, Person, PersonDraft, PersonKind

_log = structlog.get_logger(__name__)


class PersonPictures(Protocol):
    """Where pictures of people are kept (`kiosk.visits.pictures.FacePictures`). Raises KnownError
    OBJECT_STORE_UNREACHABLE, DISK_FULL."""

    def put_person(self, person_id: str, pixels: Pixels) -> str:
        """Keeps a picture; its key."""
        ...

    def delete(self, key: str) -> None:
        """Harmless where there is none."""
        ...


class SqlPeople:
    """Each method is one transaction; any thread, any number of processes.

    The id of somebody who was merged into another stands for the one who is kept. A picture is written before
    the row that names it and deleted after the row is gone: one that no row names is nobody's.
    """

    def __init__(self, tenant: TenantDatabase, kiosk_id: str, pictures: PersonPictures) -> None:
        self._tenant = tenant
        self._tenant_id = tenant.tenant_id
        self._kiosk_id = kiosk_id
        self._pictures = pictures

    # -- reading ----------------------------------------------------------------------------------

    def find(
        self, text: str = "", kind: PersonKind | None = None, limit: int = 100, offset: int = 0
    ) -> list[Person]:
        with self._tenant.reading() as session:
            return find_people(session, text, kind, limit, offset)

    def named(self, name: str) -> list[Person]:
        """Those who are called just so, in capital letters or not; never guests."""
        with self._tenant.reading() as session:
            return people_named(session, name)

    def person(self, person_id: str) -> Person:
        with self._tenant.reading() as session:
            return self._person(session, self._row(session, person_id))

    def revision(self) -> str:
        with self._tenant.reading() as session:
            return people_revision(session, self._tenant_id)

    def known_faces(self, contract_id: str) -> KnownFaces:
        with self._tenant.reading() as session:
            # First: what changes in between is read anew then.
            revision = people_revision(session, self._tenant_id)
            return read_known_faces(session, contract_id, revision)

    # -- writing ----------------------------------------------------------------------------------

    @once_more
    def enrol(self, draft: PersonDraft, agreement: Agreement, faces: Sequence[NewFace]) -> Person:
        at = self._tenant.clock.now()
        draft = checked_person(draft, at)
        check_agreement(agreement)
        check_faces(draft.kind, faces)
        person_id = uuid4().hex
        with self._kept(person_id, faces) as keys, self._changing() as session:
            row = new_person(session, self._tenant_id, person_id, draft, agreement, at)
            add_faces(session, row, faces, keys, at)
            tell_person(session, row, at)
            return self._person(session, row)

    @once_more
    def change(self, person_id: str, draft: PersonDraft) -> Person:
        at = self._tenant.clock.now()
        draft = checked_person(draft, at)
        with self._changing() as session:
            row = self._row(session, person_id)
            if row.kind == PersonKind.GUEST:
                raise invalid_field(
                    "kind",
                    "A guest has not agreed to be known.",
                    "Enrol them, and merge the guest into them.",
                )
            if row.kind != draft.kind:
                check_count(draft.kind, len(faces_of(session, row)), len(faces_of(session, row)))
            unnamed = []
            if write_words(row, draft, at):
                tell_person(session, row, at)
                unnamed = settle_visits(session, row, at)
            changed = self._person(session, row)
        self._delete(unnamed)
        return changed

    @once_more
    def add_face(self, person_id: str, face: NewFace) -> Person:
        at = self._tenant.clock.now()
        owner = self.person(person_id).person_id
        with self._kept(owner, [face]) as keys, self._changing() as session:
            row = self._row(session, person_id)
            check_count(PersonKind.CUSTOMER, len(faces_of(session, row)) + 1)
            add_faces(session, row, [face], keys, at)
            tell_person(session, row, at)
            return self._person(session, row)

    @once_more
    def remove_face(self, person_id: str, ordinal: int) -> Person:
        at = self._tenant.clock.now()
        with self._changing() as session:
            row = self._row(session, person_id)
            faces = faces_of(session, row)
            gone = [face for face in faces if face.ordinal == ordinal]
            if gone:
                check_count(PersonKind(row.kind), len(faces) - 1, len(faces))
            for face in gone:
                add_gone_faces(row, [face.face_id])
                session.delete(face)
                tell_person(session, row, at)
            left = self._person(session, row)
        self._delete(face.picture_key for face in gone)
        return left

    @once_more
    def merge(self, kept_id: str, gone_id: str) -> Person:
        if kept_id == gone_id:
            raise merge_with_itself()
        at = self._tenant.clock.now()
        unnamed: list[str] = []
        with self._changing() as session:
            kept, gone = self._row(session, kept_id), self._row(session, gone_id)
            if kept is not gone:
                unnamed = merge_rows(session, kept, gone, at)
            merged = self._person(session, kept)
        self._delete(unnamed)
        return merged

    @once_more
    def split(
        self,
        person_id: str,
        ordinals: Sequence[int],
        visit_ids: Sequence[str],
        draft: PersonDraft,
        agreement: Agreement,
    ) -> Person:
        at = self._tenant.clock.now()
        draft = checked_person(draft, at)
        check_agreement(agreement)
        with self._changing() as session:
            row = self._row(session, person_id)
            other = new_person(session, self._tenant_id, uuid4().hex, draft, agreement, at)
            unnamed = split_rows(session, row, other, ordinals, visit_ids, at)
            split = self._person(session, other)
        self._delete(unnamed)
        return split

    @once_more
    def forget(self, person_id: str) -> str:
        """Their rows are gone when this returns; files, older copies and other machines follow."""
        at = self._tenant.clock.now()
        with self._changing() as session:
            row = self._row(session, person_id)
            record = deletion_record(row.person_id, at)
            ask_to_forget(session, record, self._tenant_id, self._kiosk_id, at)
        return record.deletion_id

    # -- in between -------------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[Session]:
        with self._tenant.writing() as session:
            hold_people(session, self._tenant_id)
            yield session

    @contextmanager
    def _kept(self, person_id: str, faces: Sequence[NewFace]) -> Iterator[list[str]]:
        """Keeps the pictures of faces whose rows are about to be written; without rows none stays."""
        keys: list[str] = []
        try:
            for face in faces:
                keys.append(self._pictures.put_person(person_id, face.picture))
            yield keys
        except BaseException:
            self._delete(keys)
            raise

    def _delete(self, keys: Iterable[str | None]) -> None:
        """What cannot be deleted now is no row's, and goes with the next purge."""
        for key in keys:
            try:
                if key:
                    self._pictures.delete(key)
            except KnownError as failed:
                _log.warning("picture_not_deleted", code=failed.code)

    def _row(self, session: Session, person_id: str) -> PersonRow:
        return kept_row(session, self._tenant_id, person_id)

    def _person(self, session: Session, row: PersonRow) -> Person:
        session.flush()
        return people_of(session, [row])[0]


def deletion_record(person_id: str, at: datetime) -> DeletionRecord:
    """That somebody is to be forgotten: one deletion, whoever asks for it and however often."""
    return DeletionRecord(
        deletion_id=deletion_id_for("person", person_id),
        requested_at=at,
        requested_by="staff",
        event_id=None,
        photo_ids=(),
        faces=(),
        order_id=None,
        consent_id=None,
        person_id=person_id,
    )
