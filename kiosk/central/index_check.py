"""The index of a centre is a projection of its database: held against it at each start, and made true."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import select

from kiosk.central.centre import Centre
from kiosk.database.tables import EventRow
from kiosk.errors import KnownError
from kiosk.photos.index_sync import verify_and_rebuild

_log = structlog.get_logger(__name__)


def check_index(centre: Centre, stop: threading.Event) -> None:
    """Makes the index hold the faces on sale of every event, one after the other, until `stop` is set. What
    cannot be checked now is checked at the next start; it is logged."""
    for event in centre.archive.photos.events():
        if stop.is_set():
            return
        try:
            with _alone_with(centre, event.event_id) as is_ours:
                if is_ours:
                    repair = verify_and_rebuild(centre.archive.index, centre.archive.photos, event.event_id)
                    _log.info(
                        "index_checked", event_id=event.event_id, added=repair.added, state=repair.state
                    )
        except KnownError as failed:
            _log.warning("index_not_checked", event_id=event.event_id, code=failed.code)


@contextmanager
def _alone_with(centre: Centre, event_id: str) -> Iterator[bool]:
    """Of several processes on one server only the first checks an event, and imports into it wait, but nobody
    who merely names it, such as an upload; embedded stores have one process, whose writers must not wait for
    a check."""
    if not centre.settings.database.url:
        yield True
        return
    its = select(EventRow.event_id).where(EventRow.event_id == event_id)
    mine = its.with_for_update(skip_locked=True, key_share=True)
    with centre.database.writing() as session:
        yield session.scalar(mine) is not None
