"""Stays that nobody ends who watches: of a shop that does not run, or that is no shop any more."""

from __future__ import annotations

from sqlalchemy import func, select

from kiosk.database.meta import SqlMeta
from kiosk.database.people_tables import StayRow
from kiosk.database.stays import is_open
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_book import SqlVisitBook
from kiosk.gallery.types import Thresholds
from kiosk.visits.pictures import FacePictures
from kiosk.visits.stay_rules import StayRules


class StaysOver:
    """A machine's stays of people who have gone, with the throw-away embeddings that they were told by. Any
    thread, also beside a shop that runs. Raises KnownError DATABASE_*, DISK_FULL."""

    def __init__(self, tenant: TenantDatabase, pictures: FacePictures, rules: StayRules) -> None:
        self._tenant = tenant
        self._pause = rules.pause
        kiosk_id = SqlMeta(tenant.database).kiosk_id()
        self._book = SqlVisitBook(tenant, kiosk_id, pictures, rules, _nobody_is_alike)

    def count(self) -> int:
        """How many there are."""
        over = (
            select(func.count()).select_from(StayRow).where(~is_open(self._tenant.clock.now(), self._pause))
        )
        with self._tenant.reading() as session:
            return session.scalar(over) or 0

    def end(self) -> int:
        """Ends them; how many there were."""
        return self._book.end_due(self._tenant.clock.now())


def _nobody_is_alike(_: int) -> Thresholds:
    """Nobody is seen here."""
    return Thresholds(match=2.0, maybe=2.0, kin=2.0)
