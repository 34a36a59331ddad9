"""What another tenant would try: each public method of each repository, with somebody else's names and with
none at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from kiosk.database.line_counts import LineCounts
from kiosk.database.people import SqlPeople
from kiosk.database.retention import SqlRetention
from kiosk.database.sites import SqlSites
from kiosk.database.stays_over import StaysOver
from kiosk.database.streams import SqlStreams
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_book import SqlVisitBook
from kiosk.database.visit_list import SqlVisitList
from kiosk.database.visit_reports import SqlVisitReports
from kiosk.gallery.types import Thresholds
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.vision.types import Embedding
from kiosk.visits.pictures import FacePictures
from kiosk.visits.ports import VisitQuery
from kiosk.visits.reports import ReportQuery, Span
from kiosk.visits.retention import OldPicture
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.types import Agreement, NewFace, PersonDraft, PersonKind, Sighting, StreamDraft
from tests.tenant_rows import CONTRACT, MORNING, TenantIds, face

LATER = MORNING + timedelta(days=400)
DAY = timedelta(days=1)
ADDRESS = "rtsp://192.0.2.7/door"
AGREED = Agreement("1", MORNING)
PICTURE = np.full((40, 40, 3), 90, np.uint8)


@dataclass(frozen=True)
class Mine:
    """The tenant who tries: its view of the database, and its things' names."""

    tenant: TenantDatabase
    ids: TenantIds
    folder: Path

    @property
    def pictures(self) -> FacePictures:
        return FacePictures(FolderObjectStore(self.folder), self.tenant.tenant_id)


Make = Callable[[Mine], Any]
Try = Callable[[Any, TenantIds, TenantIds], object]
"""Is given the repository, the names to try, and the caller's own."""

MAKERS: Mapping[str, Make] = {
    "LineCounts": lambda mine: LineCounts(mine.tenant, "kiosk"),
    "SqlPeople": lambda mine: SqlPeople(mine.tenant, "kiosk", mine.pictures),
    "SqlRetention": lambda mine: SqlRetention(mine.tenant),
    "SqlSites": lambda mine: SqlSites(mine.tenant),
    "SqlStreams": lambda mine: SqlStreams(mine.tenant, ""),
    "SqlVisitBook": lambda mine: SqlVisitBook(
        mine.tenant,
        "kiosk",
        mine.pictures,
        StayRules(knows_returning=True),
        lambda faces: Thresholds(0.5, 0.4, 0.6),
    ),
    "SqlVisitList": lambda mine: SqlVisitList(mine.tenant),
    "SqlVisitReports": lambda mine: SqlVisitReports(mine.tenant, ZoneInfo("Asia/Bangkok")),
    "StaysOver": lambda mine: StaysOver(mine.tenant, mine.pictures, StayRules()),
}
"""How each repository that takes a TenantDatabase is made."""


def _draft(kind: PersonKind = PersonKind.CUSTOMER) -> PersonDraft:
    return PersonDraft(kind, "Nok 1")


def _face(seed: int) -> NewFace:
    return NewFace(PICTURE, Embedding(face(seed), CONTRACT))


def _sighting(names: TenantIds, seed: int = 99, **changes: Any) -> Sighting:
    values = {
        "site_id": names.site,
        "stream_id": names.stream,
        "at": MORNING,
        "person_id": None,
        "embedding": Embedding(face(seed), CONTRACT),
        "picture": PICTURE,
    }
    return Sighting(**{**values, **changes})


def _query(**changes: Any) -> VisitQuery:
    return VisitQuery(MORNING - DAY, MORNING + DAY, **changes)


def _report(span: Span, *site_ids: str) -> ReportQuery:
    return ReportQuery(span, date(2026, 11, 1), date(2026, 11, 30), site_ids)


