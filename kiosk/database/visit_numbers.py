"""Which visit of somebody this is: the first, the second, …"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kiosk.database.people_tables import PersonRow, VisitRow
from kiosk.visits.types import Gender


def give_visit(session: Session, visit: VisitRow, person: PersonRow | None, gender: Gender) -> None:
    """Makes a visit somebody's, or nobody's: with its number among the visits that this database has of them.
    What they said of themselves goes before what was seen (`gender`)."""
    visit.person_id, visit.number, visit.is_returning = None, None, False
    visit.gender = gender.value
    if person is None:
        return
    others = select(func.count()).where(
        VisitRow.person_id == person.person_id, VisitRow.visit_id != visit.visit_id
    )
    visit.number = 1 + (session.scalar(others) or 0)
    visit.is_returning = visit.number > 1
    visit.person_id = person.person_id
    if person.gender in (Gender.FEMALE.value, Gender.MALE.value):
        visit.gender = person.gender
