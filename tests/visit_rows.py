"""Visits and crossings as rows, without cameras: for whatever only reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from kiosk.database.people_tables import LineCountRow, SiteRow, VisitRow
from kiosk.database.tenant import TenantDatabase
from tests.fake_reports import Came, Crossed

MADE = datetime(2026, 1, 1, tzinfo=UTC)


def add_sites(database: TenantDatabase, sites: Mapping[str, str]) -> None:
    """By id and name."""
    with database.writing() as session:
        session.add_all(SiteRow(site_id=key, name=name, created_at=MADE) for key, name in sites.items())


def add_visits(database: TenantDatabase, visits: Iterable[Came], prefix: str = "visit") -> None:
    """Their ids are the prefix and a number."""
    with database.writing() as session:
        session.add_all(
            VisitRow(
                visit_id=f"{prefix}-{number}",
                kiosk_id="kiosk",
                site_id=visit.site_id,
                stream_id="door",
                person_id=None,
                gender=visit.gender,
                is_returning=visit.is_returning,
                number=None,
                began_at=visit.at,
                ended_at=None,
                picture_key=None,
            )
            for number, visit in enumerate(visits)
        )


def add_crossings(database: TenantDatabase, crossings: Iterable[Crossed], prefix: str = "") -> None:
    """Of streams whose ids begin with the prefix."""
    with database.writing() as session:
        session.add_all(
            LineCountRow(
                stream_id=f"{prefix}{each.stream_id}",
                hour=each.hour,
                kiosk_id="kiosk",
                site_id=each.site_id,
                came_in=each.came_in,
                went_out=each.went_out,
            )
            for each in crossings
        )
