"""Visitors one after the other: how long they wait for their photos, and what they leave behind in memory."""

from __future__ import annotations

from time import perf_counter

from kiosk.app import Kiosk
from kiosk.benchmarks.bare import bare_models_ms, bare_product_ms, first_frame
from kiosk.benchmarks.event import FACES, OF_THE_VISITOR, PHOTOS, benchmark_event
from kiosk.benchmarks.figure import Figure, Goal, percentile
from kiosk.capture.types import FacesSeen, ShotTaken
from kiosk.runtime.health import memory_bytes
from kiosk.session.states import Screen
from kiosk.session.view import SessionChanged
from ui.bench_window import benchmark_kiosk, in_window
from ui.navigator import PAGES
from ui.window_script import Scene, Step

_MB = 1_000_000
_BOUGHT = 3
_NO_GROWTH_MB = 5.0
"""What an allocator may hold more or less from one visit to the next."""


class ShutterWatch:
    """Notes, for one visit, when the still was chosen, when the photos were found, and when they were seen.

    Events come on the kiosk's workers, frames on the UI thread; a float is written whole.
    """

    def __init__(self, kiosk: Kiosk) -> None:
        self._looked_s = 0.0
        self.begin()
        kiosk.bus.subscribe(FacesSeen, self._on_look)
        kiosk.bus.subscribe(ShotTaken, self._on_shot)
        kiosk.bus.subscribe(SessionChanged, self._on_change)

    def begin(self) -> None:
        """A new visit."""
        self.chosen_s = self.found_s = self.seen_s = 0.0

    def _on_look(self, event: FacesSeen) -> None:
        self._looked_s = perf_counter()

    def _on_shot(self, event: ShotTaken) -> None:
        # The look before the shot is the one that decided it; the probe is made between the two.
        self.chosen_s = self._looked_s

    def _on_change(self, event: SessionChanged) -> None:
        if event.view.screen is Screen.RESULTS and not self.found_s:
            self.found_s = perf_counter()

    def frame(self, page: str) -> None:
        """The window has shown a frame, with this page on it."""
        if page == PAGES[Screen.RESULTS] and not self.seen_s:
            self.seen_s = perf_counter()


def measure_shutter_to_results(
    visits: int = 20, photos: int = PHOTOS, faces: int = FACES, of_the_visitor: int = OF_THE_VISITOR
) -> list[Figure]:
    """From the choice of the still to the first frame with the results page, in milliseconds."""
    found_ms: list[float] = []
    seen_ms: list[float] = []
    floor_ms: list[float] = []
    with (
        benchmark_event(photos, faces, of_the_visitor) as event,
        benchmark_kiosk(event, event.standing) as kiosk,
    ):
        watch = ShutterWatch(kiosk)

        def script(scene: Scene) -> Step:
            scene.window.frameSwapped.connect(lambda: watch.frame(scene.page))
            yield from scene.until(lambda: kiosk.view.event is not None, "the event")
            engine = kiosk.archive.engines.live
            floor_ms.append(bare_models_ms(engine, first_frame(event.standing)) + bare_product_ms(faces))
            for visit in range(visits + 1):
                watch.begin()
                yield from scene.to_results()
                yield from scene.until(lambda: watch.seen_s > 0, "a frame of the results")
                if visit > 0:  # the first one compiles pages that a kiosk has long compiled
                    found_ms.append((watch.found_s - watch.chosen_s) * 1000)
                    seen_ms.append((watch.seen_s - watch.chosen_s) * 1000)
                yield from scene.pause(0.5)
                kiosk.journey.close()
                yield from scene.pause(0.5)

        in_window(kiosk, script)
    floor_is = f"detector, landmarks, recogniser once; matrix product {faces} x 512"
    goal = Goal(at_most=400, ratio_at_most=1.5)
    return [
        Figure("shutter_to_results.p50", percentile(seen_ms, 50), "ms", floor_ms[0], floor_is),
        Figure("shutter_to_results.p95", percentile(seen_ms, 95), "ms", floor_ms[0], floor_is, goal),
        Figure("shutter_to_results.found_p50", percentile(found_ms, 50), "ms", floor_ms[0], floor_is),
        Figure("shutter_to_results.found_p95", percentile(found_ms, 95), "ms", floor_ms[0], floor_is),
    ]


def measure_memory(
    visits: int = 100, early: int = 20, photos: int = PHOTOS, faces: int = FACES
) -> list[Figure]:
    """Resident memory after `early` and after all visitors, each of whom buys three photos and leaves."""
    megabytes: dict[int, float] = {}
    with benchmark_event(photos, faces) as event, benchmark_kiosk(event, event.standing) as kiosk:

        def script(scene: Scene) -> Step:
            yield from scene.until(lambda: kiosk.view.event is not None, "the event")
            yield from scene.shown(Screen.ATTRACT)
            kiosk.archive.engines.live.warm_up()
            megabytes[0] = memory_bytes() / _MB
            for visit in range(1, visits + 1):
                yield from scene.to_results()
                yield from _buy(scene)
                if visit in (early, visits):
                    megabytes[visit] = memory_bytes() / _MB

        in_window(kiosk, script)
    grown_mb = megabytes[visits] - megabytes[early]
    floor_is = "the same process on the attract page, models loaded, before the first visitor"
    return [
        Figure(f"memory.after_{early}", megabytes[early], "MB", megabytes[0], floor_is),
        Figure(f"memory.after_{visits}", megabytes[visits], "MB", megabytes[0], floor_is, Goal(at_most=600)),
        Figure(f"memory.growth_{early}_to_{visits}", grown_mb, "MB", goal=Goal(at_most=_NO_GROWTH_MB)),
    ]


def _buy(scene: Scene) -> Step:
    """Chooses three photos, pays, takes them along, and is erased."""
    kiosk = scene.kiosk
    results = kiosk.view.results
    for tile in results.sure[:_BOUGHT] if results else ():
        kiosk.buying.choose(tile.photo_id)
    kiosk.buying.open_basket()
    yield from scene.shown(Screen.BASKET)
    kiosk.buying.pay()
    yield from scene.until(lambda: kiosk.view.pay is not None, "the code to pay")
    kiosk.buying.check_payment()
    yield from scene.shown(Screen.DELIVERY)
    kiosk.journey.finish()
    yield from scene.shown(Screen.THANKS)
    kiosk.journey.close()
    yield from scene.shown(Screen.ATTRACT)
