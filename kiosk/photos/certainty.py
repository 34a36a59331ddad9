"""From which similarity on a hit is sure in an event of its present size."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.clock import Clock
from kiosk.gallery.calibration import Calibration, Wishes, certainty_of
from kiosk.gallery.types import Thresholds

_GOOD_FOR_S = 60.0


@dataclass(frozen=True, slots=True)
class _Looked:
    at_s: float
    thresholds: Thresholds


class CalibratedThresholds:
    """The thresholds of each event, looked up anew after a minute: an event grows, and is calibrated.

    Safe to call from several threads. Raises KnownError DATABASE_*.
    """

    def __init__(
        self,
        face_count: Callable[[str], int],
        calibration: Callable[[], Calibration],
        wishes: Wishes,
        clock: Clock,
    ) -> None:
        self._face_count = face_count
        self._calibration = calibration
        self._wishes = wishes
        self._clock = clock
        self._looked: dict[str, _Looked] = {}
        self._guard = threading.Lock()

    def wish(self, wishes: Wishes) -> None:
        """What is settled from now on; it counts at once."""
        with self._guard:
            self._wishes = wishes
            self._looked.clear()

    def __call__(self, event_id: str) -> Thresholds:
        now_s = self._clock.monotonic_s()
        with self._guard:
            looked = self._looked.get(event_id)
        if looked is None or now_s - looked.at_s >= _GOOD_FOR_S:
            found = certainty_of(self._calibration(), self._wishes, self._face_count(event_id))
            looked = _Looked(now_s, found.thresholds)
            with self._guard:
                self._looked[event_id] = looked
        return looked.thresholds
