"""Calibrations in SQL: the last one of each embedding contract."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select

from kiosk.database.engine import Database
from kiosk.database.tables import CalibrationRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.calibration import Calibration, Curve, Targets


class _Content(BaseModel):
    """What the column `curve` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    curve: Curve
    targets: Targets


class SqlCalibrations:
    """Each method is one transaction. Raises KnownError DATABASE_*, DISK_FULL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def store(self, calibration: Calibration) -> None:
        """Takes the place of what was stored for its contract."""
        content = _Content(curve=calibration.curve, targets=calibration.targets)
        with self._database.writing() as session:
            session.merge(
                CalibrationRow(
                    contract_id=calibration.contract_id,
                    measured_at=calibration.measured_at,
                    source=calibration.source,
                    curve=content.model_dump_json(),
                )
            )

    def find(self, contract_id: str) -> Calibration | None:
        """The one of a contract. Raises KnownError(CALIBRATION_INVALID) for a row that cannot be read."""
        with self._database.reading() as session:
            row = session.get(CalibrationRow, contract_id)
            if row is None:
                return None
            stored, measured_at, source = row.curve, row.measured_at, row.source
        try:
            content = _Content.model_validate_json(stored)
        except ValidationError as error:
            raise KnownError(
                ErrorCode.CALIBRATION_INVALID,
                "The stored calibration cannot be read.",
                "Calibrate again: kiosk calibrate FOLDER",
            ) from error
        return Calibration(
            contract_id=contract_id,
            measured_at=measured_at,
            source=source,
            curve=content.curve,
            targets=content.targets,
        )

    def contracts(self) -> list[str]:
        """The contracts that there are calibrations of."""
        with self._database.reading() as session:
            return list(
                session.scalars(select(CalibrationRow.contract_id).order_by(CalibrationRow.contract_id))
            )
