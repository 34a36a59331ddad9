"""Which files of a folder an import looks at, in which order, and what their folders' names say."""

from __future__ import annotations

import os
import re
from pathlib import Path

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.decoding import HEAD_BYTES, kind_of

_NOT_FOR_PEOPLE = {"thumbs.db", "desktop.ini", "__macosx"}
_CAMERA_FOLDER = re.compile(r"DCIM|\d{3}[A-Z0-9_]{1,8}|[\d\s._-]+", re.IGNORECASE)


def picture_files(folder: Path) -> list[Path]:
    """Every visible file of the folder and the folders in it, by path: the same order on every machine.
    A link that leads nowhere is among them, to be refused by name.

    Raises KnownError(FOLDER_MISSING) when it is not a folder that can be read.
    """
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        raise KnownError(
            ErrorCode.FOLDER_MISSING,
            f"The folder {folder} cannot be read: {error.strerror}.",
            "Check its name and rights.",
        ) from error
    found: list[Path] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if _is_visible(name)]
        found.extend(Path(parent, name) for name in files if _is_visible(name))
    found = [path for path in found if path.is_file() or not path.exists()]  # no pipe, which would block
    return sorted(found, key=lambda path: (path.as_posix().casefold(), path.as_posix()))


def holds_a_picture(folder: Path) -> bool:
    """Whether any file of the folder begins as a picture does. Raises KnownError(FOLDER_MISSING)."""
    return any(kind_of(_head(path)) is not None for path in picture_files(folder))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def place_of(path: Path, folder: Path) -> str:
    """The name of the subfolder that a photographer sorted the file into, such as "Finish line"; "" when it
    lies in the imported folder itself or in one that a camera made ("100CANON", "2026-11-20")."""
    parts = path.relative_to(folder).parts[:-1]
    named = [part for part in parts if not _CAMERA_FOLDER.fullmatch(part)]
    return named[-1][:80] if named else ""


def _is_visible(name: str) -> bool:
    return not name.startswith(".") and name.casefold() not in _NOT_FOR_PEOPLE
