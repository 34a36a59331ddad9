"""The capture page: boxes, the three checks, one instruction, and when "take it now" turns gold."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import Property, QObject, QRectF, QTimer, Signal

from kiosk.capture.liveness import Challenge
from kiosk.capture.types import CameraState, FacesSeen
from kiosk.session.finding import GUIDANCE
from kiosk.session.states import Screen
from kiosk.session.view import SessionView
from kiosk.vision.types import RejectionReason
from ui.facade import KioskFacade
from ui.translator import Translator

BOX_LIFE_S = 0.25
"""A box that is older is not drawn: the face is somewhere else by now."""
GUIDANCE_PACE_MS = 700
PATIENCE_MS = 8000
"""Without a shot for so long, "take it now" becomes the gold action."""

_BLIND = (CameraState.LOST, CameraState.NONE)
_STILL = "guide.still"
_DONE = "guide.done"
_ASKS = {
    Challenge.BLINK: "guide.blink",
    Challenge.TURN_LEFT: "guide.turn_left",
    Challenge.TURN_RIGHT: "guide.turn_right",
}
_R = RejectionReason
_MENDED_FIRST = frozenset({_R.NO_FACE, _R.SEVERAL_FACES, _R.TOO_SMALL, _R.CUT_OFF, _R.TOO_DARK})
"""What is said before the challenge; of the rest, some is what a visitor who answers it does."""


class CaptureViewModel(QObject):
    """Lives on the UI thread; QML: `Capture`. Boxes are fractions of the frame, mirrored like the picture."""

    boxesChanged = Signal()
    checksChanged = Signal()
    guidanceChanged = Signal()
    patienceChanged = Signal()
    challengeChanged = Signal()

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seen: FacesSeen | None = None
        self._boxes: list[QRectF] = []
        self._main = -1
        self._frame_ratio = 16 / 9
        self._guidance = GUIDANCE[RejectionReason.NO_FACE]
        self._next_guidance = self._guidance
        self._is_capturing = False
        self._has_waited = False
        self._asks_liveness = False
        self._offers_other_way = False
        self._forget = self._timer(self._drop_boxes)
        self._pace = self._timer(self._say_next)
        self._patience = self._timer(self._lose_patience)

    def _timer(self, call: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(call)
        return timer

    def show(self, view: SessionView) -> None:
        """Begins afresh whenever the capture page comes up or the camera is back; holds nothing on any other
        page, and nothing while the camera is lost."""
        is_capturing = view.screen is Screen.CAPTURE and view.camera not in _BLIND
        if is_capturing == self._is_capturing:
            return
        self._is_capturing = is_capturing
        self._seen = None
        self._drop_boxes()
        self._guidance = self._next_guidance = GUIDANCE[RejectionReason.NO_FACE]
        self._has_waited = False
        self._pace.stop()
        if is_capturing:
            self._patience.start(PATIENCE_MS)
        else:
            self._patience.stop()
        self._show_challenge(False, False)
        self.checksChanged.emit()
        self.guidanceChanged.emit()
        self.patienceChanged.emit()

    def see(self, seen: FacesSeen) -> None:
        """Takes over the faces of a frame, unless a newer one was here before or the page is another."""
        if not self._is_capturing or (self._seen is not None and seen.sequence < self._seen.sequence):
            return
        checks_differ = self._seen is None or self._seen.checks != seen.checks
        was_asking = self._asks_liveness
        live = seen.liveness
        self._seen = seen
        self._show_challenge(
            live is not None and not live.is_passed, live is not None and live.offers_other_way
        )
        self._show_boxes(seen)
        if checks_differ:
            self.checksChanged.emit()
        is_done = was_asking and live is not None and live.is_passed
        self._guide(_DONE if is_done else _words(seen))

    def _show_challenge(self, asks_liveness: bool, offers_other_way: bool) -> None:
        if (asks_liveness, offers_other_way) != (self._asks_liveness, self._offers_other_way):
            self._asks_liveness, self._offers_other_way = asks_liveness, offers_other_way
            self.challengeChanged.emit()

    def _show_boxes(self, seen: FacesSeen) -> None:
        left_s = seen.captured_at_s + BOX_LIFE_S - monotonic()
        if left_s <= 0:
            self._drop_boxes()
            return
        self._frame_ratio = seen.frame_width / seen.frame_height
        self._boxes = [
            QRectF(
                1 - box.x2 / seen.frame_width,
                box.y1 / seen.frame_height,
                box.width / seen.frame_width,
                box.height / seen.frame_height,
            )
            for box in seen.boxes
        ]
        self._main = -1 if seen.main is None else seen.main
        self._forget.start(round(left_s * 1000))
        self.boxesChanged.emit()

    def _drop_boxes(self) -> None:
        if self._boxes:
            self._boxes = []
            self._main = -1
            self.boxesChanged.emit()

    def _guide(self, key: str) -> None:
        self._next_guidance = key
        if key != self._guidance and not self._pace.isActive():
            self._say_next()

    def _say_next(self) -> None:
        if self._next_guidance != self._guidance:
            self._guidance = self._next_guidance
            self.guidanceChanged.emit()
            self._pace.start(GUIDANCE_PACE_MS)

    def _lose_patience(self) -> None:
        self._has_waited = True
        self.patienceChanged.emit()

    def _check(self, name: str) -> bool:
        return bool(self._seen and getattr(self._seen.checks, name))

    boxes = Property(list, lambda self: self._boxes, notify=boxesChanged)
    mainBox = Property(int, lambda self: self._main, notify=boxesChanged)
    frameRatio = Property(float, lambda self: self._frame_ratio, notify=boxesChanged)
    isNear = Property(bool, lambda self: self._check("is_near"), notify=checksChanged)
    isLit = Property(bool, lambda self: self._check("is_lit"), notify=checksChanged)
    isFacing = Property(bool, lambda self: self._check("is_facing"), notify=checksChanged)
    stillness = Property(
        float, lambda self: self._seen.checks.stillness if self._seen else 0.0, notify=checksChanged
    )
    guidanceKey = Property(str, lambda self: self._guidance, notify=guidanceChanged)
    hasWaited = Property(bool, lambda self: self._has_waited, notify=patienceChanged)
    asksLiveness = Property(bool, lambda self: self._asks_liveness, notify=challengeChanged)
    offersOtherWay = Property(bool, lambda self: self._offers_other_way, notify=challengeChanged)


def _words(seen: FacesSeen) -> str:
    """The one instruction for a frame: what is asked for to show that somebody is there, once the face looks
    ahead; else what to mend; else to hold still."""
    live, reason = seen.liveness, seen.reason
    if (
        live is not None
        and not live.is_passed
        and (reason is None or (live.is_asking and reason not in _MENDED_FIRST))
    ):
        return _ASKS[live.challenge]
    return _STILL if reason is None else GUIDANCE[reason]
