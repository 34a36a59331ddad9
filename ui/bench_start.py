"""From starting the process to the first frame of the attract page. Run as a module it is that process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median

from kiosk.benchmarks.event import EVENT_NAME, FACES, PHOTOS, BenchmarkEvent, benchmark_event
from kiosk.benchmarks.figure import Figure, Goal
from kiosk.errors import BugError

_LONGEST_S = 120.0
_EMPTY_WINDOW = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine
app = QGuiApplication(["empty"])
engine = QQmlApplicationEngine()
engine.loadData(b"import QtQuick\\nWindow { visible: true; width: 1080; height: 1920 }")
def shown():
    print(time.time(), flush=True)
    QTimer.singleShot(0, app.quit)
engine.rootObjects()[0].frameSwapped.connect(shown)
sys.exit(app.exec())
"""
_KIOSK = """
from ui.bench_start import start_kiosk
start_kiosk()
"""


def measure_start(times: int = 5, photos: int = PHOTOS, faces: int = FACES) -> list[Figure]:
    """Seconds, the median of several starts; one start before them is not counted."""
    with benchmark_event(photos, faces) as event:
        variables = _variables(event)
        empty_s = _median_s(_EMPTY_WINDOW, variables, times)
        start_s = _median_s(_KIOSK, variables, times)
    floor_is = "a process that shows an empty QML window"
    return [Figure("start_to_attract", start_s, "s", empty_s, floor_is, Goal(at_most=3))]


def start_kiosk() -> None:
    """What `kiosk run` does, until the attract page shows its event: then says the time and ends."""
    import ui.command  # noqa: F401 - the command's own imports are part of its start
    from kiosk.paths import home_folder
    from ui.run import run_kiosk

    run_kiosk(home_folder(), windowed=True, when_shown=_say_when_attract_shows)


def _say_when_attract_shows(window: object) -> None:
    from PySide6.QtCore import QCoreApplication, QTimer

    from kiosk.session.states import Screen
    from ui.application import KioskWindow
    from ui.navigator import PAGES
    from ui.window_script import Scene

    if not isinstance(window, KioskWindow):
        raise BugError("the kiosk opens a KioskWindow")
    kiosk = window.engine.kiosk
    scene = Scene(kiosk, window)

    def shown() -> None:
        if scene.page == PAGES[Screen.ATTRACT] and kiosk.view.event is not None:
            sys.stdout.write(f"{time.time()}\n")
            sys.stdout.flush()
            QTimer.singleShot(0, QCoreApplication.quit)

    scene.window.frameSwapped.connect(shown)


def _variables(event: BenchmarkEvent) -> dict[str, str]:
    # Warm means compiled, too, as every start but the first one is.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        "KIOSK_HOME": str(event.home),
        "KIOSK_EVENT__NAME": EVENT_NAME,
        "KIOSK_CAMERA__SOURCE": event.settings.camera.source,
        "KIOSK_PAYMENT__PROMPTPAY_ID": event.settings.payment.promptpay_id,
        "KIOSK_DELIVERY__PORT": "0",
    }


def _median_s(program: str, variables: dict[str, str], times: int) -> float:
    return median([_start_s(program, variables) for _ in range(times + 1)][1:])


def _start_s(program: str, variables: dict[str, str]) -> float:
    """Raises BugError when the process ends without having shown anything."""
    began_s = time.time()
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=variables,
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
        check=False,
    )
    times = [line for line in ended.stdout.splitlines() if _is_time(line)]
    if not times:
        raise BugError(f"no window came: {ended.stderr.strip()[-300:]}")
    return float(times[0]) - began_s


def _is_time(line: str) -> bool:
    return line.replace(".", "", 1).isdecimal()
