"""Where a report is kept as a file, and how it is called."""

from __future__ import annotations

import errno
import os
import unicodedata
import uuid
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.reports import Report

_LONGEST_SITES = 60
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def file_name(report: Report, ending: str) -> str:
    """Such as visitors-by-day-2026-11-01-to-2026-11-30-Riverside-made-20261130-1805.csv. The shops are named
    where some were asked for; when it was made tells a month that goes on from one that is over."""
    query = report.query
    sites = _plain(" ".join(report.site_names.values())) if query.site_ids else ""
    local = report.made_at.astimezone(ZoneInfo(report.timezone))
    parts = [f"visitors-by-{query.by}", f"{query.since}-to-{query.until}", sites, f"made-{local:%Y%m%d-%H%M}"]
    return f"{'-'.join(part for part in parts if part)}.{ending}"


def write_file(folder: Path, name: str, data: bytes) -> Path:
    """Writes it, whole or not at all; one of this name is replaced. Raises KnownError DISK_FULL,
    FOLDER_NOT_WRITABLE."""
    path, partial = folder / name, folder / f".{uuid.uuid4().hex}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise _known(error, folder) from error
    return path


def _plain(text: str) -> str:
    """Letters, their marks and digits, and one dash for whatever stands between them."""
    kept = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in text)
    return "-".join(kept.split())[:_LONGEST_SITES].strip("-")


def _known(error: OSError, folder: Path) -> KnownError:
    if error.errno in _FULL:
        return KnownError(ErrorCode.DISK_FULL, "There is no room for the report.", "Free some space.")
    return KnownError(
        ErrorCode.FOLDER_NOT_WRITABLE,
        f"The report cannot be written into {folder}: {error.strerror}.",
        "Give the kiosk's user the right to write there; close the file where it is open.",
    )
