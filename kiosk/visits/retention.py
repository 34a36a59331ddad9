"""What is kept no longer than promised: pictures of faces, and guests of the long-term way.

A purge deletes files first and rows after: one that is broken off begins again with what is left. What went
is counted in the transaction in which its row goes, and stays unproven until no older copy of the database
holds it: whatever comes in between, the next purge does the rest.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.settings import StoreSection
from kiosk.visits.pictures import FacePictures

_log = structlog.get_logger(__name__)

PURGE_EVERY = timedelta(hours=1)
_AGAIN_AFTER = timedelta(minutes=5)
_VOID_KEPT = timedelta(days=90)
"""No message of a visit that was none is under way for so long."""
_LOOK_EVERY_S = 1.0
_ORPHAN_AFTER = timedelta(minutes=10)
"""A picture is written before the row that names it: only one still unnamed after this is nobody's."""


@dataclass(frozen=True, slots=True)
class KeepRules:
    """How long pictures are kept, and guests after their last visit."""

    pictures: timedelta
    guests: timedelta

    @classmethod
    def of(cls, store: StoreSection) -> KeepRules:
        """As the settings say."""
        return cls(timedelta(days=store.picture_days), timedelta(days=store.returning_days))


@dataclass(frozen=True, slots=True)
class OldPicture:
    """A picture that is too old: of the visit or of the person's face that names it."""

    picture_key: str
    visit_id: str | None = None
    person_id: str | None = None
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """What a purge would delete now, in counts."""

    older_than: datetime
    pictures: int
    guests: int


@dataclass(frozen=True, slots=True)
class PurgeProof:
    """That everything older than `older_than` was deleted: counts of what went, and how many remained (0, or
    the purge is not done). `hash` is the sha256 over this proof and the hash of the one before."""

    ordinal: int
    at: datetime
    older_than: datetime
    removed: Mapping[str, int]
    remaining: int
    previous_hash: str
    hash: str


class RetentionRows(Protocol):
    """The rows of what is kept for a while. Each method is one transaction, harmless when repeated. Raises
    KnownError DATABASE_*, DISK_FULL."""

    def old_pictures(self, before: datetime) -> Sequence[OldPicture]:
        """Those taken before then."""
        ...

    def drop_pictures(self, pictures: Sequence[OldPicture], files: int) -> None:
        """Their keys and, of visits, the faces that go with them; so many files went before."""
        ...

    def stale_guests(self, before: datetime) -> Sequence[str]:
        """Guests whose last visit began before then."""
        ...

    def pictures_of(self, person_id: str) -> Sequence[str]:
        """The keys of all pictures of a person and of their visits."""
        ...

    def forget_guest(self, person_id: str, before: datetime, files: int) -> None:
        """The guest with their faces; their visits stay counted. One who is no guest any more, or came back
        since `before`, stays. So many files went before."""
        ...

    def note_files(self, files: int) -> None:
        """That so many files went which no row named."""
        ...

    def unproven(self) -> Mapping[str, int]:
        """What went, in counts, since the last proof."""
        ...

    def named_pictures(self) -> frozenset[str]:
        """The keys of all pictures that a row names."""
        ...

    def add_proof(self, at: datetime, older_than: datetime, copies: int, remaining: int) -> PurgeProof:
        """Appends to the chain a proof of what is unproven; with it so many older copies went."""
        ...

    def newest_proof(self) -> PurgeProof | None:
        """The last of the chain."""
        ...

    def forget_void_visits(self, before: datetime) -> None:
        """That visits were none, of those which turned out so before then."""
        ...

    def note_run(self, at: datetime) -> None:
        """That there was a purge then, whether or not anything was due."""
        ...


