"""The power fails at every step between basket and delivery; real processes, real SIGKILL, real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kiosk.payments.simulator import PayNoiSimulator

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="kills forked processes, which Windows has not"
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """One sale for each step at which the power can fail, and what came of it; with the money that came
    (`completed`: charges per sale) by the simulator's own books."""
    folder = tmp_path_factory.mktemp("power")
    with PayNoiSimulator() as simulator:
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.checkout_program", str(folder), simulator.base_url],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        received = {found.ref1: found.received_satang for found in simulator.transactions}
    assert done.returncode == 0, done.stderr[-4000:]
    found: list[dict[str, Any]] = json.loads((folder / "runs.json").read_text())
    for run in found:
        run["completed"] = [key for key in run["end"]["keys"] if received.get(key, 0) > 0]
        run["was_charged"] = [key for key in run["reconciled"]["keys"] if received.get(key, 0) > 0]
    return found


def test_the_power_fails_at_every_kind_of_step(runs: list[dict[str, Any]]) -> None:
    names = " | ".join(run["step"] for run in runs)
    for part in ("INSERT INTO orders", "INSERT INTO payments", "UPDATE payments", "INSERT INTO deliveries"):
        assert part in names
    for part in ("before create", "after create", "before check", "after check", "commit"):
        assert part in names


def test_power_loss_never_charges_twice(runs: list[dict[str, Any]]) -> None:
    assert [run["step"] for run in runs if len(run["completed"]) > 1] == []


def test_power_loss_never_loses_a_paid_order(runs: list[dict[str, Any]]) -> None:
    """Every order that was stored ends paid once, told once, and handed over."""
    for run in runs:
        end = run["end"]
        assert end["orders"] == end["paid"] == end["told_paid"] == len(run["completed"]), run["step"]
        assert end["deliveries"] == ["done"] * end["orders"], run["step"]
        assert end["states"].count("paid") == end["orders"], run["step"]


def test_money_that_came_before_the_power_loss_needs_nobody_to_be_found(runs: list[dict[str, Any]]) -> None:
    after_paying = [run for run in runs if "check" in run["step"]]
    assert after_paying
    for run in after_paying:
        assert run["reconciled"]["paid"] == 1, run["step"]
        assert len(run["end"]["keys"]) == 1, run["step"]


def test_an_order_is_stored_whole_or_not_at_all(runs: list[dict[str, Any]]) -> None:
    for run in runs:
        assert len(run["reconciled"]["states"]) == run["reconciled"]["orders"], run["step"]
    assert {run["reconciled"]["orders"] for run in runs} == {0, 1}