READS: Mapping[tuple[str, str], tuple[Try, ...]] = {
    ("SqlPeople", "named"): (lambda people, names, mine: people.named("Nok 1"),),
    ("SqlPeople", "find"): (
        lambda people, names, mine: people.find(),
        lambda people, names, mine: people.find("Nok"),
        lambda people, names, mine: people.find("080", PersonKind.CUSTOMER, limit=1000),
        lambda people, names, mine: people.find("", PersonKind.GUEST),
        lambda people, names, mine: people.find(names.customer),
    ),
    ("SqlPeople", "person"): (
        lambda people, names, mine: people.person(names.customer),
        lambda people, names, mine: people.person(names.staff),
        lambda people, names, mine: people.person(mine.customer),
    ),
    ("SqlPeople", "revision"): (lambda people, names, mine: people.revision(),),
    ("SqlPeople", "known_faces"): (lambda people, names, mine: people.known_faces(CONTRACT),),
    ("SqlRetention", "old_pictures"): (lambda kept, names, mine: kept.old_pictures(LATER),),
    ("SqlRetention", "stale_guests"): (lambda kept, names, mine: kept.stale_guests(LATER),),
    ("SqlRetention", "pictures_of"): (
        lambda kept, names, mine: kept.pictures_of(names.customer),
        lambda kept, names, mine: kept.pictures_of(mine.customer),
    ),
    ("SqlRetention", "named_pictures"): (lambda kept, names, mine: kept.named_pictures(),),
    ("SqlRetention", "proofs"): (lambda kept, names, mine: kept.proofs(1000),),
    ("SqlRetention", "newest_proof"): (lambda kept, names, mine: kept.newest_proof(),),
    ("SqlRetention", "unproven"): (lambda kept, names, mine: kept.unproven(),),
    ("SqlRetention", "broken_proof"): (lambda kept, names, mine: kept.broken_proof(),),
    ("SqlRetention", "last_run"): (lambda kept, names, mine: kept.last_run(),),
    ("SqlRetention", "held"): (lambda kept, names, mine: kept.held(30),),
    ("SqlSites", "sites"): (lambda sites, names, mine: sites.sites(),),
    ("SqlStreams", "streams"): (lambda streams, names, mine: streams.streams(),),
    ("SqlStreams", "run_by"): (lambda streams, names, mine: streams.run_by(),),
    ("SqlStreams", "stream"): (
        lambda streams, names, mine: streams.stream(names.stream),
        lambda streams, names, mine: streams.stream(mine.stream),
    ),
    ("StaysOver", "count"): (lambda over, names, mine: over.count(),),
    ("SqlVisitBook", "today"): (
        lambda book, names, mine: book.today(MORNING - DAY, MORNING + timedelta(minutes=1)),
        lambda book, names, mine: book.today(MORNING - DAY, MORNING, [names.site, mine.site]),
    ),
    ("SqlVisitBook", "visits"): (
        lambda book, names, mine: book.visits(_query()),
        lambda book, names, mine: book.visits(_query(site_ids=(names.site,))),
        lambda book, names, mine: book.visits(_query(person_id=names.customer)),
        lambda book, names, mine: book.visits(_query(person_id=mine.customer)),
    ),
    ("SqlVisitList", "visits"): (
        lambda visits, names, mine: visits.visits(_query(limit=1000)),
        lambda visits, names, mine: visits.visits(_query(site_ids=(names.site,))),
        lambda visits, names, mine: visits.visits(_query(site_ids=(mine.site,))),
        lambda visits, names, mine: visits.visits(_query(person_id=names.customer)),
    ),
    ("SqlVisitReports", "report"): (
        *(
            lambda reports, names, mine, span=span: reports.report(_report(span))
            for span in (Span.HOUR, Span.DAY, Span.WEEKDAY, Span.WEEK, Span.MONTH)
        ),
        lambda reports, names, mine: reports.report(_report(Span.DAY, names.site)),
        lambda reports, names, mine: reports.report(_report(Span.DAY, mine.site)),
        lambda reports, names, mine: reports.report(_report(Span.DAY, mine.site, names.site)),
    ),
}
"""Tell the same whether or not the other tenant is there."""

