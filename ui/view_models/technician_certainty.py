"""How sure recognition has to be, said by what visitors meet."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.staff.told import StaffNotice
from kiosk.technician.told import CertaintyShown
from ui.technician_facade import TechnicianCommands
from ui.translator import Translator, show_number

ONE_IN = (1000, 500, 200, 100, 50, 20)
"""The steps: one visitor in so many may meet a stranger's photo."""


class TechnicianCertaintyViewModel(QObject):
    """Lives on the UI thread; QML: `TechnicianCertainty`. What is chosen counts from `save` on; "maybe" is
    never stricter than "sure"."""

    changed = Signal()

    def __init__(
        self, technician: TechnicianCommands, translator: Translator, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._technician = technician
        self._translator = translator
        self._shown: CertaintyShown | None = None
        self._sure = self._maybe = 0
        self._is_saving = self._is_here = False
        translator.languageChanged.connect(self._ask_again)
        translator.languageChanged.connect(self.changed)

    def take(self, event: CertaintyShown) -> None:
        """What is in use; where that is new, what was chosen and not saved gives way to it."""
        before, self._shown = self._shown, event
        shares = (event.sure_share, event.maybe_share)
        if self._is_saving or before is None or shares != (before.sure_share, before.maybe_share):
            self._sure, self._maybe = nearest(event.sure_share), nearest(event.maybe_share)
        self._is_saving = False
        self.changed.emit()

    def take_notice(self, notice: StaffNotice | None) -> None:
        """What staff are told of; what could not be saved can be tried again."""
        if notice is not None and not notice.is_success and self._is_saving:
            self._is_saving = False
            self.changed.emit()

    def turn(self, place: str) -> None:
        """Another page is shown."""
        self._is_here = place == "certainty"
        self._shown = None
        if self._is_here:
            self._technician.show_certainty()

    def _ask_again(self) -> None:
        """The words of what is in use come in the language of the screen."""
        if self._is_here:
            self._technician.show_certainty()

    def _words(self, key: str, index: int) -> str:
        return self._translator.translate(key, {"n": ONE_IN[index]})

    def _is_changed(self) -> bool:
        shown = self._shown
        return shown is not None and (self._sure, self._maybe) != (
            nearest(shown.sure_share),
            nearest(shown.maybe_share),
        )

    steps = Property(
        list,
        lambda self: [
            self._translator.translate("tech.certainty.one_in", {"n": show_number(n)}) for n in ONE_IN
        ],
        notify=changed,
    )
    sure = Property(int, lambda self: self._sure, notify=changed)
    maybe = Property(int, lambda self: self._maybe, notify=changed)
    sureText = Property(
        str, lambda self: self._words("tech.certainty.sure_words", self._sure), notify=changed
    )
    maybeText = Property(
        str, lambda self: self._words("tech.certainty.maybe_words", self._maybe), notify=changed
    )
    words = Property(str, lambda self: self._shown.words if self._shown else "", notify=changed)
    originText = Property(str, lambda self: self._shown.origin if self._shown else "", notify=changed)
    canChange = Property(
        bool, lambda self: self._shown is not None and self._shown.can_change, notify=changed
    )
    isChanged = Property(bool, _is_changed, notify=changed)
    isSaving = Property(bool, lambda self: self._is_saving, notify=changed)

    @Slot(int)
    def setSure(self, index: int) -> None:
        """A step for the sure photos."""
        self._sure = index
        self._maybe = max(self._maybe, index)
        self.changed.emit()

    @Slot(int)
    def setMaybe(self, index: int) -> None:
        """A step for those behind "maybe"."""
        self._maybe = index
        self._sure = min(self._sure, index)
        self.changed.emit()

    @Slot()
    def save(self) -> None:
        """From now on it is like this."""
        if self._is_changed() and not self._is_saving:
            self._is_saving = True
            self.changed.emit()
            self._technician.set_certainty(1 / ONE_IN[self._sure], 1 / ONE_IN[self._maybe])


def nearest(share: float) -> int:
    """The step that is nearest to a share."""
    wanted = 1 / share if share > 0 else ONE_IN[0]
    return min(range(len(ONE_IN)), key=lambda index: abs(ONE_IN[index] / wanted + wanted / ONE_IN[index]))
