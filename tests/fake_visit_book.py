"""A `VisitBook` in memory, which passes the same contract tests as the one in SQL."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.gallery.types import Thresholds
from kiosk.vision.types import FloatArray
from kiosk.visits.ports import Today, VisitQuery
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.types import FaceKind, Gender, PersonKind, Sighting, Stay, Visit

THRESHOLDS = Thresholds(match=0.45, maybe=0.35, kin=0.47)
_HOUR = timedelta(hours=1)


@dataclass
class FakePerson:
    """Whom the book knows by an id."""

    person_id: str
    kind: PersonKind
    name: str = ""
    gender: Gender = Gender.UNKNOWN
    face: FloatArray | None = None


@dataclass(eq=False)
class _Stay:
    stay_id: str
    site_id: str
    stream_id: str
    person: FakePerson | None
    began_at: datetime
    last_seen_at: datetime
    face: FloatArray
    tracks: int = 1


class FakeVisitBook:
    """Made for one thread. `know` tells it of people; every site and every stream is there."""

    def __init__(self, rules: StayRules | None = None, thresholds: Thresholds = THRESHOLDS) -> None:
        self.rules = rules or StayRules()
        self.thresholds = thresholds
        self.people: dict[str, FakePerson] = {}
        self.stays: dict[str, _Stay] = {}
        self.sightings: list[Sighting] = []
        self._visits: dict[str, Visit] = {}
        self._lines: dict[tuple[str, datetime], tuple[int, int]] = {}
        self._ids = (f"stay-{number}" for number in itertools.count(1))

    def know(self, person: FakePerson) -> None:
        self.people[person.person_id] = person

    def see(self, sighting: Sighting) -> Stay:
        self.sightings.append(sighting)
        person = self.people.get(sighting.person_id or "")
        if person is not None and person.kind is PersonKind.GUEST and not self.rules.knows_returning:
            person = None
        own = self._open(sighting).get(sighting.stay_id or "")
        if own is not None and self._is_of(own, person):
            stay, is_new = own, False
            person = person or own.person
            if own.tracks == 1:
                own.face = sighting.embedding.vector
        else:
            stay, is_new, person = self._find(sighting, person, own)
        if _is_staff(stay.person) and not _is_staff(person):
            del self.stays[stay.stay_id]
            stay.stay_id = next(self._ids)
            self.stays[stay.stay_id] = stay
        before, stay.person = stay.person, person
        stay.last_seen_at = max(stay.last_seen_at, sighting.at)
        self._settle(stay, sighting)
        self._forget_unvisited(before)
        return self._told(stay, is_new=is_new)

    def touch(self, stays: Mapping[str, datetime]) -> None:
        for stay_id, at in stays.items():
            stay = self.stays.get(stay_id)
            if stay is not None and not self.rules.is_over(stay.last_seen_at, at):
                stay.last_seen_at = max(stay.last_seen_at, at)

    def end_due(self, now: datetime) -> int:
        due = [stay for stay in self.stays.values() if self.rules.is_over(stay.last_seen_at, now)]
        for stay in due:
            del self.stays[stay.stay_id]
            if stay.stay_id in self._visits:
                visit = self._visits[stay.stay_id]
                ended_at = max(stay.last_seen_at, visit.began_at)
                self._visits[stay.stay_id] = replace(visit, ended_at=ended_at)
        return len(due)

    def count_line(self, stream_id: str, at: datetime, came_in: int, went_out: int) -> None:
        key = (stream_id, at.replace(minute=0, second=0, microsecond=0))
        so_far = self._lines.get(key, (0, 0))
        self._lines[key] = (so_far[0] + came_in, so_far[1] + went_out)

    def today(self, since: datetime, now: datetime, site_ids: Sequence[str] = ()) -> Today:
        until = now + timedelta(microseconds=1)
        visits = self.visits(VisitQuery(since, until, tuple(site_ids), limit=10**6))
        hours = [[0, 0] for _ in range(max(0, (now - since) // _HOUR) + 1)]
        for visit in visits:
            hours[(visit.began_at - since) // _HOUR][visit.is_returning] += 1
        lines = [counts for (_, hour), counts in self._lines.items() if since <= hour <= now]
        there = [
            stay
            for stay in self.stays.values()
            if not self.rules.is_over(stay.last_seen_at, now) and (not site_ids or stay.site_id in site_ids)
        ]
        return Today(
            since=since,
            visitors=len(visits),
            returning=sum(visit.is_returning for visit in visits),
            staff_present=sum(_is_staff(stay.person) for stay in there),
            came_in=sum(counts[0] for counts in lines),
            went_out=sum(counts[1] for counts in lines),
            hours=tuple((since + place * _HOUR, new, back) for place, (new, back) in enumerate(hours)),
            back=tuple(visit for visit in visits if visit.is_returning and visit.person_id is not None)[:10],
        )

    def visits(self, query: VisitQuery) -> list[Visit]:
        found = [
            visit
            for visit in self._visits.values()
            if query.since <= visit.began_at < query.until
            and (not query.site_ids or visit.site_id in query.site_ids)
            and query.person_id in (None, visit.person_id)
        ]
        found.sort(key=lambda visit: visit.visit_id)
        found.sort(key=lambda visit: visit.began_at, reverse=True)
        return found[query.offset : query.offset + query.limit]

    # -- who it is ------------------------------------------------------------------------------------

    def _open(self, sighting: Sighting) -> dict[str, _Stay]:
        return {
            stay_id: stay
            for stay_id, stay in self.stays.items()
            if stay.site_id == sighting.site_id and not self.rules.is_over(stay.last_seen_at, sighting.at)
        }

    def _is_of(self, stay: _Stay, person: FakePerson | None) -> bool:
        if person is not None:
            return stay.person is person
        return stay.person is None or stay.tracks > 1 or stay.person.kind is PersonKind.GUEST

    def _find(
        self, sighting: Sighting, person: FakePerson | None, own: _Stay | None
    ) -> tuple[_Stay, bool, FakePerson | None]:
        there = self._there(sighting, person, own)
        if person is None and there is not None:
            person = there.person
        if person is None and there is None and self.rules.knows_returning:
            person = FakePerson(f"guest-{len(self.people)}", PersonKind.GUEST, face=sighting.embedding.vector)
            self.know(person)
        if own is not None and own.person is not None and own.tracks > 1:
            own.tracks -= 1
        elif own is not None and there is None:
            own.face = sighting.embedding.vector
            return own, False, person
        elif own is not None:
            self._drop(own)
        if there is None:
            return self._begin(sighting, person), True, person
        mean = there.face * there.tracks + sighting.embedding.vector
        there.face = mean / float((mean @ mean) ** 0.5)
        there.tracks += 1
        return there, False, person

    def _there(self, sighting: Sighting, person: FakePerson | None, own: _Stay | None) -> _Stay | None:
        there = [stay for stay in self._open(sighting).values() if stay is not own]
        if person is not None:
            theirs = next((stay for stay in there if stay.person is person), None)
            if theirs is not None or own is not None or person.kind is PersonKind.GUEST:
                return theirs
        strangers = [
            (stay, stay.face if stay.person is None else stay.person.face)
            for stay in there
            if stay.person is None or stay.person.kind is PersonKind.GUEST
        ]
        alike = [
            (float(face @ sighting.embedding.vector), stay) for stay, face in strangers if face is not None
        ]
        best = max(alike, key=lambda one: one[0], default=None)
        return best[1] if best and best[0] >= self.rules.same_from(self.thresholds) else None

    # -- what becomes of it ---------------------------------------------------------------------------

    def _begin(self, sighting: Sighting, person: FakePerson | None) -> _Stay:
        stay = _Stay(
            next(self._ids),
            sighting.site_id,
            sighting.stream_id,
            person,
            sighting.at,
            sighting.at,
            sighting.embedding.vector,
        )
        self.stays[stay.stay_id] = stay
        return stay

    def _drop(self, stay: _Stay) -> None:
        del self.stays[stay.stay_id]
        self._visits.pop(stay.stay_id, None)
        self._forget_unvisited(stay.person)

    def _settle(self, stay: _Stay, sighting: Sighting) -> None:
        if _is_staff(stay.person):
            self._visits.pop(stay.stay_id, None)
            return
        person_id = stay.person.person_id if stay.person else None
        visit = self._visits.get(stay.stay_id)
        if visit is not None and visit.person_id == person_id:
            if visit.gender is Gender.UNKNOWN:
                self._visits[stay.stay_id] = replace(visit, gender=sighting.gender)
            return
        said = stay.person.gender if stay.person else Gender.UNKNOWN
        others = [one for one in self._visits.values() if one.person_id == person_id is not None]
        number = len([one for one in others if one.visit_id != stay.stay_id]) + 1 if person_id else None
        self._visits[stay.stay_id] = Visit(
            visit_id=stay.stay_id,
            kiosk_id="kiosk",
            site_id=stay.site_id,
            stream_id=stay.stream_id,
            person_id=person_id,
            name=stay.person.name if stay.person else "",
            gender=sighting.gender if said is Gender.UNKNOWN else said,
            is_returning=number is not None and number > 1,
            number=number,
            began_at=stay.began_at,
            ended_at=None,
            picture_key=None,
        )

    def _forget_unvisited(self, person: FakePerson | None) -> None:
        named = {visit.person_id for visit in self._visits.values()}
        if person is not None and person.kind is PersonKind.GUEST and person.person_id not in named:
            self.people.pop(person.person_id, None)

    def _told(self, stay: _Stay, *, is_new: bool) -> Stay:
        person = stay.person
        if person is None:
            return Stay(stay.stay_id, FaceKind.VISITOR, None, "", None, is_new)
        if _is_staff(person):
            return Stay(stay.stay_id, FaceKind.STAFF, person.person_id, person.name, None, is_new)
        number = self._visits[stay.stay_id].number
        return Stay(stay.stay_id, FaceKind.KNOWN, person.person_id, person.name, number, is_new)


def _is_staff(person: FakePerson | None) -> bool:
    return person is not None and person.kind is PersonKind.STAFF
