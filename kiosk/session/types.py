"""What the journey needs of the rest: the consent record, links to paid orders, feedback; and their ports."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.gallery.types import FaceKey, GroupRule, PhotoMatch
from kiosk.language import Language
from kiosk.sales.types import Voucher
from kiosk.vision.types import Embedding


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """That somebody agreed, or took it back: text version, time, language. Holds no face."""

    consent_id: str
    event_id: str
    text_version: str
    language: Language
    agreed_at: datetime
    withdrawn_at: datetime | None = None
    face_deleted_at: datetime | None = None


class ConsentRepository(Protocol):
    """The rows of consents."""

    def add_consent(self, consent: ConsentRecord) -> None: ...

    def set_withdrawn(self, consent_id: str, at: datetime) -> None: ...

    def set_face_deleted(self, consent_id: str, at: datetime) -> None:
        """Again after each picture that was taken under this consent: the last time counts."""
        ...


class PhotoSearch(Protocol):
    """Finds people's photos in an event; `kiosk.photos.face_search.FaceSearch`. Slow: for workers."""

    def find(
        self,
        event_id: str,
        probes: Sequence[Embedding],
        rule: GroupRule = GroupRule.ANY,
        rejected: Sequence[AbstractSet[FaceKey]] = (),
    ) -> Sequence[PhotoMatch]: ...

    def kind_of(self, event_id: str, rejected: FaceKey, among: Sequence[PhotoMatch]) -> frozenset[str]: ...

    def is_same_person(self, event_id: str, one: Embedding, other: Embedding) -> bool: ...


class FeedbackRepository(Protocol):
    """Remembers that a face in a photo was not the visitor's; no visitor in it. Taking back is by the same
    values."""

    def add_not_me(self, event_id: str, photo_id: str, ordinal: int, at: datetime) -> None: ...

    def take_back_not_me(self, event_id: str, photo_id: str, ordinal: int, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class ShownLink:
    """The link to a paid order's photos as the screens show it; both addresses are secrets of the buyer."""

    url: str
    receipt_url: str
    expires_at: datetime
    download_limit: int
    downloads: int


class OrderLinks(Protocol):
    """Gives the link of a paid order: the same one at every call as long as it is valid."""

    def link_of(self, order_id: str) -> ShownLink: ...


class Vouchers(Protocol):
    """The vouchers that this kiosk knows."""

    def voucher(self, code: str) -> Voucher | None:
        """By its code as `kiosk.sales.vouchers.normalise_voucher_code` gives it."""
        ...


class OpenOrder(Protocol):
    """Remembers across a power cut which order a visitor was standing at the kiosk with."""

    def remember(self, order_id: str, at: datetime) -> None: ...

    def forget(self) -> None: ...

    def remembered(self) -> tuple[str, datetime] | None:
        """The order and when it was remembered; None when the last visit came to its end."""
        ...
