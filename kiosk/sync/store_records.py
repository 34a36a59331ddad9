"""What kiosk and centre tell each other of store mode: people, sites, visits, crossed lines."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kiosk.sync.record_parts import Bytes, Count, Id, Moment, Record, Text
from kiosk.visits.person_rules import MOST_MERGED_FACES


class PersonFaceRecord(Record):
    """A face of somebody who agreed to be recognised. `face_id` is the same wherever it is known; where none
    is told it follows from the ordinal."""

    ordinal: Annotated[int, Field(ge=0, le=65535)]
    face_id: Id | None = None
    contract_id: Text
    embedding: Bytes = Field(repr=False)


MOST_GONE_FACES = 10_000
"""Faces that were taken away from one person, by their ids."""


class PersonRecord(Record):
    """Staff or a customer of a chain. One that was found to be the same as another is `merged_into` that one,
    and nothing else is left of it. `changed_at`, `kind_since` (None: when they were enrolled) and
    `gone_faces` bring together what was changed at several kiosks at once."""

    person_id: Id
    kind: Literal["staff", "customer"]
    name: Text = Field(repr=False)
    gender: Text
    birth_year: Count | None = Field(repr=False)
    phone: Text = Field(repr=False)
    email: Text = Field(repr=False)
    consent_version: Text
    consented_at: Moment
    created_at: Moment
    changed_at: Moment | None = None
    kind_since: Moment | None = None
    merged_into: Id | None = None
    faces: Annotated[tuple[PersonFaceRecord, ...], Field(max_length=MOST_MERGED_FACES)]
    gone_faces: Annotated[tuple[Id, ...], Field(max_length=MOST_GONE_FACES)] = ()


class SiteRecord(Record):
    """A shop of a chain; `changed_at` is when it got another name, if it did."""

    site_id: Id
    name: Text
    created_at: Moment
    changed_at: Moment | None = None


class VisitRecord(Record):
    """One stay of a visitor as its machine knows it: the highest `revision` is true. One that `is_void` is
    none, whatever else is told of it: it was staff, or somebody counted already."""

    visit_id: Id
    kiosk_id: Id
    site_id: Id
    stream_id: Id
    person_id: Id | None
    gender: Text
    is_returning: bool
    number: Count | None
    began_at: Moment
    ended_at: Moment | None
    revision: Count = 0
    is_void: bool = False


class LineCountRecord(Record):
    """How often a stream's line was crossed within the hour from `hour` on, as counted so far."""

    kiosk_id: Id
    site_id: Id
    stream_id: Id
    hour: Moment
    came_in: Count
    went_out: Count
