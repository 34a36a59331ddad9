"""Originals that somebody has paid for, brought here at once and kept while their link is valid."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import Photo, key_of_original
from kiosk.sync.fetched_store import FetchedObjectStore

_log = structlog.get_logger(__name__)

_TRY_AGAIN_S = 5.0
_LONGEST_PAUSE_S = 300.0
"""Between two tries at an original that comes damaged every time."""
_TIDY_EVERY_S = 600.0
_PATIENCE_S = 120.0
_LONGEST_WAIT_S = 1.0
_LOOK_EVERY_S = 0.5
"""Whether all is to end, while an original is on its way."""


class KeptOriginals:
    """What is wanted is written down before it is fetched, so that a kiosk which is killed goes on with it.
    `keep` may be called from any thread and returns at once; `run` is a worker's job."""

    def __init__(self, store: FetchedObjectStore) -> None:
        self._store = store
        self._news = threading.Event()
        self._bad: dict[str, _Bad] = {}

    def keep(self, photos: Sequence[Photo], until: datetime) -> None:
        """The originals of these photos are to be here until then. Raises KnownError DISK_FULL,
        FOLDER_NOT_WRITABLE."""
        if self._store.keep_originals(photos, until):
            self._news.set()

    def can_have(self, photo: Photo) -> bool:
        """Whether the original can be handed out, as far as is known without asking the centre."""
        return self._store.can_have(key_of_original(photo))

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. Raises KnownError DISK_FULL, FOLDER_NOT_WRITABLE."""
        tidied_s = tried_s = float("-inf")
        while not stop.is_set():
            now_s = time.monotonic()
            if now_s - tidied_s >= _TIDY_EVERY_S:
                self._store.end_wishes()
                tidied_s = now_s
            if self._news.is_set() or now_s - tried_s >= _TRY_AGAIN_S:
                self._news.clear()
                tried_s = now_s
                self._bring(stop)
            if not stop.is_set():
                self._news.wait(_LONGEST_WAIT_S)

    def _bring(self, stop: threading.Event) -> None:
        """All that are not here, as far as the centre can be reached."""
        wanted = self._store.wanted_originals()
        self._bad = {key: bad for key, bad in self._bad.items() if key in wanted}
        now_s = time.monotonic()
        due = [key for key in wanted if key not in self._bad or self._bad[key].again_s <= now_s]
        for flight in [self._store.begin_paid(key) for key in due]:
            until_s = time.monotonic() + _PATIENCE_S
            while not flight.is_over(_LOOK_EVERY_S) and time.monotonic() < until_s:
                if stop.is_set():
                    return
            if stop.is_set():
                return
            try:
                flight.wait(0)
                self._bad.pop(flight.object_key, None)
            except KnownError as error:
                if error.code is not ErrorCode.OBJECT_STORE_UNREACHABLE:
                    self._note_bad(flight.object_key, error)

    def _note_bad(self, object_key: str, error: KnownError) -> None:
        """It is tried again, later each time; who reads the log is told once."""
        before = self._bad.get(object_key)
        if before is None:
            _log.warning("original_not_here", code=error.code, detail=error.detail)
        pause_s = min(before.pause_s * 2, _LONGEST_PAUSE_S) if before else _TRY_AGAIN_S
        self._bad[object_key] = _Bad(time.monotonic() + pause_s, pause_s)


@dataclass(frozen=True, slots=True)
class _Bad:
    """An original that the centre gives, and not as it was sold: when it is asked for again."""

    again_s: float
    pause_s: float
