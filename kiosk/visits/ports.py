"""The stores of store mode, as its rooms use them. All are bound to one tenant, and safe from any thread.

Raise KnownError DATABASE_*, DISK_FULL besides what is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kiosk.vision.types import FloatArray
from kiosk.visits.reports import Report, ReportQuery
from kiosk.visits.types import (
    Agreement,
    NewFace,
    Person,
    PersonDraft,
    PersonKind,
    Sighting,
    Site,
    Stay,
    Stream,
    StreamDraft,
    Visit,
)


class Sites(Protocol):
    """The sites of a chain."""

    def sites(self) -> list[Site]:
        """By name."""
        ...

    def add(self, name: str) -> Site:
        """Raises KnownError SITE_TAKEN, STORE_FIELD_INVALID."""
        ...

    def rename(self, site_id: str, name: str) -> None:
        """Raises KnownError SITE_UNKNOWN, SITE_TAKEN, STORE_FIELD_INVALID."""
        ...

    def remove(self, site_id: str) -> None:
        """Raises KnownError SITE_UNKNOWN, SITE_IN_USE (it has streams or visits)."""
        ...


class Streams(Protocol):
    """The cameras that a machine runs (`kiosk_id`), or those that the centre's workers share."""

    def streams(self) -> list[Stream]:
        """By name."""
        ...

    def stream(self, stream_id: str) -> Stream:
        """Raises KnownError STREAM_UNKNOWN."""
        ...

    def add(self, draft: StreamDraft) -> Stream:
        """Switched on, with recognition. Of the draft's password nothing is stored here. Raises KnownError
        STORE_FIELD_INVALID, STREAM_TAKEN (the name), SITE_UNKNOWN."""
        ...

    def change(self, stream_id: str, draft: StreamDraft) -> Stream:
        """A password in the draft says that it is another one now; it is not stored here. Raises KnownError
        STREAM_UNKNOWN, STREAM_TAKEN, SITE_UNKNOWN, STORE_FIELD_INVALID."""
        ...

    def switch(self, stream_id: str, *, is_on: bool | None = None, recognises: bool | None = None) -> Stream:
        """None leaves it as it is. Raises KnownError STREAM_UNKNOWN."""
        ...

    def remove(self, stream_id: str) -> None:
        """What it counted stays. Raises KnownError STREAM_UNKNOWN."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class KnownFaces:
    """The faces of all who are known, under one contract: `vectors` is n x 512 float32, each of length 1;
    `person_ids`, `kinds`, `names` and `genders` stand beside each row. `revision` changes with any of it."""

    contract_id: str
    revision: str
    vectors: FloatArray = field(repr=False)
    person_ids: tuple[str, ...]
    kinds: tuple[PersonKind, ...]
    names: tuple[str, ...] = field(repr=False)
    genders: tuple[str, ...]


class People(Protocol):
    """Whoever agreed to be known, and guests."""

    def find(
        self, text: str = "", kind: PersonKind | None = None, limit: int = 100, offset: int = 0
    ) -> list[Person]:
        """By name, those whose name, phone or e-mail holds the text. Guests, who have no name, only when they
        are asked for by their kind."""
        ...

    def person(self, person_id: str) -> Person:
        """Raises KnownError PERSON_UNKNOWN."""
        ...

    def enrol(self, draft: PersonDraft, agreement: Agreement, faces: Sequence[NewFace]) -> Person:
        """Raises KnownError PERSON_PHOTOS (staff need two, customers one), STORE_FIELD_INVALID,
        CONTRACT_MISMATCH."""
        ...

    def change(self, person_id: str, draft: PersonDraft) -> Person:
        """Whoever becomes staff is taken out of the counts. Raises KnownError PERSON_UNKNOWN,
        STORE_FIELD_INVALID, PERSON_PHOTOS (for staff)."""
        ...

    def add_face(self, person_id: str, face: NewFace) -> Person:
        """Raises KnownError PERSON_UNKNOWN, PERSON_PHOTOS (too many), CONTRACT_MISMATCH."""
        ...

    def remove_face(self, person_id: str, ordinal: int) -> Person:
        """Raises KnownError PERSON_UNKNOWN, PERSON_PHOTOS (too few would be left)."""
        ...

    def merge(self, kept_id: str, gone_id: str) -> Person:
        """Two that are one: faces, visits and pictures go to `kept_id`. With staff they are staff. Again:
        harmless. Raises KnownError PERSON_UNKNOWN, MERGE_WITH_ITSELF."""
        ...

    def split(
        self,
        person_id: str,
        ordinals: Sequence[int],
        visit_ids: Sequence[str],
        draft: PersonDraft,
        agreement: Agreement,
    ) -> Person:
        """One that is two: these faces and visits become another person's. Raises KnownError PERSON_UNKNOWN,
        PERSON_PHOTOS (too few for one of both), STORE_FIELD_INVALID."""
        ...

    def forget(self, person_id: str) -> str:
        """Asks for it here and at the centre; returns the deletion's id. Raises KnownError PERSON_UNKNOWN."""
        ...

    def revision(self) -> str:
        """Changes whenever `known_faces` would give something else; quick."""
        ...

    def known_faces(self, contract_id: str) -> KnownFaces:
        """All faces under this contract."""
        ...


@dataclass(frozen=True, slots=True)
class VisitQuery:
    """Visits that began from `since` on and before `until` (UTC), the newest first. No `site_ids`: all."""

    since: datetime
    until: datetime
    site_ids: tuple[str, ...] = ()
    person_id: str | None = None
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Today:
    """The figures beside the wall. `hours` are (UTC beginning, new, returning), the running one last; `back`
    are the newest visits of those who have been here before: customers, and guests without a name."""

    since: datetime
    visitors: int = 0
    returning: int = 0
    staff_present: int = 0
    came_in: int = 0
    went_out: int = 0
    hours: tuple[tuple[datetime, int, int], ...] = ()
    back: tuple[Visit, ...] = ()


class VisitBook(Protocol):
    """Who came and when: one visit a stay. Several processes may write into one book."""

    def see(self, sighting: Sighting) -> Stay:
        """Somebody was decided on. They are in the stay that they are known or alike to at the site, else a
        new one begins; with a `stay_id` that stay is corrected where the track decided on somebody else
        before. Doing it again is harmless. Raises KnownError SITE_UNKNOWN."""
        ...

    def touch(self, stays: Mapping[str, datetime]) -> None:
        """They were still there then. Stays that are over or unknown are passed over."""
        ...

    def end_due(self, now: datetime) -> int:
        """Ends every stay of those not seen for as long as a stay may pause: throw-away embeddings are gone
        with it. Returns how many ended."""
        ...

    def count_line(self, stream_id: str, at: datetime, came_in: int, went_out: int) -> None:
        """Adds crossings of a stream's line to its hour. Raises KnownError STREAM_UNKNOWN."""
        ...

    def today(self, since: datetime, now: datetime, site_ids: Sequence[str] = ()) -> Today:
        """The figures since then."""
        ...

    def visits(self, query: VisitQuery) -> list[Visit]:
        """The visits asked for."""
        ...


class Reports(Protocol):
    """Counts of visits."""

    def report(self, query: ReportQuery) -> Report:
        """Raises KnownError REPORT_SPAN (ends before it begins, or asks for more rows than anybody reads)."""
        ...
