"""The flight recorder's time line, and the support bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.staff.told import PaperSaved, StaffNotice
from kiosk.technician.told import Recorded, RecorderShown
from ui.technician_facade import TechnicianCommands
from ui.translator import Translator, Venue, show_day
from ui.view_models.row_list import RowListModel
from ui.view_models.staff_words import paper_word
from ui.view_models.technician_words import code_text, notice_text, said

LANES = ("camera", "printer", "network", "payment", "error", "staff", "system")
ICONS = {
    "camera": "camera",
    "printer": "printer",
    "network": "wifi",
    "payment": "credit-card",
    "error": "triangle-alert",
    "staff": "user",
    "system": "activity",
}
BUNDLE = "bundle"
"""What a saved paper is called that is the support bundle."""
_ROLES = ("id", "lane", "laneIndex", "hour", "time", "words", "code", "codeText", "facts", "isTrouble")
_PAGE = 200
_NOTHING = frozenset({"", "None"})
"""What was noted where nothing was known."""


class TechnicianRecorderViewModel(QObject):
    """Lives on the UI thread; QML: `TechnicianRecorder`."""

    changed = Signal()

    def __init__(
        self, technician: TechnicianCommands, translator: Translator, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._technician = technician
        self._translator = translator
        self._lane = ""
        self._most = _PAGE
        self._shown: RecorderShown | None = None
        self._moments = RowListModel(_ROLES, self)
        translator.languageChanged.connect(self._refresh)

    def take(self, event: RecorderShown) -> None:
        """Moments of the lane that is looked at; those of another one come too late."""
        if event.lane == self._lane:
            self._shown = event
            self._refresh()

    def turn(self, place: str) -> None:
        """Another page is shown: all lanes are read anew."""
        if place == "recorder":
            self._lane, self._most = "", _PAGE
            self._ask()

    def _ask(self) -> None:
        self._technician.show_recorder(self._lane, self._most)
        self.changed.emit()

    def _refresh(self) -> None:
        self._moments.show(_rows(self._shown.moments if self._shown else (), self._translator))
        self.changed.emit()

    def _lanes(self) -> list[dict[str, Any]]:
        return [
            {
                "name": lane,
                "title": self._translator.translate(f"recorder.lane.{lane}", {}),
                "icon": ICONS[lane],
            }
            for lane in LANES
        ]

    lanes = Property(list, _lanes, notify=changed)
    lane = Property(str, lambda self: self._lane, notify=changed)
    moments = Property(QObject, lambda self: self._moments, constant=True)
    isRead = Property(bool, lambda self: self._shown is not None, notify=changed)
    hasMore = Property(bool, lambda self: self._shown is not None and self._shown.has_more, notify=changed)

    @Slot(str)
    def show(self, lane: str) -> None:
        """One lane; touched again, or empty, all of them."""
        self._lane = "" if lane == self._lane else lane
        self._most = _PAGE
        self._ask()

    @Slot()
    def more(self) -> None:
        """What was earlier as well."""
        self._most += _PAGE
        self._ask()


def _rows(moments: Sequence[Recorded], words: Translator) -> list[dict[str, Any]]:
    """The moments as the page draws them, each with an id of its own, of which none changes as more come."""
    seen: dict[str, int] = {}
    rows = []
    for moment in moments:
        about = f"{moment.at.isoformat()} {moment.lane} {moment.what}"
        seen[about] = seen.get(about, 0) + 1
        rows.append({"id": f"{about} {seen[about]}", **_row(moment, words)})
    return rows


def _row(moment: Recorded, words: Translator) -> dict[str, Any]:
    local = moment.at.astimezone(Venue.zone)
    facts = [_fact(name, value, words) for name, value in moment.facts.items() if value not in _NOTHING]
    return {
        "lane": moment.lane,
        "laneIndex": LANES.index(moment.lane) if moment.lane in LANES else len(LANES) - 1,
        "hour": f"{show_day(local.date(), words.now_language)}, {local:%H}:00",
        "time": f"{local:%H:%M:%S}",
        "words": said(f"recorder.what.{moment.what}", words, otherwise=moment.what.replace("_", " ")),
        "code": moment.code,
        "codeText": code_text(moment.code, words),
        "facts": " · ".join(facts),
        "isTrouble": bool(moment.code) or moment.lane == "error",
    }


def _fact(name: str, value: str, words: Translator) -> str:
    """What was noted, with its name before it: "queue dnp"; paper and ink speak for themselves."""
    if name == "supply":
        return paper_word(value, words)
    title = said(f"recorder.fact.{name}", words, otherwise=name.replace("_", " "))
    return f"{title} {said(f'recorder.value.{value}', words, otherwise=value)}"


class TechnicianSupportViewModel(QObject):
    """Makes the support bundle and says where it lies; ends the program. Lives on the UI thread; QML:
    `TechnicianSupport`."""

    changed = Signal()

    def __init__(
        self, technician: TechnicianCommands, translator: Translator, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._technician = technician
        self._translator = translator
        self._is_making = False
        self._path = ""
        self._problem: StaffNotice | None = None
        translator.languageChanged.connect(self.changed)

    def take(self, event: PaperSaved) -> None:
        """A file was written; others than the bundle are others' business."""
        if event.what == BUNDLE:
            self._is_making, self._path, self._problem = False, event.path, None
            self.changed.emit()

    def take_notice(self, notice: StaffNotice | None) -> None:
        """What staff are told of; a bundle that was not made is waited for no longer."""
        if notice is not None and not notice.is_success and self._is_making:
            self._is_making, self._problem = False, notice
            self.changed.emit()

    def turn(self, _place: str) -> None:
        """Another page is shown."""
        self._is_making, self._path, self._problem = False, "", None
        self.changed.emit()

    def _text(self) -> str:
        if self._problem:
            return notice_text(self._problem, self._translator)
        if not self._path:
            return ""
        return self._translator.translate("tech.bundle.saved", {"path": self._path})

    @Slot(bool)
    def end(self, restart: bool) -> None:
        """The program ends, or starts anew."""
        self._technician.end_kiosk(restart)

    isMaking = Property(bool, lambda self: self._is_making, notify=changed)
    text = Property(str, _text, notify=changed)
    isGood = Property(bool, lambda self: self._problem is None, notify=changed)
    fileName = Property(str, lambda self: Path(self._path).name, notify=changed)

    @Slot()
    def make(self) -> None:
        """One file with what helps to see why; no face, name, number or secret is in it."""
        if not self._is_making:
            self._is_making, self._path, self._problem = True, "", None
            self.changed.emit()
            self._technician.make_bundle()
