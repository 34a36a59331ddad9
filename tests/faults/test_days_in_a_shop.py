"""Whoever comes, whichever camera sees them, recognised or not, and whenever a program ends: each stay of a
visitor is one visit, staff have none, and of strangers nothing is left."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.people_tables import StayRow, VisitFaceRow, VisitRow
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.vision.types import FloatArray
from kiosk.visits.pictures import FacePictures
from kiosk.visits.types import PersonKind
from tests.forgetting_machine import traces
from tests.visit_worlds import DOOR, MORNING, TILL, SqlWorld, sighting, view_of

PAUSE = timedelta(minutes=30)
PROGRAMS, CAMERAS = (0, 1), (DOOR, TILL)
STAFF = {"lek": 100, "dao": 101}
CUSTOMERS = {"nok": 200, "ploy": 201}
STRANGERS = {"": 300, "b": 301, "c": 302}
FACES = {**STAFF, **CUSTOMERS, **STRANGERS}
KNOWN = {**STAFF, **CUSTOMERS}


@dataclass(eq=False)
class TrueStay:
    """Somebody's stay, as it should be in the book. `whose` is None as long as nobody recognised them."""

    face: str
    whose: str | None
    began_at: datetime
    last_seen_at: datetime
    stay_id: str
    is_void: bool = False

    def is_open(self, now: datetime) -> bool:
        return not self.is_void and now - self.last_seen_at < PAUSE


@dataclass(eq=False)
class Track:
    """What a camera follows: the person whose face it is, and what the book answered last."""

    face: str
    camera: str
    stay_id: str | None = None
    is_recognised: bool = False


@dataclass(eq=False)
class Program:
    """One that writes into the book, with what its cameras follow."""

    world: SqlWorld
    tracks: list[Track] = field(default_factory=list)


