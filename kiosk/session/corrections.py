"""What visitors say of a photo: "not me", which takes its kind out too, and "this is me"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from kiosk.gallery.types import FaceKey, GroupRule, PhotoMatch
from kiosk.session.faces import Submit
from kiosk.session.session import Session
from kiosk.session.states import Action, Screen
from kiosk.session.types import FeedbackRepository, PhotoSearch
from kiosk.session.visitor import Rejection, Visitor


class Corrections:
    """Commands of the results page and the lightbox. A photo goes or comes at once; others of its kind are
    found on a worker and follow a moment later."""

    def __init__(
        self, session: Session, search: PhotoSearch, feedback: FeedbackRepository, submit: Submit
    ) -> None:
        self._session = session
        self._search = search
        self._feedback = feedback
        self._submit = submit

    def not_me(self, photo_id: str) -> None:
        """Takes a photo out of the results, and those that show the same wrong person.

        They do not come back while these people search, also by a new picture or with a friend; for a friend
        who is in them they do. Where all of a group are wanted, it says that somebody is missing, and the
        photo stays among those of any of them. What was chosen, is a favourite or was confirmed stays.
        Of a photo found by a number there is no face to judge others by: it goes alone.
        """
        session = self._session
        with session.change():
            session.touch()
            visitor, event = session.visitor, session.event
            match, tile = visitor.matches.get(photo_id), visitor.found.tiles.get(photo_id)
            if tile is None or tile.certainty is None or event is None or photo_id in visitor.hidden:
                return
            rejection = Rejection(
                photo_id=photo_id,
                rule=visitor.rule,
                faces=_doubted(match, visitor.rule) if match else frozenset(),
                photo_ids=frozenset({photo_id}),
                event_id=event.event_id,
                said_at=session.clock.now(),
            )
            visitor.rejections += (rejection,)
            visitor.confirmed.discard(photo_id)
            if session.is_on(Screen.LIGHTBOX) and visitor.lightbox_photo_id == photo_id:
                session.go(Action.CLOSE_PHOTO)
            session.tell("results.not_me.done", is_success=True)
            among = _doubtful(visitor)
        self._submit(lambda: self._remember(rejection))
        self._submit(lambda: self._take_kind_out(visitor, rejection, among))

    def undo_not_me(self, photo_id: str) -> None:
        """Shows a photo again that was taken out, with all that went with it."""
        session = self._session
        with session.change():
            session.touch()
            visitor = session.visitor
            undone = [rejection for rejection in visitor.rejections if rejection.photo_id == photo_id]
            visitor.rejections = tuple(one for one in visitor.rejections if one not in undone)
            session.notice = None
        for rejection in undone:
            self._submit(partial(self._take_back, rejection))

    def this_is_me(self, photo_id: str) -> None:
        """Moves a "maybe" to the sure ones."""
        with self._session.change():
            self._session.touch()
            if photo_id in self._session.visitor.found.tiles:
                self._session.visitor.confirmed.add(photo_id)

    # -- on the worker ----------------------------------------------------------------------------

    def _remember(self, rejection: Rejection) -> None:
        for face in rejection.said_of:
            self._feedback.add_not_me(rejection.event_id, face.photo_id, face.ordinal, rejection.said_at)

    def _take_back(self, rejection: Rejection) -> None:
        event_id, at = rejection.event_id, rejection.said_at
        for face in rejection.said_of:
            self._feedback.take_back_not_me(event_id, face.photo_id, face.ordinal, at)

    def _take_kind_out(self, visitor: Visitor, rejection: Rejection, among: Sequence[PhotoMatch]) -> None:
        kind = frozenset[str]().union(
            *(self._search.kind_of(rejection.event_id, face, among) for face in rejection.said_of)
        )
        session = self._session
        with session.change():
            if not kind or session.visitor is not visitor or rejection not in visitor.rejections:
                return
            faces = (face for match in among if match.photo_id in kind for face in match.faces)
            wider = replace(
                rejection,
                faces=rejection.faces | frozenset(faces),
                photo_ids=rejection.photo_ids | kind,
            )
            visitor.rejections = tuple(wider if one is rejection else one for one in visitor.rejections)
            if session.is_on(Screen.LIGHTBOX) and visitor.lightbox_photo_id in kind:
                session.go(Action.CLOSE_PHOTO)
            session.tell("results.not_me.kind", is_success=True, n=str(len(wider.photo_ids)))


def _doubted(match: PhotoMatch, rule: GroupRule) -> frozenset[FaceKey]:
    """Whose faces are said to be a stranger's: all that were taken for one of the people; where everyone is
    wanted, the one that is least sure."""
    return frozenset(match.faces if rule is GroupRule.ANY else match.faces[-1:])


def _doubtful(visitor: Visitor) -> tuple[PhotoMatch, ...]:
    """The photos that may go with a wrong one, by the face that is in doubt: not those that the visitor
    wants, and not those that show another of the people too."""
    wanted = visitor.hidden | visitor.confirmed | visitor.favourites | set(visitor.basket.digital)
    free = [match for photo_id, match in visitor.matches.items() if photo_id not in wanted]
    if visitor.rule is GroupRule.ANY:
        return tuple(match for match in free if len(match.faces) == 1)
    return tuple(replace(match, faces=match.faces[-1:], boxes=match.boxes[-1:]) for match in free)
