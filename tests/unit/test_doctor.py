"""The doctor: one part that is ill in an unknown way keeps none from being looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

import kiosk.doctor
from kiosk.doctor import examine


def test_what_nobody_foresaw_is_told_and_the_other_parts_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ImportError("No module named 'insightface'")

    monkeypatch.setattr(kiosk.doctor, "choose_engines", broken)
    monkeypatch.setenv("KIOSK_CAMERA__SOURCE", str(tmp_path / "none.mp4"))
    findings = {finding.part: finding for finding in examine(tmp_path)}
    assert set(findings) == {"camera", "weights", "database", "disk", "printer", "payment"}
    assert not findings["weights"].is_ok
    assert "insightface" in findings["weights"].detail
    assert findings["weights"].next_step
    assert findings["database"].is_ok
