"""What an import tells while it runs and when it is done."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that could not be taken; `file_name` is relative to the imported folder."""

    file_name: str
    code: ErrorCode
    reason: str


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """After each file: `done` of `total` files, the last of which was `file_name`."""

    done: int
    total: int
    file_name: str
    taken: int
    duplicates: int
    refused: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """taken + duplicates + refused is the number of files found; `faces` are those of the photos taken."""

    taken: int
    duplicates: int
    refused: tuple[RefusedFile, ...]
    faces: int
    seconds: float
