"""`kiosk run`: one kiosk per data folder, its window, and what a crash left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from kiosk.app import Outside, open_kiosk
from kiosk.runtime.crash import CrashLog
from kiosk.runtime.single_instance import SingleInstance
from kiosk.settings import Settings, load_settings
from ui.application import KioskWindow, application, run_window
from ui.window_size import size_on_screen

_log = structlog.get_logger(__name__)


def run_kiosk(
    home: Path,
    *,
    windowed: bool = False,
    camera_source: str | None = None,
    when_shown: Callable[[KioskWindow], None] | None = None,
) -> int:
    """Serves visitors until the window is closed; returns the exit status. `when_shown` as in `run_window`.

    Raises KnownError: ALREADY_RUNNING, SETTING_*, PORT_TAKEN, DATABASE_*, WEIGHTS_*, GATEWAY_NOT_CONFIGURED.
    """
    settings = load_settings(home)
    if camera_source is not None:
        settings = with_camera(settings, camera_source)
    with SingleInstance(home):
        crash_log = CrashLog(home / "logs")
        previous = crash_log.previous_crash()
        if previous is not None:
            _log.warning("previous_run_crashed", summary=str(previous))
        crash_log.install()
        kiosk = open_kiosk(home, settings, Outside())
        kiosk.start()
        try:
            application()
            size = size_on_screen(is_fullscreen=not windowed)
            return run_window(kiosk, size=size, is_fullscreen=not windowed, when_shown=when_shown)
        finally:
            kiosk.stop()
            crash_log.uninstall()


def with_camera(settings: Settings, source: str) -> Settings:
    """The settings with another camera."""
    return settings.model_copy(update={"camera": settings.camera.model_copy(update={"source": source})})
