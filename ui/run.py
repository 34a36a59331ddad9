"""`kiosk run`: one kiosk per data folder, its window, and what a crash left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import structlog
from rich.console import Console

from kiosk.app import Kiosk, Outside, open_kiosk
from kiosk.doctor import look_at_camera, no_event
from kiosk.errors import KnownError
from kiosk.runtime.crash import CrashLog
from kiosk.runtime.single_instance import SingleInstance
from kiosk.settings import Settings, load_settings
from ui.application import KioskWindow, application, run_window
from ui.window_size import size_on_screen

_log = structlog.get_logger(__name__)
_terminal = Console(stderr=True)


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
        _say_what_is_missing(kiosk)
        try:
            application()
            size = size_on_screen(is_fullscreen=not windowed)
            return run_window(kiosk, size=size, is_fullscreen=not windowed, when_shown=when_shown)
        finally:
            kiosk.stop()
            crash_log.uninstall()


def _say_what_is_missing(kiosk: Kiosk) -> None:
    """On the terminal, for whoever starts the kiosk: it goes on without an event and without a camera."""
    try:
        if kiosk.archive.current_event() is None:
            raise no_event()
    except KnownError as missing:
        _say(missing, "The kiosk goes on, and shows the event as soon as it is there.")
    threading.Thread(
        target=_try_camera, args=(kiosk.archive.settings,), name="camera-look", daemon=True
    ).start()


def _try_camera(settings: Settings) -> None:
    """A webcam takes seconds to open, for which the screen does not wait."""
    try:
        look_at_camera(settings)
    except KnownError as missing:
        _say(missing, "The kiosk goes on, and tries again for each visitor who wants to be found.")


def _say(missing: KnownError, what_now: str) -> None:
    line = f"{missing.code} {missing.detail} {missing.next_step} {what_now}"
    _terminal.print(line, highlight=False, markup=False, soft_wrap=True)


def with_camera(settings: Settings, source: str) -> Settings:
    """The settings with another camera."""
    return settings.model_copy(update={"camera": settings.camera.model_copy(update={"source": source})})
