"""What is kept of people for a while, in rows: what is too old, what is held now, and proofs of purges."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import CursorResult, Delete, Select, Update, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from kiosk.database.central_tables import TenantRow
from kiosk.database.meta import SqlMeta
from kiosk.database.people_forgetting import end_visits
from kiosk.database.people_revision import hold_people
from kiosk.database.people_tables import (
    PersonFaceRow,
    PersonRow,
    PurgeRow,
    StayRow,
    VisitFaceRow,
    VisitRow,
    VoidVisitRow,
)
from kiosk.database.retrying import once_more
from kiosk.database.selecting import in_parts
from kiosk.database.tables import MetaRow
from kiosk.database.tenant import TenantDatabase
from kiosk.visits.retention import PURGE_EVERY, OldPicture, PurgeProof
from kiosk.visits.types import Held, PersonKind

_FIRST_HASH = "0" * 64


class SqlRetention:
    """`kiosk.visits.retention.RetentionRows`. Any thread."""

    def __init__(self, tenant: TenantDatabase) -> None:
        self._tenant = tenant
        self._meta = SqlMeta(tenant.database)

    # -- what is due ----------------------------------------------------------------------------------

    def old_pictures(self, before: datetime) -> list[OldPicture]:
        visits = select(VisitRow.visit_id, VisitRow.picture_key).where(
            VisitRow.picture_key.is_not(None), VisitRow.began_at < before
        )
        added_at = func.coalesce(PersonFaceRow.added_at, before - timedelta(days=1))
        faces = select(PersonFaceRow.person_id, PersonFaceRow.ordinal, PersonFaceRow.picture_key).where(
            PersonFaceRow.picture_key.is_not(None), added_at < before
        )
        with self._tenant.reading() as session:
            of_visits = [
                OldPicture(key, visit_id=visit) for visit, key in session.execute(visits) if key is not None
            ]
            of_people = [
                OldPicture(key, person_id=person, ordinal=ordinal)
                for person, ordinal, key in session.execute(faces)
                if key is not None
            ]
        return of_visits + of_people

    def drop_pictures(self, pictures: Sequence[OldPicture], files: int) -> None:
        removed = Counter[str](files=files)
        visits = [picture.visit_id for picture in pictures if picture.visit_id is not None]
        with self._tenant.writing() as session:
            for part in in_parts(visits):
                faces = delete(VisitFaceRow).where(VisitFaceRow.visit_id.in_(part))
                removed["visit_faces"] += _run(session, faces)
                named = update(VisitRow).where(VisitRow.visit_id.in_(part), VisitRow.picture_key.is_not(None))
                removed["visit_pictures"] += _run(session, named.values(picture_key=None))
            for picture in pictures:
                if picture.person_id is not None:
                    its = (
                        PersonFaceRow.person_id == picture.person_id,
                        PersonFaceRow.picture_key == picture.picture_key,
                    )
                    gone = update(PersonFaceRow).where(*its).values(picture_key=None)
                    removed["person_pictures"] += _run(session, gone)
            self._add_unproven(session, removed)

    def stale_guests(self, before: datetime) -> list[str]:
        with self._tenant.reading() as session:
            return list(session.scalars(_stale(before)))

    def pictures_of(self, person_id: str) -> list[str]:
        with self._tenant.reading() as session:
            keys = [
                *session.scalars(
                    select(PersonFaceRow.picture_key).where(PersonFaceRow.person_id == person_id)
                ),
                *session.scalars(select(VisitRow.picture_key).where(VisitRow.person_id == person_id)),
            ]
        return [key for key in keys if key is not None]

    @once_more
    def forget_guest(self, person_id: str, before: datetime, files: int) -> None:
        removed = Counter[str](files=files)
        now = self._tenant.clock.now()
        with self._tenant.writing() as session:
            hold_people(session, self._tenant.tenant_id)
            if session.scalar(_stale(before).where(PersonRow.person_id == person_id)) is not None:
                their = Counter[str]()
                end_visits(session, self._tenant.tenant_id, [person_id], now, their)
                removed["visit_faces"] += their["visit_faces"]
                of_guest = delete(PersonFaceRow).where(PersonFaceRow.person_id == person_id)
                removed["guest_faces"] += _run(session, of_guest)
                guest = delete(PersonRow).where(PersonRow.person_id == person_id)
                removed["guests"] += _run(session, guest)
            self._add_unproven(session, removed)

    def note_files(self, files: int) -> None:
        with self._tenant.writing() as session:
            self._add_unproven(session, Counter(files=files))

    def unproven(self) -> Mapping[str, int]:
        with self._tenant.reading() as session:
            return self._unproven(session)

    def named_pictures(self) -> frozenset[str]:
        with self._tenant.reading() as session:
            keys = [
                *session.scalars(select(VisitRow.picture_key).where(VisitRow.picture_key.is_not(None))),
                *session.scalars(
                    select(PersonFaceRow.picture_key).where(PersonFaceRow.picture_key.is_not(None))
                ),
            ]
        return frozenset(key for key in keys if key is not None)

    # -- proofs ---------------------------------------------------------------------------------------

    def add_proof(self, at: datetime, older_than: datetime, copies: int, remaining: int) -> PurgeProof:
        with self._tenant.writing() as session:
            self._hold(session)
            last = session.scalar(select(PurgeRow).order_by(PurgeRow.ordinal.desc()).limit(1))
            ordinal, previous = (last.ordinal + 1, last.hash) if last else (1, _FIRST_HASH)
            unproven = self._unproven(session)
            told = json.dumps({**unproven, "copies": copies} if unproven else {}, sort_keys=True)
            row = PurgeRow(
                purge_id=uuid4().hex,
                ordinal=ordinal,
                at=at,
                older_than=older_than,
                removed=told,
                remaining=remaining,
                previous_hash=previous,
                hash=_hash_of(ordinal, at, older_than, told, remaining, previous),
            )
            session.add(row)
            session.merge(MetaRow(key=self._unproven_key, value=""))
            return _proof(row)

    def newest_proof(self) -> PurgeProof | None:
        return next(iter(self.proofs(1)), None)

    def _add_unproven(self, session: Session, removed: Counter[str]) -> None:
        self._hold(session)
        total = Counter(self._unproven(session)) + removed
        if total:
            session.merge(MetaRow(key=self._unproven_key, value=json.dumps(total)))

    def _hold(self, session: Session) -> None:
        """At a centre others may purge as well: whoever comes second waits. A kiosk's file has one writer."""
        owner = select(TenantRow.tenant_id).where(TenantRow.tenant_id == self._tenant.tenant_id)
        session.execute(owner.with_for_update())

    def _unproven(self, session: Session) -> dict[str, int]:
        row = session.get(MetaRow, self._unproven_key)
        stored: dict[str, int] = json.loads(row.value) if row is not None and row.value else {}
        return stored

    @property
    def _unproven_key(self) -> str:
        return f"purged_unproven {self._tenant.tenant_id}".rstrip()

    def proofs(self, limit: int = 100) -> list[PurgeProof]:
        """The newest first."""
        query = select(PurgeRow).order_by(PurgeRow.ordinal.desc()).limit(limit)
        with self._tenant.reading() as session:
            return [_proof(row) for row in session.scalars(query)]

    def broken_proof(self) -> int | None:
        """The place in the chain of the first proof that was changed, or before which one is missing; None
        when the chain is whole."""
        expected, previous = 1, _FIRST_HASH
        with self._tenant.reading() as session:
            for row in session.scalars(select(PurgeRow).order_by(PurgeRow.ordinal)):
                told = (row.ordinal, row.at, row.older_than, row.removed, row.remaining, previous)
                if row.ordinal != expected or row.hash != _hash_of(*told):
                    return expected
                expected, previous = expected + 1, row.hash
        return None

    def forget_void_visits(self, before: datetime) -> None:
        with self._tenant.writing() as session:
            _run(session, delete(VoidVisitRow).where(VoidVisitRow.at < before))

    def note_run(self, at: datetime) -> None:
        self._meta.set(self._run_key, at.isoformat())

    def last_run(self) -> datetime | None:
        """When there was a purge last."""
        stored = self._meta.get(self._run_key)
        return datetime.fromisoformat(stored) if stored else None

    @property
    def _run_key(self) -> str:
        return f"purged_at {self._tenant.tenant_id}".rstrip()

    # -- what is held ---------------------------------------------------------------------------------

    def held(self, picture_days: int) -> Held:
        """What is held of people right now."""
        people = select(PersonRow.kind, func.count()).where(PersonRow.merged_into.is_(None))
        with self._tenant.reading() as session:
            kinds = {row[0]: row[1] for row in session.execute(people.group_by(PersonRow.kind))}
            embeddings = _count(session, PersonFaceRow.person_id) + _count(session, VisitFaceRow.visit_id)
            throwaway = _count(session, StayRow.stay_id, StayRow.embedding)
            visits = _count(session, VisitRow.visit_id)
            pictures = _count(session, VisitRow.visit_id, VisitRow.picture_key)
            pictures += _count(session, PersonFaceRow.person_id, PersonFaceRow.picture_key)
            oldest = [
                session.scalar(select(func.min(VisitRow.began_at)).where(VisitRow.picture_key.is_not(None))),
                session.scalar(
                    select(func.min(PersonFaceRow.added_at)).where(PersonFaceRow.picture_key.is_not(None))
                ),
            ]
        last = self.last_run()
        return Held(
            staff=kinds.get(PersonKind.STAFF, 0),
            customers=kinds.get(PersonKind.CUSTOMER, 0),
            guests=kinds.get(PersonKind.GUEST, 0),
            embeddings=embeddings,
            throwaway_embeddings=throwaway,
            visits=visits,
            pictures=pictures,
            oldest_picture_at=min((at for at in oldest if at is not None), default=None),
            picture_days=picture_days,
            last_purge_at=last,
            next_purge_at=last + PURGE_EVERY if last else None,
        )


