"""Updates on the technician's pages: what is ready, when it is applied, how the last one went."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.staff.told import StaffNotice
from kiosk.updates.care import UpdatesShown
from kiosk.updates.journal import Outcome
from kiosk.updates.wish import When
from ui.technician_facade import TechnicianCommands
from ui.translator import Translator
from ui.view_models.staff_words import error_word, when_word

_NOTHING = UpdatesShown(version="")


class TechnicianUpdatesViewModel(QObject):
    """Lives on the UI thread; QML: `TechnicianUpdates`. The way back is asked for twice."""

    changed = Signal()

    def __init__(
        self, technician: TechnicianCommands, translator: Translator, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._technician = technician
        self._translator = translator
        self._shown = _NOTHING
        self._is_looking = self._is_sure = False
        translator.languageChanged.connect(self.changed)

    def take(self, event: UpdatesShown) -> None:
        """How it stands now."""
        self._shown = event
        self._is_looking = self._is_looking and event.ready == ""
        self.changed.emit()

    def take_notice(self, notice: StaffNotice | None) -> None:
        """What staff are told of: also that nothing was found on the stick."""
        if notice is not None and self._is_looking:
            self._is_looking = False
            self.changed.emit()

    def turn(self, place: str) -> None:
        """Another page is shown."""
        self._is_looking = self._is_sure = False
        if place == "updates":
            self._technician.show_updates()

    # -- words ------------------------------------------------------------------------------------

    def _say(self, key: str, **params: object) -> str:
        return self._translator.translate(f"tech.updates.{key}", params)

    def _ready_text(self) -> str:
        shown = self._shown
        if shown.ready:
            return self._say("ready", version=shown.ready)
        if shown.arrived_mb:
            return self._say("arriving", mb=shown.arrived_mb)
        return self._say("none")

    def _when_text(self) -> str:
        shown = self._shown
        if not shown.has_keys:
            return self._say("no_keys")
        if shown.is_asked:
            return self._say("begins")
        wish = shown.wish.when if shown.wish else None
        if wish in (When.NOW, When.UNDO):
            return self._say("soon")
        if shown.ready and (wish is When.TONIGHT or shown.by_itself):
            return self._say("in_hours", begin=shown.hours[0], end=shown.hours[1])
        return self._say("by_hand") if shown.ready else ""

    def _last_text(self) -> str:
        last = self._shown.last
        if last is None:
            return self._say("never_yet")
        words = self._say(last.outcome.value, version=last.version, before=last.from_version)
        return f"{words} · {when_word(last.at, self._translator)}"

    def _why_text(self) -> str:
        last = self._shown.last
        if last is None or not last.code or last.outcome is Outcome.DONE:
            return ""
        return error_word(last.code, self._translator)

    def _problem_text(self) -> str:
        return error_word(self._shown.code, self._translator) if self._shown.code else ""

    def _tonight_text(self) -> str:
        return self._say("tonight", begin=self._shown.hours[0], end=self._shown.hours[1])

    def _undo_text(self) -> str:
        key = "undo_sure" if self._is_sure else "undo"
        return self._say(key, version=self._shown.before)

    versionText = Property(
        str, lambda self: self._say("version", version=self._shown.version), notify=changed
    )
    readyText = Property(str, _ready_text, notify=changed)
    whenText = Property(str, _when_text, notify=changed)
    problemText = Property(str, _problem_text, notify=changed)
    lastText = Property(str, _last_text, notify=changed)
    whyText = Property(str, _why_text, notify=changed)
    undoText = Property(str, _undo_text, notify=changed)
    before = Property(str, lambda self: self._shown.before, notify=changed)
    tonightText = Property(str, _tonight_text, notify=changed)
    wish = Property(str, lambda self: self._shown.wish.when.value if self._shown.wish else "", notify=changed)
    isReady = Property(bool, lambda self: self._shown.ready != "", notify=changed)
    isAsked = Property(bool, lambda self: self._shown.is_asked, notify=changed)
    isLooking = Property(bool, lambda self: self._is_looking, notify=changed)
    hasCentre = Property(bool, lambda self: self._shown.has_centre, notify=changed)

    # -- touches ----------------------------------------------------------------------------------

    @Slot(str)
    def choose(self, when: str) -> None:
        """ "now", "tonight", or "" to take it back."""
        self._technician.choose_update(when)

    @Slot()
    def look(self) -> None:
        """On the USB stick."""
        self._is_looking = True
        self.changed.emit()
        self._technician.look_for_update()

    @Slot()
    def check(self) -> None:
        """At the centre."""
        self._technician.check_for_update()

    @Slot()
    def undo(self) -> None:
        """The first touch asks, the second one does it."""
        if self._is_sure:
            self._technician.choose_update(When.UNDO.value)
        self._is_sure = not self._is_sure
        self.changed.emit()
