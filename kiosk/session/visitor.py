"""Everything that the kiosk knows of the visitors in front of it: one object, dropped whole at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from kiosk.capture.types import Shot
from kiosk.gallery.types import FaceKey, GroupRule, PhotoMatch
from kiosk.payments.types import Payment
from kiosk.photos.face_search import MOST_PEOPLE
from kiosk.photos.types import PhotoFilter
from kiosk.sales.types import Basket, Order
from kiosk.session.found import Found
from kiosk.session.types import ConsentRecord


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Somebody who agreed to be looked for, one consent each. `shot` is all there is of the face; `strangers`
    are the faces in photos that they said are not theirs."""

    consent: ConsentRecord
    shot: Shot | None = None
    strangers: frozenset[FaceKey] = frozenset()

    @property
    def person_id(self) -> str:
        return self.consent.consent_id

    def without_face(self) -> Person:
        """The same person, picture and numbers gone."""
        return replace(self, shot=None)


@dataclass(frozen=True, slots=True)
class Rejection:
    """That a photo shows somebody else, said while photos by `rule` were shown. `photo_ids` were taken out
    for it, itself among them, and `faces` are the stranger's in them."""

    photo_id: str
    rule: GroupRule
    faces: frozenset[FaceKey]
    photo_ids: frozenset[str]
    event_id: str
    said_at: datetime

    @property
    def said_of(self) -> tuple[FaceKey, ...]:
        """The faces in the photo itself: of the others it was concluded, not said."""
        return tuple(sorted(face for face in self.faces if face.photo_id == self.photo_id))


@dataclass(slots=True)
class Visitor:
    """The visit's state: one visitor, or several who search together.

    `people` are those whose photos are searched; `looking` is who agreed and is before the camera, and not
    yet, or once more, one of them. While `is_adding`, the people wait for that one and lose nothing.
    `last_consent` is the newest given, whatever became of it; `faces_deleted` are the persons whose face was
    here and is gone, the last since `face_deleted_at`. `keeps_until`: they agreed that face numbers are kept
    for new photos till then. Guarded by the session's lock.
    """

    people: tuple[Person, ...] = ()
    looking: Person | None = None
    is_adding: bool = False
    last_consent: ConsentRecord | None = None
    faces_deleted: frozenset[str] = frozenset()
    face_deleted_at: datetime | None = None
    found: Found = field(default_factory=Found)
    rule: GroupRule = GroupRule.ANY
    rejections: tuple[Rejection, ...] = ()
    confirmed: set[str] = field(default_factory=set)
    favourites: set[str] = field(default_factory=set)
    photo_filter: PhotoFilter = field(default_factory=PhotoFilter)
    favourites_only: bool = False
    lightbox_photo_id: str | None = None
    basket: Basket = field(default_factory=Basket)
    order: Order | None = None
    ordered_basket: Basket | None = None
    payment: Payment | None = None
    keeps_until: datetime | None = None

    @property
    def consent(self) -> ConsentRecord | None:
        """Of who is before the camera, else of who came first."""
        first = self.looking or next(iter(self.people), None)
        return first.consent if first else None

    @property
    def everyone(self) -> tuple[Person, ...]:
        """The people, and who is before the camera; somebody who looks again is in it twice."""
        return (*self.people, self.looking) if self.looking else self.people

    @property
    def has_face(self) -> bool:
        return any(person.shot is not None for person in self.everyone)

    @property
    def is_group(self) -> bool:
        return len(self.people) > 1

    @property
    def looks_again(self) -> bool:
        """Whether who is before the camera is one of the people already."""
        return self.looking is not None and self.looking.person_id in {one.person_id for one in self.people}

    @property
    def can_add(self) -> bool:
        """Whether a friend can join: all faces are still there to search with, and there is room."""
        return 0 < len(self.people) < MOST_PEOPLE and all(person.shot is not None for person in self.people)

    @property
    def searchers(self) -> tuple[Person, ...]:
        """Who is searched for now: the people, and who is before the camera once their picture is taken, at
        the end or at their old place."""
        rejected = frozenset(face for rejection in self.rejections for face in rejection.faces)
        people = [replace(person, strangers=person.strangers | rejected) for person in self.people]
        newcomer = self.looking
        if newcomer is not None and newcomer.shot is not None:
            places = [place for place, one in enumerate(people) if one.person_id == newcomer.person_id]
            if places:
                people[places[0]] = replace(people[places[0]], shot=newcomer.shot)
            else:
                people.append(newcomer)
        return tuple(people)

    @property
    def matches(self) -> Mapping[str, PhotoMatch]:
        """What the photos show of the people, by the rule that is chosen."""
        return self.found.together if self.rule is GroupRule.ALL else self.found.matches

    @property
    def hidden(self) -> frozenset[str]:
        """Photos that were taken out by "not me"; that somebody is missing in one hides it only where all
        are wanted."""
        counted = [one for one in self.rejections if one.rule in (GroupRule.ANY, self.rule)]
        return frozenset(photo_id for rejection in counted for photo_id in rejection.photo_ids)

    def begin_alone(self) -> None:
        """Who came first is before the camera again, nobody else; their face is to be taken anew."""
        first = self.looking or next(iter(self.searchers), None)
        self.people, self.looking = (), first.without_face() if first else None
        self.is_adding = False

    def stop_adding(self) -> None:
        """The people go on as they were."""
        self.looking, self.is_adding = None, False

    def join(self, people: tuple[Person, ...], found: Found) -> None:
        """These have been searched for and this was found."""
        self.people = people
        self.found = found
        self.rejections = ()
        self.photo_filter = PhotoFilter()
        self.favourites_only = False
        if len(people) < 2:
            self.rule = GroupRule.ANY

    def forget_search(self) -> None:
        """Drops what an earlier search found; the basket and favourites stay, and which faces are
        strangers'."""
        self.people = self.searchers if self.looking is None else self.people
        self.found = Found()
        self.rule = GroupRule.ANY
        self.rejections = ()
        self.confirmed = set()
        self.photo_filter = PhotoFilter()
        self.favourites_only = False
        self.lightbox_photo_id = None
