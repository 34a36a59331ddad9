"""The calibrations that ship with the weights, in `calibration.json` beside their manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.calibration import Calibration

FILE_NAME = "calibration.json"


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    calibrations: Annotated[tuple[Calibration, ...], Field(min_length=1)]


def shipped_calibration(folder: Path, contract_id: str) -> Calibration:
    """The calibration of a contract in a folder of weights; the first one where there is none of it, which
    says so by its own `contract_id`. Raises KnownError(CALIBRATION_INVALID)."""
    path = folder / FILE_NAME
    try:
        held = _File.model_validate_json(path.read_bytes()).calibrations
    except (OSError, ValidationError) as error:
        raise KnownError(
            ErrorCode.CALIBRATION_INVALID, f"{path} cannot be read.", "Restore it from the release."
        ) from error
    return next((one for one in held if one.contract_id == contract_id), held[0])


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Writes a file that `shipped_calibration` reads. Raises KnownError(FOLDER_NOT_WRITABLE)."""
    try:
        path.write_text(_File(calibrations=(calibration,)).model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"{path} cannot be written: {error.strerror}.",
            "Name another file.",
        ) from error
