"""A visit without workers, camera or screen: the real journey over in-memory peers, jobs run when told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from kiosk.capture.types import Shot, ShotTaken
from kiosk.checkout.checkout import Checkout
from kiosk.clock import ManualClock
from kiosk.errors import KnownError
from kiosk.events import EventBus
from kiosk.gallery.decision import decide
from kiosk.gallery.types import Candidate, Certainty, FaceKey, GroupRule, PhotoMatch, Thresholds
from kiosk.photos.shirt_numbers import one_digit_wrong, same_number
from kiosk.photos.types import NumberHits, Photo, PhotoFilter
from kiosk.sales.orders import make_code
from kiosk.sales.types import Voucher
from kiosk.session.buying import Buying
from kiosk.session.corrections import Corrections
from kiosk.session.faces import Faces
from kiosk.session.finding import Finding
from kiosk.session.journey import Journey
from kiosk.session.results import passes_filter
from kiosk.session.searching import Searching
from kiosk.session.session import Session
from kiosk.session.states import Screen
from kiosk.session.together import Together
from kiosk.session.types import ConsentRecord, ShownLink
from kiosk.session.view import EventCard, SessionChanged, SessionView
from kiosk.settings import Settings
from kiosk.vision.types import Box, Embedding, ShirtNumber
from tests.fake_checkout_store import FakeCheckoutStore
from tests.fake_gateway import FakeGateway

EVENT_ID = "e" * 32
START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def photo(number: int, place: str = "", photographer: str = "") -> Photo:
    """A photo of the event, one minute after the one before."""
    return Photo(
        photo_id=f"{number:032x}",
        event_id=EVENT_ID,
        number=number,
        file_name=f"IMG_{number}.jpg",
        content_hash=f"{number:064x}",
        width=1200,
        height=800,
        taken_at=START + timedelta(minutes=number),
        imported_at=START,
        place=place,
        photographer=photographer,
    )


def match(number: int, similarity: float = 0.6, ordinal: int = 0) -> PhotoMatch:
    """A hit on a face of photo `number`; sure from 0.45."""
    certainty = Certainty.MATCH if similarity >= 0.45 else Certainty.MAYBE
    return PhotoMatch(f"{number:032x}", (FaceKey(f"{number:032x}", ordinal),), similarity, certainty)


def shot(person: int = 0) -> Shot:
    """A picture of a visitor; each person has an axis of their own."""
    vector = np.zeros(512, np.float32)
    vector[person] = 1
    still = np.zeros((120, 160, 3), np.uint8)
    return Shot(still, Box(40, 20, 90, 90), Embedding(vector, "contract"), 0.9, 1.0)


class Jobs:
    """A worker that works when told: `run` does what was submitted, also what that submits."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def submit(self, job: Callable[[], None]) -> None:
        self.waiting.append(job)

    def run(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


class Records:
    """Consents, feedback, vouchers and links in memory."""

    def __init__(self) -> None:
        self.consents: dict[str, ConsentRecord] = {}
        self.not_me: list[tuple[str, int]] = []
        self.voucher_list: dict[str, Voucher] = {}
        self.open_order: tuple[str, datetime] | None = None
        self.failure: KnownError | None = None

    def add_consent(self, consent: ConsentRecord) -> None:
        if self.failure is not None:
            raise self.failure
        self.consents[consent.consent_id] = consent

    def set_withdrawn(self, consent_id: str, at: datetime) -> None:
        self.consents[consent_id] = replace(self.consents[consent_id], withdrawn_at=at)

    def set_face_deleted(self, consent_id: str, at: datetime) -> None:
        self.consents[consent_id] = replace(self.consents[consent_id], face_deleted_at=at)

    def add_not_me(self, event_id: str, photo_id: str, ordinal: int, at: datetime) -> None:
        self.not_me.append((photo_id, ordinal))

    def take_back_not_me(self, event_id: str, photo_id: str, ordinal: int, at: datetime) -> None:
        self.not_me.remove((photo_id, ordinal))

    def remember(self, order_id: str, at: datetime) -> None:
        self.open_order = (order_id, at)

    def forget(self) -> None:
        self.open_order = None

    def remembered(self) -> tuple[str, datetime] | None:
        return self.open_order

    def voucher(self, code: str) -> Voucher | None:
        return self.voucher_list.get(code)

    def link_of(self, order_id: str) -> ShownLink:
        until = START + timedelta(days=30)
        return ShownLink(f"http://kiosk/d/{order_id}", f"http://kiosk/r/{order_id}", until, 10, 0)


class Live:
    """A camera that is on or off."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.is_on = False
        self.consents_when_opened: list[int] = []

    def start(self) -> None:
        self.consents_when_opened.append(len(self._visit.records.consents))
        self.is_on = True

    def stop(self) -> None:
        self.is_on = False

    def begin_shot(self) -> None: ...

    def take_now(self) -> None:
        self._visit.take_picture()


class Search:
    """Finds the first visitor's matches, and `of` others theirs; a photo that is whose `kind` is theirs too.

    The real decision groups the faces: `kiosk.gallery.decision.decide`.
    """

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.failure: KnownError | None = None
        self.of: dict[int, list[PhotoMatch]] = {}
        self.kind: frozenset[str] = frozenset()

    def find(
        self,
        event_id: str,
        probes: Sequence[Embedding],
        rule: GroupRule = GroupRule.ANY,
        rejected: Sequence[AbstractSet[FaceKey]] = (),
    ) -> list[PhotoMatch]:
        if self.failure is not None:
            raise self.failure
        assert probes, "the real search takes one to eight"
        strangers = rejected or [frozenset()] * len(probes)
        people = [
            [
                Candidate(face, hit.similarity)
                for hit in self._hits(probe)
                for face in hit.faces
                if face not in gone
            ]
            for probe, gone in zip(probes, strangers, strict=True)
        ]
        return decide(people, Thresholds(match=0.45, maybe=0.3, kin=0.47), rule)

    def kind_of(self, event_id: str, rejected: FaceKey, among: Sequence[PhotoMatch]) -> frozenset[str]:
        return self.kind & {hit.photo_id for hit in among}

    def is_same_person(self, event_id: str, one: Embedding, other: Embedding) -> bool:
        return one.similarity(other) > 0.45

    def _hits(self, probe: Embedding) -> list[PhotoMatch]:
        person = int(probe.vector.argmax())
        return self._visit.matches if person == 0 else self.of.get(person, [])


class ShirtNumbers:
    """The numbers worn in photos, in memory: `worn` by photo number."""

    def __init__(self) -> None:
        self.worn: dict[int, set[str]] = {}

    def add_numbers(self, photo_id: str, numbers: Sequence[ShirtNumber]) -> None:
        self.worn.setdefault(int(photo_id, 16), {number.digits for number in numbers})

    def numbers(self, photo_id: str) -> list[ShirtNumber]:
        return [ShirtNumber(digits, 0.9, Box(0, 0, 1, 1)) for digits in sorted(self.worn[int(photo_id, 16)])]

    def unread(self, event_id: str) -> list[str]:
        return []

    def find(self, event_id: str, digits: str) -> NumberHits:
        sure = {place for place, worn in self.worn.items() if worn & same_number(digits)}
        maybe = {place for place, worn in self.worn.items() if worn & one_digit_wrong(digits)} - sure
        return NumberHits(*(tuple(f"{place:032x}" for place in sorted(found)) for found in (sure, maybe)))


class Visit:
    """One kiosk in memory. `jobs` hold what workers would do; most helpers here run them at once."""

    def __init__(self, photos: Sequence[Photo] = (), matches: Sequence[PhotoMatch] = ()) -> None:
        self.clock = ManualClock(START)
        self.bus = EventBus()
        self.jobs = Jobs()
        self.records = Records()
        self.live = Live(self)
        self.photo_list = list(photos)
        self.matches = list(matches)
        self.search = Search(self)
        self.shirt_numbers = ShirtNumbers()
        self.pictures_forgotten = 0
        self.views: list[SessionView] = []
        self.gateway = FakeGateway(self.clock)
        settings = Settings()
        self.session = Session(settings, self.bus, self.clock)
        self.session.event = EventCard(EVENT_ID, "Run", "งานวิ่ง", len(self.photo_list), START, ())
        self.store = FakeCheckoutStore()
        self.checkout = Checkout(
            self.store, self.gateway, self.clock, self.bus, lambda: make_code("K1"), self.session.print_prices
        )
        submit = self.jobs.submit
        faces = Faces(self.session, self.records, submit)
        searching = Searching(self.session, self.search, self, faces, submit)
        self.journey = Journey(self.session, self.records, faces, submit, self._forget_pictures)
        self.finding = Finding(self.session, self.live, searching, self, self.shirt_numbers, submit, submit)
        self.together = Together(self.session, faces, searching)
        self.corrections = Corrections(self.session, self.search, self.records, submit)
        self.buying = Buying(
            self.session,
            self.checkout,
            self.records,
            self.records,
            self.records,
            submit,
        )
        self.bus.subscribe(SessionChanged, lambda event: self.views.append(event.view))

    # -- what the journey asks ---------------------------------------------------------------------

    def _forget_pictures(self) -> None:
        self.pictures_forgotten += 1

    def photos_by_id(self, photo_ids: Sequence[str]) -> dict[str, Photo]:
        return {each.photo_id: each for each in self.photo_list if each.photo_id in photo_ids}

    def photos(self, event_id: str, photo_filter: PhotoFilter | None = None) -> list[Photo]:
        wanted = photo_filter or PhotoFilter()
        return [each for each in self.photo_list if passes_filter(each, wanted)]

    def photo_by_number(self, event_id: str, number: int) -> Photo | None:
        if number >= 2**63:
            raise OverflowError("more than a database holds")
        return next((each for each in self.photo_list if each.number == number), None)

    # -- what a visitor does -----------------------------------------------------------------------

    @property
    def view(self) -> SessionView:
        return self.session.view()

    @property
    def screen(self) -> Screen:
        return self.session.screen

    def agree(self) -> None:
        """Attract, consent, camera."""
        self.journey.begin()
        self.journey.agree()
        self.jobs.run()

    def take_picture(self, person: int = 0) -> None:
        """The camera takes the shot; the search is submitted."""
        self.bus.publish(ShotTaken(shot(person)))

    def add_friend(self, person: int) -> None:
        """From the results: another person agrees and looks into the camera."""
        self.together.add_friend()
        self.journey.agree()
        self.jobs.run()
        self.take_picture(person)
        self.jobs.run()

    def find(self) -> None:
        """The whole way to the results."""
        self.agree()
        self.take_picture()
        self.jobs.run()

    def go_to_payment(self, *numbers: int) -> None:
        """The whole way to the code to pay, with these photos."""
        self.find()
        for number in numbers:
            self.buying.choose(f"{number:032x}")
        self.buying.open_basket()
        self.buying.pay()
        self.jobs.run()

    def cut_the_power(self) -> None:
        """A new process on the same database: all that was in memory is gone, the visitor stands there."""
        self.session.welcome_next()
        self.session.screen = Screen.ATTRACT
        self.jobs.waiting.clear()

    def pay(self, amount_satang: int | None = None) -> None:
        """The visitor's bank pays; the kiosk hears of it at its next look."""
        payment = self.session.visitor.payment
        assert payment is not None
        assert payment.provider_reference is not None
        self.gateway.pay(payment.provider_reference, amount_satang)
        self.checkout.sweep()
        self.jobs.run()

    def wait(self, seconds: int) -> None:
        """Nobody touches; the clock worker ticks every second."""
        for _ in range(seconds):
            self.clock.advance(1)
            self.journey.tick()
            self.buying.tick()
            self.jobs.run()
