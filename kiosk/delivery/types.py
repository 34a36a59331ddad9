"""Getting photos to the buyer: deliveries, phone links and their port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class DeliveryKind(StrEnum):
    PHONE_LINK = "phone_link"
    PRINT = "print"


class DeliveryState(StrEnum):
    PENDING = "pending"
    READY = "ready"
    DONE = "done"
    WAITING_FOR_STAFF = "waiting_for_staff"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is owed to a buyer for a paid order; made in the same transaction that marks it paid."""

    delivery_id: str
    order_id: str
    kind: DeliveryKind
    state: DeliveryState
    created_at: datetime
    line_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """The right to download an order's originals. Only the sha256 of the token is stored; `downloads` counts
    complete downloads of the whole: those of the ZIP plus those of the photo that was saved most often (see
    `kiosk.delivery.links.downloads_used`), so that each photo can be saved once per whole."""

    link_id: str
    order_id: str
    token_hash: str
    created_at: datetime
    expires_at: datetime
    download_limit: int
    downloads: int = 0


class LinkRepository(Protocol):
    """The rows of download links."""

    def add_link(self, link: DownloadLink) -> None: ...

    def link_by_token_hash(self, token_hash: str) -> DownloadLink | None: ...

    def object_downloads(self, link_id: str) -> Mapping[str, int]:
        """Complete downloads by object name ("zip" or a photo id); objects never downloaded are left out."""
        ...

    def count_download(self, link_id: str, object_name: str) -> DownloadLink:
        """Counts one complete download of `object_name` ("zip" or a photo id); atomically; raises KnownError
        (LINK_EXHAUSTED) where `downloads_used` for that object has reached the limit already."""
        ...
