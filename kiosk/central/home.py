"""Where a centre keeps its settings, its logs and, on embedded stores, everything."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.paths import home_folder


def central_home() -> Path:
    """`CENTRAL_HOME`, else `central` in the kiosk's data folder. Not created here."""
    chosen = os.environ.get("CENTRAL_HOME")
    return Path(chosen) if chosen else home_folder() / "central"
