"""The object store of a kiosk that meets a centre: what is not here is fetched when it is looked at."""

from __future__ import annotations

import heapq
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO, TypeVar

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import ObjectStore, ObjectStream, Photo, key_of_original
from kiosk.sync.centre_files import CentreFiles, CentrePlace, place_of
from kiosk.sync.fetch_queue import FetchQueue, Flight, Urgency
from kiosk.sync.fetched_folder import FetchedFolder
from kiosk.sync.fetched_index import WantedFile

T = TypeVar("T")
_log = structlog.get_logger(__name__)

_ATTEMPTS = 3
_PREVIEW_PATIENCE_S = 3.0
"""What is slower goes on coming, and is here when it is looked at again."""
_ORIGINAL_PATIENCE_S = 90.0
_MISSING_FOR_S = 30.0
_MOST_MISSING = 4096
_PAUSE_S = {ErrorCode.CENTRE_BUSY: 2.0, ErrorCode.CENTRE_LOGIN_REFUSED: 30.0, ErrorCode.DEVICE_REVOKED: 30.0}
_USUAL_PAUSE_S = 3.0
_GONE = frozenset(
    {ErrorCode.OBJECT_MISSING, ErrorCode.PHOTO_UNKNOWN, ErrorCode.EVENT_UNKNOWN, ErrorCode.PHOTOS_DELETED}
)
_OF_ONE_FILE = _GONE | {ErrorCode.FILE_DAMAGED, ErrorCode.RIGHTS_MISSING}


