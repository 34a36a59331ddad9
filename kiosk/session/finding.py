"""Finding photos: the shot and its search, the ways without a face, and the visitor's own corrections."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from kiosk.capture.types import CameraChanged, Shot, ShotRefused, ShotTaken
from kiosk.errors import KnownError
from kiosk.gallery.types import Certainty, PhotoMatch
from kiosk.photos.types import Photo, PhotoFilter, PhotoRepository
from kiosk.session.found import found_of
from kiosk.session.journey import Submit
from kiosk.session.session import ScreenChange, Session
from kiosk.session.states import Action, Screen
from kiosk.session.types import FeedbackRepository
from kiosk.session.visitor import Visitor
from kiosk.vision.types import Embedding, RejectionReason

_log = structlog.get_logger(__name__)

_MOST_DIGITS = 9  # no event has a thousand million photos, and databases end somewhere beyond

GUIDANCE: dict[RejectionReason, str] = {
    RejectionReason.NO_FACE: "guide.no_face",
    RejectionReason.SEVERAL_FACES: "guide.one",
    RejectionReason.TOO_SMALL: "guide.closer",
    RejectionReason.TOO_LARGE: "guide.back",
    RejectionReason.OFF_CENTER: "guide.center",
    RejectionReason.CUT_OFF: "guide.cut",
    RejectionReason.TURNED: "guide.straight",
    RejectionReason.LOOKING_DOWN: "guide.up",
    RejectionReason.LOOKING_UP: "guide.down",
    RejectionReason.TOO_DARK: "guide.light",
    RejectionReason.TOO_BRIGHT: "guide.bright",
    RejectionReason.BLURRED: "guide.blur",
    RejectionReason.UNCERTAIN: "guide.cover",
}


class LiveCamera(Protocol):
    """The live view as the journey drives it; every call returns at once or is made on a worker."""

    def start(self) -> None: ...
    def stop(self) -> object: ...
    def begin_shot(self) -> None: ...
    def take_now(self) -> None: ...


class Finding:
    """Commands of the capture, results and manual pages. Called on the UI thread; searches run on workers."""

    def __init__(
        self,
        session: Session,
        live: LiveCamera,
        find: Callable[[str, Sequence[Embedding]], Sequence[PhotoMatch]],
        photos: PhotoRepository,
        feedback: FeedbackRepository,
        submit: Submit,
        submit_camera: Submit,
    ) -> None:
        self._session = session
        self._live = live
        self._find = find
        self._photos = photos
        self._feedback = feedback
        self._submit = submit
        self._submit_camera = submit_camera
        session.on_screen_change(self._on_screen_change)
        session.bus.subscribe(ShotTaken, lambda event: self._on_shot(event.shot))
        session.bus.subscribe(ShotRefused, self._on_refused)
        session.bus.subscribe(CameraChanged, self._on_camera)

    # -- the face ---------------------------------------------------------------------------------

    def take_now(self) -> None:
        """Takes the best frame of the last second without waiting for the checks."""
        with self._session.lock:
            self._session.touch()
            if self._session.is_on(Screen.CAPTURE):
                self._submit_camera(self._live.take_now)

    def retake(self) -> None:
        """A new picture; the old face and what it found go."""
        session = self._session
        with session.change():
            session.touch()
            if session.is_on(Screen.SEARCHING, Screen.RESULTS, Screen.NO_MATCH):
                session.visitor.forget_search()
                session.go(Action.RETAKE)

    def search_again(self) -> None:
        """After a search that stopped: the same picture once more."""
        session = self._session
        with session.change():
            session.touch()
            if session.is_on(Screen.SEARCHING) and session.visitor.shot is not None:
                session.notice = None
                session.entered_at_s = session.clock.monotonic_s()
                self._start_search(session.visitor.shot)

    def show_maybe(self) -> None:
        """From "not found yet" to the photos that may be the visitor."""
        session = self._session
        with session.change():
            session.touch()
            if session.is_on(Screen.NO_MATCH) and session.visitor.found.matches:
                session.go(Action.FOUND)

    # -- without a face ---------------------------------------------------------------------------

    def find_by_time(self, since: datetime | None, until: datetime | None, place: str | None = None) -> None:
        """Photos taken in [since, until) and, if given, at a place."""
        wanted = PhotoFilter(since=since, until=until, place=place)
        self._look_up(lambda event_id: self._photos.photos(event_id, wanted))

    def find_all(self) -> None:
        """Every photo of the event."""
        self._look_up(lambda event_id: self._photos.photos(event_id))

    def find_by_number(self, text: str) -> None:
        """The photo with this number, and what was taken around it is not guessed."""

        def look_up(event_id: str) -> list[Photo]:
            is_number = text.isdecimal() and len(text) <= _MOST_DIGITS
            found = self._photos.photo_by_number(event_id, int(text)) if is_number else None
            return [found] if found else []

        self._look_up(look_up)

    # -- what was found ---------------------------------------------------------------------------

    def open_photo(self, photo_id: str) -> None:
        """Opens one photo large; also for the one before and after."""
        session = self._session
        with session.change():
            session.touch()
            if session.is_on(Screen.RESULTS, Screen.LIGHTBOX) and photo_id in session.visitor.found.photos:
                session.visitor.lightbox_photo_id = photo_id
                session.go(Action.OPEN_PHOTO)

    def close_photo(self) -> None:
        """Back to all photos."""
        session = self._session
        with session.change():
            session.touch()
            if session.is_on(Screen.LIGHTBOX):
                session.go(Action.CLOSE_PHOTO)

    def toggle_favourite(self, photo_id: str) -> None:
        """Marks a photo as a favourite, or no longer."""
        with self._session.change():
            self._session.touch()
            self._session.visitor.favourites ^= {photo_id}

    def not_me(self, photo_id: str) -> None:
        """Takes a photo out of the results and remembers that it was a wrong one."""
        session = self._session
        with session.change():
            session.touch()
            visitor = session.visitor
            match = visitor.found.matches.get(photo_id)
            if match is None or session.event is None:
                return
            visitor.hidden.add(photo_id)
            visitor.confirmed.discard(photo_id)
            if session.is_on(Screen.LIGHTBOX) and visitor.lightbox_photo_id == photo_id:
                session.go(Action.CLOSE_PHOTO)
            session.tell("results.not_me.done", is_success=True)
            event_id, at = session.event.event_id, session.clock.now()
        self._submit(lambda: self._feedback.add_not_me(event_id, photo_id, at))

    def undo_not_me(self, photo_id: str) -> None:
        """Shows a photo again that was taken out."""
        with self._session.change():
            self._session.touch()
            self._session.visitor.hidden.discard(photo_id)
            self._session.notice = None

    def this_is_me(self, photo_id: str) -> None:
        """Moves a "maybe" to the sure ones."""
        with self._session.change():
            self._session.touch()
            if photo_id in self._session.visitor.found.matches:
                self._session.visitor.confirmed.add(photo_id)

    def set_filter(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        place: str | None = None,
        photographer: str | None = None,
        favourites_only: bool = False,
    ) -> None:
        """Narrows the results page; without arguments everything is shown again."""
        with self._session.change():
            self._session.touch()
            self._session.visitor.photo_filter = PhotoFilter(since, until, place, photographer)
            self._session.visitor.favourites_only = favourites_only

    # -- the parts --------------------------------------------------------------------------------

    def _on_screen_change(self, change: ScreenChange) -> None:
        if change.entered is Screen.CAPTURE:
            self._submit_camera(self._open_camera)
        elif change.left is Screen.CAPTURE:
            self._submit_camera(self._close_camera)

    def _open_camera(self) -> None:
        self._live.start()
        self._live.begin_shot()

    def _close_camera(self) -> None:
        self._live.stop()

    def _on_camera(self, event: CameraChanged) -> None:
        with self._session.change():
            self._session.camera = event.state

    def _on_refused(self, event: ShotRefused) -> None:
        with self._session.change():
            if self._session.is_on(Screen.CAPTURE):
                self._session.tell(GUIDANCE[event.reason])

    def _on_shot(self, shot: Shot) -> None:
        session = self._session
        with session.change():
            if not session.is_on(Screen.CAPTURE) or session.visitor.consent is None:
                return
            session.visitor.shot = shot
            session.visitor.forget_search()
            session.go(Action.SHOT)
            self._start_search(shot)

    def _start_search(self, shot: Shot) -> None:
        session = self._session
        event = session.event
        if event is None:
            session.tell("error.event_none")
            return
        visitor, event_id = session.visitor, event.event_id
        self._submit(lambda: self._search(visitor, shot, event_id))

    def _search(self, visitor: Visitor, shot: Shot, event_id: str) -> None:
        session = self._session
        started_s = time.perf_counter()
        try:
            matches = self._find(event_id, (shot.probe,))
            photos = self._photos.photos_by_id([match.photo_id for match in matches])
        except KnownError as failed:
            _log.warning("search_failed", code=failed.code, detail=failed.detail)
            with session.change():
                if session.visitor is visitor and session.is_on(Screen.SEARCHING):
                    session.tell("error.search_failed")
            return
        _log.info(
            "searched", photos=len(matches), milliseconds=round(1000 * (time.perf_counter() - started_s))
        )
        with session.change():
            if (
                session.visitor is not visitor
                or visitor.shot is not shot
                or not session.is_on(Screen.SEARCHING)
            ):
                return
            visitor.found = found_of(photos.values(), matches)
            is_sure = any(match.certainty is Certainty.MATCH for match in visitor.found.matches.values())
            session.go(Action.FOUND if is_sure else Action.FOUND_NOTHING)

    def _look_up(self, query: Callable[[str], list[Photo]]) -> None:
        session = self._session
        with session.lock:
            session.touch()
            if not session.is_on(Screen.MANUAL, Screen.NO_MATCH) or session.event is None:
                return
            visitor, event_id = session.visitor, session.event.event_id

        def job() -> None:
            try:
                found = query(event_id)
            except KnownError as failed:
                with session.change():
                    if session.visitor is visitor:
                        session.tell_error(failed)
                return
            self._show(visitor, found)

        self._submit(job)

    def _show(self, visitor: Visitor, found: list[Photo]) -> None:
        session = self._session
        with session.change():
            if session.visitor is not visitor or not session.is_on(Screen.MANUAL, Screen.NO_MATCH):
                return
            if not found:
                session.tell("manual.none")
                return
            visitor.forget_search()
            visitor.found = found_of(found)
            session.go(Action.FOUND)
