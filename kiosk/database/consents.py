"""Consents in SQL (`kiosk.session.types.ConsentRepository`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.engine import Database
from kiosk.database.outbox import add_to_outbox
from kiosk.database.tables import ConsentRow
from kiosk.language import Language
from kiosk.session.types import ConsentRecord
from kiosk.sync.records import ConsentWireRecord, Kind


class SqlConsentRepository:
    """Each method is one transaction, and harmless when it is repeated."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_consent(self, consent: ConsentRecord) -> None:
        """Records that somebody agreed."""
        with self._database.writing() as session:
            if session.get(ConsentRow, consent.consent_id) is not None:
                return
            row = ConsentRow(
                consent_id=consent.consent_id,
                event_id=consent.event_id,
                text_version=consent.text_version,
                language=consent.language.value,
                agreed_at=consent.agreed_at,
                withdrawn_at=consent.withdrawn_at,
                face_deleted_at=consent.face_deleted_at,
            )
            session.add(row)
            _tell(session, row, consent.agreed_at)

    def set_withdrawn(self, consent_id: str, at: datetime) -> None:
        """Records that it was taken back: the first time stays; an unknown one has nothing to take back."""
        with self._database.writing() as session:
            row = session.get(ConsentRow, consent_id)
            if row is None or row.withdrawn_at is not None:
                return
            row.withdrawn_at = at
            _tell(session, row, at)

    def set_face_deleted(self, consent_id: str, at: datetime) -> None:
        """Records when the face was gone: the last time, for pictures can be taken anew under one consent."""
        with self._database.writing() as session:
            row = session.get(ConsentRow, consent_id)
            if row is not None and (row.face_deleted_at is None or row.face_deleted_at < at):
                row.face_deleted_at = at
                _tell(session, row, at)

    def consents(self, event_id: str) -> list[ConsentRecord]:
        """All of an event, the oldest first."""
        query = (
            select(ConsentRow)
            .where(ConsentRow.event_id == event_id)
            .order_by(ConsentRow.agreed_at, ConsentRow.consent_id)
        )
        with self._database.reading() as session:
            return [_consent(row) for row in session.scalars(query)]


def consent_record(row: ConsentRow) -> ConsentWireRecord:
    """A consent as it goes over the wire."""
    return ConsentWireRecord.model_validate(row)


def _tell(session: Session, row: ConsentRow, at: datetime) -> None:
    add_to_outbox(session, Kind.CONSENT, consent_record(row), at)


def _consent(row: ConsentRow) -> ConsentRecord:
    return ConsentRecord(
        consent_id=row.consent_id,
        event_id=row.event_id,
        text_version=row.text_version,
        language=Language(row.language),
        agreed_at=row.agreed_at,
        withdrawn_at=row.withdrawn_at,
        face_deleted_at=row.face_deleted_at,
    )
