"""The technician's objects of the QML module `Kiosk`, for the engine of the window that shows their pages."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.staff_facade import StaffCommands
from ui.technician_bridge import TechnicianBridge
from ui.technician_facade import TechnicianCommands
from ui.translator import Translator
from ui.view_models.technician_certainty import TechnicianCertaintyViewModel
from ui.view_models.technician_entry import TechnicianEntryViewModel
from ui.view_models.technician_recorder import TechnicianRecorderViewModel, TechnicianSupportViewModel
from ui.view_models.technician_settings import TechnicianSettingsViewModel
from ui.view_models.technician_tests import TechnicianTestsViewModel
from ui.view_models.technician_touch import TechnicianTouchViewModel
from ui.view_models.technician_updates import TechnicianUpdatesViewModel
from ui.view_models.technician_wizard import TechnicianWizardViewModel

SINGLETONS: dict[str, type[QObject]] = {
    "TechnicianEntry": TechnicianEntryViewModel,
    "TechnicianSettings": TechnicianSettingsViewModel,
    "TechnicianTests": TechnicianTestsViewModel,
    "TechnicianTouch": TechnicianTouchViewModel,
    "TechnicianRecorder": TechnicianRecorderViewModel,
    "TechnicianSupport": TechnicianSupportViewModel,
    "TechnicianCertainty": TechnicianCertaintyViewModel,
    "TechnicianUpdates": TechnicianUpdatesViewModel,
    "TechnicianWizard": TechnicianWizardViewModel,
}
"""QML name and class of each; they are registered with the window's own."""


class TechnicianObjects:
    """One instance of each of `SINGLETONS` in `objects`, by its QML name; they follow the desk until `close`.
    Connect `turn` to the staff's navigator: it tells each which page is shown."""

    def __init__(
        self, technician: TechnicianCommands, staff: StaffCommands, translator: Translator, parent: QObject
    ) -> None:
        entry = TechnicianEntryViewModel(translator, parent)
        settings = TechnicianSettingsViewModel(technician, translator, entry, parent)
        tests = TechnicianTestsViewModel(technician, staff.count_supply, translator, entry, parent)
        touch = TechnicianTouchViewModel(technician, translator, parent)
        recorder = TechnicianRecorderViewModel(technician, translator, parent)
        support = TechnicianSupportViewModel(technician, translator, parent)
        certainty = TechnicianCertaintyViewModel(technician, translator, parent)
        updates = TechnicianUpdatesViewModel(technician, translator, parent)
        wizard = TechnicianWizardViewModel(technician, staff.close, translator, entry, parent)
        self.objects: dict[str, QObject] = {
            "TechnicianEntry": entry,
            "TechnicianSettings": settings,
            "TechnicianTests": tests,
            "TechnicianTouch": touch,
            "TechnicianRecorder": recorder,
            "TechnicianSupport": support,
            "TechnicianCertainty": certainty,
            "TechnicianUpdates": updates,
            "TechnicianWizard": wizard,
        }
        self._turned = (settings, tests, recorder, support, certainty, updates, wizard)
        self._entry = entry
        self._bridge = TechnicianBridge(technician.bus, parent)
        self._bridge.settingsShown.connect(settings.take)
        self._bridge.testsChanged.connect(tests.take)
        self._bridge.recorderShown.connect(recorder.take)
        self._bridge.certaintyShown.connect(certainty.take)
        self._bridge.updatesShown.connect(updates.take)
        self._bridge.wizardShown.connect(wizard.take)
        self._bridge.paperSaved.connect(support.take)
        for heard in (settings, certainty, support, updates, wizard):
            self._bridge.noticed.connect(heard.take_notice)

    def turn(self, place: str) -> None:
        """This page of the staff's is shown now; nothing typed on another is left."""
        self._entry.forget()
        for view_model in self._turned:
            view_model.turn(place)

    def close(self) -> None:
        """Hears no more events."""
        self._bridge.close()
