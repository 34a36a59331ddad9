"""The files that came from the centre: a folder of their own beside the kiosk's, within a quota."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from kiosk.clock import Clock
from kiosk.errors import KnownError
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.types import ObjectStream
from kiosk.sync.centre_files import place_of
from kiosk.sync.fetched_index import NEWEST, FetchedIndex, FoundFile, WantedFile

_log = structlog.get_logger(__name__)

_INDEX = ".index/files.db"
_USES_AT_ONCE = 256
_DAY_MS = 24 * 3600 * 1000


class FetchedFolder:
    """Files by key under `root`. What is only looked at passes through: its bytes never exceed the quota, the
    longest unused goes first. What somebody has paid for is kept beside that until its time is over. Files
    that were imported here lie elsewhere, and are none of its business.

    Safe for several threads and processes. A process that is killed leaves no file behind that is not
    counted. Raises KnownError DISK_FULL, FOLDER_NOT_WRITABLE.
    """

    def __init__(self, root: Path, quota_bytes: int, clock: Clock) -> None:
        self._root = root
        self._quota_bytes = quota_bytes
        self._clock = clock
        self._files = FolderObjectStore(root)
        self._index = FetchedIndex(root / _INDEX, self._there)
        self._index.trim(quota_bytes, self._files.delete)
        self._reserving = threading.Lock()
        self._lock = threading.Lock()
        self._under_way: set[str] = set()
        self._used: dict[str, int] = {}

    def close(self) -> None:
        """Writes down what was looked at last."""
        self._note_uses(least=1)
        self._index.close()

    @property
    def passing_bytes(self) -> int:
        """Bytes of what is here only to be looked at."""
        return self._index.passing_bytes()

    @property
    def kept_bytes(self) -> int:
        """Bytes of what is kept for whoever paid."""
        return self._index.kept_bytes()

    def get(self, object_key: str) -> bytes:
        """The file. Raises KnownError(OBJECT_MISSING)."""
        data = self._files.get(object_key)
        self._use(object_key)
        return data

    def get_stream(self, object_key: str, start: int = 0) -> ObjectStream:
        """The file, part by part. Raises KnownError(OBJECT_MISSING)."""
        stream = self._files.get_stream(object_key, start)
        self._use(object_key)
        return stream

    def has(self, object_key: str) -> bool:
        """Whether it is here."""
        return self._files.has(object_key)

    def missing(self, object_keys: Sequence[str]) -> list[str]:
        """Those that are not here; quick for many."""
        known = self._index.known(list(object_keys))
        return [key for key in object_keys if key not in known or not self._files.has(key)]

    def keys(self, prefix: str) -> Iterator[str]:
        """In lexical order."""
        return self._files.keys(prefix)

    def add(self, object_key: str, data: bytes, rank_ms: int | None = None) -> bool:
        """Stores a file, whole or not at all; False where there is no room for it.

        Others make room, as if this one were used at `rank_ms` (none: now) and none that was used later.
        One that is wanted is kept, and needs no room.
        """
        now_ms = self._now_ms()
        used_ms = now_ms if rank_ms is None else min(now_ms, rank_ms)
        older_than_ms = NEWEST if rank_ms is None else used_ms
        file = FoundFile(object_key, len(data), used_ms)
        self._note_uses(least=1)
        try:
            with self._reserving:
                self._under_way.add(object_key)
                under_way = frozenset(self._under_way)
                has_room = self._index.reserve(
                    file, self._quota_bytes, older_than_ms, under_way, self._files.delete
                )
            if has_room:
                self._write(object_key, data)
        finally:
            with self._reserving:
                self._under_way.discard(object_key)
        return has_room

    def delete(self, object_key: str) -> None:
        """Takes it away, wanted or not; harmless when it is not here."""
        self._files.delete(object_key)
        self._index.forget(object_key)

    # -- what somebody has paid for ---------------------------------------------------------------

    def want(self, files: Sequence[WantedFile]) -> None:
        """These are to be here until then, and are kept once they are."""
        self._index.want(list(files))

    def wanted(self, object_key: str | None = None) -> list[WantedFile]:
        """All that is wanted, or only this one."""
        return self._index.wanted(object_key)

    def end_wishes(self) -> int:
        """Takes away what nobody has a right to any more; how many files that were."""
        return self._index.end_wishes(self._now_ms(), self._files.delete)

    # -- the parts --------------------------------------------------------------------------------

    def _write(self, object_key: str, data: bytes) -> None:
        try:
            self._files.put(object_key, data)
        except BaseException:
            self._index.give_up(object_key)
            raise
        if not self._index.knows(object_key):  # another process has given its room away meanwhile
            self._files.delete(object_key)

    def _use(self, object_key: str) -> None:
        with self._lock:
            self._used[object_key] = self._now_ms()
        self._note_uses(least=_USES_AT_ONCE)

    def _note_uses(self, least: int) -> None:
        with self._lock:
            if len(self._used) < least:
                return
            used, self._used = self._used, {}
        try:
            self._index.note_use(used)
        except KnownError as error:
            _log.warning("uses_not_noted", code=error.code)

    def _there(self) -> Iterator[FoundFile]:
        """Originals may have been paid for: none goes before whoever knows has said which."""
        for object_key in self._files.keys(""):
            try:
                state = (self._root / object_key).stat()
            except FileNotFoundError:
                continue
            place = place_of(object_key)
            kept_until_ms = self._now_ms() + _DAY_MS if place and place.is_original else None
            yield FoundFile(object_key, state.st_size, int(state.st_mtime * 1000), kept_until_ms)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
