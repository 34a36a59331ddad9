"""Which looks at a face are worth an embedding, and when: the networks are asked for the best ones only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.vision.types import Box, FloatArray, Pixels

MOST_A_LOOK = 4
"""Embeddings of one picture: a crowd at the door is named a moment later rather than seen less often."""
_UNDECIDED_S = 0.08
"""With looks at their usual pace, every look while nobody is decided on."""
_CHECKED_S = 1.0
"""Pause between two views of somebody who is decided on."""
_PUZZLE_S = 4.0
"""Whoever could not be decided on for so long gets no more attention than others."""
_GLANCE_PX = 16
_SAME_GLANCE = 0.8


@dataclass(frozen=True, slots=True)
class Attention:
    """When a track was looked at, and how badly another view is wanted."""

    track_id: int
    is_decided: bool
    first_view_s: float | None
    last_view_s: float | None
    doubted_from_s: float | None = None
    """Since then something speaks against what was decided: a view, a gap in the track, a sudden change."""

    @property
    def is_settled(self) -> bool:
        """Nothing has to be found out."""
        return self.is_decided and self.doubted_from_s is None

    def wait_s(self, now_s: float) -> float:
        """How long until a view is due; negative: for how long it has been."""
        if self.first_view_s is None or self.last_view_s is None:
            return -_CHECKED_S
        since_s = self.first_view_s if self.doubted_from_s is None else self.doubted_from_s
        is_pressing = not self.is_settled and now_s - since_s < _PUZZLE_S
        return self.last_view_s + (_UNDECIDED_S if is_pressing else _CHECKED_S) - now_s


def due(tracks: Iterable[Attention], now_s: float) -> list[int]:
    """The tracks of a picture that a view is due of: the unsettled first, of these whoever waits longest."""
    waiting = [one for one in tracks if one.wait_s(now_s) <= 0]
    waiting.sort(key=lambda one: (one.is_settled, one.wait_s(now_s), one.track_id))
    return [one.track_id for one in waiting]


def glance(pixels: Pixels, box: Box) -> FloatArray:
    """What a face looks like at a glance: a few pixels of it, without their light and contrast. Cheap enough
    for every look; two are compared by `is_change`."""
    part = _part(pixels, box)
    if not part.size:
        return np.zeros(0, np.float32)
    small = (
        cv2.resize(part, (_GLANCE_PX, _GLANCE_PX), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    )
    small -= small.mean()
    return np.asarray(small / max(float(np.linalg.norm(small)), 1e-6), np.float32)


def is_change(before: FloatArray, now: FloatArray) -> bool:
    """Whether a face looks so different from the look before that it may be somebody else's.

    From one look to the next, people who sit or come nearer are at least 0.8 alike in 99 of 100 looks, those
    who walk past at 1.4 m/s in 95, a singer who acts in half of them; of pairs of people in the same place
    hardly any are, whatever is behind them.
    """
    return before.size != now.size or float(before @ now) < _SAME_GLANCE


def _part(pixels: Pixels, box: Box) -> Pixels:
    """The square around a box, as wide as its longer side, as far as the picture reaches."""
    (x, y), half = box.center, max(box.width, box.height) / 2
    height, width = pixels.shape[:2]
    x1, x2 = (min(max(0, round(value)), width) for value in (x - half, x + half))
    y1, y2 = (min(max(0, round(value)), height) for value in (y - half, y + half))
    return pixels[y1:y2, x1:x2]
