"""Which files of watched folders were dealt with (`kiosk.photos.folder_watch.DealtWith`)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from kiosk.database.engine import Database
from kiosk.database.tables import WatchedFileRow
from kiosk.photos.arrivals import Stamp


class SqlWatchedFiles:
    """Beside the photos' rows, so that a restored backup forgets both alike. Raises KnownError DATABASE_*."""

    def __init__(self, database: Database, across_events: bool = False) -> None:
        """`across_events`: a file that was dealt with for one event is no other event's."""
        self._database = database
        self._across_events = across_events

    def of(self, event_id: str) -> dict[str, Stamp]:
        """By path, each as it was when it was dealt with; of several by one name, the newest."""
        query = select(WatchedFileRow).order_by(WatchedFileRow.modified_ns)
        if not self._across_events:
            query = query.where(WatchedFileRow.event_id == event_id)
        with self._database.reading() as session:
            return {row.path: Stamp(row.size, row.modified_ns) for row in session.scalars(query)}

    def note(self, event_id: str, files: Mapping[str, Stamp]) -> None:
        """These, too."""
        with self._database.writing() as session:
            for path, stamp in files.items():
                session.merge(
                    WatchedFileRow(
                        event_id=event_id, path=path, size=stamp.size, modified_ns=stamp.modified_ns
                    )
                )
