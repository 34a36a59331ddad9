"""The startup test with the screen, which is drawn where nobody sees it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QTimer

from kiosk.app import open_kiosk
from kiosk.errors import BugError
from kiosk.settings import Settings
from kiosk.startup_test import StartupReport, startup_test
from ui.application import KioskWindow, application
from ui.window_size import PORTRAIT

_DRAWN_WITHIN_MS = 20_000


def startup_test_with_screen(home: Path) -> StartupReport:
    """All steps on the data in `home`."""
    return startup_test(home, [("screen", draw_attract)])


def draw_attract() -> str:
    """The attract page of a kiosk of its own, without a camera, to its first picture."""
    app, began_s = application(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kiosk-self-test-") as folder:
        kiosk = open_kiosk(Path(folder), Settings())
        try:
            window = KioskWindow(kiosk, size=PORTRAIT)
            drawn: list[bool] = []

            def end() -> None:
                drawn.append(True)
                app.quit()

            window.window.frameSwapped.connect(end)
            QTimer.singleShot(_DRAWN_WITHIN_MS, app.quit)
            app.exec()
            window.close()
        finally:
            kiosk.stop()
    if not drawn:
        raise BugError("the attract page was not drawn")
    return f"drawn in {time.monotonic() - began_s:.1f} s"