WRITES: Mapping[tuple[str, str], tuple[Try, ...]] = {
    ("LineCounts", "add"): (
        lambda lines, names, mine: lines.add(names.stream, MORNING, 1, 1),
        lambda lines, names, mine: lines.add(mine.stream, MORNING, 1, 1),
    ),
    ("LineCounts", "tell_due"): (lambda lines, names, mine: lines.tell_due(),),
    ("SqlPeople", "enrol"): (
        lambda people, names, mine: people.enrol(_draft(PersonKind.STAFF), AGREED, [_face(0), _face(1)]),
    ),
    ("SqlPeople", "change"): (
        lambda people, names, mine: people.change(names.customer, _draft(PersonKind.STAFF)),
        lambda people, names, mine: people.change(mine.customer, _draft(PersonKind.STAFF)),
    ),
    ("SqlPeople", "add_face"): (lambda people, names, mine: people.add_face(names.customer, _face(5)),),
    ("SqlPeople", "remove_face"): (lambda people, names, mine: people.remove_face(names.customer, 0),),
    ("SqlPeople", "merge"): (
        lambda people, names, mine: people.merge(mine.customer, names.customer),
        lambda people, names, mine: people.merge(names.customer, mine.customer),
        lambda people, names, mine: people.merge(names.customer, names.other_customer),
        lambda people, names, mine: people.merge(mine.customer, mine.other_customer),
    ),
    ("SqlPeople", "split"): (
        lambda people, names, mine: people.split(names.customer, [0], [names.visit], _draft(), AGREED),
        lambda people, names, mine: people.split(mine.customer, [0], [names.visit], _draft(), AGREED),
        lambda people, names, mine: people.split(mine.other_customer, [0], [mine.visit], _draft(), AGREED),
    ),
    ("SqlPeople", "forget"): (
        lambda people, names, mine: people.forget(names.customer),
        lambda people, names, mine: people.forget(mine.customer),
    ),
    ("SqlRetention", "drop_pictures"): (
        lambda kept, names, mine: kept.drop_pictures(_old(names), 1),
        lambda kept, names, mine: kept.drop_pictures(_old(mine), 1),
    ),
    ("SqlRetention", "forget_guest"): (
        lambda kept, names, mine: kept.forget_guest(names.guest, LATER, 1),
        lambda kept, names, mine: kept.forget_guest(mine.guest, LATER, 1),
    ),
    ("SqlRetention", "add_proof"): (lambda kept, names, mine: kept.add_proof(MORNING, MORNING, 1, 0),),
    ("SqlRetention", "note_files"): (lambda kept, names, mine: kept.note_files(1),),
    ("SqlRetention", "forget_void_visits"): (lambda kept, names, mine: kept.forget_void_visits(LATER),),
    ("SqlRetention", "note_run"): (lambda kept, names, mine: kept.note_run(MORNING),),
    ("SqlSites", "add"): (lambda sites, names, mine: sites.add("Thonglor"),),
    ("SqlSites", "rename"): (
        lambda sites, names, mine: sites.rename(names.site, "Mine now"),
        lambda sites, names, mine: sites.rename(mine.site, "Ekkamai"),
    ),
    ("SqlSites", "remove"): (
        lambda sites, names, mine: sites.remove(names.other_site),
        lambda sites, names, mine: sites.remove(mine.other_site),
    ),
    ("SqlStreams", "add"): (
        lambda streams, names, mine: streams.add(StreamDraft(names.site, "Lift", ADDRESS)),
        lambda streams, names, mine: streams.add(StreamDraft(mine.other_site, "Door", ADDRESS)),
    ),
    ("SqlStreams", "change"): (
        lambda streams, names, mine: streams.change(names.stream, StreamDraft(mine.site, "Mine", ADDRESS)),
        lambda streams, names, mine: streams.change(mine.stream, StreamDraft(names.site, "Mine", ADDRESS)),
        lambda streams, names, mine: streams.change(mine.stream, StreamDraft(mine.site, "Mine", ADDRESS)),
    ),
    ("SqlStreams", "switch"): (
        lambda streams, names, mine: streams.switch(names.stream, is_on=False, recognises=False),
    ),
    ("SqlStreams", "remove"): (
        lambda streams, names, mine: streams.remove(names.stream),
        lambda streams, names, mine: streams.remove(mine.stream),
    ),
    ("SqlVisitBook", "see"): (
        lambda book, names, mine: book.see(_sighting(names)),
        lambda book, names, mine: book.see(_sighting(mine, stream_id=names.stream)),
        lambda book, names, mine: book.see(_sighting(mine, person_id=names.customer)),
        lambda book, names, mine: book.see(_sighting(mine, stay_id=names.stay)),
        lambda book, names, mine: book.see(_sighting(mine, seed=10, person_id=names.staff)),
        lambda book, names, mine: book.see(_sighting(mine)),
        lambda book, names, mine: book.see(_sighting(mine, person_id=mine.customer)),
    ),
    ("SqlVisitBook", "touch"): (
        lambda book, names, mine: book.touch({names.stay: MORNING + timedelta(minutes=1)}),
        lambda book, names, mine: book.touch({mine.stay: MORNING + timedelta(minutes=1)}),
    ),
    ("SqlVisitBook", "end_due"): (lambda book, names, mine: book.end_due(LATER),),
    ("StaysOver", "end"): (lambda over, names, mine: over.end(),),
    ("SqlVisitBook", "count_line"): (
        lambda book, names, mine: book.count_line(names.stream, MORNING, 5, 5),
        lambda book, names, mine: book.count_line(mine.stream, MORNING, 5, 5),
    ),
}
"""Change nothing of the other tenant's, and come to the same as with names that nobody has."""


def _old(names: TenantIds) -> list[OldPicture]:
    folder = f"tenants/{names.tenant_id}"
    return [
        OldPicture(f"{folder}/visits/{names.visit}.jpg", visit_id=names.visit),
        OldPicture(f"{folder}/people/{names.customer}/0.jpg", person_id=names.customer, ordinal=0),
    ]
