"""Kiosks that sell are killed at random moments: nothing paid is lost, charged or handed over twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.storm import Storm

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="kills forked processes, which Windows has not"
)


@pytest.mark.timeout(300)
def test_kiosks_killed_at_any_moment_lose_and_double_nothing(weights: Path, tmp_path: Path) -> None:
    account = Storm(tmp_path, kills=8, kiosks=2, seed=3, lease_s=1.0).run()
    print(account.as_dict())
    assert account.wrong == []
    assert sum(account.kills.values()) == 8
    assert account.orders_paid > 0


@pytest.mark.slow
@pytest.mark.real_server
@pytest.mark.timeout(7200)
def test_a_thousand_kills_lose_and_double_nothing(weights: Path, tmp_path: Path) -> None:
    account = Storm(tmp_path, kills=1000, seed=11).run()
    print(account.as_dict())
    assert account.wrong == []
    assert account.typed == []
    assert sum(account.kills.values()) == 1000
    assert account.orders_paid > 100
