"""Thresholds follow the size of the event at hand, and a calibration reaches a running kiosk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from kiosk.archive import choose_calibration
from kiosk.clock import ManualClock
from kiosk.database.calibrations import SqlCalibrations
from kiosk.database.engine import Database, open_database
from kiosk.database.tables import CalibrationRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.calibration import Calibration, Targets, Wishes, measure_curve, threshold_for
from kiosk.paths import models_folder
from kiosk.photos.certainty import CalibratedThresholds

WHEN = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CURVE = measure_curve(np.random.default_rng(3).standard_normal(50_000).astype(np.float32) * np.float32(0.07))


def calibration(contract_id: str, sure: float = 0.002) -> Calibration:
    return Calibration(
        contract_id=contract_id, measured_at=WHEN, source="drawn", curve=CURVE, targets=Targets(sure=sure)
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "kiosk.db", ManualClock(WHEN))
    yield opened
    opened.close()


def test_thresholds_grow_with_the_event_within_a_minute_and_each_event_has_its_own() -> None:
    clock, faces = ManualClock(WHEN), {"run": 2_000, "small": 100}
    asked: list[str] = []

    def count(event_id: str) -> int:
        asked.append(event_id)
        return faces[event_id]

    thresholds = CalibratedThresholds(count, lambda: calibration("one"), Wishes(), clock)
    before = thresholds("run")
    assert before.match == threshold_for(CURVE, 0.002, 2_000)
    assert thresholds("small").match < before.match
    faces["run"] = 50_000
    assert thresholds("run") == before
    assert asked == ["run", "small"]
    clock.advance(61)
    assert thresholds("run").match == threshold_for(CURVE, 0.002, 50_000)


def test_a_calibration_takes_the_place_of_the_last_one_of_its_contract(database: Database) -> None:
    stored = SqlCalibrations(database)
    assert stored.find("one") is None
    stored.store(calibration("one", sure=0.01))
    stored.store(calibration("one", sure=0.003))
    stored.store(calibration("two"))
    assert stored.find("one") == calibration("one", sure=0.003)
    assert stored.contracts() == ["one", "two"]


def test_a_calibration_of_another_contract_is_left_aside(database: Database) -> None:
    stored = SqlCalibrations(database)
    stored.store(calibration("another engine", sure=0.4))
    chosen = choose_calibration(stored, "this engine")
    assert chosen.contract_id != "this engine"
    assert chosen.targets.sure < 0.4


def test_a_stored_calibration_that_cannot_be_read_is_named_and_the_shipped_one_serves(
    database: Database,
) -> None:
    stored = SqlCalibrations(database)
    stored.store(calibration("one"))
    with database.writing() as session:
        session.execute(update(CalibrationRow).values(curve='{"curve": 1}'))
    with pytest.raises(KnownError) as caught:
        stored.find("one")
    assert caught.value.code is ErrorCode.CALIBRATION_INVALID
    chosen = choose_calibration(stored, "one")
    assert chosen.curve.comparisons > 1_000_000
    assert (models_folder() / "calibration.json").is_file()
