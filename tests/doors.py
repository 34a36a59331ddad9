"""A camera at a door: who is enrolled, what is looked at, what comes of it.

A door runs in its own time: ten looks a second, however long a look takes here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from kiosk.camera.types import Frame, Pixels
from kiosk.clock import ManualClock
from kiosk.events import EventBus
from kiosk.gallery.calibration import Wishes, certainty_of
from kiosk.gallery.calibration_file import shipped_calibration
from kiosk.gallery.types import Thresholds
from kiosk.paths import models_folder
from kiosk.streams.counting import Counting
from kiosk.streams.known_people import KnownPeople
from kiosk.streams.recogniser import Recogniser
from kiosk.streams.types import Look
from kiosk.vision.gender import GenderReader
from kiosk.vision.quality import DOOR_RULES, assess
from kiosk.vision.types import Detection, Embedding, FaceEngine
from kiosk.visits.ports import KnownFaces, VisitQuery
from kiosk.visits.types import Gender, Line, PersonKind, Stream, Visit
from tests.door_pictures import LOOKS_PER_S
from tests.fake_visit_book import FakePerson, FakeVisitBook

SITE = "site"


def stream(line: Line | None = None) -> Stream:
    return Stream("door", SITE, "kiosk", "Door", "clip", "", True, True, line, ManualClock().now())


class WatchedEngine:
    """An engine that notes what was asked of it, and what that took of a core."""

    def __init__(self, engine: FaceEngine) -> None:
        self._engine = engine
        self.contract_id = engine.contract_id
        self.detecting_s: list[float] = []
        self.embedding_s: list[float] = []
        self.found: list[int] = []
        self.embedded = 0

    def warm_up(self) -> None:
        self._engine.warm_up()

    def detect(self, pixels: Pixels) -> list[Detection]:
        began_s = time.thread_time()
        found = self._engine.detect(pixels)
        self.detecting_s.append(time.thread_time() - began_s)
        self.found.append(len(found))
        return found

    def embed(self, pixels: Pixels, detections: Sequence[Detection]) -> list[Embedding]:
        began_s = time.thread_time()
        found = self._engine.embed(pixels, detections)
        self.embedding_s.append(time.thread_time() - began_s)
        self.embedded += len(found)
        return found


class Enrolled:
    """Those who are known: a few faces each."""

    def __init__(self, contract_id: str) -> None:
        self._contract_id = contract_id
        self._faces: list[tuple[str, PersonKind, Embedding]] = []
        self._changes = 0

    def add(self, name: str, faces: Iterable[Embedding], kind: PersonKind = PersonKind.CUSTOMER) -> Enrolled:
        self._faces += [(name, kind, face) for face in faces]
        self._changes += 1
        return self

    def remove(self, name: str) -> None:
        self._faces = [one for one in self._faces if one[0] != name]
        self._changes += 1

    def copy(self) -> Enrolled:
        other = Enrolled(self._contract_id)
        other._faces = list(self._faces)
        return other

    def names(self) -> set[str]:
        return {name for name, _, _ in self._faces}

    def kinds(self) -> dict[str, PersonKind]:
        return {name: kind for name, kind, _ in self._faces}

    def revision(self) -> str:
        return str(self._changes)

    def known_faces(self, contract_id: str) -> KnownFaces:
        vectors = [face.vector for _, _, face in self._faces]
        return KnownFaces(
            contract_id,
            self.revision(),
            np.stack(vectors) if vectors else np.zeros((0, 512), np.float32),
            tuple(name for name, _, _ in self._faces),
            tuple(kind for _, kind, _ in self._faces),
            tuple(name for name, _, _ in self._faces),
            tuple(Gender.UNKNOWN for _ in self._faces),
        )


class Door:
    """A camera with a recogniser behind it, and a book in memory that is written after each look."""

    def __init__(
        self,
        engine: FaceEngine,
        enrolled: Enrolled,
        *,
        line: Line | None = None,
        gender: GenderReader | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.book = FakeVisitBook()
        for name, kind in enrolled.kinds().items():
            self.book.know(FakePerson(name, kind, name))
        self.counting = Counting(self.book, EventBus(), self.clock)
        self.known = KnownPeople(enrolled, engine.contract_id, calibrated(engine.contract_id))
        self.known.refresh()
        self.engine = WatchedEngine(engine)
        self.recogniser = Recogniser(stream(line), self.engine, self.known, self.counting, self.clock, gender)
        self.looks: list[Look] = []
        self._embedded: list[int] = []
        self.looking_s: list[float] = []

    def look(self, pixels: Pixels) -> Look:
        """One look, a tenth of a second after the one before."""
        self.clock.advance(1 / LOOKS_PER_S)
        frame = Frame(len(self.looks) + 1, self.clock.monotonic_s(), pixels)
        before, began_s = self.engine.embedded, time.thread_time()
        look = self.recogniser.look(frame)
        self.looking_s.append(time.thread_time() - began_s)
        self._embedded.append(self.engine.embedded - before)
        self.counting.lines("door", look.came_in, look.went_out)
        self.counting.write()
        self.looks.append(look)
        return look

    def play(self, pictures: Iterable[Pixels]) -> Door:
        for pixels in pictures:
            self.look(pixels)
        return self

    def empty(self, pixels: Pixels, seconds: float = 3.0) -> Door:
        """Nobody is there: those who were have gone."""
        return self.play([np.zeros_like(pixels)] * round(seconds * LOOKS_PER_S))

    def names(self) -> set[str]:
        """All that were ever shown."""
        return {face.name for look in self.looks for face in look.faces if face.name}

    def visits(self) -> list[Visit]:
        now = self.clock.now()
        return self.book.visits(VisitQuery(ManualClock().now(), now, limit=1000))

    def is_named_once(self) -> bool:
        """A name, once it is there, stays as long as there is a face: it does not flicker."""
        named = [any(face.name for face in look.faces) for look in self.looks if look.faces]
        return True in named and all(named[named.index(True) :])

    def embedded_by_look(self) -> list[int]:
        """How many faces each look had embedded."""
        return self._embedded

    def looks_until_named(self) -> int | None:
        """From the first look in which the detector found a face to the first with a name, both counted."""
        first = next((place for place, found in enumerate(self.engine.found) if found), None)
        named = (place for place, look in enumerate(self.looks) if any(face.name for face in look.faces))
        at = next(named, None)
        return None if first is None or at is None else at - first + 1


def calibrated(contract_id: str) -> Callable[[int], Thresholds]:
    """The thresholds that come with the weights, by the number of faces."""
    calibration = shipped_calibration(models_folder(), contract_id)
    return lambda faces: certainty_of(calibration, Wishes(), faces).thresholds


def best_faces(engine: FaceEngine, pictures: Sequence[Pixels], count: int = 3) -> list[Embedding]:
    """The best faces of pictures of one person, a while after each other, as somebody would enrol them."""
    found: list[Embedding] = []
    for part in np.array_split(np.arange(len(pictures)), count):
        faces = []
        for pixels in (pictures[place] for place in part):
            for detection in engine.detect(pixels)[:1]:
                faces.append((assess(pixels, detection, (), DOOR_RULES).score, len(faces), pixels, detection))
        if faces:
            _, _, pixels, detection = max(faces)
            found += engine.embed(pixels, [detection])
    return found
