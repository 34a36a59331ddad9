"""What the kiosk knows of itself."""

from __future__ import annotations

from uuid import uuid4

from kiosk.database.engine import Database
from kiosk.database.tables import MetaRow

_KIOSK_ID = "kiosk_id"


class SqlMeta:
    """Few words by key, and the id that tells this kiosk from all others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def kiosk_id(self) -> str:
        """32 hex digits, made at the first call and the same ever after."""
        with self._database.writing() as session:
            row = session.get(MetaRow, _KIOSK_ID)
            if row is None:
                row = MetaRow(key=_KIOSK_ID, value=uuid4().hex)
                session.add(row)
            return row.value

    def get(self, key: str) -> str | None:
        """The value that was set last; None if none was."""
        with self._database.reading() as session:
            row = session.get(MetaRow, key)
            return None if row is None else row.value

    def set(self, key: str, value: str) -> None:
        """Sets a value for good."""
        with self._database.writing() as session:
            session.merge(MetaRow(key=key, value=value))
