"""How long the UI thread keeps events waiting, measured from inside."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer

_BEAT_MS = 5
_KEPT_BEATS = 200_000  # a quarter of an hour and more


@dataclass(frozen=True, slots=True)
class Responsiveness:
    """Delays of the event loop beyond the beat, in milliseconds, over `beats` beats."""

    beats: int
    max_ms: float
    p99_ms: float


class ResponsivenessMeter(QObject):
    """A precise timer on the UI thread; each beat that comes late by n ms saw the thread blocked for n ms."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._delays_ms: list[float] = []
        self._last_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begins anew."""
        self._delays_ms.clear()
        self._last_s = perf_counter()
        self._timer.start(_BEAT_MS)

    def stop(self) -> Responsiveness:
        """Ends the measurement and says what it saw."""
        self._timer.stop()
        ordered = sorted(self._delays_ms)
        if not ordered:
            return Responsiveness(0, 0.0, 0.0)
        return Responsiveness(len(ordered), ordered[-1], ordered[int(0.99 * (len(ordered) - 1))])

    def _beat(self) -> None:
        now_s = perf_counter()
        if len(self._delays_ms) < _KEPT_BEATS:
            self._delays_ms.append(max(0.0, (now_s - self._last_s) * 1000 - _BEAT_MS))
        self._last_s = now_s
