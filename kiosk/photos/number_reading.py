"""Reading the numbers on shirts in photos that are on sale already."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.decoding import load_upright
from kiosk.photos.types import ObjectStore, PhotoRepository, ShirtNumberRepository, key_of_original
from kiosk.vision.types import NumberReader

_log = structlog.get_logger(__name__)
_WORKERS = 2
_ABOUT_THE_PHOTO = frozenset(
    {
        ErrorCode.OBJECT_MISSING,
        ErrorCode.PHOTO_EMPTY,
        ErrorCode.PHOTO_UNREADABLE,
        ErrorCode.PHOTO_TRUNCATED,
        ErrorCode.PHOTO_TOO_LARGE,
        ErrorCode.PHOTO_NOT_A_PICTURE,
        ErrorCode.PHOTO_TOO_SMALL,
    }
)


@dataclass(frozen=True, slots=True)
class NumberReading:
    """What a reading brought: photos read, numbers in them, photos whose original cannot be read."""

    photos: int
    numbers: int
    unreadable: int


def read_numbers_later(
    event_id: str,
    photos: PhotoRepository,
    numbers: ShirtNumberRepository,
    store: ObjectStore,
    reader: NumberReader,
    progress: Callable[[int, int], None] | None = None,
) -> NumberReading:
    """Reads every photo of an event that was imported while its numbers were not wanted.

    Each photo is written when it was read, so whatever interrupts it, the next call goes on where this one
    stopped. A photo whose original is gone or damaged is told in the log and tried again the next time.
    `progress(done, total)` is called on the caller's thread. Raises KnownError WEIGHTS_*, MANIFEST_INVALID,
    DATABASE_*, DISK_FULL, OBJECT_STORE_UNREACHABLE.
    """

    def read(photo_id: str) -> int:
        photo = photos.photo(photo_id)
        found = reader.read(load_upright(store.get(key_of_original(photo))).pixels())
        numbers.add_numbers(photo_id, found)
        return len(found)

    reader.warm_up()
    unread = numbers.unread(event_id)
    counts: list[int] = []
    unreadable = 0
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="numbers")
    try:
        jobs = {pool.submit(read, photo_id): photo_id for photo_id in unread}
        for done, job in enumerate(as_completed(jobs), start=1):
            try:
                counts.append(job.result())
            except KnownError as error:
                if error.code not in _ABOUT_THE_PHOTO:
                    raise
                unreadable += 1
                _log.warning("numbers_not_read", photo_id=jobs[job], code=str(error.code))
            if progress is not None:
                progress(done, len(unread))
    finally:
        pool.shutdown(cancel_futures=True)
    return NumberReading(len(counts), sum(counts), unreadable)
