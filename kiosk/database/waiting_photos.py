"""Photos that wait for staff to look at them, in SQL (`kiosk.photos.approval.WaitingPhotos`)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from kiosk.database.bulk import among
from kiosk.database.changes import note_change
from kiosk.database.engine import Database
from kiosk.database.photo_records import face_counts
from kiosk.database.tables import EventRow, PhotoRow
from kiosk.photos.approval import WaitingPhoto
from kiosk.photos.types import PhotoState
from kiosk.sync.records import Kind

_WAITS = PhotoRow.state == PhotoState.TO_APPROVE.value


class SqlWaitingPhotos:
    """Each method is one transaction; any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, event_id: str) -> int:
        query = select(func.count()).select_from(PhotoRow).where(PhotoRow.event_id == event_id, _WAITS)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def waiting(self, event_id: str, most: int) -> list[WaitingPhoto]:
        query = select(PhotoRow).where(PhotoRow.event_id == event_id, _WAITS)
        with self._database.reading() as session:
            rows = list(session.scalars(query.order_by(PhotoRow.number).limit(most)))
            faces = face_counts(session, [row.photo_id for row in rows])
            return [
                WaitingPhoto(
                    photo_id=row.photo_id,
                    number=row.number,
                    file_name=row.file_name,
                    taken_at=row.taken_at,
                    photographer=row.photographer,
                    faces=faces.get(row.photo_id, 0),
                )
                for row in rows
            ]

    def judge(self, photo_ids: Sequence[str], state: PhotoState) -> list[str]:
        with self._database.writing() as session:
            query = select(PhotoRow).where(among(session, PhotoRow.photo_id, photo_ids), _WAITS)
            rows = list(session.scalars(query.order_by(PhotoRow.number)))
            for row in rows:
                row.state = state.value
                event = session.get(EventRow, row.event_id)
                note_change(session, Kind.PHOTO, row.photo_id, event.tenant_id if event else "")
            return [row.photo_id for row in rows]
