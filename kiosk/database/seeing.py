"""What a sighting comes to, in one transaction (`SqlVisitBook.see`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kiosk.database.bulk import table_of
from kiosk.database.guests import add_guest, remove_unvisited_guest
from kiosk.database.people_tables import PersonRow, StayRow, VisitFaceRow, VisitRow
from kiosk.database.people_ties import root_of
from kiosk.database.stays import add_view, hold_sites, is_open, stay_of, strangers
from kiosk.database.visit_numbers import give_visit
from kiosk.database.visit_records import tell_visit, void_visit
from kiosk.gallery.types import Thresholds
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.store_rules import site_unknown
from kiosk.visits.types import FaceKind, Gender, PersonKind, Sighting, Stay


@dataclass(frozen=True, slots=True)
class Machine:
    """Whose book it is, and by which rules."""

    tenant_id: str
    kiosk_id: str
    rules: StayRules
    thresholds: Callable[[int], Thresholds]


@dataclass(frozen=True, slots=True)
class Seen:
    """The answer, and which pictures follow from it: `lacks_picture` names a visit that may have one, being
    of somebody who agreed, and has none; `gone_pictures` are of nobody's any more."""

    stay: Stay
    lacks_picture: str | None
    gone_pictures: tuple[str, ...]


def see_in(session: Session, machine: Machine, sighting: Sighting) -> Seen:
    """Raises KnownError(SITE_UNKNOWN)."""
    if not hold_sites(session, [sighting.site_id]):
        raise site_unknown()
    return _Seeing(session, machine, sighting).seen()


