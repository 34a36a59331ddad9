"""Draws every page with hand-made views: `python -m tests.gui.render_pages OUT [name part]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from kiosk.capture.types import CameraState
from kiosk.language import Language
from kiosk.session.states import Screen
from kiosk.session.view import Notice, SessionView
from kiosk.vision.types import RejectionReason
from tests.gui.fake_kiosk import FakeKiosk, a_view

SIZES = {"portrait": (1080, 1920), "wide": (1920, 1080)}
_Step = Callable[["Scene"], None]


class Scene:
    """A window on a fake kiosk, as a step of a picture may want to change it."""

    def __init__(self, kiosk: FakeKiosk, window: object) -> None:
        self.kiosk = kiosk
        self.window = window

    def sheet(self, name: str) -> None:
        self.window.engine.objects["Navigator"].openSheet(name)  # type: ignore[attr-defined]

    def aid(self, name: str) -> None:
        self.window.engine.objects["Theme"].setProperty(name, True)  # type: ignore[attr-defined]


def _far(scene: Scene) -> None:
    scene.kiosk.see(1, RejectionReason.TOO_SMALL)


def _still(scene: Scene) -> None:
    scene.kiosk.see(1, None, stillness=0.35)


PICTURES: dict[str, tuple[SessionView, _Step | None]] = {
    "attract": (a_view(Screen.ATTRACT), None),
    "attract-no-camera": (
        a_view(Screen.ATTRACT, camera=CameraState.NONE, notice=Notice("error.camera_none")),
        None,
    ),
    "consent": (a_view(Screen.CONSENT), None),
    "consent-larger": (a_view(Screen.CONSENT), lambda scene: scene.aid("largerText")),
    "consent-lower": (a_view(Screen.CONSENT), lambda scene: scene.aid("lower")),
    "consent-text": (a_view(Screen.CONSENT), lambda scene: scene.sheet("ConsentTextSheet")),
    "capture": (a_view(Screen.CAPTURE), _far),
    "capture-still": (a_view(Screen.CAPTURE), _still),
    "capture-lost": (a_view(Screen.CAPTURE, camera=CameraState.LOST), None),
    "capture-larger": (a_view(Screen.CAPTURE), lambda scene: (scene.aid("largerText"), _far(scene))[0]),
    "capture-lower": (a_view(Screen.CAPTURE), lambda scene: (scene.aid("lower"), _far(scene))[0]),
    "searching": (a_view(Screen.SEARCHING), None),
    "searching-failed": (a_view(Screen.SEARCHING, notice=Notice("error.search_failed")), None),
    "out": (a_view(Screen.OUT_OF_SERVICE), None),
    "out-lower": (a_view(Screen.OUT_OF_SERVICE), lambda scene: scene.aid("lower")),
    "idle": (a_view(Screen.CAPTURE, is_idle_warning=True), None),
    "my-data": (a_view(Screen.SEARCHING), lambda scene: scene.sheet("MyDataSheet")),
    "aids": (a_view(Screen.CONSENT), lambda scene: scene.sheet("AidsSheet")),
    "finish": (a_view(Screen.CONSENT), lambda scene: scene.sheet("FinishSheet")),
    "order": (
        a_view(Screen.ATTRACT, notice=Notice("error.order_unknown")),
        lambda scene: scene.sheet("OrderSheet"),
    ),
}


def main() -> None:
    """Writes one PNG for each page, language and orientation."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtTest import QTest

    from ui.application import KioskWindow, application
    from ui.screenshots import grab

    out, part = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    application()
    for name, (view, step) in PICTURES.items():
        if part not in name:
            continue
        for language in Language:
            for shape, size in SIZES.items():
                kiosk = FakeKiosk()
                kiosk.view = a_view(view.screen)
                kiosk_window = KioskWindow(kiosk, size=size)
                from dataclasses import replace

                kiosk.show(replace(view, language=language))
                QTest.qWait(250)
                if step is not None:
                    step(Scene(kiosk, kiosk_window))
                _wait_for_pictures(QTest.qWait)
                if step in (_far, _still):
                    step(Scene(kiosk, kiosk_window))
                    QTest.qWait(60)
                grab(kiosk_window.window, out / f"{name}-{language}-{shape}.png")
                kiosk_window.close()
                QCoreApplication.processEvents()


def _wait_for_pictures(wait: Callable[[int], None]) -> None:
    until = monotonic() + 0.5
    while monotonic() < until:
        wait(50)


if __name__ == "__main__":
    main()
