"""Where things are: what ships with the program, and the folder that holds a kiosk's data."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs


def program_root() -> Path:
    """The folder that holds `resources/` and `models/`: the checkout, or the unpacked package."""
    bundled = getattr(sys, "_MEIPASS", None)
    return Path(bundled) if bundled else Path(__file__).resolve().parents[1]


def resources_folder() -> Path:
    """Fonts, icons, sounds, translations and theme tokens."""
    return program_root() / "resources"


def models_folder() -> Path:
    """The manifest of weights and the fetched weights."""
    return program_root() / "models"


def update_keys() -> Path:
    """The public keys that updates are signed with: beside the program of a package, which only root may
    write. In a checkout there are none, so that it takes no updates."""
    return (Path(sys.executable).parent if hasattr(sys, "_MEIPASS") else program_root()) / "update.pub"


def home_folder() -> Path:
    """The kiosk's data: `KIOSK_HOME`, else the platform's data folder. Not created here."""
    chosen = os.environ.get("KIOSK_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("photo-kiosk", appauthor=False))