class _Seeing:
    """One sighting, while its site is held. A visit bears the id of its stay."""

    def __init__(self, session: Session, machine: Machine, sighting: Sighting) -> None:
        self._session = session
        self._machine = machine
        self._sighting = sighting
        self._is_there = is_open(sighting.at, machine.rules.pause)
        self._gone: list[str] = []

    def seen(self) -> Seen:
        person = self._person()
        own = self._own()
        is_same_track = own is not None and self._is_of(own, person)
        stay = own if is_same_track else self._there(person, own)
        if person is None and stay is not None:
            person = self._whose(stay)
        is_new = stay is None
        if stay is None and person is None and self._machine.rules.knows_returning:
            person = self._new_guest()
        if own is not None and not is_same_track:
            stay, is_new = self._correct(own, stay)
        elif stay is not None and not is_same_track:
            stay.tracks += 1
        if stay is None:
            stay = self._begin(person)
        elif stay.kind == FaceKind.STAFF and _kind_of(person) is not FaceKind.STAFF:
            stay = self._under_another_id(stay)
        self._make_theirs(stay, person, is_same_track=is_same_track)
        stay.last_seen_at = max(stay.last_seen_at, self._sighting.at)
        self._session.flush()
        return self._told(stay, person, is_new=is_new)

    # -- who it is ------------------------------------------------------------------------------------

    def _person(self) -> PersonRow | None:
        """Whom the sighting names; nobody where they were forgotten since, or guests are not to be known."""
        named = self._sighting.person_id
        if named is None:
            return None
        kept = root_of(self._session, self._machine.tenant_id, named)
        person = self._session.scalar(select(PersonRow).where(PersonRow.person_id == kept))
        if person is not None and _is_guest(person) and not self._machine.rules.knows_returning:
            return None
        return person

    def _own(self) -> StayRow | None:
        """The stay that an earlier sighting of the same track came to."""
        its = (StayRow.stay_id == self._sighting.stay_id, StayRow.site_id == self._sighting.site_id)
        return self._session.scalar(select(StayRow).where(*its, self._is_there))

    def _is_of(self, stay: StayRow, person: PersonRow | None) -> bool:
        """A track that does not recognise somebody whom another one did contradicts nothing; one that is
        alone with its stay takes back what it said."""
        if person is not None:
            return stay.person_id == person.person_id
        if stay.kind == FaceKind.VISITOR or stay.tracks > 1:
            return True
        there = self._whose(stay)
        return there is not None and _is_guest(there)

    def _whose(self, stay: StayRow) -> PersonRow | None:
        theirs = select(PersonRow).where(PersonRow.person_id == stay.person_id)
        return self._session.scalar(theirs) if stay.person_id is not None else None

    def _there(self, person: PersonRow | None, own: StayRow | None) -> StayRow | None:
        """The stay that they are in already. Somebody who agreed to be known may have been a stranger in it
        so far: they were enrolled meanwhile, or no camera has recognised them before this one."""
        if person is not None:
            theirs = stay_of(self._session, self._sighting.site_id, person.person_id, self._is_there)
            if theirs is not None or own is not None or _is_guest(person):
                return theirs
        return self._alike(own)

    def _alike(self, own: StayRow | None) -> StayRow | None:
        """The stay of a stranger with this face."""
        embedding = self._sighting.embedding
        there = strangers(self._session, self._sighting.site_id, embedding.contract_id, self._is_there)
        others = [(stay, vector) for stay, vector in there if stay is not own]
        if not others:
            return None
        likeness = np.stack([vector for _, vector in others]) @ embedding.vector
        best = int(likeness.argmax())
        if likeness[best] < self._machine.rules.same_from(self._machine.thresholds(len(others))):
            return None
        return others[best][0]

    def _new_guest(self) -> PersonRow:
        told = self._sighting
        return add_guest(self._session, self._machine.tenant_id, told.embedding, told.gender, told.at)

    # -- what becomes of it ---------------------------------------------------------------------------

    def _correct(self, own: StayRow, there: StayRow | None) -> tuple[StayRow | None, bool]:
        """The track's earlier stay was somebody else's. One in which others saw that somebody, too, stays
        theirs; else it never was. The stay to go on with, if there is one, and whether it is a new one."""
        if own.kind != FaceKind.VISITOR and own.tracks > 1:
            own.tracks -= 1
        elif there is None:
            return own, False
        else:
            self._drop(own)
        if there is not None:
            there.tracks += 1
        return there, there is None

    def _drop(self, stay: StayRow) -> None:
        visit = self._visit(stay)
        self._session.delete(stay)
        self._session.flush()
        if visit is not None:
            self._void(visit)
            remove_unvisited_guest(self._session, self._machine.tenant_id, stay.person_id)

    def _begin(self, person: PersonRow | None) -> StayRow:
        stay = StayRow(
            stay_id=uuid4().hex,
            site_id=self._sighting.site_id,
            stream_id=self._sighting.stream_id,
            kind=_kind_of(person).value,
            person_id=person.person_id if person else None,
            began_at=self._sighting.at,
            last_seen_at=self._sighting.at,
            tracks=1,
        )
        self._session.add(stay)
        return stay

    def _under_another_id(self, stay: StayRow) -> StayRow:
        """Whoever was taken for staff may have had a visit that was void, and stays so: the one that they
        have after all bears another id."""
        values = {column.key: getattr(stay, column.key) for column in table_of(StayRow).columns}
        self._session.delete(stay)
        self._session.flush()
        anew = StayRow(**{**values, "stay_id": uuid4().hex})
        self._session.add(anew)
        return anew

    def _make_theirs(self, stay: StayRow, person: PersonRow | None, *, is_same_track: bool) -> None:
        """The stay is theirs, and so is its visit; that of staff is none."""
        before, kind = stay.person_id, _kind_of(person)
        stay.kind, stay.person_id = kind.value, person.person_id if person else None
        if kind is FaceKind.VISITOR:
            add_view(stay, self._sighting.embedding, is_same_track=is_same_track)
        else:
            stay.embedding = stay.contract_id = None
        visit = self._visit(stay)
        if kind is FaceKind.STAFF:
            if visit is not None:
                self._void(visit)
        elif visit is None or visit.person_id != stay.person_id:
            self._give(visit or self._new_visit(stay), person)
        else:
            self._see_gender(visit)
        if before != stay.person_id:
            remove_unvisited_guest(self._session, self._machine.tenant_id, before)

    # -- the visit ------------------------------------------------------------------------------------

    def _visit(self, stay: StayRow) -> VisitRow | None:
        return self._session.scalar(select(VisitRow).where(VisitRow.visit_id == stay.stay_id))

    def _new_visit(self, stay: StayRow) -> VisitRow:
        visit = VisitRow(
            visit_id=stay.stay_id,
            kiosk_id=self._machine.kiosk_id,
            site_id=stay.site_id,
            stream_id=stay.stream_id,
            gender=self._sighting.gender.value,
            began_at=stay.began_at,
            revision=0,
        )
        self._session.add(visit)
        return visit

    def _give(self, visit: VisitRow, person: PersonRow | None) -> None:
        """What was kept of whoever it was before goes: a picture that shows somebody under another name."""
        if visit.picture_key is not None:
            self._gone.append(visit.picture_key)
            visit.picture_key = None
            its = delete(VisitFaceRow).where(VisitFaceRow.visit_id == visit.visit_id)
            self._session.execute(its)
        give_visit(self._session, visit, person, self._sighting.gender)
        tell_visit(self._session, visit, self._sighting.at)

    def _see_gender(self, visit: VisitRow) -> None:
        """One that was not known so far is, once somebody could tell."""
        gender = self._sighting.gender.value
        if visit.gender == Gender.UNKNOWN.value != gender:
            visit.gender = gender
            tell_visit(self._session, visit, self._sighting.at)

    def _void(self, visit: VisitRow) -> None:
        key = void_visit(self._session, visit, self._sighting.at)
        if key is not None:
            self._gone.append(key)

    def _told(self, stay: StayRow, person: PersonRow | None, *, is_new: bool) -> Seen:
        kind = FaceKind(stay.kind)
        visit = self._visit(stay) if kind is FaceKind.KNOWN else None
        name = person.name if person else ""
        number = visit.number if visit else None
        has_agreed = person is not None and person.kind == PersonKind.CUSTOMER
        may_have = has_agreed and self._machine.rules.keeps_pictures and self._sighting.picture is not None
        lacks = visit.visit_id if may_have and visit and visit.picture_key is None else None
        told = Stay(stay.stay_id, kind, stay.person_id, name, number, is_new)
        return Seen(told, lacks, tuple(self._gone))


def _is_guest(person: PersonRow) -> bool:
    return person.kind == PersonKind.GUEST


def _kind_of(person: PersonRow | None) -> FaceKind:
    if person is None:
        return FaceKind.VISITOR
    return FaceKind.STAFF if person.kind == PersonKind.STAFF else FaceKind.KNOWN
