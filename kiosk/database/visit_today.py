"""The figures of a day that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kiosk.database.people_tables import LineCountRow, StayRow, VisitRow
from kiosk.database.seconds import Second
from kiosk.database.stays import is_open
from kiosk.database.visit_list import named_visits, visit_of
from kiosk.visits.ports import Today
from kiosk.visits.types import FaceKind

_MOST_BACK = 10
_HOUR_S = 3600


def today_of(
    session: Session, since: datetime, now: datetime, site_ids: Sequence[str], pause: timedelta
) -> Today:
    """The figures since then."""
    its_visits = [VisitRow.began_at >= since, VisitRow.began_at <= now]
    its_stays = [StayRow.kind == FaceKind.STAFF.value, is_open(now, pause)]
    its_lines = [LineCountRow.hour >= since, LineCountRow.hour <= now]
    if site_ids:
        its_visits.append(VisitRow.site_id.in_(site_ids))
        its_stays.append(StayRow.site_id.in_(site_ids))
        its_lines.append(LineCountRow.site_id.in_(site_ids))
    back = named_visits().where(*its_visits, VisitRow.is_returning.is_(True), VisitRow.person_id.is_not(None))
    lines = select(func.sum(LineCountRow.came_in), func.sum(LineCountRow.went_out)).where(*its_lines)
    came_in, went_out = session.execute(lines).one()
    hours = _hours(session, since, now, its_visits)
    return Today(
        since=since,
        visitors=sum(new + returning for _, new, returning in hours),
        returning=sum(returning for _, _, returning in hours),
        staff_present=session.scalar(select(func.count()).select_from(StayRow).where(*its_stays)) or 0,
        came_in=int(came_in or 0),
        went_out=int(went_out or 0),
        hours=hours,
        back=tuple(visit_of(row, name) for row, name in session.execute(back.limit(_MOST_BACK))),
    )


def _hours(
    session: Session, since: datetime, now: datetime, which: Sequence[ColumnElement[bool]]
) -> tuple[tuple[datetime, int, int], ...]:
    """New and returning visitors of each hour, the running one last."""
    hour = ((Second(VisitRow.began_at) - int(since.timestamp())) // _HOUR_S).label("hour")
    counted = select(hour, VisitRow.is_returning, func.count()).where(*which)
    found = session.execute(counted.group_by(hour, VisitRow.is_returning))
    figures = {(place, bool(is_returning)): count for place, is_returning, count in found}
    return tuple(
        (since + timedelta(hours=place), figures.get((place, False), 0), figures.get((place, True), 0))
        for place in range(max(0, int((now - since).total_seconds()) // _HOUR_S) + 1)
    )
