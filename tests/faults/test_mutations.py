"""Mutated pictures, bodies, words and settings: refused, or taken; no crash, no hang, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.mutation_run import run_trials
from tests.faults.mutation_targets import TARGETS

_SHORT = 60


@pytest.mark.parametrize("name", ["kiosk", "centre", "bank", "settings"])
def test_what_is_spoilt_breaks_nothing(name: str, weights: Path, tmp_path: Path) -> None:
    target, _ = TARGETS[name]
    outcome = run_trials(name, target, _SHORT, 1, tmp_path)
    print(outcome.as_dict())
    assert outcome.wrong == []
    assert outcome.trials == _SHORT


@pytest.mark.slow
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("name", TARGETS)
def test_nor_does_it_by_the_thousand(name: str, weights: Path, tmp_path: Path) -> None:
    target, count = TARGETS[name]
    outcome = run_trials(name, target, count, 2, tmp_path)
    print(outcome.as_dict())
    assert outcome.wrong == []
    assert outcome.trials == count
