"""Pictures of the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtQuick import QQuickWindow

from kiosk.errors import ErrorCode, KnownError


def grab(window: QQuickWindow, path: Path) -> Path:
    """Writes what the window shows now as a PNG, whole or not at all. UI thread only.

    Raises KnownError(FOLDER_NOT_WRITABLE) when the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    if not window.grabWindow().save(str(unfinished), "PNG"):  # type: ignore[call-overload]
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE, f"{path} cannot be written.", "Choose another folder."
        )
    unfinished.replace(path)
    return path
