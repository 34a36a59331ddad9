"""A kiosk forgets what a deletion names, and says so to the centre: once, whatever comes in between.

The steps are done in order and may be repeated; that all of them are done, and the word to the centre, are
one transaction at the end. So a kiosk that dies on the way begins again with what is left, and nothing is
confirmed before it is true.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import structlog

from kiosk.clock import Clock
from kiosk.errors import KnownError
from kiosk.photos.erasure import Deletion, Erasure

_log = structlog.get_logger(__name__)
_LOOK_EVERY_S = 2.0


class PendingDeletions(Protocol):
    """The deletions that this kiosk is not done with. Raises KnownError DATABASE_*."""

    def pending(self) -> list[Deletion]:
        """The oldest first."""
        ...

    def confirm_to_centre(self, deletion_id: str, holder: str, at: datetime) -> None:
        """That this kiosk is done, for good; told to the centre in the same transaction."""
        ...


class CountsOfHolders(Protocol):
    """What each holder has removed so far."""

    def add_removed(self, deletion_id: str, holder: str, removed: Mapping[str, int]) -> None: ...


class Forgetting:
    """Does the deletions of one kiosk. `run` on one thread; a command beside it does `once`."""

    def __init__(
        self,
        deletions: PendingDeletions,
        erasure: Erasure,
        counts: CountsOfHolders,
        keep_no_traces: Callable[[], int],
        clock: Clock,
        holder: str,
    ) -> None:
        """`keep_no_traces` clears journal and older copies of the database, and says how many copies went;
        `holder` is this kiosk among the holders."""
        self._deletions = deletions
        self._erasure = erasure
        self._counts = counts
        self._keep_no_traces = keep_no_traces
        self._clock = clock
        self._holder = holder

    def run(self, stop: threading.Event) -> None:
        """At start and whenever a deletion has come. Raises as `once`; it may be run again, and goes on."""
        while not stop.is_set():
            self.once(stop)
            stop.wait(_LOOK_EVERY_S)

    def once(self, stop: threading.Event | None = None) -> int:
        """Does all that are pending, and returns how many. Old copies of the database are cleared once for
        all of them, since that may take a while.

        Raises KnownError: what a store says that cannot be reached or has no room; the deletions stay
        pending.
        """
        pending = self._deletions.pending()
        erased = [
            deletion for deletion in pending if not (stop and stop.is_set()) and self._is_erased(deletion)
        ]
        if not erased:
            return 0
        copies = self._keep_no_traces()
        for deletion in erased:
            self._counts.add_removed(deletion.deletion_id, self._holder, {"copies": copies})
            self._deletions.confirm_to_centre(deletion.deletion_id, self._holder, self._clock.now())
            _log.info("forgotten", deletion_id=deletion.deletion_id)
        return len(erased)

    def _is_erased(self, deletion: Deletion) -> bool:
        """One that a store keeps from being done does not hold up the others."""
        try:
            self._erasure.from_rows(deletion, self._holder)
            self._erasure.from_index(deletion, self._holder)
            self._erasure.from_files(deletion, self._holder)
        except KnownError as failed:
            _log.warning("not_forgotten_yet", deletion_id=deletion.deletion_id, code=failed.code)
            return False
        return True
