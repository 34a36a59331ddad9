"""Finding photos: the shot, the ways without a face, and looking through what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from kiosk.capture.types import CameraChanged, Shot, ShotRefused, ShotTaken
from kiosk.errors import KnownError
from kiosk.photos.types import PhotoFilter, PhotoRepository, ShirtNumberRepository
from kiosk.session.faces import Submit
from kiosk.session.found import Found, found_by_number, found_of
from kiosk.session.searching import Searching
from kiosk.session.session import ScreenChange, Session
from kiosk.session.states import Action, Screen
from kiosk.session.visitor import Visitor
from kiosk.vision.types import RejectionReason

MOST_PHOTO_DIGITS = 9
"""No event has a thousand million photos, and databases end somewhere beyond."""

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
    RejectionReason.NOT_LIVE: "guide.ask_first",
}


class LiveCamera(Protocol):
    """The live view as the journey drives it; every call returns at once or is made on a worker."""

    def start(self) -> None: ...
    def stop(self) -> object: ...
    def begin_shot(self) -> None: ...
    def take_now(self) -> None: ...


class Finding:
    """Commands of the capture, results and manual pages. Called on the UI thread; lookups run on workers."""

    def __init__(
        self,
        session: Session,
        live: LiveCamera,
        searching: Searching,
        photos: PhotoRepository,
        shirt_numbers: ShirtNumberRepository,
        submit: Submit,
        submit_camera: Submit,
    ) -> None:
        self._session = session
        self._live = live
        self._searching = searching
        self._photos = photos
        self._shirt_numbers = shirt_numbers
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
        """A new picture; the old face and what it found go. In a group it is the newest who looks again,
        and the others lose nothing."""
        session = self._session
        with session.change():
            session.touch()
            if not session.is_on(Screen.SEARCHING, Screen.RESULTS, Screen.NO_MATCH):
                return
            visitor = session.visitor
            if visitor.is_group and visitor.looking is None:
                visitor.looking, visitor.is_adding = visitor.people[-1].without_face(), True
            if not visitor.is_adding:
                visitor.forget_search()
            session.go(Action.RETAKE)

    def search_again(self) -> None:
        """After a search that stopped: the same picture once more."""
        session = self._session
        with session.change():
            session.touch()
            if session.is_on(Screen.SEARCHING) and session.visitor.has_face:
                session.notice = None
                session.entered_at_s = session.clock.monotonic_s()
                self._searching.start()

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
        self._look_up(lambda event_id: found_of(self._photos.photos(event_id, wanted)))

    def find_all(self) -> None:
        """Every photo of the event."""
        self._look_up(lambda event_id: found_of(self._photos.photos(event_id)))

    def find_by_number(self, text: str) -> None:
        """The photo with this number, and what was taken around it is not guessed."""

        def look_up(event_id: str) -> Found:
            is_number = text.isdecimal() and len(text) <= MOST_PHOTO_DIGITS
            found = self._photos.photo_by_number(event_id, int(text)) if is_number else None
            return found_of([found] if found else [])

        self._look_up(look_up)

    def find_by_shirt_number(self, text: str) -> None:
        """The photos that show somebody with this number; those with one digit wrong are maybe ones."""

        def look_up(event_id: str) -> Found:
            hits = self._shirt_numbers.find(event_id, text)
            photos = self._photos.photos_by_id((*hits.sure, *hits.maybe))
            return found_by_number(photos.values(), frozenset(hits.maybe))

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
            visitor = session.visitor
            if not session.is_on(Screen.CAPTURE) or visitor.looking is None:
                return
            visitor.looking = replace(visitor.looking, shot=shot)
            if not visitor.is_adding:
                visitor.forget_search()
            session.go(Action.SHOT)
            self._searching.start()

    def _look_up(self, query: Callable[[str], Found]) -> None:
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

    def _show(self, visitor: Visitor, found: Found) -> None:
        session = self._session
        with session.change():
            if session.visitor is not visitor or not session.is_on(Screen.MANUAL, Screen.NO_MATCH):
                return
            if not found.photos:
                session.tell("manual.none")
                return
            visitor.forget_search()
            visitor.begin_alone()
            visitor.found = found
            session.go(Action.FOUND)
