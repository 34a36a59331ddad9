"""What the technician's desk tells, carried to the UI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, SignalInstance

from kiosk.events import Event, EventBus
from kiosk.staff.told import PaperSaved, StaffChanged, StaffNotice
from kiosk.technician.told import (
    CertaintyShown,
    RecorderShown,
    SelfTestChanged,
    SettingsShown,
    WizardShown,
)
from kiosk.updates.care import UpdatesShown
from ui.bridge import NewestEvents, Subject


class TechnicianBridge(NewestEvents):
    """Emits a signal for each kind of event with the event itself; `noticed` with what staff are told,
    once for each notice."""

    settingsShown = Signal(object)
    testsChanged = Signal(object)
    certaintyShown = Signal(object)
    recorderShown = Signal(object)
    updatesShown = Signal(object)
    wizardShown = Signal(object)
    paperSaved = Signal(object)
    noticed = Signal(object)

    def __init__(self, bus: EventBus, parent: QObject | None = None) -> None:
        self._signals: dict[type[Event], SignalInstance] = {}
        self._notice: StaffNotice | None = None
        shown = (SettingsShown, SelfTestChanged, CertaintyShown, RecorderShown, UpdatesShown, WizardShown)
        super().__init__(bus, (*shown, PaperSaved, StaffChanged), parent)
        self._signals |= {
            SettingsShown: self.settingsShown,
            SelfTestChanged: self.testsChanged,
            CertaintyShown: self.certaintyShown,
            RecorderShown: self.recorderShown,
            UpdatesShown: self.updatesShown,
            WizardShown: self.wizardShown,
            PaperSaved: self.paperSaved,
        }

    def _subject(self, event: Event) -> Subject:
        """Of each lane its own, and of the papers those of another sort do not hide the bundle."""
        if isinstance(event, RecorderShown):
            return type(event), event.lane
        if isinstance(event, PaperSaved):
            return type(event), event.what
        return (type(event),)

    def _show(self, event: Event) -> None:
        if not isinstance(event, StaffChanged):
            self._signals[type(event)].emit(event)
        elif event.view.notice is not self._notice:
            self._notice = event.view.notice
            self.noticed.emit(self._notice)
