"""`kiosk call-staff`: a plain screen when the kiosk cannot be kept running. No QML, no database, no kiosk."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPointerEvent,
    QRasterWindow,
)

from kiosk.language import Language
from kiosk.runtime.ending import ended_by_signals
from kiosk.runtime.heartbeat import inherited_heartbeat
from kiosk.supervisor.rules import RESTART
from ui.environment import prepare_environment
from ui.heart import Heart
from ui.lock_down import LockDown
from ui.theme import FONT_FAMILY, load_fonts, tokens
from ui.translator import tr
from ui.window_size import Size, design_for, size_on_screen

HOLD_MS = 3000
"""As at the staff's door: the top left corner, held so long."""
OFFERED_MS = 30_000
"""So long the button stays."""
_DRAWN_EVERY_MS = 10_000
_CORNER = 120
_PRESSES = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin})
_RELEASES = frozenset({QEvent.Type.MouseButtonRelease, QEvent.Type.TouchEnd, QEvent.Type.TouchCancel})
_LANGUAGES = (Language.THAI, Language.ENGLISH)
_MARGIN = 96
_WORDS = (
    ("call.title", (76, 56), QFont.Weight.DemiBold, "text"),
    ("call.text", (38, 32), QFont.Weight.Normal, "text2"),
    ("call.later", (32, 28), QFont.Weight.Normal, "text2"),
)
"""Sentence, its size in the first and in the second language, weight and colour."""


class CallStaffWindow(QRasterWindow):
    """Says in both languages whom to call, why, and when the kiosk tries again (`again_s` from now). Whoever
    holds the top left corner for three seconds is offered another try, which ends the application with
    RESTART. UI thread."""

    def __init__(self, code: str, again_s: float) -> None:
        super().__init__()
        self._code = code
        self._again_at_s = time.monotonic() + again_s
        self.is_offered = False
        self._button = QRectF()
        self._hold = self._timer(self._offer)
        self._offered = self._timer(self._take_offer_back)
        drawn = QTimer(self)
        drawn.timeout.connect(self.update)
        drawn.start(_DRAWN_EVERY_MS)
        self.setTitle("Photo kiosk")

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QPointerEvent) and event.points():
            at, corner = event.points()[0].position(), _CORNER * self._scale
            is_in_corner = at.x() < corner and at.y() < corner
            if event.type() in _RELEASES or not is_in_corner:
                self._hold.stop()
            elif event.type() in _PRESSES:
                self._hold.start(HOLD_MS)
            if event.type() in _PRESSES and self.is_offered and self._button.contains(at):
                QGuiApplication.exit(RESTART)
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint(painter)
        painter.end()

    def paint(self, painter: QPainter) -> None:
        """The whole screen."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(0, 0, self.width(), self.height(), _colour("bg"))
        width, height = self._design
        scale = self._scale
        painter.translate((self.width() - width * scale) / 2, (self.height() - height * scale) / 2)
        painter.scale(scale, scale)
        top = 0.22 * height
        _paint_sign(painter, width / 2, top)
        self._paint_words(painter, width, top + 110)
        if self.is_offered:
            self._paint_button(painter, width, height)

    def _paint_words(self, painter: QPainter, width: int, y: float) -> None:
        minutes = max(1, math.ceil((self._again_at_s - time.monotonic()) / 60))
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)
        for place, language in enumerate(_LANGUAGES):
            for key, sizes, weight, colour in _WORDS:
                painter.setFont(_font(sizes[place], weight))
                painter.setPen(_colour(colour))
                room = QRectF(_MARGIN, y, width - 2 * _MARGIN, 600)
                words = tr(language, key, n=minutes)
                painter.drawText(room, flags, words)
                y += painter.boundingRect(room, flags, words).height() + 16
            y += 56
        painter.setFont(_font(32, QFont.Weight.Medium))
        painter.setPen(_colour("text"))
        code = " · ".join(tr(language, "call.code", code=self._code) for language in _LANGUAGES)
        painter.drawText(QRectF(_MARGIN, y, width - 2 * _MARGIN, 80), flags, code)

    def _paint_button(self, painter: QPainter, width: int, height: int) -> None:
        button = QRectF(_MARGIN, height - 216, min(952, width - 2 * _MARGIN), 128)
        button.moveLeft((width - button.width()) / 2)
        self._button = painter.transform().mapRect(button)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_colour("gold"))
        painter.drawRoundedRect(button, 24, 24)
        painter.setFont(_font(38, QFont.Weight.DemiBold))
        painter.setPen(_colour("onGold"))
        words = " · ".join(tr(language, "call.again") for language in _LANGUAGES)
        painter.drawText(button, int(Qt.AlignmentFlag.AlignCenter), words)

    def _timer(self, when_over: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(when_over)
        return timer

    def _offer(self) -> None:
        self.is_offered = True
        self._offered.start(OFFERED_MS)
        self.update()

    def _take_offer_back(self) -> None:
        self.is_offered = False
        self.update()

    @property
    def _design(self) -> Size:
        return design_for((self.width(), self.height()))

    @property
    def _scale(self) -> float:
        width, height = self._design
        return min(self.width() / width, self.height() / height)


def call_staff(code: str, again_s: float, *, windowed: bool = False) -> int:
    """Shows the screen until its time is over (0), or staff want another try (RESTART). Main thread only."""
    heartbeat = inherited_heartbeat()
    heartbeat.starting()
    prepare_environment()
    app = QGuiApplication(["kiosk"])
    load_fonts()
    with ended_by_signals() as stop:
        window = CallStaffWindow(code, again_s)
        lock = None if windowed else LockDown(window)
        window.resize(*size_on_screen(is_fullscreen=not windowed))
        window.showFullScreen() if lock else window.show()
        heart = Heart(heartbeat, stop, app.exit)
        QTimer.singleShot(int(again_s * 1000), app.quit)
        status = app.exec()
        heart.close()
        if lock is not None:
            lock.release()
        window.close()
    return status


def _paint_sign(painter: QPainter, middle: float, y: float) -> None:
    """Three calm dots: nothing is wrong with the visitor."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colour("gold"))
    for place in (-1, 0, 1):
        painter.drawEllipse(QRectF(middle + place * 56 - 16, y - 16, 32, 32))


def _font(size: int, weight: QFont.Weight) -> QFont:
    font = QFont(FONT_FAMILY)
    font.setPixelSize(size)
    font.setWeight(weight)
    return font


def _colour(name: str) -> QColor:
    return QColor(tokens()["colours"][name])
