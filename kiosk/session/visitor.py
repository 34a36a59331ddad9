"""Everything that the kiosk knows of the visitor in front of it: one object, dropped whole at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kiosk.capture.types import Shot
from kiosk.payments.types import Payment
from kiosk.photos.types import PhotoFilter
from kiosk.sales.types import Basket, Order
from kiosk.session.found import Found
from kiosk.session.types import ConsentRecord


@dataclass(slots=True)
class Visitor:
    """The visitor's state. `shot` is all there is of the face: dropping it deletes picture and numbers.

    Guarded by the session's lock.
    """

    consent: ConsentRecord | None = None
    withdrawn_consent: ConsentRecord | None = None
    shot: Shot | None = None
    face_deleted_at: datetime | None = None
    found: Found = field(default_factory=Found)
    hidden: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    favourites: set[str] = field(default_factory=set)
    photo_filter: PhotoFilter = field(default_factory=PhotoFilter)
    favourites_only: bool = False
    lightbox_photo_id: str | None = None
    basket: Basket = field(default_factory=Basket)
    order: Order | None = None
    ordered_basket: Basket | None = None
    payment: Payment | None = None

    @property
    def found_by_face(self) -> bool:
        return bool(self.found.matches)

    def forget_search(self) -> None:
        """Drops what an earlier search found; the basket and favourites stay."""
        self.found = Found()
        self.hidden = set()
        self.confirmed = set()
        self.photo_filter = PhotoFilter()
        self.favourites_only = False
        self.lightbox_photo_id = None
