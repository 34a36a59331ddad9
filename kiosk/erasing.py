"""Forgetting over a kiosk's own stores: for its worker, and for a command beside it."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.archive import Archive
from kiosk.database.deletions import SqlDeletions, holder_of_kiosk
from kiosk.database.forgetting import SqlForgetting
from kiosk.database.meta import SqlMeta
from kiosk.photos.erasure import Deletion, Erasure
from kiosk.sync.forgetting import Forgetting


def forgetting_of(archive: Archive, forget_on_pages: Callable[[Deletion], None]) -> Forgetting:
    """What does the deletions of the kiosk whose archive this is."""
    rows = SqlForgetting(archive.database, archive.clock)

    def forget_in_memory(deletion: Deletion) -> None:
        archive.previews.forget()
        forget_on_pages(deletion)

    return Forgetting(
        SqlDeletions(archive.database),
        Erasure(rows, archive.photos, archive.index, archive.store, forget_in_memory),
        rows,
        archive.database.keep_no_traces,
        archive.clock,
        holder_of_kiosk(SqlMeta(archive.database).kiosk_id()),
    )
