"""People are enrolled, changed, merged, split and forgotten: what staff do to people."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from kiosk.camera.types import Frame
from kiosk.clock import Clock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.vision.types import FaceEngine, Pixels
from kiosk.visits.enrolling_guests import enrol_somebody
from kiosk.visits.enrolment import Limits, Reading, known_already, objection, read_face
from kiosk.visits.person_rules import MOST_LISTED, consent_missing, needed_faces
from kiosk.visits.ports import People, VisitBook, VisitQuery
from kiosk.visits.told import (
    EnrolmentChanged,
    PeopleListed,
    PersonSaved,
    PersonShown,
    StoreNotice,
    notice_of,
)
from kiosk.visits.types import Agreement, NewFace, Person, PersonDraft, PersonKind

_log = structlog.get_logger(__name__)

DROPPED_AFTER_S = 600.0
"""So long after the last thing that was done to an enrolment its pictures are forgotten."""
CAPTURE_S = 1.5
_ENOUGH_GOOD = 4
"""So many good pictures are compared; the best of them is taken."""
_OLDEST_FRAME_S = 1.0
_LOOK_EVERY_S = 0.03
_MOST_VISITS = 100
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_SENTENCES = {
    ErrorCode.CONSENT_MISSING: "store.people.refused.consent",
    ErrorCode.PERSON_PHOTOS: "store.people.refused.photos",
    ErrorCode.PERSON_UNKNOWN: "store.people.refused.unknown",
    ErrorCode.MERGE_WITH_ITSELF: "store.people.refused.itself",
    ErrorCode.FACE_UNUSABLE: "store.people.refused.over",
    ErrorCode.CAMERA_LOST: "store.people.refused.camera",
}
_FIELDS = {
    "name": "store.people.refused.name",
    "birth_year": "store.people.refused.birth_year",
    "phone": "store.people.refused.phone",
    "email": "store.people.refused.email",
    "kind": "store.people.refused.kind",
}


@dataclass(slots=True, eq=False)
class _Enrolment:
    """Somebody before the camera. `person_id` is of whom they are known as, empty for somebody new."""

    kind: PersonKind
    person_id: str
    touched_s: float
    shots: dict[str, NewFace] = field(default_factory=dict)

    @property
    def needed(self) -> int:
        return 1 if self.person_id else needed_faces(self.kind)


class PeopleDesk:
    """Commands on people (`ui.store_facade.PeopleCommands`): each returns at once and is done by a job. The
    outcome is told on `bus`, what went wrong by `tell`.

    The pictures of an enrolment are in memory only: gone when it is saved or cancelled, when nothing was done
    to it for ten minutes, and at `stop`.
    """

    def __init__(
        self,
        people: People,
        book: VisitBook,
        engine: FaceEngine,
        thresholds: Limits,
        newest_frame: Callable[[str], Frame | None],
        submit: Callable[[Callable[[], None]], None],
        bus: EventBus,
        tell: Callable[[StoreNotice], None],
        consent_version: str,
        clock: Clock | None = None,
    ) -> None:
        """`newest_frame` of a stream is cheap. `submit` runs a job later, off the caller's thread; `tell` is
        called from there."""
        self._people = people
        self._book = book
        self._engine = engine
        self._thresholds = thresholds
        self._newest_frame = newest_frame
        self._submit = submit
        self._bus = bus
        self._tell = tell
        self._consent_version = consent_version
        self._clock = clock or SystemClock()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._enrolment: _Enrolment | None = None

    def shot(self, shot: str) -> Pixels | None:
        """A picture of the enrolment that is going on; any thread."""
        with self._lock:
            face = self._enrolment.shots.get(shot) if self._enrolment else None
        return face.picture if face else None

    def tick(self) -> None:
        """Called about once a second: drops an enrolment that nobody goes on with."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            going_on = self._enrolment
            if going_on is None or now_s - going_on.touched_s < DROPPED_AFTER_S:
                return
            self._enrolment = None
        self._bus.publish(EnrolmentChanged((), going_on.needed))

    def stop(self) -> None:
        """Forgets the pictures taken so far; for good."""
        self._over.set()
        self._drop()

    # -- looking ----------------------------------------------------------------------------------

    def find(self, text: str = "", kind: PersonKind | None = None) -> None:
        def find() -> None:
            found = self._people.find(text, kind, MOST_LISTED)
            self._bus.publish(PeopleListed(tuple(found), text))

        self._do(find)

    def show(self, person_id: str) -> None:
        def show() -> None:
            person = self._people.person(person_id)
            until = self._clock.now() + timedelta(days=1)
            query = VisitQuery(_LONG_AGO, until, person_id=person.person_id, limit=_MOST_VISITS)
            self._bus.publish(PersonShown(person, tuple(self._book.visits(query))))

        self._do(show)

    # -- enrolling --------------------------------------------------------------------------------

    def begin(self, kind: PersonKind, person_id: str = "") -> None:
        def begin() -> None:
            known = self._people.person(person_id).person_id if person_id else ""
            fresh = _Enrolment(kind, known, self._clock.monotonic_s())
            with self._lock:
                self._enrolment = None if self._over.is_set() else fresh
            self._changed(fresh)

        self._drop()
        self._do(begin)

    def capture(self, stream_id: str) -> None:
        self._do(lambda: self._capture(self._going_on(), stream_id))

    def drop_shot(self, shot: str) -> None:
        def drop() -> None:
            going_on = self._going_on()
            with self._lock:
                going_on.shots.pop(shot, None)
            self._changed(going_on)

        self._do(drop)

    def cancel(self) -> None:
        self._drop()
        self._submit(self._drop)  # also what was begun by a job that waits

    def save(self, draft: PersonDraft, *, has_agreed: bool) -> None:
        def save() -> None:
            if not has_agreed:
                raise consent_missing()
            going_on = self._going_on()
            with self._lock:
                faces = list(going_on.shots.values())
            person = enrol_somebody(
                self._people,
                draft,
                self._agreement(),
                faces,
                self._engine.contract_id,
                self._thresholds,
            )
            self._saved(person.person_id, "enrolled")

        self._do(save)

    def save_faces(self) -> None:
        def save() -> None:
            going_on = self._going_on()
            while going_on.shots:
                shot = next(iter(going_on.shots))
                self._people.add_face(going_on.person_id, going_on.shots[shot])
                with self._lock:
                    going_on.shots.pop(shot, None)  # what is saved is not saved again, whatever follows
            self._saved(going_on.person_id, "changed")

        self._do(save)

    # -- changing ---------------------------------------------------------------------------------

    def change(self, person_id: str, draft: PersonDraft) -> None:
        self._do(lambda: self._told(self._people.change(person_id, draft), "changed"))

    def remove_face(self, person_id: str, ordinal: int) -> None:
        self._do(lambda: self._told(self._people.remove_face(person_id, ordinal), "changed"))

    def merge(self, kept_id: str, gone_id: str) -> None:
        self._do(lambda: self._told(self._people.merge(kept_id, gone_id), "merged"))

    def split(
        self,
        person_id: str,
        ordinals: Sequence[int],
        visit_ids: Sequence[str],
        draft: PersonDraft,
        *,
        has_agreed: bool,
    ) -> None:
        def split() -> None:
            if not has_agreed:
                raise consent_missing()
            other = self._people.split(person_id, ordinals, visit_ids, draft, self._agreement())
            self._told(other, "split")

        self._do(split)

    def forget(self, person_id: str) -> None:
        def forget() -> None:
            self._people.forget(person_id)
            with self._lock:
                if self._enrolment and self._enrolment.person_id == person_id:
                    self._enrolment = None
            self._bus.publish(PersonSaved(person_id, "forgotten"))

        self._do(forget)

    # -- in between -------------------------------------------------------------------------------

    def _capture(self, going_on: _Enrolment, stream_id: str) -> None:
        reading = self._best_reading(going_on, stream_id)
        if reading is None:
            return  # cancelled meanwhile
        if reading.face is None:
            self._changed(going_on, str(reading.reason))
            return
        known = self._people.known_faces(self._engine.contract_id)
        with self._lock:
            before = list(going_on.shots.values())
        if reason := objection(reading.face, known, going_on.person_id, before, self._thresholds):
            self._changed(going_on, reason)
            return
        with self._lock:
            going_on.shots[uuid4().hex] = reading.face
            faces = list(going_on.shots.values())
        somebody = known_already(faces, known, going_on.person_id, self._thresholds)
        self._changed(going_on, known=self._people.person(somebody) if somebody else None)

    def _best_reading(self, going_on: _Enrolment, stream_id: str) -> Reading | None:
        """Of the pictures that the stream shows within a moment. Raises KnownError(CAMERA_LOST) where it
        shows none."""
        best: Reading | None = None
        good = 0
        seen = -1
        until_s = self._clock.monotonic_s() + CAPTURE_S
        while self._clock.monotonic_s() < until_s and good < _ENOUGH_GOOD:
            if self._enrolment is not going_on or self._over.is_set():
                return None
            frame = self._newest_frame(stream_id)
            if frame is None or frame.sequence == seen or self._is_stale(frame):
                self._over.wait(_LOOK_EVERY_S)
                continue
            seen = frame.sequence
            reading = read_face(self._engine, frame.pixels)
            good += reading.face is not None
            if best is None or _rank(reading) > _rank(best):
                best = reading
        if best is None:
            raise KnownError(
                ErrorCode.CAMERA_LOST,
                "The camera shows nothing right now.",
                "Wait until its picture is back, or take another camera.",
            )
        return best

    def _is_stale(self, frame: Frame) -> bool:
        """A camera that is lost shows its last picture."""
        return self._clock.monotonic_s() - frame.captured_at_s > _OLDEST_FRAME_S

    def _going_on(self) -> _Enrolment:
        """Raises KnownError(FACE_UNUSABLE) where none is: its pictures were dropped meanwhile."""
        with self._lock:
            if self._enrolment is None:
                raise KnownError(
                    ErrorCode.FACE_UNUSABLE, "The pictures that were taken are gone.", "Begin anew."
                )
            self._enrolment.touched_s = self._clock.monotonic_s()
            return self._enrolment

    def _agreement(self) -> Agreement:
        return Agreement(self._consent_version, self._clock.now())

    def _drop(self) -> None:
        with self._lock:
            self._enrolment = None

    def _changed(self, going_on: _Enrolment, reason: str = "", known: Person | None = None) -> None:
        with self._lock:
            if self._enrolment is not going_on:
                return
            shots = tuple(going_on.shots)
        self._bus.publish(EnrolmentChanged(shots, going_on.needed, reason, known))

    def _saved(self, person_id: str, what: str) -> None:
        self._drop()
        self._bus.publish(PersonSaved(person_id, what))

    def _told(self, person: Person, what: str) -> None:
        self._bus.publish(PersonSaved(person.person_id, what))

    def _do(self, job: Callable[[], None]) -> None:
        def run() -> None:
            try:
                job()
            except KnownError as error:
                _log.info("people_refused", code=error.code)
                self._tell(_refusal(error))

        self._submit(run)


def _rank(reading: Reading) -> tuple[bool, float]:
    return reading.face is not None, reading.score


def _refusal(error: KnownError) -> StoreNotice:
    sentence = _SENTENCES.get(error.code)
    if error.code is ErrorCode.STORE_FIELD_INVALID:
        sentence = _FIELDS.get(error.params.get("field", ""))
    return StoreNotice(sentence, error.code.value) if sentence else notice_of(error)
