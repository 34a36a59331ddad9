"""A file that is written whole or not at all, whenever the power is cut."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from uuid import uuid4

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would else turn line ends over


def write_whole(path: Path, data: bytes, *, is_private: bool = False) -> None:
    """Puts `data` into `path` in the place of what was there, for the same users to read, and on the disk
    before it returns; makes the folder. `is_private`: for its owner alone to read. Raises OSError, with the
    old file as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
    try:
        rights = 0o600 if is_private else 0o666  # less what the process's mask takes away
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, rights), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists() and not is_private:
            shutil.copymode(path, draft)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Waits until the names in a folder are on the disk; Windows does that by itself. Raises OSError."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