class FetchedObjectStore:
    """Fills the port `ObjectStore` over the kiosk's own store and the folder of what was fetched. Photos that
    were imported here are in `own` and stay; `get` answers from there, else from the folder, else fetches
    from the centre, stores and returns. `put` and `delete` mean both; `has` and `keys` tell what is here.
    What was deleted is not fetched any more: the centre may hear of it later than whoever still asks here.

    Any thread but the UI's: `get` may wait for the network, at most `_PREVIEW_PATIENCE_S` (an original's:
    `_ORIGINAL_PATIENCE_S`). Where the centre could not be reached, it is left alone for a few seconds, and
    `get` says so at once: OBJECT_STORE_UNREACHABLE. FILE_DAMAGED where a file comes damaged every time.
    """

    def __init__(self, own: ObjectStore, fetched: FetchedFolder, centre: CentreFiles) -> None:
        self._own = own
        self._fetched = fetched
        self._centre = centre
        self._queue = FetchQueue(self._bring)
        self._lock = threading.Lock()
        self._silent_until_s = 0.0
        self._missing: OrderedDict[str, float] = OrderedDict()
        self._deleted: set[str] = set()

    def close(self) -> None:
        """Ends what is under way, and notes what was looked at last."""
        self._queue.close()
        self._fetched.close()

    # -- the port ---------------------------------------------------------------------------------

    def put(self, object_key: str, data: bytes) -> None:
        self._own.put(object_key, data)
        self._came_here(object_key)

    def put_stream(self, object_key: str, file: BinaryIO, size: int) -> None:
        self._own.put_stream(object_key, file, size)
        self._came_here(object_key)

    def get(self, object_key: str) -> bytes:
        here = self._here(object_key, lambda store: store.get(object_key))
        return here if here is not None else self._waited(object_key)

    def get_stream(self, object_key: str, start: int = 0) -> ObjectStream:
        here = self._here(object_key, lambda store: store.get_stream(object_key, start))
        if here is not None:
            return here
        data = self._waited(object_key)
        again = self._here(object_key, lambda store: store.get_stream(object_key, start))
        return again or _BytesStream(data, start)

    def presigned_get(self, object_key: str, seconds: float, file_name: str = "") -> str | None:
        return self._own.presigned_get(object_key, seconds, file_name)

    def has(self, object_key: str) -> bool:
        return self._own.has(object_key) or self._fetched.has(object_key)

    def delete(self, object_key: str) -> None:
        with self._lock:
            self._deleted.add(object_key)
        self._queue.forget(object_key)
        self._own.delete(object_key)
        self._fetched.delete(object_key)

    def keys(self, prefix: str) -> Iterator[str]:
        last = None
        for object_key in heapq.merge(self._own.keys(prefix), self._fetched.keys(prefix)):
            if object_key != last:
                last = object_key
                yield object_key

    # -- what is asked for beside it --------------------------------------------------------------

    def can_have(self, object_key: str) -> bool:
        """Whether `get` would give it, as far as is known without asking."""
        if self.has(object_key):
            return True
        is_there = place_of(object_key) is not None and not self._is_known_missing(object_key)
        return is_there and self.silent_for_s() == 0

    @property
    def passing_bytes(self) -> int:
        """Bytes of what was fetched only to be looked at; never more than the quota."""
        return self._fetched.passing_bytes

    @property
    def kept_bytes(self) -> int:
        """Bytes of originals that are kept for whoever paid."""
        return self._fetched.kept_bytes

    def silent_for_s(self) -> float:
        """Seconds for which the centre is not asked, because it could not be reached; 0 when it can be."""
        with self._lock:
            return max(0.0, self._silent_until_s - time.monotonic())

    def missing(self, object_keys: Sequence[str]) -> list[str]:
        """Those that would have to be fetched; those that the centre has not are left out for a while."""
        absent = self._fetched.missing(object_keys)
        return [key for key in absent if not self._own.has(key) and not self._is_known_missing(key)]

    def begin_ahead(self, object_key: str, rank_ms: int) -> Flight:
        """Fetches what nobody waits for yet; it counts as used at `rank_ms`."""
        return self._queue.begin(object_key, Urgency.AHEAD, rank_ms)

    def begin_paid(self, object_key: str) -> Flight:
        """Fetches what somebody has paid for."""
        return self._queue.begin(object_key, Urgency.PAID)

    def keep_originals(self, photos: Sequence[Photo], until: datetime) -> bool:
        """The originals of these photos are to be here until then; whether any has to be fetched for it."""
        until_ms = int(until.timestamp() * 1000)
        wanted = [
            WantedFile(key, until_ms, photo.content_hash)
            for key, photo in ((key_of_original(photo), photo) for photo in photos)
            if not self._own.has(key)
        ]
        new = [each for each in wanted if not self._is_wanted(each)]
        if new:
            self._fetched.want(new)
        return any(not self._fetched.has(each.object_key) for each in wanted)

    def _is_wanted(self, file: WantedFile) -> bool:
        return any(each.until_ms >= file.until_ms for each in self._fetched.wanted(file.object_key))

    def wanted_originals(self) -> list[str]:
        """Those that are to be here and are not."""
        return self.missing([each.object_key for each in self._fetched.wanted()])

    def end_wishes(self) -> None:
        """Takes away originals whose time is over."""
        ended = self._fetched.end_wishes()
        if ended:
            _log.info("originals_ended", count=ended)

    # -- the parts --------------------------------------------------------------------------------

    def _here(self, object_key: str, look: Callable[[ObjectStore | FetchedFolder], T]) -> T | None:
        """What a look finds on this machine; None where it is not here."""
        for store in (self._own, self._fetched):
            try:
                return look(store)
            except KnownError as error:
                if error.code is not ErrorCode.OBJECT_MISSING:
                    raise
        return None

    def _waited(self, object_key: str) -> bytes:
        place = place_of(object_key)
        if place is None:
            raise _missing(object_key)
        patience_s = _ORIGINAL_PATIENCE_S if place.is_original else _PREVIEW_PATIENCE_S
        return self._queue.begin(object_key, Urgency.SHOWN).wait(patience_s)

    def _came_here(self, object_key: str) -> None:
        """A file that was imported here takes the place of a fetched or deleted one."""
        with self._lock:
            self._deleted.discard(object_key)
        if self._fetched.has(object_key):
            self._fetched.delete(object_key)

    # -- on the threads of the queue --------------------------------------------------------------

    def _bring(self, flight: Flight) -> None:
        object_key = flight.object_key
        place = place_of(object_key)
        if place is None or self._is_known_missing(object_key):
            raise _missing(object_key)
        if self.silent_for_s() > 0:
            raise _silent(object_key)
        wanted = self._fetched.wanted(object_key) if place.is_original else []
        data = self._asked(object_key, place, wanted[0].sha256 if wanted else None)
        is_stored = self._stored(flight, data)
        if flight.is_forgotten:
            self._fetched.delete(object_key)
            raise _missing(object_key)
        flight.land(data, is_stored=is_stored)

    def _stored(self, flight: Flight, data: bytes) -> bool:
        """A full disk keeps nobody from seeing what has come."""
        try:
            return self._fetched.add(flight.object_key, data, flight.rank_ms)
        except KnownError as error:
            _log.warning("fetched_not_stored", code=error.code, detail=error.detail)
            return False

    def _asked(self, object_key: str, place: CentrePlace, digest: str | None) -> bytes:
        """The file from the centre; asked for again where it comes damaged."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                data = self._centre.get_file(place.path, limit_bytes=place.limit_bytes)
                if digest is not None and sha256(data).hexdigest() != digest:
                    raise KnownError(
                        ErrorCode.FILE_DAMAGED,
                        "An original from the centre is not the file that was sold.",
                        "It is asked for again by itself; if this stays, look at the centre's store.",
                    )
                return data
            except KnownError as error:
                if error.code is ErrorCode.FILE_DAMAGED and attempt < _ATTEMPTS:
                    _log.warning("fetched_damaged", object_key=object_key, attempt=attempt)
                    continue
                raise self._known(object_key, error) from error
        raise AssertionError("the last attempt raises or returns")

    def _known(self, object_key: str, error: KnownError) -> KnownError:
        """What an error of the centre means to whoever wants this file."""
        if error.code in _GONE:
            self._remember_missing(object_key)
            return _missing(object_key)
        if error.code in _OF_ONE_FILE:
            return error
        asked_s = float(error.params.get("retry_after_s", 0) or 0)
        pause_s = max(asked_s, _PAUSE_S.get(error.code, _USUAL_PAUSE_S))
        with self._lock:
            self._silent_until_s = max(self._silent_until_s, time.monotonic() + pause_s)
        return KnownError(
            ErrorCode.OBJECT_STORE_UNREACHABLE,
            f"{object_key} is at the centre only, which does not give it ({error.code}: {error.detail})",
            error.next_step,
        )

    def _remember_missing(self, object_key: str) -> None:
        with self._lock:
            self._missing[object_key] = time.monotonic() + _MISSING_FOR_S
            self._missing.move_to_end(object_key)
            while len(self._missing) > _MOST_MISSING:
                self._missing.popitem(last=False)

    def _is_known_missing(self, object_key: str) -> bool:
        with self._lock:
            is_absent = self._missing.get(object_key, 0.0) > time.monotonic()
            return is_absent or object_key in self._deleted


class _BytesStream:
    """What came and found no room to lie in (`kiosk.photos.types.ObjectStream`)."""

    def __init__(self, data: bytes, start: int = 0) -> None:
        self._data = data[start:]
        self.size = len(data)

    def __iter__(self) -> Iterator[bytes]:
        if self._data:
            yield self._data

    def close(self) -> None:
        """Nothing is open."""


def _missing(object_key: str) -> KnownError:
    return KnownError(
        ErrorCode.OBJECT_MISSING,
        f"{object_key} is neither here nor at the centre.",
        "Import the photo again, here or at the centre.",
    )


def _silent(object_key: str) -> KnownError:
    return KnownError(
        ErrorCode.OBJECT_STORE_UNREACHABLE,
        f"{object_key} is at the centre only, which could not be reached a moment ago.",
        "It is asked for again by itself.",
    )