class Retention:
    """Purges one tenant's pictures and guests. `run` on one thread; others may `purge` or `hurry` it."""

    def __init__(
        self,
        rows: RetentionRows,
        pictures: FacePictures,
        keep_no_traces: Callable[[], int],
        rules: KeepRules,
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._pictures = pictures
        self._keep_no_traces = keep_no_traces
        self._rules = rules
        self._clock = clock
        self._unnamed_since: dict[str, datetime] = {}
        self._one_at_a_time = threading.Lock()
        self._hurried = threading.Event()

    def run(
        self,
        stop: threading.Event,
        tell: Callable[[PurgeProof | None], None],
        tell_failed: Callable[[KnownError], None],
    ) -> None:
        """At start, however long the machine was off, and every hour; after one that failed sooner. Each is
        told."""
        while not stop.is_set():
            self._hurried.clear()
            try:
                tell(self.purge())
                pause = PURGE_EVERY
            except KnownError as failed:
                _log.warning("purge_failed", code=failed.code, detail=failed.detail)
                tell_failed(failed)
                pause = _AGAIN_AFTER
            self._rest(stop, pause)

    def hurry(self) -> None:
        """`run` purges now."""
        self._hurried.set()

    def _rest(self, stop: threading.Event, pause: timedelta) -> None:
        until_s = time.monotonic() + pause.total_seconds()
        while not stop.is_set() and time.monotonic() < until_s and not self._hurried.wait(_LOOK_EVERY_S):
            pass

    def plan(self) -> PurgePlan:
        """What is due now; deletes nothing."""
        before = self._clock.now() - self._rules.pictures
        guests = self._rows.stale_guests(self._clock.now() - self._rules.guests)
        return PurgePlan(before, len(self._rows.old_pictures(before)), len(guests))

    def purge(self) -> PurgeProof | None:
        """Deletes what is due; the proof, or None where nothing was.

        Raises KnownError: what a store says that cannot be reached or has no room; PURGE_INCOMPLETE where
        something that is too old is still there, which the proof says, too. It is to be done again.
        """
        with self._one_at_a_time:
            return self._purge()

    def _purge(self) -> PurgeProof | None:
        now = self._clock.now()
        before = now - self._rules.pictures
        self._purge_pictures(before)
        self._purge_guests(now - self._rules.guests)
        self._sweep_unnamed(now)
        self._rows.forget_void_visits(now - _VOID_KEPT)
        unproven = self._rows.unproven()
        copies = self._keep_no_traces() if unproven else 0
        remaining = len(self._rows.old_pictures(before))
        proof = None
        if unproven or remaining != self._known_to_remain():
            proof = self._rows.add_proof(now, before, copies, remaining)
            _log.info("purged", older_than=before.isoformat(), remaining=remaining, **proof.removed)
        self._rows.note_run(now)
        if remaining:
            raise KnownError(
                ErrorCode.PURGE_INCOMPLETE,
                f"{remaining} pictures that are too old are still here.",
                "It is tried again by itself; look whether the disk can be written.",
            )
        return proof

    def _known_to_remain(self) -> int:
        newest = self._rows.newest_proof()
        return newest.remaining if newest else 0

    def _purge_pictures(self, before: datetime) -> None:
        old = self._rows.old_pictures(before)
        if old:
            files = sum(self._delete(picture.picture_key) for picture in old)
            self._rows.drop_pictures(old, files)

    def _purge_guests(self, before: datetime) -> None:
        for person_id in self._rows.stale_guests(before):
            files = sum(self._delete(key) for key in self._rows.pictures_of(person_id))
            self._rows.forget_guest(person_id, before, files)

    def _sweep_unnamed(self, now: datetime) -> None:
        """Pictures that no row came to name, since the power went in between."""
        there = {key for folder in self._pictures.folders for key in self._pictures.store.keys(folder)}
        unnamed = there - self._rows.named_pictures() if there else set()
        since = {key: self._unnamed_since.get(key, now) for key in unnamed}
        nobodys = [key for key, at in since.items() if now - at >= _ORPHAN_AFTER]
        self._unnamed_since = {key: at for key, at in since.items() if key not in nobodys}
        if nobodys:
            self._rows.note_files(sum(self._delete(key) for key in nobodys))

    def _delete(self, key: str) -> int:
        was_there = self._pictures.store.has(key)
        self._pictures.delete(key)
        return int(was_there)
