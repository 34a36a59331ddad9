"""What the kiosk knows of itself."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from kiosk.database.bulk import insert_new
from kiosk.database.engine import Database
from kiosk.database.tables import MetaRow

_KIOSK_ID = "kiosk_id"
_OPEN_ORDER = "open_order"


class SqlMeta:
    """Few words by key, and the id that tells this kiosk from all others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def kiosk_id(self) -> str:
        """32 hex digits, made at the first call and the same ever after."""
        known = self.get(_KIOSK_ID)
        if known is not None:
            return known
        with self._database.writing() as session:
            return kiosk_id_in(session)

    def get(self, key: str) -> str | None:
        """The value that was set last; None if none was."""
        with self._database.reading() as session:
            row = session.get(MetaRow, key)
            return None if row is None else row.value

    def set(self, key: str, value: str) -> None:
        """Sets a value for good."""
        with self._database.writing() as session:
            session.merge(MetaRow(key=key, value=value))


def kiosk_id_in(session: Session) -> str:
    """The kiosk's id, made in the caller's writing transaction where there is none yet."""
    row = session.get(MetaRow, _KIOSK_ID)
    if row is None:
        insert_new(session, MetaRow, {"key": _KIOSK_ID, "value": uuid4().hex})  # others may begin as well
        row = session.get_one(MetaRow, _KIOSK_ID)
    return row.value


class SqlOpenOrder:
    """Remembers across a power cut which order a visitor was standing at the kiosk with (`OpenOrder`)."""

    def __init__(self, database: Database) -> None:
        self._meta = SqlMeta(database)

    def remember(self, order_id: str, at: datetime) -> None:
        """From now on, until `forget`."""
        self._meta.set(_OPEN_ORDER, f"{order_id} {at.isoformat()}")

    def forget(self) -> None:
        """The visit has come to its end."""
        self._meta.set(_OPEN_ORDER, "")

    def remembered(self) -> tuple[str, datetime] | None:
        """The order and when it was remembered (UTC)."""
        stored = self._meta.get(_OPEN_ORDER)
        if not stored:
            return None
        order_id, _, at = stored.partition(" ")
        return order_id, datetime.fromisoformat(at)
