"""When a screen counts as frozen, when it is started again, and when staff are called."""

from __future__ import annotations

import pytest

from kiosk.errors import ErrorCode
from kiosk.supervisor.rules import RESTART, Faults, Limits, Watch

LIMITS = Limits()


def heard(*lines: str) -> Watch:
    watch = Watch(LIMITS, 0.0)
    for line in lines:
        assert watch.hear(line, 0.0) is None
    return watch


def looked(watch: Watch, until_s: float, every_s: float = 0.5) -> str:
    """The code of the first fault while it is looked at until then."""
    at_s = 0.0
    while at_s < until_s:
        at_s += every_s
        if (fault := watch.look(at_s)) is not None:
            return fault.code
    return ""


@pytest.mark.parametrize(
    ("lines", "limit_s", "code"),
    [
        ((), LIMITS.starting_s, ErrorCode.START_TOO_LONG),
        (("starting",), LIMITS.starting_s, ErrorCode.START_TOO_LONG),
        (("starting", "beat"), LIMITS.serving_s, ErrorCode.SCREEN_FROZEN),
        (("beat", "stopping"), LIMITS.stopping_s, ErrorCode.SCREEN_FROZEN),
        (("beat", "nonsense", ""), LIMITS.serving_s, ErrorCode.SCREEN_FROZEN),
    ],
)
def test_silence_is_a_fault_after_as_long_as_the_phase_may_take(
    lines: tuple[str, ...], limit_s: float, code: ErrorCode
) -> None:
    assert looked(heard(*lines), limit_s) == ""
    assert looked(heard(*lines), limit_s + 1) == code


def test_workers_that_do_not_move_are_a_fault_at_once() -> None:
    fault = heard("beat").hear("frozen camera,sync", 1.0)
    assert fault is not None
    assert fault.code == ErrorCode.WORKER_FROZEN
    assert "camera,sync" in fault.summary


def test_a_supervisor_that_slept_takes_nobodys_silence_for_theirs() -> None:
    watch = heard("beat")
    assert watch.look(1.0) is None
    assert watch.look(3600.0) is None  # the machine slept
    for late_s in range(1, int(LIMITS.serving_s), 3):
        assert watch.look(3600.0 + late_s) is None
    fault = watch.look(3600.0 + LIMITS.serving_s + 1)
    assert fault is not None
    assert fault.code == ErrorCode.SCREEN_FROZEN


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        (("beat",), 0, None),
        (("beat", "stopping"), RESTART, None),
        (("starting",), RESTART, ErrorCode.SCREEN_CRASHED),  # or it would ask for ever
        (("beat",), -9, ErrorCode.SCREEN_CRASHED),
        (("beat",), 1, ErrorCode.SCREEN_CRASHED),
        (("starting", "fault A-102"), 2, "A-102"),
    ],
)
def test_an_end_is_meant_or_a_fault_with_a_code(
    lines: tuple[str, ...], status: int, code: str | None
) -> None:
    fault = heard(*lines).ended(status)
    assert (fault.code if fault else None) == code


def test_the_signal_that_ended_it_is_named() -> None:
    fault = heard("beat").ended(-11)
    assert fault is not None
    assert "SIGSEGV" in fault.summary


def test_pauses_double_and_five_faults_in_ten_minutes_call_staff() -> None:
    faults, pauses = Faults(LIMITS), []
    for at_s in range(LIMITS.most_faults):
        assert not faults.calls_staff
        faults.add(float(at_s))
        pauses.append(faults.pause_s)
    assert faults.calls_staff
    assert pauses[:4] == [1, 2, 4, 8]


def test_a_fault_now_and_then_calls_nobody() -> None:
    faults = Faults(LIMITS)
    for at_s in range(0, 36_000, int(LIMITS.window_s / (LIMITS.most_faults - 1)) + 1):
        faults.add(float(at_s))
        assert not faults.calls_staff


def test_after_a_call_one_more_fault_calls_again_and_a_quiet_while_forgives() -> None:
    faults = Faults(LIMITS)
    faults.note_called(1000.0)
    assert not faults.calls_staff
    faults.add(1001.0)
    assert faults.calls_staff
    faults.note_called(2000.0)
    faults.add(2000.0 + LIMITS.window_s + 1)
    assert not faults.calls_staff
