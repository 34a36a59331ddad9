"""The self-test: a row for each test with what it measured, and what to do about one of them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk import __version__
from kiosk.technician.told import SelfTestChanged, TestRow, TestState
from ui import moment as clock
from ui.technician_facade import TechnicianCommands
from ui.translator import Translator, show_date, show_time
from ui.view_models.row_list import RowListModel
from ui.view_models.technician_entry import TechnicianEntryViewModel, Wanted
from ui.view_models.technician_words import code_text, said

CountSupply = Callable[[str, int], None]
"""Notes how much is left of a supply, by its name."""
_ROLES = ("name", "standing", "title", "words", "stateText")
_NEEDS_SOMEBODY = (TestState.FAILED, TestState.LOOK)
_ENDED = frozenset({TestState.PASSED, TestState.LOOK, TestState.FAILED})
_MOST_SHEETS = 100_000


class TechnicianTestsViewModel(QObject):
    """Lives on the UI thread; QML: `TechnicianTests`. The row that is looked at is the one that somebody
    touched, else the first that needs somebody."""

    changed = Signal()

    def __init__(
        self,
        technician: TechnicianCommands,
        count_supply: CountSupply,
        translator: Translator,
        entry: TechnicianEntryViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._technician = technician
        self._count_supply = count_supply
        self._translator = translator
        self._entry = entry
        self._shown = SelfTestChanged((), is_running=False)
        self._touched = ""
        self._is_looking = False
        self._rows = RowListModel(_ROLES, self)
        translator.languageChanged.connect(self._refresh)

    def take(self, event: SelfTestChanged) -> None:
        """The rows as they are now. A test that switched the camera on let it go: whoever looks goes on."""
        has_ended = self._shown.is_running and not event.is_running
        self._shown = event
        self._refresh()
        if has_ended and self._is_looking:
            self._technician.look(True)

    def turn(self, place: str) -> None:
        """Another page is shown: nobody waits for a payment any more, or looks through the camera; whoever
        comes finds all tests run."""
        self._touched = ""
        self.look(False)
        if place == "selftest" and not self._shown.rows:
            self._technician.run_tests()
        elif place != "selftest" and self._is_awaiting():
            self._technician.stop_tests()

    def _refresh(self) -> None:
        self._rows.show([self._row(row) for row in self._shown.rows])
        self.changed.emit()

    def _row(self, row: TestRow) -> dict[str, str]:
        return {
            "name": row.name,
            "standing": str(row.state),
            "title": said(row.title_key, self._translator, row.params, otherwise=row.name),
            "words": self._words(row),
            "stateText": self._translator.translate(f"tech.test.{row.state}", {}),
        }

    def _words(self, row: TestRow) -> str:
        """What was measured; of a row that runs or waits nothing is known yet."""
        if row.state in (TestState.WAITING, TestState.RUNNING):
            return ""
        return said(row.words_key, self._translator, row.params)

    def _selected(self) -> TestRow | None:
        rows = self._shown.rows
        touched = [row for row in rows if row.name == self._touched]
        needing = [row for state in _NEEDS_SOMEBODY for row in rows if row.state is state]
        return next(iter([*touched, *needing, *rows]), None)

    def _is_awaiting(self) -> bool:
        return self._shown.qr_payload is not None or self._shown.qr_png is not None

    # what is shown

    def _summary(self) -> str:
        states = [row.state for row in self._shown.rows]
        say = self._translator
        if not states:
            return ""
        if self._shown.is_running:
            done = sum(state in _ENDED or state is TestState.SKIPPED for state in states)
            return say.translate("tech.test.running_n", {"n": done, "all": len(states)})
        passed = say.counted("tech.test.passed_n", states.count(TestState.PASSED))
        needing = sum(state in _NEEDS_SOMEBODY for state in states)
        if not needing:
            return say.translate("tech.test.all_passed", {"n": states.count(TestState.PASSED)})
        return f"{passed}, {say.counted('tech.test.needs_n', needing)}"

    def _took(self) -> str:
        """All tests together; how long the last run took is less where only one was run again."""
        seconds = round(sum(row.took_s or 0.0 for row in self._shown.rows))
        known = not self._shown.is_running and seconds > 0
        return self._translator.translate("tech.test.took", {"n": seconds}) if known else ""

    def _when(self) -> str:
        now = clock.now()
        date = show_date(now, self._translator.now_language)
        params = {"version": __version__, "date": date, "time": show_time(now)}
        return self._translator.translate("tech.test.when", params)

    def _advice(self) -> str:
        row = self._selected()
        if row is None:
            return ""
        advice = said(row.advice_key, self._translator, row.params)
        if advice or row.state not in _NEEDS_SOMEBODY:
            return advice or self._words(row)
        return code_text(row.code, self._translator) or self._words(row)

    def _facts(self) -> list[dict[str, str]]:
        row = self._selected()
        return [
            {"word": said(word, self._translator, otherwise=word), "value": value}
            for word, value in (row.facts if row else ())
        ]

    def _qr_image(self) -> str:
        png = self._shown.qr_png if self._shown.qr_payload is None else None
        return "data:image/png;base64," + b64encode(png).decode("ascii") if png else ""

    def _of_selected(self, read: Callable[[TestRow], Any], otherwise: Any) -> Any:
        row = self._selected()
        return otherwise if row is None else read(row)

    rows = Property(QObject, lambda self: self._rows, constant=True)
    isRunning = Property(bool, lambda self: self._shown.is_running, notify=changed)
    summary = Property(str, _summary, notify=changed)
    tookText = Property(str, _took, notify=changed)
    whenText = Property(str, _when, notify=changed)
    selected = Property(str, lambda self: self._of_selected(lambda row: row.name, ""), notify=changed)
    title = Property(
        str, lambda self: self._of_selected(lambda row: self._row(row)["title"], ""), notify=changed
    )
    state = Property(str, lambda self: self._of_selected(lambda row: str(row.state), ""), notify=changed)
    code = Property(str, lambda self: self._of_selected(lambda row: row.code, ""), notify=changed)
    measured = Property(str, lambda self: self._of_selected(self._words, ""), notify=changed)
    advice = Property(str, _advice, notify=changed)
    facts = Property(list, _facts, notify=changed)
    actions = Property(
        list, lambda self: self._of_selected(lambda row: list(row.actions), []), notify=changed
    )
    paperText = Property(
        str, lambda self: self._of_selected(lambda row: row.params.get("size", ""), ""), notify=changed
    )
    isAwaitingPayment = Property(bool, _is_awaiting, notify=changed)
    needsPerson = Property(bool, lambda self: self._shown.needs_person, notify=changed)
    qrText = Property(str, lambda self: self._shown.qr_payload or "", notify=changed)
    qrImage = Property(str, _qr_image, notify=changed)
    dueSatang = Property(int, lambda self: self._shown.qr_due_satang, notify=changed)

    # what is done

    @Slot(str)
    def select(self, name: str) -> None:
        """This row is looked at."""
        self._touched = name
        self.changed.emit()

    @Slot()
    def runAll(self) -> None:
        """Every test from the beginning."""
        self._touched = ""
        self._technician.run_tests()

    @Slot()
    def again(self) -> None:
        """The test that is looked at, once more."""
        row = self._selected()
        if row:
            self._touched = row.name
            self._technician.run_tests(row.name)

    @Slot()
    def stop(self) -> None:
        """Ends what runs, also the wait for a payment."""
        self._technician.stop_tests()

    @Slot(bool)
    def look(self, is_wanted: bool) -> None:
        """A picture of the camera is shown, or not any more."""
        if is_wanted is not self._is_looking:
            self._is_looking = is_wanted
            self._technician.look(is_wanted)

    @Slot()
    def pay(self) -> None:
        """Asks for one baht; asked again while only a person can see it: it is there."""
        self._technician.test_payment()

    @Slot()
    def printPage(self) -> None:
        """Prints a test page on the printer that is looked at."""
        row = self._selected()
        if row:
            self._technician.test_print(row.params.get("queue", row.name.partition(".")[2]))

    @Slot()
    def countMatches(self) -> None:
        """What the kiosk counts is what lies in the printer."""
        row = self._selected()
        if row and row.params.get("left", "").isdecimal():
            self._count(row, int(row.params["left"]))

    @Slot()
    def askCount(self) -> None:
        """How many sheets there are is typed; the sheet opens after this."""
        row = self._selected()
        if row is None:
            return
        say = self._translator.translate
        wanted = Wanted(
            say("tech.test.count_title", {"what": self._row(row)["title"]}),
            "number",
            unit=say("unit.sheets", {}),
            lowest=0,
            highest=_MOST_SHEETS,
            may_be_empty=False,
        )
        self._entry.ask(wanted, lambda text: self._count(row, int(float(text))))

    def _count(self, row: TestRow, left: int) -> None:
        self._touched = row.name
        self._count_supply(row.params.get("supply", ""), left)
        self._technician.run_tests(row.name)
