"""The photos of an event from the newest on (`kiosk.sync.previews.PhotosAhead`)."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from kiosk.database.engine import Database
from kiosk.database.selecting import ON_SALE
from kiosk.database.tables import PhotoRow
from kiosk.sync.previews import PhotoAhead


class SqlPhotosAhead:
    """Each method is one short look; safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, event_id: str, after: PhotoAhead | None, limit: int) -> list[PhotoAhead]:
        """In the order of an index, so that the last ones of many come as quickly as the first."""
        query = (
            select(PhotoRow.photo_id, PhotoRow.taken_at, PhotoRow.is_public)
            .where(PhotoRow.event_id == event_id, ON_SALE)
            .order_by(PhotoRow.taken_at.desc(), PhotoRow.photo_id.desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(
                PhotoRow.taken_at <= after.taken_at,
                or_(PhotoRow.taken_at < after.taken_at, PhotoRow.photo_id < after.photo_id),
            )
        with self._database.reading() as session:
            return [PhotoAhead(*row) for row in session.execute(query)]

    def count(self, event_id: str) -> int:
        """Photos on sale."""
        query = select(func.count()).select_from(PhotoRow).where(PhotoRow.event_id == event_id, ON_SALE)
        with self._database.reading() as session:
            return session.scalar(query) or 0
