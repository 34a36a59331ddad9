"""`kiosk run`: one kiosk per data folder, its window, and what a crash left behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from rich.console import Console

from kiosk.app import Kiosk, Outside, open_kiosk
from kiosk.doctor import look_at_camera, no_event
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import Event
from kiosk.runtime.awake import Wakefulness
from kiosk.runtime.crash import CrashLog, PreviousCrash
from kiosk.runtime.ending import ended_by_signals
from kiosk.runtime.heartbeat import Heartbeat, inherited_heartbeat
from kiosk.runtime.single_instance import SingleInstance
from kiosk.settings import Settings
from kiosk.supervisor.rules import RESTART
from kiosk.technician.settings_file import settings_at_start
from kiosk.technician.told import EndAsked, WizardShown
from ui.application import KioskWindow, application, run_window
from ui.bridge import NewestEvents
from ui.heart import Heart, nothing_broken
from ui.print_painter import paint
from ui.window_size import size_on_screen

_log = structlog.get_logger(__name__)
_terminal = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class _Run:
    """What one start of the program has around it. `crash` is what the run before left."""

    heartbeat: Heartbeat
    stop: threading.Event
    windowed: bool
    crash: PreviousCrash | None
    when_shown: Callable[[KioskWindow], None] | None

    def beat(self, broken: Callable[[], Sequence[str]] = nothing_broken) -> Heart:
        """Signs of life from now on; there has to be an application."""
        return Heart(self.heartbeat, self.stop, application().exit, broken)


def run_kiosk(
    home: Path,
    *,
    windowed: bool = False,
    camera_source: str | None = None,
    when_shown: Callable[[KioskWindow], None] | None = None,
) -> int:
    """Serves visitors, or shows staff the cameras of a shop, until staff end it, a signal does, or a window
    is closed; returns the exit status (RESTART where whoever looks after this process is to start it anew).
    `when_shown` as in `run_window`; a shop does without. Main thread only.

    Raises KnownError: ALREADY_RUNNING, SETTING_*, PORT_TAKEN, DATABASE_*, WEIGHTS_*.
    """
    if camera_source is not None:
        os.environ["KIOSK_CAMERA__SOURCE"] = camera_source  # wins whenever the settings are read again, too
    heartbeat = inherited_heartbeat()
    heartbeat.starting()
    try:
        with _alone_in(home) as crash, ended_by_signals() as stop:
            run = _Run(heartbeat, stop, windowed, crash, when_shown)
            status = _open_and_serve(home, camera_source, run)
            while status == RESTART and not heartbeat.is_heard:
                status = _open_and_serve(home, camera_source, replace(run, crash=None))
            return status
    except KnownError as error:
        heartbeat.fault(error.code)
        raise


def _open_and_serve(home: Path, camera_source: str | None, run: _Run) -> int:
    started = settings_at_start(home)
    settings = started.settings
    if started.problem is not None:
        _say(started.problem, "Until then the last good settings are in use.")
    if settings.kiosk.mode == "store":
        _refuse_camera(camera_source)
        return _serve_store(home, settings, run)
    outside = Outside(paint=paint, settings_problem=started.problem, crash=run.crash)
    return _serve(open_kiosk(home, settings, outside), run)


def _serve(kiosk: Kiosk, run: _Run) -> int:
    """Until the window is closed, staff end it, or what was set up asks for a start anew (RESTART)."""
    system = Wakefulness()
    try:
        kiosk.start()
        _say_what_is_missing(kiosk)
        application()

        def wants_wizard() -> bool:
            return kiosk.missing is not None and kiosk.technician.needs_wizard

        def is_open() -> bool:
            return _are_open(kiosk.settings.settings, kiosk.archive.clock.now())

        def begin(window: KioskWindow) -> None:
            window.engine.staff.wants_wizard = wants_wizard
            if wants_wizard():
                kiosk.staff.open()
            if not run.windowed:
                window.engine.sleep.follow(window.window, is_open, system)
            if run.when_shown is not None:
                run.when_shown(window)

        size = size_on_screen(is_fullscreen=not run.windowed)
        asked = _Asked(kiosk)
        heart = run.beat(lambda: [name] if (name := kiosk.service.broken_worker) else [])
        status = run_window(kiosk, size=size, is_fullscreen=not run.windowed, when_shown=begin)
        heart.close()
        asked.close()
        return status
    finally:
        system.close()
        kiosk.stop()


def _are_open(settings: Settings, now: datetime) -> bool:
    return settings.hours.are_open(now.astimezone(ZoneInfo(settings.kiosk.timezone)))


class _Asked(NewestEvents):
    """A technician ends the program or starts it anew; and at the end of the first run whatever waits for the
    next start, such as the mode, comes at once."""

    def __init__(self, kiosk: Kiosk) -> None:
        super().__init__(kiosk.bus, (WizardShown, EndAsked))
        self._kiosk = kiosk

    def _show(self, event: Event) -> None:
        if isinstance(event, EndAsked):
            application().exit(RESTART if event.restart else 0)
        elif isinstance(event, WizardShown) and event.is_done and self._kiosk.settings.pending:
            application().exit(RESTART)


def _serve_store(home: Path, settings: Settings, run: _Run) -> int:
    """Opens a shop and goes on as `_serve`. Its screen is for staff, and has a button that closes it; where
    somebody looks after the program (`kiosk session`), closed it is started anew: nobody gets out of the
    session."""
    # A kiosk at an event does without: what follows faces takes half a second to load.
    from kiosk.store import open_store
    from ui.store_window import StoreWindow, run_store_window

    store, system = open_store(home, settings), Wakefulness()
    try:
        store.start(run.crash)
        application()

        def is_open() -> bool:
            return _are_open(settings, store.archive.clock.now())

        def begin(window: StoreWindow) -> None:
            if not run.windowed:
                window.engine.sleep.follow(window.window, is_open, system)

        size = size_on_screen(is_fullscreen=not run.windowed)
        heart = run.beat()
        status = run_store_window(store, size=size, is_fullscreen=not run.windowed, when_shown=begin)
        heart.close()
        was_told = run.stop.is_set() or not run.heartbeat.is_heard
        return status if was_told else RESTART
    finally:
        system.close()
        store.stop()


def _refuse_camera(source: str | None) -> None:
    if source is not None:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "A shop has cameras of its own (kiosk.mode is store).",
            "Add it on the screen, or with: kiosk streams add NAME SOURCE",
        )


@contextmanager
def _alone_in(home: Path) -> Iterator[PreviousCrash | None]:
    """The only program on a data folder; what a crash left there before is told, and what one leaves now is
    kept. Gives what was left."""
    with SingleInstance(home):
        crash_log = CrashLog(home / "logs")
        previous = crash_log.previous_crash()
        if previous is not None:
            _log.warning("previous_run_crashed", summary=str(previous))
        crash_log.install()
        try:
            yield previous
        finally:
            crash_log.uninstall()


def _say_what_is_missing(kiosk: Kiosk) -> None:
    """On the terminal, for whoever starts the kiosk: it goes on without an event and without a camera."""
    if kiosk.missing is not None:
        _say(
            kiosk.missing,
            "The kiosk goes on, out of service until it is set up: on its screen, or in kiosk.toml.",
        )
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
