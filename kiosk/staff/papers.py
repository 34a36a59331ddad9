"""Papers that staff make: a folder of them on the kiosk, whole or not there."""

from __future__ import annotations

import errno
import os
from datetime import datetime
from pathlib import Path

from kiosk.errors import ErrorCode, KnownError


def save_paper(folder: Path, what: str, data: bytes, local: datetime, suffix: str = "pdf") -> Path:
    """Writes a paper and returns where it lies; its name tells what it is and the local time. Raises
    KnownError DISK_FULL, FOLDER_NOT_WRITABLE."""
    path = folder / f"{what}-{local:%Y%m%d-%H%M%S}.{suffix}"
    draft = path.with_name(f"{path.name}.new")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as refused:
        if refused.errno == errno.ENOSPC:
            raise KnownError(
                ErrorCode.DISK_FULL, "The paper cannot be saved: the disk is full.", "Free some space."
            ) from refused
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"The paper cannot be saved ({type(refused).__name__}).",
            "Give the kiosk's user the rights to its data folder.",
        ) from refused
    return path
