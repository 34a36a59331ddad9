"""A store for the screens alone: shows hand-made views, notes every command, draws its own pictures."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from kiosk.camera.types import Frame, Pixels
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import Event, EventBus
from kiosk.language import Language
from kiosk.visits.ports import Today
from kiosk.visits.told import (
    StoreChanged,
    StoreNotice,
    StoreView,
    StreamCard,
    StreamFaces,
    StreamStatusChanged,
)
from kiosk.visits.types import (
    FaceKind,
    Gender,
    Held,
    Line,
    Person,
    PersonFace,
    PersonKind,
    SeenFace,
    Site,
    Stream,
    StreamState,
    StreamStatus,
    Visit,
)
from tests.gui.drawn_shop import PLACES, draw_face, draw_place
from ui.store_facade import PeopleCommands, ReportCommands, StreamCommands

NOW = datetime(2026, 11, 20, 7, 32, 1, tzinfo=UTC)
"""14:32 at the venue."""
SITE = Site("site-1", "Riverside shop", datetime(2026, 1, 5, tzinfo=UTC))
SITES = (
    SITE,
    Site("site-2", "Old town shop", SITE.created_at),
    Site("site-3", "สาขาท่าเตียน", SITE.created_at),
)


def a_stream(place: str, name: str, source: str, **changes: Any) -> Stream:
    """A camera that shows one of the drawn places."""
    usual = Stream(place, SITE.site_id, "kiosk-1", name, source, "", True, True, None, SITE.created_at)
    return replace(usual, **changes)


def live(stream_id: str, behind_s: float = 0.2, **changes: Any) -> StreamStatus:
    """A camera that gives pictures."""
    usual = StreamStatus(
        stream_id,
        StreamState.LIVE,
        last_picture_at=NOW,
        behind_s=behind_s,
        frames_per_s=25.0,
        looks_per_s=9.4,
        dropped=12,
    )
    return replace(usual, **changes)


LOST = StreamStatus(
    "back",
    StreamState.RECONNECTING,
    code=str(ErrorCode.CAMERA_LOST),
    last_picture_at=NOW - timedelta(seconds=9),
    attempt=3,
    next_try_at=NOW + timedelta(seconds=4),
    dropped=31,
)
OFF = StreamStatus("back", StreamState.OFF)
CONNECTING = StreamStatus("back", StreamState.CONNECTING, attempt=1)
DOOR = a_stream("door", "Front door", "webcam:0", line=Line(0.2, 0.9, 0.8, 0.9))
AISLE = a_stream("aisle", "Aisle", "rtsp://192.168.1.31/stream1", user="viewer")
COUNTER = a_stream("counter", "Counter", "rtsp://192.168.1.32/stream1")
BACK = a_stream("back", "Back door", "rtsp://192.168.1.33/stream1")
CARDS = (
    StreamCard(DOOR, live("door")),
    StreamCard(AISLE, live("aisle", 0.3)),
    StreamCard(COUNTER, live("counter")),
    StreamCard(BACK, LOST),
)
FACES: dict[str, tuple[tuple[FaceKind, str, int | None], ...]] = {
    "door": ((FaceKind.VISITOR, "", None), (FaceKind.KNOWN, "Mali", 5), (FaceKind.VISITOR, "", None)),
    "aisle": ((FaceKind.STAFF, "Nok", None), (FaceKind.LOOKING, "", None)),
    "counter": ((FaceKind.KNOWN, "Kit", 2), (FaceKind.STAFF, "Ben", None)),
    "back": (),
}
"""Who is who in the drawn places."""


def a_visit(number: int, name: str, minutes_ago: int, visit_number: int | None, **changes: Any) -> Visit:
    """A visit of today."""
    began = NOW - timedelta(minutes=minutes_ago)
    usual = Visit(
        f"visit-{number}",
        "kiosk-1",
        SITE.site_id,
        "door",
        f"person-{name.lower()}" if name else None,
        name,
        Gender.UNKNOWN,
        visit_number is not None and visit_number > 1,
        visit_number,
        began,
        None if minutes_ago < 20 else began + timedelta(minutes=12),
        f"visits/visit-{number}.jpg" if name else None,
    )
    return replace(usual, **changes)


BACK_AGAIN = (a_visit(1, "Mali", 1, 5), a_visit(2, "Kit", 8, 2), a_visit(3, "Somsri", 22, 11))
TODAY = Today(
    since=datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
    visitors=128,
    returning=23,
    staff_present=3,
    came_in=131,
    went_out=118,
    hours=tuple(
        (datetime(2026, 11, 20, 3 + index, tzinfo=UTC), new, returning)
        for index, (new, returning) in enumerate(((9, 3), (15, 4), (22, 5), (27, 4), (32, 7)))
    ),
    back=BACK_AGAIN,
)
HELD = Held(
    staff=4,
    customers=212,
    guests=0,
    embeddings=398,
    throwaway_embeddings=7,
    visits=18_243,
    pictures=1_204,
    oldest_picture_at=datetime(2026, 10, 22, 4, 10, tzinfo=UTC),
    picture_days=30,
    last_purge_at=datetime(2026, 11, 19, 20, 0, tzinfo=UTC),
    next_purge_at=datetime(2026, 11, 20, 20, 0, tzinfo=UTC),
)


def a_person(name: str, kind: PersonKind = PersonKind.CUSTOMER, faces: int = 2, **changes: Any) -> Person:
    """Somebody who agreed to be known."""
    person_id = f"person-{name.lower()}"
    usual = Person(
        person_id,
        kind,
        name,
        Gender.UNKNOWN,
        None,
        "",
        "",
        "2026-11",
        datetime(2026, 9, 1, 4, tzinfo=UTC),
        datetime(2026, 9, 1, 4, tzinfo=UTC),
        tuple(
            PersonFace(ordinal, datetime(2026, 9, 1, 4, tzinfo=UTC), f"people/{person_id}/{ordinal}.jpg")
            for ordinal in range(faces)
        ),
    )
    return replace(usual, **changes)


def a_store_view(**changes: Any) -> StoreView:
    """A shop on a usual afternoon."""
    usual = StoreView(
        language=Language.ENGLISH,
        timezone="Asia/Bangkok",
        site=SITE,
        sites=SITES,
        streams=CARDS,
        today=TODAY,
        held=HELD,
        knows_returning=False,
        keeps_pictures=True,
        stay_minutes=30,
        returning_days=90,
        consent_version="2026-11",
        operator="Riverside Books",
    )
    return replace(usual, **changes)


class FakeStore:
    """Obeys ui.store_facade.StoreFacade; `calls` holds (command, arguments) in order."""

    def __init__(self, view: StoreView | None = None) -> None:
        self.bus = EventBus()
        self.view = view or a_store_view()
        self.calls: list[tuple[Any, ...]] = []
        self.streams = Group(StreamCommands, self.calls)
        self.people = Group(PeopleCommands, self.calls)
        self.reports = Group(ReportCommands, self.calls)
        self.pictures = DrawnStorePictures()

    # as if a room of the store had done it

    def publish(self, event: Event) -> None:
        """As if a room of the store had published it."""
        self.bus.publish(event)

    def show(self, view: StoreView) -> None:
        """There is a new view."""
        self.view = view
        self.bus.publish(StoreChanged(view))

    def tell(self, key: str, code: str = "", **params: str) -> None:
        """A sentence for staff."""
        self.show(replace(self.view, notice=StoreNotice(key, code, params)))

    def stand(self, status: StreamStatus) -> None:
        """A stream stands otherwise."""
        cards = tuple(
            replace(card, status=status) if card.stream.stream_id == status.stream_id else card
            for card in self.view.streams
        )
        self.view = replace(self.view, streams=cards)
        self.bus.publish(StreamStatusChanged(status))

    def see(self, stream_id: str, *faces: SeenFace, age_s: float = 0.0) -> None:
        """A new picture of a stream, and the faces in it: the drawn ones where none are given."""
        frame = self.pictures.shoot(stream_id, age_s)
        height, width = frame.pixels.shape[:2]
        seen = faces or drawn_faces(stream_id)
        self.bus.publish(StreamFaces(stream_id, frame.sequence, frame.captured_at_s, width, height, seen))

    # commands

    def show_language(self, language: Language) -> None:
        self.calls.append(("show_language", language))
        self.show(replace(self.view, language=language))

    def add_site(self, name: str) -> None:
        self.calls.append(("add_site", name))

    def purge(self) -> None:
        self.calls.append(("purge",))

    def clear_notice(self) -> None:
        self.calls.append(("clear_notice",))
        self.show(replace(self.view, notice=None))


def drawn_faces(stream_id: str) -> tuple[SeenFace, ...]:
    """The faces of a drawn place, as recognition tells them."""
    return tuple(
        SeenFace(number, drawn.box, kind, name, visit_number)
        for number, (drawn, (kind, name, visit_number)) in enumerate(
            zip(PLACES[stream_id], FACES[stream_id], strict=False)
        )
    )


class Group:
    """One group of the store's commands: notes each call, refuses what the real `kind` would not take."""

    def __init__(self, kind: type, calls: list[tuple[Any, ...]]) -> None:
        self._kind = kind
        self._calls = calls

    def __getattr__(self, command: str) -> Callable[..., None]:
        real = inspect.signature(getattr(self._kind, command))

        def note(*arguments: Any, **named: Any) -> None:
            real.bind(self, *arguments, **named)
            self._calls.append((command, *arguments, *named.items()))

        return note


class DrawnStorePictures:
    """Draws what the real store would read; `missing` keys raise."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        self.frames: dict[str, Frame] = {place: Frame(1, monotonic(), draw_place(place)) for place in PLACES}

    def shoot(self, stream_id: str, age_s: float = 0.0) -> Frame:
        """The camera gives its next picture."""
        before = self.frames[stream_id]
        self.frames[stream_id] = Frame(before.sequence + 1, monotonic() - age_s, before.pixels)
        return self.frames[stream_id]

    def newest_frame(self, stream_id: str) -> Frame | None:
        return self.frames.get(stream_id)

    def looked_frame(self, stream_id: str) -> Frame | None:
        return self.frames.get(stream_id)

    def face(self, picture_key: str) -> Pixels:
        if picture_key in self.missing:
            raise KnownError(ErrorCode.OBJECT_MISSING, f"{picture_key} is not there.")
        return draw_face(sum(map(ord, picture_key)))

    def shot(self, shot: str) -> Pixels | None:
        return None if shot in self.missing else draw_face(sum(map(ord, shot)))
