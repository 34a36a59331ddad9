"""From `kiosk session` on a display that is up to the attract page on it, as visitors see it.

Pictures of the display are taken until the page's action is on one; so the figure holds all that stands
between a boot and a visitor: the supervisor, the kiosk, its window, and under cage cage itself.
"""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from kiosk.benchmarks.event import EVENT_NAME, FACES, PHOTOS, BenchmarkEvent, benchmark_event
from kiosk.benchmarks.figure import Figure, Goal
from tests.peers.processes import PeerMissingError
from tests.virtual_display import (
    NEEDED,
    NEEDED_BY_CAGE,
    RunningSession,
    VirtualDisplay,
    missing_of,
)
from ui.theme import tokens

_SIZES = {False: (1080, 1920), True: (1024, 768)}
"""Of the display; in cage that of its window."""
_LONGEST_S = 120.0
_LOOK_EVERY_S = 0.1
_EACH = 8
"""Of the picture's points: to look must not cost what is measured."""
_SHARE_OF_GOLD = 0.01
"""Of the picture; the action takes more, and nothing else on a page that comes up is of that colour."""


def measure_session_start(times: int = 5, photos: int = PHOTOS, faces: int = FACES) -> list[Figure]:
    """Seconds, the median of several starts; one before them is not counted. Raises PeerMissingError where
    there is no virtual display."""
    if missing := missing_of(NEEDED):
        raise PeerMissingError(f"{missing} is not here")
    ways = {"x": False} if missing_of(NEEDED_BY_CAGE) else {"x": False, "cage": True}
    with benchmark_event(photos, faces) as event:
        return [
            Figure(
                f"session_to_attract.{name}",
                median([_start_s(event, in_cage=in_cage) for _ in range(times + 1)][1:]),
                "s",
                goal=Goal(at_most=5),
            )
            for name, in_cage in ways.items()
        ]


def _start_s(event: BenchmarkEvent, *, in_cage: bool) -> float:
    with (
        TemporaryDirectory(prefix="measure-session-") as folder,
        closing(VirtualDisplay(_SIZES[in_cage])) as display,
    ):
        began_s = time.monotonic()
        session = RunningSession(
            event.home,
            display,
            Path(folder),
            in_cage=in_cage,
            KIOSK_EVENT__NAME=EVENT_NAME,
            KIOSK_CAMERA__SOURCE=event.settings.camera.source,
        )
        try:
            while not _shows_the_action(display):
                if time.monotonic() - began_s > _LONGEST_S:
                    raise RuntimeError(f"no attract page came: {session.told()[-300:]}")
                time.sleep(_LOOK_EVERY_S)
            return time.monotonic() - began_s
        finally:
            session.end()


def _shows_the_action(display: VirtualDisplay) -> bool:
    gold = tokens()["colours"]["gold"].lstrip("#")
    wanted = np.array([int(gold[at : at + 2], 16) for at in (0, 2, 4)])
    seen = display.picture()[::_EACH, ::_EACH].astype(int)
    off = np.abs(seen - wanted).max(axis=2)
    return float((off <= 8).mean()) >= _SHARE_OF_GOLD
