"""What a test of the self-test is, and what it found."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from kiosk.technician.told import TestRow, TestState


@dataclass(frozen=True, slots=True)
class Measured:
    """`words` and `advice` end the keys of sentences, "test.<room>.<words>"; `params` fill them, and hold
    what was measured."""

    state: TestState = TestState.PASSED
    words: str = "words"
    params: Mapping[str, str] = field(default_factory=dict)
    advice: str = ""
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()


class Part(Protocol):
    """A part of the kiosk that can be tested. `room` names its sentences, `actions` what the panel offers."""

    @property
    def name(self) -> str: ...

    @property
    def room(self) -> str: ...

    @property
    def params(self) -> Mapping[str, str]:
        """What its title is filled in with."""
        ...

    @property
    def actions(self) -> tuple[str, ...]: ...

    def measure(self, stop: threading.Event) -> Measured:
        """Tests it; ends within two seconds of `stop`. Raises KnownError."""
        ...


def row_of(part: Part, state: TestState) -> TestRow:
    """The row of a part that nothing is known of yet."""
    return TestRow(part.name, state, f"test.{part.room}.title", params=part.params, actions=part.actions)


def measured_row(part: Part, found: Measured, took_s: float) -> TestRow:
    """The row of a part that was tested."""
    return TestRow(
        name=part.name,
        state=found.state,
        title_key=f"test.{part.room}.title",
        words_key=f"test.{part.room}.{found.words}",
        params={**part.params, **found.params},
        advice_key=f"test.{part.room}.{found.advice}" if found.advice else "",
        code=found.code,
        facts=found.facts,
        actions=part.actions,
        took_s=took_s,
    )


def failed(code: str, took_s: float) -> Measured:
    """What is not well of a part that raised: its code has words, and its advice says what to do."""
    params = {"code": code, "took": seconds(took_s)}
    return Measured(TestState.FAILED, "failed", params, "advice.failed", code)


def milliseconds(began_s: float) -> str:
    """Since a moment of `time.perf_counter`."""
    return f"{max(1, round((time.perf_counter() - began_s) * 1000)):,}"


def seconds(took_s: float) -> str:
    return f"{took_s:.0f}" if took_s >= 10 else f"{took_s:.1f}"