class DaysInAShop(RuleBasedStateMachine):
    """Two programs with two cameras each write into one book."""

    empty: Path

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self.home = Path(self._folder.name)
        self.clock = ManualClock(MORNING)
        self.programs: dict[int, Program] = {}
        self.stays: list[TrueStay] = []
        self.views: list[FloatArray] = []
        self._moment = 0

    @initialize()
    def opens(self) -> None:
        made = DaysInAShop._empty_database()
        shutil.copyfile(made, self.home / "kiosk.db")
        for number in PROGRAMS:
            self.programs[number] = Program(self._world())
        world = self.programs[0].world.set_up()
        for name, kind in ((STAFF, PersonKind.STAFF), (CUSTOMERS, PersonKind.CUSTOMER)):
            for person_id in name:
                world.know(person_id, kind, person_id.title())

    _made: TemporaryDirectory[str] | None = None

    @classmethod
    def _empty_database(cls) -> Path:
        """Migrated once."""
        if DaysInAShop._made is None:
            DaysInAShop._made = TemporaryDirectory()
            open_database(Path(DaysInAShop._made.name) / "empty.db").close()
        return Path(DaysInAShop._made.name) / "empty.db"

    def _world(self) -> SqlWorld:
        database = open_database(self.home / "kiosk.db", self.clock)
        return SqlWorld(database, FacePictures(FolderObjectStore(self.home / "objects")), clock=self.clock)

    # -- what happens ---------------------------------------------------------------------------------

    @rule(
        program=st.sampled_from(PROGRAMS),
        camera=st.sampled_from(CAMERAS),
        face=st.sampled_from(sorted(FACES)),
        is_recognised=st.booleans(),
        times=st.integers(1, 2),
    )
    def comes_into_view(self, program: int, camera: str, face: str, is_recognised: bool, times: int) -> None:
        """For the first time, or again after the camera lost them; the answer may have been lost."""
        track = Track(face, camera, is_recognised=is_recognised and face in KNOWN)
        for _ in range(times):
            self._seen(program, track, stay_id=None)
        self.programs[program].tracks.append(track)

    @precondition(lambda self: any(program.tracks for program in self.programs.values()))
    @rule(data=st.data(), is_recognised=st.booleans())
    def is_looked_at_again(self, data: st.DataObject, is_recognised: bool) -> None:
        """By the same camera, which may see better who it is."""
        number, track = self._one_of_the_tracks(data)
        track.is_recognised |= is_recognised and track.face in KNOWN
        self._seen(number, track, stay_id=track.stay_id)

    @precondition(lambda self: any(program.tracks for program in self.programs.values()))
    @rule(data=st.data())
    def stays_in_view(self, data: st.DataObject) -> None:
        number, track = self._one_of_the_tracks(data)
        now = self.clock.now()
        assert track.stay_id is not None
        self.programs[number].world.book.touch({track.stay_id: now})
        stay = self._by_id(track.stay_id)
        if stay is not None and stay.is_open(now):
            stay.last_seen_at = now

    @rule(minutes=st.sampled_from([1, 5, 12, 29, 31]), program=st.sampled_from(PROGRAMS))
    def time_goes_by(self, minutes: int, program: int) -> None:
        self.clock.advance(60 * minutes)
        self.programs[program].world.book.end_due(self.clock.now())

    @rule(minutes=st.sampled_from([1, 20, 31]))
    def time_goes_by_unnoticed(self, minutes: int) -> None:
        self.clock.advance(60 * minutes)

    @rule(program=st.sampled_from(PROGRAMS), hours=st.sampled_from([0, 0, 1, 500]))
    def the_power_goes(self, program: int, hours: int) -> None:
        self.programs[program].world.tenant.database.close()
        self.clock.advance(3600 * hours)
        self.programs[program] = Program(self._world())

    @rule()
    def is_backed_up(self) -> None:
        self.programs[0].world.tenant.database.back_up()

    # -- what should come of it -----------------------------------------------------------------------

    def _one_of_the_tracks(self, data: st.DataObject) -> tuple[int, Track]:
        tracks = [(number, track) for number, program in self.programs.items() for track in program.tracks]
        return data.draw(st.sampled_from(tracks))

    def _seen(self, number: int, track: Track, stay_id: str | None) -> None:
        self._moment += 1
        vector = view_of(FACES[track.face], 0.8, self._moment)
        self.views.append(vector)
        world, now = self.programs[number].world, self.clock.now()
        person_id = track.face if track.is_recognised else None
        seen = sighting(world, 0, person_id, stream_id=track.camera, stay_id=stay_id, vector=vector)
        answer = world.book.see(seen)
        expected = self._expected(track, stay_id, now)
        if expected is None:
            expected = TrueStay(track.face, person_id, now, now, answer.stay_id)
            self.stays.append(expected)
            assert answer.is_new
        expected.last_seen_at = now
        assert answer.stay_id == expected.stay_id
        assert answer.person_id == expected.whose
        track.stay_id = answer.stay_id

    def _expected(self, track: Track, stay_id: str | None, now: datetime) -> TrueStay | None:
        """The stay that they are in; None where a new one begins."""
        there = [stay for stay in self.stays if stay.face == track.face and stay.is_open(now)]
        known = next((stay for stay in there if stay.whose is not None), None)
        unknown = next((stay for stay in there if stay.whose is None), None)
        own = next((stay for stay in there if stay.stay_id == stay_id), None)
        if not track.is_recognised:
            return own or unknown
        if known is None and own is None and unknown is not None:
            own = unknown  # they were here before they were known
        if own is None or own.whose is not None:
            return known
        if known is None:
            own.whose = track.face
            return own
        own.is_void = True
        return known

    def _by_id(self, stay_id: str) -> TrueStay | None:
        return next((stay for stay in self.stays if stay.stay_id == stay_id), None)

    @invariant()
    def the_book_is_right(self) -> None:
        if not self.programs:
            return
        with self.programs[0].world.tenant.reading() as session:
            visits = {row.visit_id: row for row in session.scalars(select(VisitRow))}
            held = {row.stay_id: row.embedding is not None for row in session.scalars(select(StayRow))}
            assert session.scalars(select(VisitFaceRow)).all() == []
        counted = [stay for stay in self.stays if not stay.is_void and stay.whose not in STAFF]
        assert visits.keys() == {stay.stay_id for stay in counted}
        for stay in counted:
            row = visits[stay.stay_id]
            assert (row.person_id, row.began_at) == (stay.whose, stay.began_at)
            assert row.ended_at in (None, stay.last_seen_at)
        for stay in self.stays:
            if stay.is_open(self.clock.now()):
                assert held[stay.stay_id] == (stay.whose is None)
            assert not (stay.is_void and stay.stay_id in held)

    def teardown(self) -> None:
        if self.programs:
            self._everybody_has_gone()
            for program in self.programs.values():
                program.world.tenant.database.close()
        self._folder.cleanup()

    def _everybody_has_gone(self) -> None:
        self.clock.advance(3600)
        world = self.programs[0].world
        world.book.end_due(self.clock.now())
        with world.tenant.reading() as session:
            assert session.scalars(select(StayRow)).all() == []
            ended = {row.visit_id: row.ended_at for row in session.scalars(select(VisitRow))}
            numbers: dict[str | None, list[int | None]] = {}
            for row in session.scalars(select(VisitRow).order_by(VisitRow.began_at)):
                numbers.setdefault(row.person_id, []).append(row.number)
        for stay in self.stays:
            if not stay.is_void and stay.whose not in STAFF:
                assert ended[stay.stay_id] == stay.last_seen_at
        assert set(numbers.pop(None, [])) <= {None}
        for person_id, theirs in numbers.items():
            assert sorted(number or 0 for number in theirs) == list(range(1, len(theirs) + 1)), person_id
        pieces = [vector.astype("<f4").tobytes()[:64] for vector in self.views]
        assert traces(self.home, *pieces) == []


def lasting(examples: int, steps: int) -> settings:
    """So many stories of so many steps."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes longer than a test may
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


DaysInAShop.TestCase.settings = lasting(8, 40)
TestDaysInAShop = DaysInAShop.TestCase


class ForLong(DaysInAShop):
    """The same, longer."""


ForLong.TestCase.settings = lasting(150, 60)
TestForLong = pytest.mark.slow(pytest.mark.timeout(1800)(ForLong.TestCase))
