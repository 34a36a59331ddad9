"""How long the UI thread keeps events waiting in a whole visit."""

from __future__ import annotations

from kiosk.benchmarks.event import FACES, PHOTOS, benchmark_event
from kiosk.benchmarks.figure import Figure, Goal
from kiosk.errors import BugError
from kiosk.language import Language
from kiosk.session.states import Screen
from ui.application import KioskWindow, run_window
from ui.bench_window import benchmark_kiosk, in_window
from ui.responsiveness import Responsiveness, ResponsivenessMeter
from ui.scripted_visitor import ScriptedVisitor
from ui.window_script import Scene, Step
from ui.window_size import PORTRAIT

_IDLE_S = 3.0


def measure_ui_thread(photos: int = PHOTOS, faces: int = FACES) -> list[Figure]:
    """The longest delay and the 99th percentile, of beats of 5 ms, from the attract page to the attract page.

    Floor: the same window standing on the attract page with nobody there.
    """
    seen: dict[str, Responsiveness] = {}
    with benchmark_event(photos, faces) as event, benchmark_kiosk(event, event.standing) as kiosk:

        def stand(scene: Scene) -> Step:
            yield from scene.until(lambda: kiosk.view.event is not None, "the event")
            yield from scene.shown(Screen.ATTRACT)
            yield from scene.pause(_IDLE_S)
            meter = ResponsivenessMeter(scene)
            meter.start()
            yield from scene.pause(_IDLE_S)
            seen["idle"] = meter.stop()

        in_window(kiosk, stand, every_ms=100)
        visitor = ScriptedVisitor(kiosk, None, Language.ENGLISH)
        meter = ResponsivenessMeter(visitor)

        def arrive(window: KioskWindow) -> None:
            meter.start()
            visitor.arrive(window)

        run_window(kiosk, size=PORTRAIT, when_shown=arrive)
        seen["visit"] = meter.stop()
        if visitor.stuck:
            raise BugError(f"the visitor got stuck: {visitor.stuck}")
    idle, visit = seen["idle"], seen["visit"]
    floor_is = "the attract page, nobody there"
    return [
        Figure("ui_thread.longest", visit.max_ms, "ms", idle.max_ms, floor_is, Goal(at_most=50)),
        Figure("ui_thread.p99", visit.p99_ms, "ms", idle.p99_ms, floor_is, Goal(at_most=16)),
    ]
