"""The faces of the visit: each is deleted whole and at once, and its consent says when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from kiosk.session.session import Session
from kiosk.session.types import ConsentRepository
from kiosk.session.visitor import Person

Submit = Callable[[Callable[[], None]], None]
"""Runs a job on a worker's thread, in order with the other jobs of that worker."""


class Faces:
    """Deletes faces at once and has it recorded on a worker. Safe from any thread."""

    def __init__(self, session: Session, consents: ConsentRepository, submit: Submit) -> None:
        self._session = session
        self._consents = consents
        self._submit = submit

    def drop_all(self) -> None:
        """Everybody's picture and numbers go; who agreed stays known."""
        with self._session.lock:
            visitor = self._session.visitor
            held = visitor.everyone
            visitor.people = tuple(person.without_face() for person in visitor.people)
            if visitor.looking is not None:
                visitor.looking = visitor.looking.without_face()
            self._record_deleted(held)

    def drop_looking(self) -> None:
        """Who is before the camera: the picture goes. The one that somebody of the people takes anew had
        stays, and with it what was found."""
        with self._session.lock:
            visitor, looking = self._session.visitor, self._session.visitor.looking
            if looking is None:
                return
            visitor.looking = looking.without_face()
            if all(person.person_id != looking.person_id for person in visitor.people):
                self._record_deleted([looking])

    def take_out(self, person_id: str) -> None:
        """This person's face goes, and the person."""
        with self._session.lock:
            visitor = self._session.visitor
            gone = [person for person in visitor.everyone if person.person_id == person_id]
            visitor.people = tuple(person for person in visitor.people if person not in gone)
            if visitor.looking in gone:
                visitor.looking = None
            self._record_deleted(gone)

    def record_withdrawn(self, people: Iterable[Person]) -> None:
        """That these have taken their consent back."""
        at = self._session.clock.now()
        for consent_id in dict.fromkeys(person.person_id for person in people):
            self._submit(partial(self._consents.set_withdrawn, consent_id, at))

    def _record_deleted(self, people: Iterable[Person]) -> None:
        at, visitor = self._session.clock.now(), self._session.visitor
        for consent_id in dict.fromkeys(person.person_id for person in people if person.shot is not None):
            visitor.faces_deleted |= {consent_id}
            visitor.face_deleted_at = at
            self._submit(partial(self._consents.set_face_deleted, consent_id, at))
