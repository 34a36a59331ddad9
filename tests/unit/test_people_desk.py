"""The desk for people: pictures are taken, agreed to and saved, or gone; what went wrong is told."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from kiosk.camera.types import Frame, Pixels
from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode
from kiosk.events import Event, EventBus
from kiosk.gallery.types import Thresholds
from kiosk.vision.types import Detection, Embedding
from kiosk.visits.people_desk import CAPTURE_S, DROPPED_AFTER_S, PeopleDesk
from kiosk.visits.told import EnrolmentChanged, PeopleListed, PersonSaved, PersonShown, StoreNotice
from kiosk.visits.types import PersonDraft, PersonKind
from tests.fake_people import FakePeople
from tests.fake_visit_book import FakeVisitBook
from tests.painted_faces import PaintedEngine, scene

MALEE, NOK = 1, 2
STAFF = PersonKind.STAFF
CUSTOMER = PersonKind.CUSTOMER
DRAFT = PersonDraft(CUSTOMER, "Malee")
OUT_OF_TIME = 10_000


def portrait(person: int, width: int = 120) -> Pixels:
    return scene((320, 180, width, person))


class NoisyEngine(PaintedEngine):
    """No two pictures give quite the same face, unless the camera gives the same picture twice."""

    noise = 1
    is_same_picture = False

    def embed(self, pixels: Pixels, detections: Sequence[Detection]) -> list[Embedding]:
        self.noise += not self.is_same_picture
        made = []
        for face in super().embed(pixels, detections):
            vector = face.vector.copy()
            vector[100 + self.noise] = 0.1
            made.append(Embedding(vector / np.float32(np.linalg.norm(vector)), face.contract_id))
        return made


@dataclass
class Desk:
    """The desk with a camera "door" that shows `scenes`, one after the other, the last one again."""

    clock: ManualClock = field(default_factory=ManualClock)
    scenes: list[Pixels] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    notices: list[StoreNotice] = field(default_factory=list)
    jobs: list[Callable[[], None]] = field(default_factory=list)
    age_s: float = 0.0
    while_looking: Callable[[], None] = lambda: None
    """Called whenever the desk asks for a picture."""
    looked: int = 0

    def __post_init__(self) -> None:
        self.people = FakePeople(self.clock)
        self.engine = NoisyEngine()
        bus = EventBus()
        for kind in (EnrolmentChanged, PeopleListed, PersonSaved, PersonShown):
            bus.subscribe(kind, self.events.append)
        self.desk = PeopleDesk(
            self.people,
            FakeVisitBook(),
            self.engine,
            lambda _: Thresholds(match=0.45, maybe=0.35, kin=0.47),
            self._frame,
            self.jobs.append,
            bus,
            self.notices.append,
            "7",
            self.clock,
        )

    def _frame(self, stream_id: str) -> Frame | None:
        self.clock.advance(0.1)
        self.while_looking()
        if stream_id != "door" or not self.scenes:
            return None
        self.looked += 1
        pixels = self.scenes.pop(0) if len(self.scenes) > 1 else self.scenes[0]
        return Frame(self.looked, self.clock.monotonic_s() - self.age_s, pixels)

    def run(self) -> None:
        """Does what waits."""
        while self.jobs:
            self.jobs.pop(0)()

    def shoot(self, *pixels: Pixels) -> EnrolmentChanged:
        """One picture of what the camera shows."""
        self.scenes = list(pixels)
        self.desk.capture("door")
        self.run()
        return self.enrolment

    @property
    def enrolment(self) -> EnrolmentChanged:
        return [event for event in self.events if isinstance(event, EnrolmentChanged)][-1]

    def begin(self, kind: PersonKind = CUSTOMER, person_id: str = "") -> None:
        self.desk.begin(kind, person_id)
        self.run()

    def only(self, kind: type[Any]) -> Any:
        (event,) = [event for event in self.events if isinstance(event, kind)]
        return event

    @property
    def refused(self) -> list[str]:
        return [notice.code for notice in self.notices]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_somebody_is_enrolled_with_pictures_of_the_camera_and_what_they_agreed_to(desk: Desk) -> None:
    desk.begin(STAFF)
    assert desk.enrolment == EnrolmentChanged((), 2)
    first = desk.shoot(portrait(MALEE))
    second = desk.shoot(portrait(MALEE, 110))
    assert (len(first.shots), len(second.shots), second.needed, second.reason) == (1, 2, 2, "")
    shown = desk.desk.shot(second.shots[1])
    assert shown is not None
    assert min(shown.shape[:2]) >= 110
    desk.desk.save(PersonDraft(STAFF, "Malee"), has_agreed=True)
    desk.run()
    saved = desk.only(PersonSaved)
    person = desk.people.person(saved.person_id)
    assert (saved.what, person.name, person.kind, len(person.faces)) == ("enrolled", "Malee", STAFF, 2)
    assert (person.consent_version, person.consented_at <= desk.clock.now()) == ("7", True)
    assert desk.desk.shot(second.shots[0]) is None
    assert desk.notices == []


def test_nobody_is_saved_who_has_not_agreed_and_their_pictures_stay_until_they_do(desk: Desk) -> None:
    desk.begin()
    desk.shoot(portrait(MALEE))
    desk.desk.save(DRAFT, has_agreed=False)
    desk.run()
    assert desk.refused == [ErrorCode.CONSENT_MISSING]
    assert desk.people.find() == []
    desk.desk.save(DRAFT, has_agreed=True)
    desk.run()
    assert len(desk.people.find()) == 1


def test_the_best_of_several_pictures_is_taken(desk: Desk) -> None:
    desk.begin()
    desk.shoot(portrait(MALEE, 64), portrait(MALEE, 130), portrait(MALEE, 80), portrait(MALEE, 70))
    picture = desk.desk.shot(desk.enrolment.shots[0])
    assert picture is not None
    assert picture.shape[1] > 190
    assert desk.looked <= 5


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (scene(), "no_face"),
        (scene((200, 180, 100, MALEE), (450, 180, 100, NOK)), "several_faces"),
        (portrait(MALEE, 40), "too_small"),
    ],
)
def test_a_picture_that_is_of_no_use_says_why(desk: Desk, pixels: Pixels, reason: str) -> None:
    desk.begin()
    assert desk.shoot(pixels) == EnrolmentChanged((), 1, reason)
    assert len(desk.shoot(portrait(MALEE)).shots) == 1


def test_a_face_far_behind_keeps_nobody_from_being_enrolled(desk: Desk) -> None:
    desk.begin()
    assert len(desk.shoot(scene((200, 180, 140, MALEE), (500, 180, 60, NOK))).shots) == 1


def test_a_picture_of_somebody_else_is_refused_and_those_before_stay(desk: Desk) -> None:
    desk.begin()
    one = desk.shoot(portrait(MALEE))
    other = desk.shoot(portrait(NOK))
    assert (other.shots, other.reason) == (one.shots, "other_person")
    desk.desk.drop_shot(one.shots[0])
    desk.run()
    assert desk.enrolment == EnrolmentChanged((), 1)
    assert desk.shoot(portrait(NOK)).reason == ""


def test_one_picture_is_not_taken_twice(desk: Desk) -> None:
    desk.engine.is_same_picture = True
    desk.begin(STAFF)
    one = desk.shoot(portrait(MALEE))
    again = desk.shoot(portrait(MALEE))
    assert (again.shots, again.reason) == (one.shots, "same_picture")
    desk.engine.is_same_picture = False
    assert len(desk.shoot(portrait(MALEE)).shots) == 2


def test_whoever_is_known_already_is_told_and_may_be_saved_all_the_same(desk: Desk) -> None:
    desk.begin()
    desk.shoot(portrait(MALEE))
    desk.desk.save(DRAFT, has_agreed=True)
    desk.run()
    (malee,) = desk.people.find()
    desk.begin()
    assert desk.shoot(portrait(MALEE)).known == malee
    desk.desk.save(PersonDraft(CUSTOMER, "Mali"), has_agreed=True)
    desk.run()
    assert len(desk.people.find()) == 2


def test_a_guest_who_agrees_is_whoever_is_saved(desk: Desk) -> None:
    desk.begin()
    desk.scenes = [portrait(MALEE)]
    guest = desk.people.add_guest(desk.engine.embed(desk.scenes[0], desk.engine.detect(desk.scenes[0]))[0])
    known = desk.shoot(portrait(MALEE)).known
    assert known is not None
    assert known.person_id == guest
    desk.desk.save(DRAFT, has_agreed=True)
    desk.run()
    assert desk.people.find(kind=PersonKind.GUEST) == []
    assert desk.people.person(guest).person_id == desk.only(PersonSaved).person_id


def test_more_pictures_must_be_of_whom_they_are_taken_for(desk: Desk) -> None:
    desk.begin()
    desk.shoot(portrait(MALEE))
    desk.desk.save(DRAFT, has_agreed=True)
    desk.run()
    (malee,) = desk.people.find()
    desk.begin(CUSTOMER, malee.person_id)
    assert desk.enrolment == EnrolmentChanged((), 1)
    assert desk.shoot(portrait(NOK)).reason == "other_person"
    taken = desk.shoot(portrait(MALEE, 100))
    assert (len(taken.shots), taken.known) == (1, None)
    desk.desk.save_faces()
    desk.run()
    assert len(desk.people.person(malee.person_id).faces) == 2
    assert isinstance(desk.events[-1], PersonSaved)
    assert desk.events[-1].what == "changed"


def test_a_camera_that_is_lost_or_shows_its_last_picture_is_told_within_the_moment(desk: Desk) -> None:
    desk.begin()
    desk.desk.capture("nowhere")
    desk.run()
    desk.age_s = 5.0
    began_s = desk.clock.monotonic_s()
    desk.shoot(portrait(MALEE))
    assert desk.refused == [ErrorCode.CAMERA_LOST] * 2
    assert desk.enrolment.shots == ()
    assert desk.clock.monotonic_s() - began_s < CAPTURE_S + 0.5


@pytest.mark.parametrize("how", ["cancel", "stop", "tick", "begin", "saved"])
def test_pictures_are_gone_from_memory_once_nobody_goes_on(desk: Desk, how: str) -> None:
    desk.begin()
    shot = desk.shoot(portrait(MALEE)).shots[0]
    desk.scenes = []
    picture = desk.desk.shot(shot)
    assert picture is not None
    held = weakref.ref(picture)
    del picture
    if how == "tick":
        desk.desk.tick()
        assert desk.desk.shot(shot) is not None
        desk.clock.advance(DROPPED_AFTER_S)
        desk.desk.tick()
        assert desk.enrolment == EnrolmentChanged((), 1)
    elif how == "begin":
        desk.desk.begin(STAFF)
    elif how == "saved":
        desk.desk.save(DRAFT, has_agreed=True)
        desk.run()
    else:
        getattr(desk.desk, how)()
    assert desk.desk.shot(shot) is None
    gc.collect()
    assert held() is None
    desk.run()
    desk.desk.tick()


def test_what_goes_on_is_not_dropped_and_what_was_dropped_is_told(desk: Desk) -> None:
    desk.begin()
    for _ in range(3):
        desk.clock.advance(DROPPED_AFTER_S - 60)
        desk.shoot(portrait(MALEE))
        desk.desk.tick()
    assert len(desk.enrolment.shots) == 3
    desk.desk.cancel()
    desk.desk.capture("door")
    desk.desk.save(DRAFT, has_agreed=True)
    desk.run()
    assert desk.refused == [ErrorCode.FACE_UNUSABLE] * 2
    assert desk.people.find() == []


def test_cancelled_while_the_camera_is_looked_at_nothing_is_taken(desk: Desk) -> None:
    desk.begin()
    told = len(desk.events)
    desk.while_looking = desk.desk.cancel
    desk.shoot(portrait(MALEE))
    assert desk.events[told:] == []
    assert desk.notices == []


def test_begun_and_cancelled_before_it_was_done_nothing_goes_on(desk: Desk) -> None:
    desk.desk.begin(CUSTOMER)
    desk.desk.cancel()
    desk.run()
    desk.desk.capture("door")
    desk.run()
    assert desk.refused == [ErrorCode.FACE_UNUSABLE]


def test_people_are_listed_shown_changed_merged_split_and_forgotten(desk: Desk) -> None:
    for person in (MALEE, NOK):
        desk.begin()
        desk.shoot(portrait(person))
        desk.shoot(portrait(person, 110))
        desk.desk.save(PersonDraft(CUSTOMER, f"Somebody {person}"), has_agreed=True)
        desk.run()
    one, other = (person.person_id for person in desk.people.find())
    desk.events.clear()
    desk.desk.find("Somebody")
    desk.desk.show(one)
    desk.desk.change(one, PersonDraft(CUSTOMER, "Malee"))
    desk.desk.remove_face(one, 1)
    desk.desk.merge(one, other)
    desk.run()
    assert len(desk.only(PeopleListed).people) == 2
    assert desk.only(PersonShown).person.person_id == one
    saved = [(event.person_id, event.what) for event in desk.events if isinstance(event, PersonSaved)]
    assert saved == [(one, "changed"), (one, "changed"), (one, "merged")]
    desk.events.clear()
    desk.desk.split(one, [2], [], PersonDraft(CUSTOMER, "Nok"), has_agreed=False)
    desk.desk.split(one, [2], [], PersonDraft(CUSTOMER, "Nok"), has_agreed=True)
    desk.desk.forget(one)
    desk.run()
    assert desk.refused == [ErrorCode.CONSENT_MISSING]
    assert [event.what for event in desk.events if isinstance(event, PersonSaved)] == ["split", "forgotten"]
    assert [person.name for person in desk.people.find()] == ["Nok"]
    assert desk.people.forgotten == [one]


@pytest.mark.parametrize(
    ("draft", "key"),
    [
        (PersonDraft(CUSTOMER, ""), "store.people.refused.name"),
        (PersonDraft(CUSTOMER, "Malee", phone="x"), "store.people.refused.phone"),
        (PersonDraft(STAFF, "Malee"), "store.people.refused.photos"),
    ],
)
def test_what_is_refused_has_a_sentence_of_its_own_and_keeps_the_pictures(
    desk: Desk, draft: PersonDraft, key: str
) -> None:
    desk.begin()
    shots = desk.shoot(portrait(MALEE)).shots
    desk.desk.save(draft, has_agreed=True)
    desk.desk.show("nobody")
    desk.run()
    assert [notice.key for notice in desk.notices] == [key, "store.people.refused.unknown"]
    assert desk.desk.shot(shots[0]) is not None
