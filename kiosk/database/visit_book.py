"""Who came and when, in SQL (`kiosk.visits.ports.VisitBook`)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kiosk.database.line_counts import LineCounts
from kiosk.database.people_tables import PersonRow, StayRow, VisitFaceRow, VisitRow
from kiosk.database.retrying import once_more
from kiosk.database.seeing import Machine, Seen, see_in
from kiosk.database.stays import hold_sites, is_open
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_list import listed_visits
from kiosk.database.visit_records import tell_visit
from kiosk.database.visit_today import today_of
from kiosk.errors import KnownError
from kiosk.gallery.types import Thresholds
from kiosk.visits.clock_jumps import ClockJumps
from kiosk.visits.pictures import FacePictures
from kiosk.visits.ports import Today, VisitQuery
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.types import Sighting, Stay, Visit

_log = structlog.get_logger(__name__)

_ENDED_AT_ONCE = 50
_OTHERS_FOLLOW_S = 60.0
"""After the clock was set, other programs of this machine have so long to notice it as well."""


class SqlVisitBook:
    """The book of one tenant, as the machine `kiosk_id` writes it. Each method is a transaction or a few;
    safe from any thread, and beside other processes on the same database.

    When the machine's clock is set, the stays that were seen from here move with it, and so do their visits:
    nobody has gone or come by that. Machines that share a book must have the right time.
    """

    def __init__(
        self,
        database: TenantDatabase,
        kiosk_id: str,
        pictures: FacePictures,
        rules: StayRules,
        thresholds: Callable[[int], Thresholds],
    ) -> None:
        """`thresholds` gives those for a number of faces."""
        self._database = database
        self._clock = database.clock
        self._pictures = pictures
        self._machine = Machine(database.tenant_id, kiosk_id, rules, thresholds)
        self._rules = rules
        self._lines = LineCounts(database, kiosk_id)
        self._jumps = ClockJumps(self._clock, rules.pause)
        self._followed: dict[str, float] = {}
        self._guard = threading.Lock()
        self._follows_clock = threading.Lock()
        self._ends_from_s = 0.0
        self._may_have_traces = True  # a power cut may have come between an end and this

    # -- who comes ------------------------------------------------------------------------------------

    def see(self, sighting: Sighting) -> Stay:
        """Raises KnownError SITE_UNKNOWN besides."""
        self._follow_clock()
        seen = self._see(sighting)
        self._follow([seen.stay.stay_id])
        self._keep_picture(seen, sighting)
        return seen.stay

    @once_more
    def _see(self, sighting: Sighting) -> Seen:
        with self._database.writing() as session:
            return see_in(session, self._machine, sighting)

    @once_more
    def touch(self, stays: Mapping[str, datetime]) -> None:
        self._follow_clock()
        now = self._clock.now()
        # What was seen before the clock was set bears the time of before.
        seen = {stay_id: at for stay_id, at in stays.items() if not self._rules.is_over(at, now)}
        if not seen:
            return
        with self._database.writing(waits_for_disk=False) as session:
            theirs = select(StayRow.site_id).where(StayRow.stay_id.in_(seen)).distinct()
            hold_sites(session, session.scalars(theirs).all())
            for stay_id, at in seen.items():
                its = (StayRow.stay_id == stay_id, StayRow.last_seen_at < at, is_open(at, self._rules.pause))
                session.execute(update(StayRow).where(*its).values(last_seen_at=at))
        self._follow(seen)

    def _keep_picture(self, seen: Seen, sighting: Sighting) -> None:
        """The visit counts, whatever becomes of its picture. The picture comes before what names it; one that
        nothing came to name goes again."""
        try:
            for key in seen.gone_pictures:
                self._pictures.delete(key)
            if seen.lacks_picture is None or sighting.picture is None:
                return
            key = self._pictures.put_visit(seen.lacks_picture, sighting.picture)
            is_named = False
            try:
                is_named = self._name_picture(seen, sighting, key)
            finally:
                if not is_named:
                    self._pictures.delete(key)
        except KnownError as failed:
            _log.warning("visit_without_picture", code=failed.code)

    @once_more
    def _name_picture(self, seen: Seen, sighting: Sighting, key: str) -> bool:
        """Whether the visit names the picture: not where it is another's by now, or they were forgotten."""
        with self._database.writing() as session:
            hold_sites(session, [sighting.site_id])
            its = select(VisitRow).where(VisitRow.visit_id == seen.lacks_picture)
            visit = session.scalar(its.with_for_update())
            if visit is None:
                return False
            person = session.get(PersonRow, visit.person_id) if visit.person_id else None
            is_theirs = person is not None and person.person_id == seen.stay.person_id
            if is_theirs and visit.picture_key is None:
                visit.picture_key = key
                face = sighting.embedding
                values = {"contract_id": face.contract_id, "embedding": face.vector}
                session.merge(VisitFaceRow(visit_id=visit.visit_id, tenant_id=visit.tenant_id, **values))
            return visit.picture_key == key

    # -- who goes -------------------------------------------------------------------------------------

    def end_due(self, now: datetime) -> int:
        """Tells of crossed lines besides, when that is due."""
        self._follow_clock()
        ended = 0
        if self._clock.since_boot_s() >= self._ends_from_s:
            due = select(StayRow.site_id).where(~is_open(now, self._rules.pause)).distinct()
            with self._database.reading() as session:
                site_ids = session.scalars(due).all()
            for site_id in site_ids:
                while (some := self._end_some(site_id, now)) > 0:
                    ended += some
        self._lines.tell_due()
        self._clear_traces(ended > 0)
        return ended

    @once_more
    def _end_some(self, site_id: str, now: datetime) -> int:
        """So few at a time that others who write do not wait for long."""
        due = select(StayRow).where(StayRow.site_id == site_id, ~is_open(now, self._rules.pause))
        with self._database.writing() as session:
            hold_sites(session, [site_id])
            stays = session.scalars(due.limit(_ENDED_AT_ONCE).with_for_update()).all()
            for stay in stays:
                _end(session, stay, self._clock.now())
        with self._guard:
            for stay in stays:
                self._followed.pop(stay.stay_id, None)
        return len(stays)

    def _clear_traces(self, has_ended: bool) -> None:
        """What a visitor was recognised by is not left in the journal either."""
        if has_ended or self._may_have_traces:
            self._may_have_traces = not self._database.database.clear_journal(StayRow.__tablename__)

    # -- the clock ------------------------------------------------------------------------------------

    def _follow(self, stay_ids: Iterable[str]) -> None:
        now_s = self._clock.since_boot_s()
        oldest_s = now_s - 2 * self._rules.pause.total_seconds()
        with self._guard:
            self._followed.update(dict.fromkeys(stay_ids, now_s))
            for stay_id in [one for one, at_s in self._followed.items() if at_s < oldest_s]:
                del self._followed[stay_id]

    def _follow_clock(self) -> None:
        """Others who write wait for it. A jump is over once all moved with it, else tried again."""
        if not self._jumps.newest():
            return
        with self._follows_clock:
            jump = self._jumps.newest()
            if not jump:
                return
            self._ends_from_s = self._clock.since_boot_s() + _OTHERS_FOLLOW_S
            with self._guard:
                followed = list(self._followed)
            _log.warning("clock_was_set", by_s=round(jump.total_seconds()), stays=len(followed))
            self._move_stays(followed, jump)
            self._jumps.followed(jump)

    @once_more
    def _move_stays(self, stay_ids: Sequence[str], jump: timedelta) -> None:
        """Harmless when it is repeated: what has moved is not of before the jump any more."""
        now = self._clock.now()
        with self._database.writing() as session:
            theirs = StayRow.stay_id.in_(stay_ids)
            hold_sites(session, session.scalars(select(StayRow.site_id).where(theirs).distinct()).all())
            was_open = is_open(now - jump, self._rules.pause)
            for stay in session.scalars(select(StayRow).where(theirs, was_open)):
                _move(session, stay, jump, now)

    # -- what it says -----------------------------------------------------------------------------------

    def count_line(self, stream_id: str, at: datetime, came_in: int, went_out: int) -> None:
        """Raises KnownError STREAM_UNKNOWN besides."""
        self._lines.add(stream_id, at, came_in, went_out)

    def today(self, since: datetime, now: datetime, site_ids: Sequence[str] = ()) -> Today:
        with self._database.reading() as session:
            return today_of(session, since, now, site_ids, self._rules.pause)

    def visits(self, query: VisitQuery) -> list[Visit]:
        with self._database.reading() as session:
            return listed_visits(session, query)


def _end(session: Session, stay: StayRow, at: datetime) -> None:
    visit = session.get(VisitRow, stay.stay_id)
    if visit is not None and visit.ended_at is None:
        visit.ended_at = max(stay.last_seen_at, visit.began_at)
        tell_visit(session, visit, at)
    session.delete(stay)


def _move(session: Session, stay: StayRow, jump: timedelta, now: datetime) -> None:
    stay.began_at += jump
    stay.last_seen_at += jump
    visit = session.get(VisitRow, stay.stay_id)
    if visit is not None:
        visit.began_at += jump
        tell_visit(session, visit, now)
