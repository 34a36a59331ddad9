"""The first run: one question a page, until the kiosk can serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.staff.told import StaffNotice
from kiosk.technician.told import WizardShown
from ui.technician_facade import TechnicianCommands
from ui.translator import Translator
from ui.view_models.technician_entry import LONGEST, TechnicianEntryViewModel, Wanted
from ui.view_models.technician_fields import BLOT
from ui.view_models.technician_words import code_text, said

CHOSEN_AS = {
    "language": "language",
    "mode": "mode",
    "camera": "source",
    "printer": "queue",
    "payment": "gateway",
}
"""What is chosen on a page, as the answer names it."""
CHOICES = {
    "language": ("th", "en"),
    "mode": ("event", "store"),
    "payment": ("promptpay", "paynoi", "central"),
}
"""What can be chosen on every machine; cameras and print queues are those of the machine."""
NONE = ""
"""No printer: staff hand the prints out."""
_OTHER = "other"
"""A camera that is not plugged in: its address is typed."""
_ALSO = {"camera": (_OTHER,), "printer": (NONE,)}
"""What can be chosen beside those."""
_TYPED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "staff": (("name", "text"), ("pin", "pin"), ("pin_again", "pin")),
    f"camera.{_OTHER}": (("address", "address"),),
    "event": (("event", "text"),),
    "payment.promptpay": (("promptpay_id", "path"), ("receiver_name", "text")),
    "payment.paynoi": (
        ("paynoi_url", "address"),
        ("paynoi_key_id", "path"),
        ("paynoi_account", "path"),
        ("secret", "secret"),
    ),
    "centre": (("url", "address"), ("code", "path")),
}
"""What is typed on a page, or for a choice on it: its name in the answer, and what it is typed with."""
_MUST = frozenset({"name", "pin", "pin_again", "address", "event", "promptpay_id"})
_SHORTEST_PIN, _LONGEST_PIN = 4, 8
_HIDDEN = "●"


class TechnicianWizardViewModel(QObject):
    """Lives on the UI thread; QML: `TechnicianWizard`. PINs are forgotten as soon as their page is left."""

    changed = Signal()

    def __init__(
        self,
        technician: TechnicianCommands,
        close: Callable[[], None],
        translator: Translator,
        entry: TechnicianEntryViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._technician = technician
        self._close = close
        self._translator = translator
        self._entry = entry
        self._shown: WizardShown | None = None
        self._draft: dict[str, str] = {}
        self._is_waiting = False
        translator.languageChanged.connect(self.changed)

    def take(self, event: WizardShown) -> None:
        """A page, or what is wrong with the answer to it: then what was typed stays."""
        before, self._shown = self._shown, event
        self._is_waiting = False
        if before is None or before.step != event.step:
            self._draft = dict(event.values)
            name = CHOSEN_AS.get(event.step)
            if name and name not in self._draft:
                self._draft[name] = next(iter(self._options()), "")
        self.changed.emit()

    def take_notice(self, notice: StaffNotice | None) -> None:
        """What staff are told of; an answer that was refused is waited for no longer."""
        if notice is not None and not notice.is_success and self._is_waiting:
            self._is_waiting = False
            self.changed.emit()

    def turn(self, place: str) -> None:
        """Another page is shown."""
        self._shown, self._draft, self._is_waiting = None, {}, False
        if place == "wizard":
            self._technician.begin_wizard()
        self.changed.emit()

    def _step(self) -> str:
        return self._shown.step if self._shown else ""

    def _options(self) -> tuple[str, ...]:
        step = self._step()
        if step in CHOICES:
            return CHOICES[step]
        found = self._shown.choices if self._shown else ()
        return (*found, *_ALSO.get(step, ()))

    # what is shown

    def _choices(self) -> list[dict[str, str]]:
        step = self._step()
        return [
            {
                "title": said(f"wizard.{step}.{value or 'none'}", self._translator, otherwise=value),
                "words": said(f"wizard.{step}.{value or 'none'}.text", self._translator),
            }
            for value in self._options()
        ]

    def _choice(self) -> int:
        options, name = self._options(), CHOSEN_AS.get(self._step(), "")
        value = self._draft.get(name)
        return options.index(value) if value in options else -1

    def _fields(self) -> list[dict[str, str]]:
        step = self._step()
        return [
            {
                "name": name,
                "label": self._translator.translate(f"wizard.{step}.{name}", {}),
                "hint": said(f"wizard.{step}.{name}.hint", self._translator),
                "value": self._said(self._draft.get(name, ""), kind),
            }
            for name, kind in self._typed()
        ]

    def _typed(self) -> tuple[tuple[str, str], ...]:
        step = self._step()
        of_choice = f"{step}.{self._draft.get(CHOSEN_AS.get(step, ''), '')}"
        return _TYPED.get(of_choice) or _TYPED.get(step, ())

    @staticmethod
    def _said(value: str, kind: str) -> str:
        return _HIDDEN * len(value) if kind in ("pin", "secret") else value

    def _missing(self) -> str:
        """Why it can't go on yet; empty when it can."""
        say, draft = self._translator.translate, self._draft
        must = [field["name"] for field in self._fields() if field["name"] in _MUST]
        if any(not draft.get(name) for name in must):
            return say(f"wizard.{self._step()}.missing", {})
        if self._step() == "staff" and draft["pin"] != draft["pin_again"]:
            return say("wizard.staff.differ", {})
        if self._options() and self._choice() < 0:
            return say("wizard.choose", {})
        return ""

    def _progress(self) -> str:
        shown = self._shown
        if shown is None:
            return ""
        number = shown.steps.index(shown.step) + 1 if shown.step in shown.steps else len(shown.steps)
        return self._translator.translate("wizard.progress", {"n": number, "all": len(shown.steps)})

    def _problem(self) -> str:
        code = self._shown.code if self._shown else ""
        if not code:
            return ""
        usual = code_text(code, self._translator) or self._translator.translate(
            "tech.refused", {"code": code}
        )
        return said(f"wizard.{self._step()}.problem.{code}", self._translator, otherwise=usual)

    step = Property(str, _step, notify=changed)
    isDone = Property(bool, lambda self: self._shown is not None and self._shown.is_done, notify=changed)
    canGoBack = Property(
        bool,
        lambda self: self._shown is not None and self._shown.step != self._shown.steps[0],
        notify=changed,
    )
    steps = Property(int, lambda self: len(self._shown.steps) if self._shown else 0, notify=changed)
    stepIndex = Property(
        int,
        lambda self: self._shown.steps.index(self._shown.step) if self._shown and self._step() else -1,
        notify=changed,
    )
    progressText = Property(str, _progress, notify=changed)
    isBlind = Property(
        bool,
        lambda self: self._step() == "camera" and not set(self._shown.choices) - {"auto"},
        notify=changed,
    )
    """Whether no camera is plugged in."""
    choices = Property(list, _choices, notify=changed)
    choice = Property(int, _choice, notify=changed)
    fields = Property(list, _fields, notify=changed)
    missingText = Property(str, _missing, notify=changed)
    problemText = Property(str, _problem, notify=changed)
    isWaiting = Property(bool, lambda self: self._is_waiting, notify=changed)

    # what is done

    @Slot(int)
    def choose(self, index: int) -> None:
        """One of `choices`; a language is shown at once."""
        options: tuple[Any, ...] = self._options()
        if 0 <= index < len(options):
            self._draft[CHOSEN_AS[self._step()]] = options[index]
            if self._step() == "language":
                self._translator.ask(options[index])
            self.changed.emit()

    @Slot(str)
    def edit(self, name: str) -> None:
        """A field is typed; the sheet opens after this."""
        kind = dict(self._typed()).get(name)
        if kind is None:
            return
        value = self._draft.get(name, "")
        is_shown = kind not in ("pin", "secret") and BLOT not in value
        wanted = Wanted(
            self._translator.translate(f"wizard.{self._step()}.{name}", {}),
            kind,
            value if is_shown else "",
            may_be_empty=name not in _MUST,
            shortest=_SHORTEST_PIN if kind == "pin" else 0,
            longest=_LONGEST_PIN if kind == "pin" else LONGEST,
        )
        self._entry.ask(wanted, lambda typed: self._put(name, typed))

    def _put(self, name: str, typed: str) -> None:
        self._draft[name] = typed
        self.changed.emit()

    @Slot()
    def goOn(self) -> None:
        """Answers the page; the next one follows, or what is wrong."""
        if self._missing() or self._is_waiting or self._shown is None:
            return
        names = {field["name"] for field in self._fields()} - {"pin_again"}
        if self._step() in CHOSEN_AS:
            names.add(CHOSEN_AS[self._step()])
        answer = {name: self._draft[name] for name in sorted(names) if name in self._draft}
        if "address" in answer:
            answer["source"] = answer.pop("address")
        self._is_waiting = True
        self.changed.emit()
        self._technician.answer_wizard(self._step(), answer)

    @Slot()
    def back(self) -> None:
        """To the question before."""
        if self._shown is not None and not self._is_waiting:
            self._technician.back_wizard()

    @Slot()
    def finish(self) -> None:
        """The kiosk is set up: to its visitors."""
        self._close()
