"""What the phone page needs to know of orders, photos and the visitor's data; the app fills these ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

from kiosk.delivery.types import DownloadLink
from kiosk.language import Language
from kiosk.photos.types import Photo, PhotoEvent, PreviewSize
from kiosk.sales.types import Order, OrderState


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order with its event and the rows of its digital photos (by photo id; also of photos withdrawn from
    sale since: who paid keeps them). A photo without a row is told as missing. `is_deleted`: the buyer had
    the photos deleted, for good. `added_ids` are later photos of the buyer, of whoever bought every photo."""

    order: Order
    event: PhotoEvent
    photos: Mapping[str, Photo]
    is_deleted: bool = False
    added_ids: tuple[str, ...] = ()

    @property
    def is_paid(self) -> bool:
        return self.order.state is OrderState.PAID

    @property
    def photo_ids(self) -> tuple[str, ...]:
        """The digital photos in the order's sequence, each once, then those added since; the page numbers
        them from 1."""
        return tuple(dict.fromkeys((*self.order.digital_photo_ids, *self.added_ids)))

    def event_name(self, language: Language) -> str:
        return (self.event.name_th if language is Language.THAI else "") or self.event.name


class PaidOrders(Protocol):
    """Orders and their files. Called from several threads at once; raises KnownError as its stores do."""

    def purchase(self, order_id: str) -> Purchase:
        """As it is now: the phone page asks at every request. Raises KnownError(ORDER_UNKNOWN)."""
        ...

    def has_original(self, photo: Photo) -> bool: ...

    def open_original(self, photo: Photo) -> BinaryIO:
        """The original file, seekable, at its start; the caller closes it.

        Raises KnownError(OBJECT_MISSING)."""
        ...

    def preview(self, photo: Photo, size: PreviewSize) -> bytes:
        """A JPEG thumbnail. Raises KnownError(OBJECT_MISSING)."""
        ...


class DataKind(StrEnum):
    """What the privacy receipt speaks of."""

    FACE = "face"
    TEMPLATE = "template"
    SCREEN = "screen"
    PHOTOS = "photos"
    PAYMENT = "payment"
    CONSENT = "consent"
    FACE_NUMBERS = "face_numbers"  # to find later photos of a buyer who agreed to that
    ADDRESS = "address"  # that messages go to


@dataclass(frozen=True, slots=True)
class DeletedData:
    """Gone since `at` (UTC)."""

    kind: DataKind
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptData:
    """Still held; `until` None means as long as tax law asks. `is_deletable` by the visitor, now."""

    kind: DataKind
    until: datetime | None
    is_deletable: bool


@dataclass(frozen=True, slots=True)
class DeletionShown:
    """How what the visitor had deleted stands: done on this kiosk, copies included, or not yet. `proof_url`
    is where the centre tells who else has confirmed it; empty for a kiosk without a centre. `number` proves
    it, once it is done: staff find it among what was forgotten; `done_at` is when that was."""

    is_done_here: bool
    proof_url: str
    number: str = ""
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DataReceipt:
    """The privacy receipt as it is now; with the deletion that the visitor asked for, once they did."""

    deleted: tuple[DeletedData, ...]
    kept: tuple[KeptData, ...]
    deletion: DeletionShown | None = None


class PrivacyDesk(Protocol):
    """Tells and deletes what is held of a buyer. Called from several threads at once."""

    def receipt(self, link: DownloadLink) -> DataReceipt: ...

    def delete_rest(self, link: DownloadLink) -> DataReceipt:
        """Deletes all that is deletable and returns the receipt after it; doing it again is harmless.

        Where the photos go with it, the order's links are to be expired (`expires_at` = now), not removed, so
        that this receipt can still be read.
        """
        ...

    def stop_new_photos(self, link: DownloadLink) -> DataReceipt:
        """Deletes the numbers of the buyer's face, and tells of new photos no more; the photos stay. Harmless
        where nothing is looked for."""
        ...
