"""The one line of text that is typed on a sheet of its own, and which field it belongs to."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot


class TypingViewModel(QObject):
    """Lives on the UI thread; QML: `Typing`. Whoever asked hears `entered(field, text)`; what is typed for
    one page never reaches another."""

    changed = Signal()
    entered = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clear()

    def _clear(self) -> None:
        self._field = self._label = self._text = ""
        self._kind = "text"
        self._may_be_empty = True

    def turn(self, place: str) -> None:
        """Another page is shown."""
        self._clear()
        self.changed.emit()

    label = Property(str, lambda self: self._label, notify=changed)
    text = Property(str, lambda self: self._text, notify=changed)
    kind = Property(str, lambda self: self._kind, notify=changed)
    mayBeEmpty = Property(bool, lambda self: self._may_be_empty, notify=changed)

    @Slot(str, str, str, str, bool)
    def ask(self, field: str, label: str, text: str, kind: str, may_be_empty: bool) -> None:
        """Before the sheet opens; `kind` as in TypingSheet.qml."""
        self._field, self._label, self._text = field, label, text
        self._kind, self._may_be_empty = kind, may_be_empty
        self.changed.emit()

    @Slot(str)
    def enter(self, text: str) -> None:
        """This is what was typed."""
        field = self._field
        self._clear()
        if field:
            self.entered.emit(field, text)
