"""That somebody agreed to a search at the centre: noted before their face is looked at."""

from __future__ import annotations

from datetime import datetime

from kiosk.database.bulk import insert_new
from kiosk.database.engine import Database
from kiosk.database.tables import ConsentRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language


class SqlCentralConsents:
    """Consents of all tenants; safe from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agreed(
        self,
        tenant_id: str,
        consent_id: str,
        event_id: str,
        text_version: str,
        language: Language,
        at: datetime,
    ) -> None:
        """Notes that somebody agreed to a text, unless it is noted already; a kiosk may tell of it too.

        Raises KnownError(REQUEST_INVALID) for one that was withdrawn, or is of another event or text.
        """
        with self._database.writing() as session:
            said = {
                "consent_id": consent_id,
                "tenant_id": tenant_id,
                "event_id": event_id,
                "text_version": text_version,
                "language": language.value,
                "agreed_at": at,
                "withdrawn_at": None,
                "face_deleted_at": None,
            }
            if insert_new(session, ConsentRow, said):
                return
            row = session.get_one(ConsentRow, consent_id)
            is_of_it = (row.tenant_id, row.event_id, row.text_version) == (tenant_id, event_id, text_version)
            if not is_of_it or row.withdrawn_at is not None:
                raise KnownError(
                    ErrorCode.REQUEST_INVALID,
                    "This consent was withdrawn, or was given to something else.",
                    "Ask the person again.",
                )
