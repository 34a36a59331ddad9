"""Months of visits as shops have them: of unequal size, busy at noon, in the evening and at weekends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from kiosk.database.engine import Database
from kiosk.database.people_tables import LineCountRow, SiteRow, VisitRow

ZONE = ZoneInfo("Asia/Bangkok")
_BY_HOUR = {10: 2, 11: 4, 12: 7, 13: 6, 14: 4, 15: 4, 16: 5, 17: 7, 18: 9, 19: 8, 20: 5, 21: 2}
_BY_WEEKDAY = (8, 8, 8, 9, 12, 16, 15)
_BY_SITE = (30, 25, 20, 15, 10)
_RETURNING = 0.18
_CUSTOMERS = 3000
_AT_ONCE = 10_000
_SEED = 11


def site_ids(sites: int) -> list[str]:
    """As long as real ones."""
    return [f"{number:032x}" for number in range(1, sites + 1)]


def fill(database: Database, tenant_id: str, days: list[date], visits: int, sites: int) -> None:
    """So many visits over these days, with the crossings of a line at each site."""
    now = datetime.combine(days[0], time(), UTC)
    shops = [
        {"site_id": site_id, "tenant_id": tenant_id, "name": f"Shop {number}", "created_at": now}
        for number, site_id in enumerate(site_ids(sites), start=1)
    ]
    with database.writing() as session:
        session.connection().execute(insert(SiteRow.__table__), shops)
    crossings = list(_crossings(tenant_id, days, sites))
    rows = _visits(tenant_id, days, visits, sites)
    while chunk := list(islice(rows, _AT_ONCE)):
        with database.writing(waits_for_disk=False) as session:
            session.connection().execute(insert(VisitRow.__table__), chunk)
    for start in range(0, len(crossings), _AT_ONCE):
        with database.writing(waits_for_disk=False) as session:
            session.connection().execute(insert(LineCountRow.__table__), crossings[start : start + _AT_ONCE])


def _visits(tenant_id: str, days: list[date], visits: int, sites: int) -> Iterator[dict[str, Any]]:
    """In the order of time, as they come."""
    chance = random.Random(_SEED)
    chosen = sorted(chance.choices(days, [_BY_WEEKDAY[day.weekday()] for day in days], k=visits))
    hours = chance.choices(list(_BY_HOUR), list(_BY_HOUR.values()), k=visits)
    shops = site_ids(sites)
    for number, (day, hour) in enumerate(zip(chosen, hours, strict=True)):
        at = datetime.combine(day, time(hour), ZONE) + timedelta(seconds=chance.random() * 3600)
        is_returning = chance.random() < _RETURNING
        yield {
            "visit_id": f"{chance.getrandbits(128):032x}",
            "tenant_id": tenant_id,
            "kiosk_id": "0" * 32,
            "site_id": chance.choices(shops, (_BY_SITE * sites)[:sites])[0],
            "stream_id": "1" * 32,
            "person_id": f"{chance.randrange(_CUSTOMERS):032x}" if is_returning else None,
            "gender": chance.choices(("female", "male", "unknown"), (45, 35, 20))[0],
            "is_returning": is_returning,
            "number": 1 + number % 9 if is_returning else None,
            "began_at": at.astimezone(UTC),
            "ended_at": (at + timedelta(minutes=chance.randrange(1, 40))).astimezone(UTC),
            "picture_key": None,
        }


def _crossings(tenant_id: str, days: list[date], sites: int) -> Iterator[dict[str, Any]]:
    for number, site_id in enumerate(site_ids(sites)):
        for day in days:
            for hour, many in _BY_HOUR.items():
                yield {
                    "stream_id": f"door {number}",
                    "hour": datetime.combine(day, time(hour), ZONE).astimezone(UTC),
                    "tenant_id": tenant_id,
                    "kiosk_id": "0" * 32,
                    "site_id": site_id,
                    "came_in": many * 3,
                    "went_out": many * 3 - 1,
                }
