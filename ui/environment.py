"""The process's environment, made fit for Qt before there is an application."""

from __future__ import annotations

import os


def prepare_environment() -> None:
    """Before the application: forgets the Qt 5 that OpenCV's wheel points at, and draws in software where
    there is no screen or KIOSK_SOFTWARE=1 asks for it."""
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)
    is_headless = os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal")
    if is_headless or os.environ.get("KIOSK_SOFTWARE") == "1":
        os.environ.setdefault("QT_QUICK_BACKEND", "software")
    # One thread for everything that is drawn: a render thread would wait for Python's lock at each frame.
    os.environ.setdefault("QSG_RENDER_LOOP", "basic")
    os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")
