"""How the machine is doing: disk and memory."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

LOW_BYTES = 2_000_000_000
FULL_BYTES = 200_000_000


class DiskState(StrEnum):
    """LOW is for staff to see; FULL: nothing more may be taken in, so that sales can be finished."""

    OK = "ok"
    LOW = "low"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk under a folder."""

    state: DiskState
    free_bytes: int


def disk_state(folder: Path, low_bytes: int = LOW_BYTES, full_bytes: int = FULL_BYTES) -> Disk:
    """How much room is left on the disk of `folder`, which need not exist yet. Raises OSError."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free_bytes = shutil.disk_usage(there).free
    if free_bytes < full_bytes:
        return Disk(DiskState.FULL, free_bytes)
    return Disk(DiskState.LOW if free_bytes < low_bytes else DiskState.OK, free_bytes)


def machine_facts(folder: Path) -> dict[str, str | int | float]:
    """Disk and memory as a kiosk tells them. Raises OSError."""
    disk = disk_state(folder)
    return {
        "disk": disk.state.value,
        "disk_free_gb": round(disk.free_bytes / 1e9, 1),
        "memory_mb": memory_bytes() // 1_000_000,
    }


def memory_bytes() -> int:
    """The process's resident memory."""
    return int(psutil.Process().memory_info().rss)
