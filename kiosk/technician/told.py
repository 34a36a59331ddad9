"""What the technician's pages draw from: snapshots and answers, told on the bus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.events import Event

Scalar = str | int | float | bool | None


class FieldKind(StrEnum):
    """How a setting is shown: what it is typed or chosen with."""

    TEXT = "text"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    TABLE = "table"  # a name and a number or text in each row: prices, queues
    PATH = "path"


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting as its own description makes it: `title_key` and `text_key` are sentences; `lowest` and
    `highest` bound a number, `choices` are the values to choose from. `is_live`: it works at once; else from
    the next start on. `by_environment`: a variable wins over the file, so that it cannot be changed here."""

    section: str
    key: str
    kind: FieldKind
    title_key: str
    text_key: str
    value: Scalar | Mapping[str, Scalar]
    standard: Scalar | Mapping[str, Scalar]
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    choices: tuple[str, ...] = ()
    is_live: bool = True
    by_environment: bool = False


@dataclass(frozen=True, slots=True)
class SettingsVersion:
    """A version of the settings' file that is kept: the newest first. `changed` names the settings that the
    step after it changed."""

    version: str
    at: datetime
    by: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingsShown(Event):
    """All settings, section by section, and what can be undone. `pending` wait for the next start."""

    fields: tuple[SettingField, ...]
    versions: tuple[SettingsVersion, ...]
    pending: tuple[str, ...] = ()
    problem: str = ""
    """What is wrong with the file, where somebody edited it into nonsense; the last good one is in use."""


class TestState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    LOOK = "look"  # it works, and wants somebody soon
    FAILED = "failed"
    SKIPPED = "skipped"  # nothing here to test


TestState.__test__ = False  # type: ignore[attr-defined]  # or pytest would take it for tests


@dataclass(frozen=True, slots=True)
class TestRow:
    """One row of the self-test. `title_key` and `words_key` are sentences with `params`, always with a
    measured value; `advice_key` says what to do where it did not pass. `actions` are what the panel offers
    besides "test again": "count_matches", "set_count", "test_print", "pay_one_baht", "test_shot", "touch"."""

    __test__ = False

    name: str
    state: TestState
    title_key: str
    words_key: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    advice_key: str = ""
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    actions: tuple[str, ...] = ()
    took_s: float | None = None


@dataclass(frozen=True, slots=True)
class SelfTestChanged(Event):
    """`qr_payload` or `qr_png` is the code of the 1-baht payment while one is awaited; `needs_person` where
    only somebody who looks at the account sees that it came."""

    rows: tuple[TestRow, ...]
    is_running: bool
    took_s: float = 0.0
    qr_payload: str | None = field(default=None, repr=False)
    qr_png: bytes | None = field(default=None, repr=False)
    qr_due_satang: int = 0
    needs_person: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """One moment on the flight recorder's time line. `lane` is "camera", "printer", "network", "payment",
    "error", "staff" or "system"; `what` a word such as "printer_paper_empty"; `facts` short words and
    numbers, never a name, a face, an address or a number of a person."""

    at: datetime
    lane: str
    what: str
    code: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecorderShown(Event):
    """Moments of the last hours, the newest first; `lane` empty for all lanes."""

    lane: str
    moments: tuple[Recorded, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class CertaintyShown(Event):
    """What visitors meet with the thresholds in use, said in words in the screen's language."""

    sure_share: float
    maybe_share: float
    words: str
    origin: str
    can_change: bool


@dataclass(frozen=True, slots=True)
class EndAsked(Event):
    """A technician wants the program to end, or to start anew."""

    restart: bool


@dataclass(frozen=True, slots=True)
class WizardShown(Event):
    """The first-run wizard: `step` of `steps`, what it found and what is wrong with it. `steps` are
    "language", "mode", "staff", "camera", "event", "printer", "payment", "centre", "test"; `choices` what
    this machine has (cameras, print queues)."""

    step: str
    steps: tuple[str, ...]
    values: Mapping[str, str]
    choices: tuple[str, ...] = ()
    code: str = ""
    is_done: bool = False
