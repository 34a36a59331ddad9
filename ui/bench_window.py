"""A real kiosk in a real window for benchmarks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.app import Kiosk, Outside, open_kiosk
from kiosk.benchmarks.event import BenchmarkEvent
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.payments.simulator import PayNoiSimulator
from ui.application import KioskWindow, run_window
from ui.run import with_camera
from ui.window_script import Scene, Step, play
from ui.window_size import PORTRAIT

_LOOK_EVERY_MS = 5
_FRAME_MS = "16"
"""Without a screen nothing sets the pace of drawing: as often as one of 60 Hz would."""


@contextmanager
def benchmark_kiosk(event: BenchmarkEvent, camera: Path) -> Iterator[Kiosk]:
    """A started kiosk on the event, with a clip as its camera and a bank that pays at once."""
    with PayNoiSimulator(auto_pay_after_s=0.0) as simulator:
        gateway = PayNoiGateway(
            simulator.base_url,
            simulator.api_key,
            key_id="bench",
            account="0000000000",
            account_type=AccountType.PHONE,
        )
        kiosk = open_kiosk(event.home, with_camera(event.settings, str(camera)), Outside(gateway=gateway))
        kiosk.start()
        try:
            yield kiosk
        finally:
            kiosk.stop()


def in_window(
    kiosk: Kiosk,
    script: Callable[[Scene], Step],
    size: tuple[int, int] = PORTRAIT,
    every_ms: int = _LOOK_EVERY_MS,
) -> None:
    """Opens the window and goes on with the script every few milliseconds until it ends. Main thread only.

    Raises what the script raises.
    """
    os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", _FRAME_MS)
    failures: list[Exception] = []

    def begin(window: KioskWindow) -> None:
        play(script(Scene(kiosk, window)), window, every_ms, ended)

    def ended(failure: Exception | None) -> None:
        if failure is not None:
            failures.append(failure)

    run_window(kiosk, size=size, when_shown=begin)
    if failures:
        raise failures[0]
