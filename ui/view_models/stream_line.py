"""The line of a camera, over which people come in and go out: drawn by two touches of its picture."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.visits.types import Line

_LEAST = 0.05
"""Two touches nearer to each other than that are one, as shares of the picture."""


class LineViewModel(QObject):
    """Lives on the UI thread; QML: `StreamLine`. All places are shares of the picture's width and height."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._line: Line | None = None
        self._begun: tuple[float, float] | None = None
        self._is_drawing = False

    @property
    def line(self) -> Line | None:
        """As it is drawn now."""
        return self._line

    def set(self, line: Line | None) -> None:
        """The line is this one, or there is none; a drawing that was begun is over."""
        self._line, self._begun, self._is_drawing = line, None, False
        self.changed.emit()

    @Slot()
    def draw(self) -> None:
        """The next two touches of the picture are its ends."""
        self._is_drawing, self._begun = True, None
        self.changed.emit()

    @Slot()
    def stopDrawing(self) -> None:
        """The line stays as it was."""
        self.set(self._line)

    @Slot(float, float)
    def touch(self, x: float, y: float) -> None:
        """A touch of the picture."""
        if not self._is_drawing:
            return
        x, y = min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
        if self._begun is None:
            self._begun = x, y
            self.changed.emit()
        elif abs(x - self._begun[0]) + abs(y - self._begun[1]) >= _LEAST:
            self.set(Line(*self._begun, x, y))

    @Slot()
    def turn(self) -> None:
        """In becomes out."""
        if self._line is not None:
            self.set(Line(self._line.x2, self._line.y2, self._line.x1, self._line.y1))

    @Slot()
    def clear(self) -> None:
        """Nobody is counted in and out here any more."""
        self.set(None)

    def _end(self, name: str) -> float:
        return float(getattr(self._line, name)) if self._line is not None else 0.0

    hasLine = Property(bool, lambda self: self._line is not None, notify=changed)
    x1 = Property(float, lambda self: self._end("x1"), notify=changed)
    y1 = Property(float, lambda self: self._end("y1"), notify=changed)
    x2 = Property(float, lambda self: self._end("x2"), notify=changed)
    y2 = Property(float, lambda self: self._end("y2"), notify=changed)
    isDrawing = Property(bool, lambda self: self._is_drawing, notify=changed)
    hasBegun = Property(bool, lambda self: self._begun is not None, notify=changed)
    begunX = Property(float, lambda self: self._begun[0] if self._begun else 0.0, notify=changed)
    begunY = Property(float, lambda self: self._begun[1] if self._begun else 0.0, notify=changed)
