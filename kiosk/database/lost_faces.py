"""Faces that nobody can read any more, because the secret that they were sealed under is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    delete,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from kiosk.at_rest.vault import HEADER_BYTES, MAGIC
from kiosk.database.bulk import table_of
from kiosk.database.engine import Database
from kiosk.database.photos import face_values
from kiosk.database.sealing import message_or_none, messages_with_faces, vector_columns
from kiosk.database.sync_tables import OutboxRow
from kiosk.database.tables import FaceRow
from kiosk.errors import BugError
from kiosk.photos.types import Face


class SqlLostFaces:
    """Each method is one transaction. Call `kiosk.database.sealing.seal_all` before: whatever is not under
    the current key after that, no key opens."""

    def __init__(self, database: Database) -> None:
        if database.vault is None:
            raise BugError("a database without a vault loses no keys")
        self._database = database
        self._header = database.vault.header()

    def photo_ids(self) -> list[str]:
        """The photos that have such faces."""
        lost = self._is_lost(table_of(FaceRow).c.embedding)
        query = select(FaceRow.photo_id).where(lost).distinct()
        with self._database.reading() as session:
            return list(session.scalars(query.order_by(FaceRow.photo_id)))

    def replace(self, photo_id: str, faces: Sequence[Face]) -> None:
        """All faces of a photo, by those that were found in it anew."""
        with self._database.writing() as session:
            session.execute(delete(FaceRow).where(FaceRow.photo_id == photo_id))
            if faces:
                session.execute(insert(FaceRow), [face_values(photo_id, face) for face in faces])

    def drop_others(self) -> int:
        """All that is lost of people, in messages about them too, and of those who are here right now;
        returns how many faces. The people stay: they are to be enrolled with new pictures."""
        with self._database.writing() as session:
            for outbox_id, stored in session.execute(messages_with_faces()).all():
                if message_or_none(session, stored) is None:
                    session.execute(delete(OutboxRow).where(OutboxRow.outbox_id == outbox_id))
            return sum(self._drop(session, table) for table, _ in vector_columns() if table.name != "faces")

    def _drop(self, session: Session, table: Table) -> int:
        column = table.c.embedding
        is_lost = self._is_lost(column)
        if column.nullable:
            changed = session.execute(update(table).where(is_lost).values(embedding=None, contract_id=None))
        else:
            changed = session.execute(delete(table).where(is_lost))
        return int(getattr(changed, "rowcount", 0))

    def _is_lost(self, column: Column[Any]) -> ColumnElement[bool]:
        stored = type_coerce(column, LargeBinary)
        begins = func.substr(stored, 1, HEADER_BYTES, type_=LargeBinary)
        is_sealed = func.substr(stored, 1, len(MAGIC), type_=LargeBinary) == MAGIC
        return is_sealed & (begins != self._header)
