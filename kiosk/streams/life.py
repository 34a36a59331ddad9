"""Whether a face is somebody who is there, or a picture that hangs on the wall.

A picture does not move, and what is different between two looks at it is noise: looks that follow each other
are as unlike as looks that lie apart. Somebody who stands still changes a little all the time, so that looks
that follow each other are more alike.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from kiosk.vision.types import EMBEDDING_SIZE, Box, Embedding, FloatArray

_MOVED_WIDTHS = 0.15
"""Posters of faces of 40 to 200 pixels, filmed with noise and changing light, seem to move by up to 0.06."""
_CHANGED = 0.012
"""How much more alike (cosine) looks are that follow each other: within three seconds up to 0.008 for such
posters, 0.013 to 0.24 for people who sit and talk."""
_SMOOTHED = 5
_SMOOTHED_AT_FIRST = 3  # whoever passes quickly is seen few times
_LOOKS = 40
_FEWEST_VIEWS = 10
_MOST_VIEWS = 40


class Life:
    """What a track's looks say of whether it is alive; once it was, it stays so."""

    def __init__(self) -> None:
        self.is_seen = False
        self._places: deque[tuple[float, float, float]] = deque(maxlen=_LOOKS)
        self._vectors: deque[FloatArray] = deque(maxlen=_MOST_VIEWS)
        self._alike: deque[FloatArray] = deque(maxlen=_MOST_VIEWS)

    def see(self, box: Box) -> None:
        """Where the face is in one more picture."""
        if self.is_seen:
            return
        self._places.append((*box.center, box.width))
        if len(self._places) > _SMOOTHED_AT_FIRST:
            self._settle(_moved(np.array(self._places)) >= _MOVED_WIDTHS)

    def look(self, embedding: Embedding) -> None:
        """What it looks like in one more picture."""
        if self.is_seen:
            return
        # One view against all, not all against all: a small product, for which no thread is woken.
        earlier = np.array(self._vectors, np.float32).reshape(-1, EMBEDDING_SIZE)
        self._alike.append(earlier @ embedding.vector)
        self._vectors.append(embedding.vector)
        if len(self._alike) >= _FEWEST_VIEWS:
            self._settle(_change(self._alike) >= _CHANGED)

    def _settle(self, is_alive: bool) -> None:
        if is_alive:
            self.is_seen = True
            self._places.clear()
            self._vectors.clear()
            self._alike.clear()


def _moved(places: FloatArray) -> float:
    """The largest way of a face, or change of its size, over its width; single outliers do not count."""
    looks = _SMOOTHED if len(places) > 2 * _SMOOTHED_AT_FIRST else _SMOOTHED_AT_FIRST
    windows = np.lib.stride_tricks.sliding_window_view(places, looks, axis=0)
    smooth = np.median(windows, axis=2)
    return float(np.ptp(smooth, axis=0).max() / np.median(places[:, 2]))


def _change(rows: Sequence[FloatArray]) -> float:
    """How much more alike views are that follow each other than those half of the time apart. Each row holds
    how alike a view is to those before it, in the order of time."""
    near, far = [], []
    for place, row in enumerate(rows):
        by_lag = row[::-1][:place]
        near.append(by_lag[:2])
        far.append(by_lag[len(rows) // 2 - 1 :])
    return float(np.concatenate(near).mean() - np.concatenate(far).mean())
