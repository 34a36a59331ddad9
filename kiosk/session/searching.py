"""The search by face: for one visitor, for several together, and for those who stay when one has gone."""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog

from kiosk.errors import KnownError
from kiosk.gallery.types import Certainty, GroupRule
from kiosk.photos.types import PhotoRepository
from kiosk.session.faces import Faces, Submit
from kiosk.session.found import Found, found_of
from kiosk.session.session import Session
from kiosk.session.states import Action, Screen
from kiosk.session.types import PhotoSearch
from kiosk.session.visitor import Person, Visitor
from kiosk.vision.types import Embedding

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    """Who is to be found for whom: everyone with a picture, and who of them has just had it taken."""

    visitor: Visitor
    people: tuple[Person, ...]
    newcomer: Person | None
    event_id: str


class Searching:
    """Starts searches and brings their outcome to the pages. Searches run on a worker, and what one finds for
    somebody who has left, or looked again, meanwhile is dropped."""

    def __init__(
        self, session: Session, search: PhotoSearch, photos: PhotoRepository, faces: Faces, submit: Submit
    ) -> None:
        self._session = session
        self._search = search
        self._photos = photos
        self._faces = faces
        self._submit = submit

    def start(self) -> None:
        """Searches for everyone whose picture is there, on whatever page; for the others also while somebody
        is before the camera."""
        session = self._session
        with session.change():
            event, visitor = session.event, session.visitor
            if event is None:
                session.tell("error.event_none")
                return
            people = _with_face(visitor)
            if not people:
                if visitor.looking is None:
                    self._tell_stopped(visitor)
                return
            newcomer = visitor.looking if visitor.looking and visitor.looking.shot else None
            wish = _Wish(visitor, people, newcomer, event.event_id)
        self._submit(lambda: self._work(wish))

    def _work(self, wish: _Wish) -> None:
        started_s = time.perf_counter()
        try:
            refusal = self._refusal(wish)
            found = Found() if refusal else self._found(wish)
        except KnownError as failed:
            _log.warning("search_failed", code=failed.code, detail=failed.detail)
            self._tell_failed(wish)
            return
        milliseconds = round(1000 * (time.perf_counter() - started_s))
        _log.info("searched", people=len(wish.people), photos=len(found.photos), milliseconds=milliseconds)
        with self._session.change():
            if not self._is_wanted(wish):
                return
            if refusal:
                self._faces.drop_looking()
                wish.visitor.stop_adding()
                self._session.go(Action.LEAVE)
                self._session.tell(refusal)
            else:
                self._show(wish, found)

    def _refusal(self, wish: _Wish) -> str:
        """Why the newcomer cannot join the others, as a sentence's key; empty where they can."""
        newcomer = wish.newcomer
        if newcomer is None or newcomer.shot is None:
            return ""
        others = [person for person in wish.people if person.person_id != newcomer.person_id]
        probe = newcomer.shot.probe
        if any(self._search.is_same_person(wish.event_id, probe, other) for other in _probes(others)):
            return "together.same"
        if others and not self._search.find(wish.event_id, (probe,), rejected=(newcomer.strangers,)):
            return "together.none_again" if wish.visitor.looks_again else "together.none"
        return ""

    def _found(self, wish: _Wish) -> Found:
        probes = _probes(wish.people)
        rejected = tuple(person.strangers for person in wish.people)
        matches = self._search.find(wish.event_id, probes, GroupRule.ANY, rejected)
        together = (
            self._search.find(wish.event_id, probes, GroupRule.ALL, rejected) if len(probes) > 1 else ()
        )
        photos = self._photos.photos_by_id({match.photo_id for match in (*matches, *together)})
        return found_of(photos.values(), matches, together)

    def _is_wanted(self, wish: _Wish) -> bool:
        """With the lock held: whether they are still there, and nobody looked again or went meanwhile."""
        visitor = self._session.visitor
        now = {person.person_id: person.shot for person in _with_face(visitor)}
        return (
            visitor is wish.visitor
            and now == {person.person_id: person.shot for person in wish.people}
            and (
                wish.newcomer is None
                or (visitor.looking is wish.newcomer and self._session.is_on(Screen.SEARCHING))
            )
        )

    def _show(self, wish: _Wish, found: Found) -> None:
        session, visitor = self._session, wish.visitor
        visitor.join(wish.people, found)
        if wish.newcomer is not None:
            visitor.stop_adding()
        if session.is_on(Screen.LIGHTBOX):
            session.go(Action.CLOSE_PHOTO)
        if not session.is_on(Screen.SEARCHING, Screen.RESULTS):
            return
        is_sure = any(match.certainty is Certainty.MATCH for match in found.matches.values())
        if not is_sure:
            session.go(Action.FOUND_NOTHING)
        elif session.is_on(Screen.SEARCHING):
            session.go(Action.FOUND)

    def _tell_failed(self, wish: _Wish) -> None:
        session = self._session
        with session.change():
            if not self._is_wanted(wish):
                return
            if wish.newcomer is None:
                self._tell_stopped(wish.visitor)
            else:
                session.tell("error.search_failed")

    def _tell_stopped(self, visitor: Visitor) -> None:
        """Of a search without somebody who has gone: what is there was also found for them, so it goes."""
        session = self._session
        visitor.found = Found()
        if session.is_on(Screen.RESULTS, Screen.LIGHTBOX):
            session.go(Action.SEARCH_STOPPED)
        if session.is_on(Screen.SEARCHING):
            session.tell("error.search_failed")


def _with_face(visitor: Visitor) -> tuple[Person, ...]:
    return tuple(person for person in visitor.searchers if person.shot is not None)


def _probes(people: tuple[Person, ...] | list[Person]) -> tuple[Embedding, ...]:
    return tuple(person.shot.probe for person in people if person.shot is not None)
