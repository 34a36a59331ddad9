"""Photos that staff look at before visitors do: waiting, put on sale, or never shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.errors import KnownError
from kiosk.gallery.types import VectorIndex
from kiosk.photos.index_sync import index_again
from kiosk.photos.types import PhotoRepository, PhotoState


@dataclass(frozen=True, slots=True)
class WaitingPhoto:
    """A photo that nobody has looked at yet."""

    photo_id: str
    number: int
    file_name: str
    taken_at: datetime
    photographer: str
    faces: int


class WaitingPhotos(Protocol):
    """The rows of photos that wait. Raises KnownError DATABASE_*."""

    def count(self, event_id: str) -> int: ...

    def waiting(self, event_id: str, most: int) -> list[WaitingPhoto]:
        """In the order in which they came."""
        ...

    def judge(self, photo_ids: Sequence[str], state: PhotoState) -> list[str]:
        """Those of these that waited, and are in this state now."""
        ...


class PhotoApproval:
    """Doing it twice is harmless: what was judged waits no more. Any thread."""

    def __init__(
        self,
        rows: WaitingPhotos,
        photos: PhotoRepository,
        index: VectorIndex,
        tell: Callable[[], None],
    ) -> None:
        """`tell` hears that photos came on sale."""
        self._rows = rows
        self._photos = photos
        self._index = index
        self._tell = tell

    def count(self, event_id: str) -> int:
        return self._rows.count(event_id)

    def waiting(self, event_id: str, most: int = 200) -> list[WaitingPhoto]:
        """The oldest first."""
        return self._rows.waiting(event_id, most)

    def approve(self, photo_ids: Sequence[str]) -> int:
        """Puts on sale those of these that wait; how many. Between the rows and the index a dying process
        leaves photos that search does not find yet: the next start adds them. One that the index does not
        take keeps no other from it. Raises KnownError INDEX_*, DATABASE_*."""
        approved = self._rows.judge(photo_ids, PhotoState.ON_SALE)
        failed: KnownError | None = None
        for photo_id in approved:
            try:
                index_again(self._index, self._photos, photo_id)
            except KnownError as error:
                failed = error
        if approved:
            self._tell()
        if failed is not None:
            raise failed
        return len(approved)

    def reject(self, photo_ids: Sequence[str]) -> int:
        """Withdraws those of these that wait; how many."""
        return len(self._rows.judge(photo_ids, PhotoState.WITHDRAWN))
