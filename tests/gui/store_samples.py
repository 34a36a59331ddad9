"""People, visits and reports as the store's pages are tested and drawn with: nobody who lives."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.visits.reports import Figures, Report, ReportQuery, ReportRow, Span
from kiosk.visits.types import Gender, Person, PersonKind, Visit
from tests.gui.fake_store import NOW, SITES, a_person, a_visit

ZONE = ZoneInfo("Asia/Bangkok")
MALI = a_person(
    "Mali",
    visits=5,
    last_visit_at=NOW - timedelta(minutes=1),
    gender=Gender.FEMALE,
    birth_year=1991,
    phone="081 234 5678",
    email="mali@example.com",
)
NOK = a_person("Nok", PersonKind.STAFF, faces=3, gender=Gender.FEMALE)
BEN = a_person("Ben", PersonKind.STAFF)
LONG = replace(
    a_person("ณัฐธิดา", visits=23, last_visit_at=NOW - timedelta(days=1, hours=3), faces=1),
    person_id="person-long",
    name="ณัฐธิดา ศรีสุวรรณวัฒนากุลชัยเจริญทรัพย์ไพศาล ณ อยุธยา",
    email="natthida.srisuwanwatthanakunchaicharoensap@example.co.th",
)
KIT = a_person("Kit", visits=2, last_visit_at=NOW - timedelta(minutes=8))
SOMSRI = a_person("Somsri", visits=11, last_visit_at=NOW - timedelta(days=12), faces=1)
NEW = a_person("Anong", faces=1)
GUEST = a_person(
    "", PersonKind.GUEST, faces=1, person_id="person-guest", visits=3, last_visit_at=NOW - timedelta(days=2)
)
PEOPLE: tuple[Person, ...] = (NEW, BEN, KIT, MALI, NOK, SOMSRI, LONG)


def many_people(count: int) -> tuple[Person, ...]:
    """As many customers."""
    return tuple(
        replace(KIT, person_id=f"person-{number}", name=f"Customer {number:03d}", visits=number % 9)
        for number in range(count)
    )


def visits_of(person: Person, count: int = 5) -> tuple[Visit, ...]:
    """Their visits, the newest first; pictures are kept of the newest two."""
    return tuple(
        a_visit(
            100 + number,
            person.name,
            1 + number * 60 * 26,
            count - number,
            person_id=person.person_id,
            stream_id=("door", "counter")[number % 2],
            picture_key=f"visits/visit-{number}.jpg" if number < 2 else None,
        )
        for number in range(count)
    )


def some_visits(count: int = 24, first: int = 0) -> tuple[Visit, ...]:
    """Visits of a day, known and not."""
    names = ("", "Mali", "", "", "Kit", "", "ณัฐธิดา ศรีสุวรรณวัฒนากุลชัยเจริญทรัพย์ไพศาล ณ อยุธยา", "")
    return tuple(
        a_visit(
            first + number,
            names[number % len(names)],
            3 + 9 * (first + number),
            (number % 7) + 1 if names[number % len(names)] else None,
            site_id=SITES[0].site_id,
            stream_id=("door", "aisle", "counter", "gone")[number % 4],
            gender=(Gender.UNKNOWN, Gender.FEMALE, Gender.MALE)[number % 3],
        )
        for number in range(count)
    )


def _figures(place: int, seed: float = 1.0) -> Figures:
    """Some figures; more of them in the middle."""
    visitors = max(0, round(seed * (30 + 26 * math.sin(place * 0.9) + 18 * math.sin(place * 0.35))))
    returning = visitors * (place % 3 + 1) // 9
    female, male = visitors // 3, visitors // 4
    return Figures(
        visitors,
        visitors - returning,
        returning,
        female,
        male,
        visitors - female - male,
        visitors + 3,
        max(0, visitors - 2),
    )


def _sum(all_figures: Iterable[Figures]) -> Figures:
    rows = list(all_figures)
    names = ("visitors", "new", "returning", "female", "male", "unknown", "came_in", "went_out")
    return Figures(**{name: sum(getattr(row, name) for row in rows) for name in names})


def _begins(query: ReportQuery) -> list[datetime]:
    days = [query.since + timedelta(days=number) for number in range((query.until - query.since).days + 1)]
    midnights = [datetime(day.year, day.month, day.day, tzinfo=ZONE) for day in days]
    match query.by:
        case Span.HOUR:
            return [midnight + timedelta(hours=hour) for midnight in midnights for hour in range(24)]
        case Span.WEEKDAY:
            return sorted(midnights[:7], key=lambda day: day.weekday())
        case Span.WEEK:
            return [day for place, day in enumerate(midnights) if place == 0 or day.weekday() == 0]
        case Span.MONTH:
            return [day for place, day in enumerate(midnights) if place == 0 or day.day == 1]
    return midnights


def a_report(query: ReportQuery, **changes: Any) -> Report:
    """What a query comes to, by site where all are asked for; empty hours at night."""
    sites = SITES if not query.site_ids else ()
    shares = {"": 1.0, **{site.site_id: 0.2 + 0.2 * number for number, site in enumerate(sites)}}
    rows = [
        ReportRow(
            begins,
            site_id,
            Figures() if query.by is Span.HOUR and not 10 <= begins.hour < 21 else _figures(place, share),
        )
        for place, begins in enumerate(_begins(query))
        for site_id, share in shares.items()
    ]
    total = [
        ReportRow(rows[0].begins, site_id, _sum(row.figures for row in rows if row.site_id == site_id))
        for site_id in shares
    ]
    usual = Report(
        query=query,
        made_at=datetime(2026, 11, 20, 7, 32, tzinfo=UTC),
        timezone="Asia/Bangkok",
        site_names={site.site_id: site.name for site in SITES},
        rows=tuple(rows),
        total=tuple(total),
        covers_chain=True,
    )
    return replace(usual, **changes)


def query(by: Span, since: date, until: date, *site_ids: str) -> ReportQuery:
    """As the page asks."""
    return ReportQuery(by, since, until, site_ids)