def _stale(before: datetime) -> Select[str]:
    """Guests whose last visit began before then."""
    last_visit = (
        select(func.max(VisitRow.began_at)).where(VisitRow.person_id == PersonRow.person_id).scalar_subquery()
    )
    return select(PersonRow.person_id).where(
        PersonRow.kind == PersonKind.GUEST.value, func.coalesce(last_visit, PersonRow.created_at) < before
    )


def _count(session: Session, rows: InstrumentedAttribute[str], given: Any = None) -> int:
    """How many rows there are; with `given`, of those in which that is not empty."""
    query = select(func.count(rows))
    return session.scalar(query if given is None else query.where(given.is_not(None))) or 0


def _hash_of(
    ordinal: int, at: datetime, older_than: datetime, removed: str, remaining: int, previous: str
) -> str:
    told = [ordinal, at.isoformat(), older_than.isoformat(), removed, remaining, previous]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _proof(row: PurgeRow) -> PurgeProof:
    removed = json.loads(row.removed)
    return PurgeProof(
        row.ordinal, row.at, row.older_than, removed, row.remaining, row.previous_hash, row.hash
    )


def _run(session: Session, statement: Delete | Update) -> int:
    done = session.execute(statement)
    return done.rowcount if isinstance(done, CursorResult) else 0
