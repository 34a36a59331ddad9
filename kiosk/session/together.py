"""Several people together: each agrees and looks for themselves, and each can leave."""

from __future__ import annotations

from kiosk.gallery.types import GroupRule
from kiosk.session.faces import Faces
from kiosk.session.searching import Searching
from kiosk.session.session import Session
from kiosk.session.states import TRANSITIONS, Action, Screen
from kiosk.session.visitor import Person


class Together:
    """Commands of a group, and of one person in it. Called on the UI thread; searches run on a worker.

    A friend's consent is asked for and recorded as everyone's is (`Journey.agree`), before the camera opens.
    """

    def __init__(self, session: Session, faces: Faces, searching: Searching) -> None:
        self._session = session
        self._faces = faces
        self._searching = searching

    def add_friend(self) -> None:
        """From the results to the question to a friend; who is there already waits and loses nothing."""
        session = self._session
        with session.change():
            session.touch()
            if not session.is_on(Screen.RESULTS) or not session.visitor.can_add:
                return
            if session.face_search_fault:
                session.tell("error.face_search_out")
                return
            session.visitor.is_adding = True
            session.go(Action.ADD_FRIEND)

    def look_again(self, person_id: str) -> None:
        """A new picture of one of the group. The old one is searched with until the new one has been."""
        session = self._session
        with session.change():
            session.touch()
            again = self._person(person_id)
            if session.is_on(Screen.RESULTS) and again is not None:
                session.visitor.looking = again.without_face()
                session.visitor.is_adding = True
                session.go(Action.RETAKE)

    def show(self, rule: GroupRule) -> None:
        """Photos of any of the people, or those that show them all."""
        session = self._session
        with session.change():
            session.touch()
            if session.visitor.is_group:
                session.visitor.rule = rule

    def take_out(self, person_id: str) -> None:
        """One of the group leaves it: the face is deleted now, and the others' photos are searched anew."""
        session = self._session
        with session.change():
            session.touch()
            if session.visitor.is_group and self._person(person_id) is not None:
                self._faces.take_out(person_id)
                self._searching.start()

    def withdraw(self, person_id: str | None = None) -> None:
        """Takes the consent of one person, or everyone's, back: the face is deleted now, and that is
        recorded. The basket stays; whoever is left of a group, or before the camera, goes on."""
        session = self._session
        with session.change():
            session.touch()
            there = {one.person_id for one in session.visitor.everyone}
            if person_id in there and len(there) > 1:
                self._withdraw_one(person_id)
            elif there and (person_id is None or person_id in there):
                self._withdraw_all()

    def _withdraw_one(self, person_id: str) -> None:
        session, visitor = self._session, self._session.visitor
        gone = [one for one in visitor.everyone if one.person_id == person_id]
        was_looking = visitor.looking in gone
        is_of_the_group = any(one in visitor.people for one in gone)
        self._faces.record_withdrawn(gone)
        self._faces.take_out(person_id)
        if was_looking:
            visitor.stop_adding()
            if (session.screen, Action.LEAVE) in TRANSITIONS:
                session.go(Action.LEAVE)
        if is_of_the_group:
            if not visitor.people:  # who is before the camera is a visitor like any other now
                visitor.is_adding = False
                visitor.forget_search()
            self._searching.start()
        session.tell("together.withdrawn", is_success=True)

    def _withdraw_all(self) -> None:
        session, visitor = self._session, self._session.visitor
        self._faces.record_withdrawn(visitor.everyone)
        self._faces.drop_all()
        visitor.people = ()
        visitor.stop_adding()
        visitor.forget_search()
        if (session.screen, Action.WITHDRAW) in TRANSITIONS:
            session.go(Action.WITHDRAW)
        session.forget_way()
        session.tell("consent.withdraw.done", is_success=True)

    def _person(self, person_id: str) -> Person | None:
        return next((one for one in self._session.visitor.people if one.person_id == person_id), None)
