"""How far beside nine points of the screen a finger is felt, in millimetres."""

from __future__ import annotations

from math import hypot

from PySide6.QtCore import Property, QObject, Signal, Slot

from ui.technician_facade import TechnicianCommands
from ui.translator import Translator

POINTS = tuple((x, y) for y in (0.08, 0.5, 0.92) for x in (0.08, 0.5, 0.92))
"""Shares of the screen's width and height, in reading order."""
_USUAL_LONG_EDGE_MM = 531.0
"""Of a screen of 24 inches."""
_PLAUSIBLE_LONG_EDGE_MM = (150.0, 3000.0)


class TechnicianTouchViewModel(QObject):
    """Lives on the UI thread; QML: `TechnicianTouch`. Places are in pixels of the window."""

    changed = Signal()
    done = Signal()

    def __init__(
        self, technician: TechnicianCommands, translator: Translator, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._technician = technician
        self._translator = translator
        self._size = (1.0, 1.0)
        self._pixels_per_mm = 1.0
        self._errors_mm: list[float] = []
        translator.languageChanged.connect(self.changed)

    @Slot(float, float, float)
    def begin(self, width: float, height: float, pixels_per_mm: float) -> None:
        """The first point, on a window of this size. A screen that does not know how large it is counts as
        one of 24 inches."""
        long_edge = max(width, height)
        least, most = (long_edge / edge for edge in reversed(_PLAUSIBLE_LONG_EDGE_MM))
        is_plausible = least <= pixels_per_mm <= most
        self._pixels_per_mm = pixels_per_mm if is_plausible else long_edge / _USUAL_LONG_EDGE_MM
        self._size = (width, height)
        self._errors_mm = []
        self.changed.emit()

    @Slot(float, float)
    def touch(self, x: float, y: float) -> None:
        """A finger was felt here; `done` follows the last point, and the desk is told."""
        if self._is_over():
            return
        self._errors_mm.append(hypot(x - self._x(), y - self._y()) / self._pixels_per_mm)
        self.changed.emit()
        if self._is_over():
            self._technician.note_touch(len(self._errors_mm), round(max(self._errors_mm), 1))
            self.done.emit()

    def _is_over(self) -> bool:
        return len(self._errors_mm) == len(POINTS)

    def _point(self) -> tuple[float, float]:
        return POINTS[min(len(self._errors_mm), len(POINTS) - 1)]

    def _x(self) -> float:
        return self._point()[0] * self._size[0]

    def _y(self) -> float:
        return self._point()[1] * self._size[1]

    def _progress(self) -> str:
        params = {"n": len(self._errors_mm) + 1, "all": len(POINTS)}
        return self._translator.translate("tech.touch.point", params)

    x = Property(float, _x, notify=changed)
    y = Property(float, _y, notify=changed)
    progressText = Property(str, _progress, notify=changed)
