"""Events and their price lists: everybody of the tenant reads them, its admins write them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from kiosk.central.api.fields import Body, Word, Words
from kiosk.central.api.guard import Guard
from kiosk.central.catalogue import Catalogue
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.sales.packages import DEAREST_SATANG, MOST_PHOTOS
from kiosk.sync.records import EventRecord, PackageRecord

_MOST_PACKAGES = 50

EventId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=10**6)]


class PackageBody(Body):
    """So many photos for so much; without `photo_count` every photo of the visitor. `name_key` is a key of
    the kiosk's translations, such as `package.starter`, or a name."""

    package_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
    name_key: Word
    photo_count: Annotated[int, Field(ge=1, le=MOST_PHOTOS)] | None = None
    price_satang: Annotated[int, Field(ge=1, le=DEAREST_SATANG)]


Packages = Annotated[list[PackageBody], Field(max_length=_MOST_PACKAGES)]


class NewEvent(Body):
    """A new event; without packages it has the price list of each kiosk's settings."""

    name: Word
    name_th: Words = ""
    place: Words = ""
    reads_numbers: bool = False
    blurs_bystanders: bool = True
    packages: Packages = Field(default_factory=list)


class EventChanges(Body):
    """What is to change of an event; what is left out stays."""

    name: Word | None = None
    name_th: Words | None = None
    place: Words | None = None
    reads_numbers: bool | None = None
    blurs_bystanders: bool | None = None


class PriceList(Body):
    """The packages of an event, in the order in which they are offered; none: those of each kiosk's
    settings."""

    packages: Packages


class EventList(BaseModel):
    """Events, the newest first."""

    events: list[EventRecord]


class PriceListAnswer(BaseModel):
    """The packages of an event; none where it has no price list of its own."""

    packages: list[PackageRecord]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/events", tags=["events"])
    catalogue = Catalogue(centre.database, centre.clock)
    anybody, admin = guard.allow(), guard.allow(Role.ADMIN)

    @routes.get("")
    def list_events(limit: Limit = 100, offset: Offset = 0, who: Principal = Depends(anybody)) -> EventList:
        """The tenant's events."""
        return EventList(events=catalogue.events(who.tenant_id, limit, offset))

    @routes.get("/{event_id}")
    def show(event_id: EventId, who: Principal = Depends(anybody)) -> EventRecord:
        """One event with its price list."""
        return catalogue.event(who.tenant_id, event_id)

    @routes.get("/{event_id}/packages")
    def packages(event_id: EventId, who: Principal = Depends(anybody)) -> PriceListAnswer:
        """The price list of an event."""
        return PriceListAnswer(packages=list(catalogue.event(who.tenant_id, event_id).packages))

    @routes.post("", status_code=201)
    def add(body: NewEvent, who: Principal = Depends(admin)) -> EventRecord:
        """Makes an event; every kiosk of the tenant hears of it."""
        words = body.model_dump(exclude={"packages"})
        words["name_th"] = body.name_th or body.name
        return catalogue.add_event(who.tenant_id, {**words, "packages": _records(body.packages)})

    @routes.patch("/{event_id}")
    def change(event_id: EventId, body: EventChanges, who: Principal = Depends(admin)) -> EventRecord:
        """Changes some fields of an event."""
        return catalogue.change_event(who.tenant_id, event_id, body.model_dump(exclude_none=True))

    @routes.put("/{event_id}/packages")
    def set_packages(event_id: EventId, body: PriceList, who: Principal = Depends(admin)) -> PriceListAnswer:
        """Sets the price list of an event, or takes its own one away."""
        told = catalogue.change_event(who.tenant_id, event_id, {"packages": _records(body.packages)})
        return PriceListAnswer(packages=list(told.packages))

    return routes


def _records(packages: list[PackageBody]) -> tuple[PackageRecord, ...]:
    return tuple(PackageRecord(**package.model_dump()) for package in packages)
