"""The people whom a tenant knows, as its admins write them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from kiosk.central.api.events import Limit, Offset
from kiosk.central.api.fields import Body, Word, Words
from kiosk.central.api.guard import Guard
from kiosk.central.catalogue import Catalogue
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.sync.record_parts import Moment
from kiosk.sync.store_records import PersonFaceRecord, PersonRecord
from kiosk.visits.person_rules import MOST_FACES

PersonId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class PersonBody(Body):
    """Somebody who agreed to be recognised, with what they agreed to and their faces as embeddings (base64 of
    little endian float32)."""

    kind: Literal["staff", "customer"]
    name: Word
    gender: Words = ""
    birth_year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    phone: Annotated[Words, Field(repr=False)] = ""
    email: Annotated[Words, Field(repr=False)] = ""
    consent_version: Word
    consented_at: Moment
    faces: Annotated[list[PersonFaceRecord], Field(max_length=MOST_FACES, repr=False)]


class PersonAnswer(BaseModel):
    """What is known of somebody; of their faces only how many there are."""

    person_id: str
    kind: Literal["staff", "customer"]
    name: str
    gender: str
    birth_year: int | None
    phone: str = Field(repr=False)
    email: str = Field(repr=False)
    consent_version: str
    consented_at: datetime
    face_count: int


class PersonList(BaseModel):
    """People by name."""

    people: list[PersonAnswer]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/people", tags=["people"])
    catalogue = Catalogue(centre.database, centre.clock)
    admin = guard.allow(Role.ADMIN)

    @routes.get("")
    def list_people(limit: Limit = 100, offset: Offset = 0, who: Principal = Depends(admin)) -> PersonList:
        """The people of the tenant, never their faces."""
        listed = catalogue.people(who.tenant_id, limit, offset)
        return PersonList(people=[_answer(person, faces) for person, faces in listed])

    @routes.put("/{person_id}")
    def write(person_id: PersonId, body: PersonBody, who: Principal = Depends(admin)) -> PersonAnswer:
        """Adds a person, or puts this in place of what is known of them; every kiosk of the tenant hears of
        it."""
        values = body.model_dump(exclude={"faces"})
        record = PersonRecord(
            person_id=person_id, created_at=centre.clock.now(), faces=tuple(body.faces), **values
        )
        catalogue.write_person(who.tenant_id, record)
        return _answer(record, len(record.faces))

    return routes


def _answer(person: PersonRecord, faces: int) -> PersonAnswer:
    return PersonAnswer(**person.model_dump(exclude={"faces", "created_at"}), face_count=faces)
