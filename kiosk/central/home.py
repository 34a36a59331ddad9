"""Where a centre keeps its settings, its logs and, on embedded stores, everything."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.paths import home_folder

PRIVATE = 0o700
"""Faces and password hashes lie there: nobody else on the machine reads them."""


def make_home(home: Path) -> None:
    """Makes the folder, and takes it from everybody but who runs the centre. Raises OSError."""
    home.mkdir(parents=True, exist_ok=True)
    if os.name != "nt":  # there a user's folders are their own
        home.chmod(PRIVATE)


def central_home() -> Path:
    """`CENTRAL_HOME`, else `central` in the kiosk's data folder. Not created here."""
    chosen = os.environ.get("CENTRAL_HOME")
    return Path(chosen) if chosen else home_folder() / "central"
