"""What every page shows and can do: event, camera, language, notice, idle warning; the journey's commands."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.capture.types import CameraState
from kiosk.language import Language
from kiosk.session.states import Screen
from kiosk.session.view import EventCard, SessionView
from ui.facade import KioskFacade
from ui.translator import Translator

_PAID_SCREENS = frozenset({Screen.DELIVERY, Screen.THANKS})


class SessionViewModel(QObject):
    """Lives on the UI thread; QML: `Session`."""

    changed = Signal()
    eventChanged = Signal()
    """Of its own, for a list of public photos is long and a view changes with every touch."""
    noticed = Signal()
    """There is something to say, also where it is what was said before."""

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kiosk = kiosk
        self._translator = translator
        self._view = kiosk.view
        translator.languageChanged.connect(self.eventChanged)
        translator.languageChanged.connect(self.changed)

    def show(self, view: SessionView) -> None:
        """Draws from `view` from now on."""
        before = self._view
        self._view = view
        if view.event != before.event:
            self.eventChanged.emit()
        if view != before:
            self.changed.emit()
        if view.notice is not None and view.notice is not before.notice:
            self.noticed.emit()

    # the page and what lies over it

    screen = Property(str, lambda self: str(self._view.screen), notify=changed)
    canGoBack = Property(bool, lambda self: self._view.can_go_back, notify=changed)
    isIdleWarning = Property(bool, lambda self: self._view.is_idle_warning, notify=changed)
    isSearchSlow = Property(bool, lambda self: self._view.is_search_slow, notify=changed)
    failureCode = Property(str, lambda self: self._view.failure_code, notify=changed)
    orderCode = Property(str, lambda self: self._view.order_code or "", notify=changed)

    def _notice_text(self) -> str:
        notice = self._view.notice
        return self._translator.translate(notice.key, dict(notice.params)) if notice else ""

    noticeText = Property(str, _notice_text, notify=changed)
    noticeKey = Property(str, lambda self: self._view.notice.key if self._view.notice else "", notify=changed)
    isNoticeGood = Property(
        bool, lambda self: bool(self._view.notice and self._view.notice.is_success), notify=changed
    )

    # the event

    def _event_name(self) -> str:
        event = self._view.event
        if event is None:
            return ""
        is_thai = self._translator.now_language is Language.THAI
        return self._translator.breakable(event.name_th) if is_thai else event.name

    def _both_names(self) -> str:
        event = self._view.event
        if event is None:
            return ""
        names = dict.fromkeys((self._translator.breakable(event.name_th), event.name))
        return " · ".join(names)

    def _photo_count(self) -> int:
        return self._view.event.photo_count if self._view.event else 0

    eventName = Property(str, _event_name, notify=eventChanged)
    bothEventNames = Property(str, _both_names, notify=eventChanged)
    photoCount = Property(int, _photo_count, notify=eventChanged)
    readsNumbers = Property(
        bool,
        lambda self: self._view.event is not None and self._view.event.reads_numbers,
        notify=eventChanged,
    )
    publicPhotoIds = Property(
        list,
        lambda self: list(self._view.event.public_photo_ids) if self._view.event else [],
        notify=eventChanged,
    )
    singlePrice = Property(int, lambda self: self._view.single_price_satang, notify=changed)

    # what the consent page promises

    termsVersion = Property(str, lambda self: self._view.terms.version, notify=changed)
    keepMinutes = Property(int, lambda self: self._view.terms.keep_minutes, notify=changed)
    operatorName = Property(str, lambda self: self._view.terms.operator or self._event_name(), notify=changed)
    contact = Property(str, lambda self: self._contact(), notify=changed)

    def _contact(self) -> str:
        return self._view.terms.contact or self._translator.translate("consent.contact", {})

    @Slot(result=int)
    def minutesSinceImport(self) -> int:
        """Whole minutes since the last photo came in; -1 when there is none yet."""
        event: EventCard | None = self._view.event
        if event is None or event.latest_import is None:
            return -1
        return max(0, int((datetime.now(UTC) - event.latest_import).total_seconds() // 60))

    # the camera and the visitor's data

    cameraState = Property(str, lambda self: str(self._view.camera), notify=changed)
    isCameraOn = Property(
        bool,
        lambda self: self._view.camera in (CameraState.LIVE, CameraState.STARTING, CameraState.LOST),
        notify=changed,
    )
    hasCamera = Property(bool, lambda self: self._view.camera is not CameraState.NONE, notify=changed)
    holdsFace = Property(bool, lambda self: self._view.holds_face, notify=changed)
    isPaid = Property(
        bool,
        lambda self: self._view.order_code is not None and self._view.screen in _PAID_SCREENS,
        notify=changed,
    )
    unpaidCount = Property(int, lambda self: self._unpaid_count(), notify=changed)

    def _unpaid_count(self) -> int:
        if self._view.shop is None or self._view.screen in _PAID_SCREENS:
            return 0
        return len(self._view.shop.basket.digital)

    # commands

    @Slot()
    def begin(self) -> None:
        """From the attract page to the question about the face."""
        self._kiosk.journey.begin()

    @Slot()
    def agree(self) -> None:
        """Yes to the use of the face."""
        self._kiosk.journey.agree()

    @Slot()
    def decline(self) -> None:
        """No to the use of the face; the way goes on without it."""
        self._kiosk.journey.decline()

    @Slot()
    def goManual(self) -> None:
        """To the page without a face."""
        self._kiosk.journey.go_manual()

    @Slot()
    def takeNow(self) -> None:
        """The shot at once."""
        self._kiosk.finding.take_now()

    @Slot()
    def retake(self) -> None:
        """Another picture."""
        self._kiosk.finding.retake()

    @Slot()
    def searchAgain(self) -> None:
        """The same picture once more, after a search that stopped."""
        self._kiosk.finding.search_again()

    @Slot()
    def back(self) -> None:
        """To the page before."""
        self._kiosk.journey.back()

    @Slot()
    def dropFace(self) -> None:
        """The face goes now; nothing needs it any more."""
        self._kiosk.journey.drop_face()

    @Slot()
    def finish(self) -> None:
        """The end: everything of the visitor is erased."""
        self._kiosk.journey.finish()

    @Slot()
    def close(self) -> None:
        """From the thanks page to the attract page."""
        self._kiosk.journey.close()

    @Slot()
    def keepAlive(self) -> None:
        """Somebody is there."""
        self._kiosk.journey.keep_alive()

    @Slot(str)
    def setLanguage(self, language: str) -> None:
        """`th` or `en`; the page stays."""
        self._kiosk.journey.set_language(Language(language))

    @Slot(str)
    def openOrder(self, code: str) -> None:
        """The order behind a code, or a notice that there is none."""
        self._kiosk.buying.open_order(code)

    @Slot()
    def askStaff(self) -> None:
        """Calls the event's staff."""
        self._kiosk.buying.ask_staff()
