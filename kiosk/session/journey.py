"""Walking through the pages: begin, consent, back, language, silence, and the end that erases."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import structlog

from kiosk.capture.types import CameraState
from kiosk.errors import KnownError
from kiosk.language import Language
from kiosk.sending.types import SendingState
from kiosk.session.faces import Faces, Submit
from kiosk.session.idle import IdleStep, idle_step
from kiosk.session.session import ScreenChange, Session
from kiosk.session.states import Action, Screen
from kiosk.session.types import ConsentRecord, ConsentRepository
from kiosk.session.view import PayStage, PrivacyReceipt
from kiosk.session.visitor import Person, Visitor

_log = structlog.get_logger(__name__)

CONSENT_KEPT = timedelta(days=365)
_CAPTURE_SILENCE_S = 45.0
_SEARCH_SLOW_S = 2.0
_SEARCH_LOST_S = 10.0


class Journey:
    """Commands that lead from page to page. Called on the UI thread; whatever may wait goes to `submit`."""

    def __init__(
        self,
        session: Session,
        consents: ConsentRepository,
        faces: Faces,
        submit: Submit,
        forget_pictures: Callable[[], None],
    ) -> None:
        self._session = session
        self._consents = consents
        self._faces = faces
        self._submit = submit
        self._forget_pictures = forget_pictures
        session.on_screen_change(self._on_screen_change)

    def begin(self) -> None:
        """From attract, or from looking without a face: to the question about the face.

        While no face can be searched for, nobody is asked for theirs: to the ways without, with a word why.
        """
        session = self._session
        with session.change():
            if not session.is_on(Screen.ATTRACT, Screen.MANUAL):
                return
            session.touch()
            if not session.face_search_fault:
                session.go(Action.START)
                return
            if session.is_on(Screen.ATTRACT):
                session.go(Action.GO_MANUAL)
            session.tell("error.face_search_out")

    def agree(self) -> None:
        """Records the consent, then opens the camera: never the other way round."""
        session = self._session
        with session.lock:
            if not session.is_on(Screen.CONSENT) or session.event is None:
                return
            session.touch()
            visitor = session.visitor
            consent = ConsentRecord(
                consent_id=uuid.uuid4().hex,
                event_id=session.event.event_id,
                text_version=session.terms.version,
                language=session.language,
                agreed_at=session.clock.now(),
            )
        self._submit(lambda: self._record_consent(visitor, consent))

    def decline(self) -> None:
        """Goes on without the face."""
        self.go_manual()

    def go_manual(self) -> None:
        """To the ways without a face: time, place, number, order code. The face, if any, goes. For a friend
        who does not want to join: to the photos that are there."""
        session = self._session
        with session.change():
            if session.visitor.is_adding:
                session.touch()
                self._leave()
            elif session.is_on(
                Screen.ATTRACT,
                Screen.CONSENT,
                Screen.CAPTURE,
                Screen.SEARCHING,
                Screen.RESULTS,
                Screen.NO_MATCH,
            ):
                session.touch()
                session.go(Action.GO_MANUAL)

    def back(self) -> None:
        """One page back; on the first page of a visit that is the end of it."""
        session = self._session
        with session.change():
            if not session.can_go_back:
                return
            session.touch()
            visitor = session.visitor
            if visitor.is_adding and (session.is_on(Screen.CONSENT) or visitor.looks_again):
                self._leave()
                return
            session.go(Action.BACK)
            if session.is_on(Screen.ATTRACT):
                self._erase()

    def drop_face(self) -> None:
        """The faces go now, since nothing needs them any more; what they agreed to stays as it was."""
        with self._session.change():
            self._session.touch()
            self._faces.drop_all()

    def finish(self) -> None:
        """Erases everything of the visitor and shows the privacy receipt, if anything was held."""
        session = self._session
        with session.change():
            if session.is_on(Screen.ATTRACT, Screen.THANKS, Screen.OUT_OF_SERVICE):
                return
            visitor = session.visitor
            if visitor.last_consent is None and visitor.order is None:
                self.close()
                return
            self._faces.drop_all()
            receipt = self._receipt(visitor)
            language = session.language
            session.go(Action.FINISH)
            self._erase()
            session.language = language
            session.receipt = receipt
            session.touch()

    def close(self) -> None:
        """Back to attract; everything of the visitor is gone. What was paid goes on."""
        session = self._session
        with session.change():
            self._faces.drop_all()
            if not session.is_on(Screen.ATTRACT):
                session.go(Action.CLOSE)
            self._erase()

    def keep_alive(self) -> None:
        """Any touch."""
        with self._session.lock:
            self._session.touch()

    def set_language(self, language: Language) -> None:
        """Changes the language and keeps the page."""
        with self._session.change():
            self._session.touch()
            self._session.language = language

    def tick(self) -> None:
        """Once a second: silence, slow searches, the face's time."""
        session = self._session
        with session.lock:
            silent_s = session.silent_s()
            if session.visitor.has_face and silent_s >= session.settings.session.face_keep_s:
                with session.change():
                    self._faces.drop_all()
                    if session.visitor.is_adding:
                        self._leave()  # there is nobody's face left to join
            self._watch_capture()
            self._watch_search()
            stage = session.pay.stage if session.pay else PayStage.PREPARING
            step = idle_step(session.screen, silent_s, session.settings.session, stage)
            if step is IdleStep.CLEAR:
                self.close()
            elif step is IdleStep.FINISH:
                self.finish()
            elif (step is IdleStep.WARN) != session.is_idle_warning:
                with session.change():
                    session.is_idle_warning = step is IdleStep.WARN

    # -- the parts --------------------------------------------------------------------------------

    def _record_consent(self, visitor: Visitor, consent: ConsentRecord) -> None:
        session = self._session
        if not self._is_asked(visitor):
            return  # a second touch, or somebody who left: nobody is looked at, so nothing was agreed to
        try:
            self._consents.add_consent(consent)
        except KnownError as failed:
            _log.warning("consent_not_recorded", code=failed.code)
            with session.change():
                if self._is_asked(visitor):
                    session.tell_error(failed)
            return
        with session.change():
            if self._is_asked(visitor):
                visitor.last_consent = consent
                visitor.looking = Person(consent)
                session.go(Action.AGREE)

    def _is_asked(self, visitor: Visitor) -> bool:
        with self._session.lock:
            return self._session.visitor is visitor and self._session.is_on(Screen.CONSENT)

    def _on_screen_change(self, change: ScreenChange) -> None:
        """Before the camera only one face is of use, and without a face none."""
        visitor = self._session.visitor
        if change.entered is Screen.MANUAL:
            self._faces.drop_all()
        elif change.entered in (Screen.CAPTURE, Screen.CONSENT):
            if visitor.is_adding:
                self._faces.drop_looking()
            else:
                self._faces.drop_all()
                visitor.begin_alone()

    def _leave(self) -> None:
        """Who was to join, or to look again, does not: the others go on where they were."""
        session = self._session
        if session.is_on(Screen.CONSENT, Screen.CAPTURE, Screen.SEARCHING):
            self._faces.drop_looking()
            session.visitor.stop_adding()
            session.go(Action.LEAVE)

    def _watch_capture(self) -> None:
        session = self._session
        if (
            session.is_on(Screen.CAPTURE)
            and session.notice is None
            and session.camera is CameraState.LIVE
            and session.on_page_s() >= _CAPTURE_SILENCE_S
        ):
            session.tell("error.capture_timeout")

    def _watch_search(self) -> None:
        session = self._session
        if not session.is_on(Screen.SEARCHING):
            return
        if session.on_page_s() >= _SEARCH_LOST_S and session.notice is None:
            session.tell("error.search_failed")
        elif session.on_page_s() >= _SEARCH_SLOW_S and not session.is_search_slow:
            with session.change():
                session.is_search_slow = True

    def _erase(self) -> None:
        self._session.welcome_next()
        self._forget_pictures()

    def _receipt(self, visitor: Visitor) -> PrivacyReceipt:
        session = self._session
        order, consent = visitor.order, visitor.last_consent
        is_paid = order is not None and order.paid_at is not None
        deliver = session.deliver if is_paid else None
        return PrivacyReceipt(
            made_at=session.clock.now(),
            face_deleted_at=visitor.face_deleted_at,
            face_count=len(visitor.faces_deleted),
            had_consent=consent is not None,
            photo_count=deliver.photo_count if deliver else 0,
            photos_until=deliver.expires_at if deliver else None,
            order_code=order.code if order else None,
            consent_until=consent.agreed_at + CONSENT_KEPT if consent else None,
            # Whoever came by order code may not be the buyer: looking is theirs, deleting is not.
            url=deliver.receipt_url if deliver and visitor.ordered_basket is not None else None,
            numbers_until=visitor.keeps_until,
            owes_message=any(each.state is SendingState.WAITING for each in session.handing.messages),
            can_print=session.prints_receipts,
        )
