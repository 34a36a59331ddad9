"""When the pictures of a network stream were taken, by the stream's own timestamps."""

from __future__ import annotations

import math
from collections import deque

WINDOW_S = 180.0
_STEP_S = 10.0
_JUMP_S = 0.3


class StreamClock:
    """Tells how long a picture waited on its way here; one for each connection.

    A stream's clock and ours share nothing but their pace. So the least difference of arrival and timestamp
    within the last three minutes stands for a picture that came without waiting, and by how much another one
    exceeds it, so long it has waited: in the camera, in the network, in buffers, or because this machine does
    not keep up. What every picture takes alike cannot be seen from here: the camera's encoding, and the one
    picture that FFmpeg waits for before it hands out the one before.

    Three minutes, since clocks drift: a usual one, off by 100 millionths, seems 18 ms late by then, and one
    that is off by a whole per cent 1.8 s, but no more. Whatever waits for longer than that all the time is
    taken for the way itself; a stream that far behind is to be opened anew before (see `RtspCamera`).
    """

    def __init__(self) -> None:
        self._least: deque[tuple[float, float]] = deque()  # (until when it is the newest step, its least)
        self._stamp_s: float | None = None
        self._waited_s = 0.0

    def waited_s(self, arrived_at_s: float, stamp_s: float) -> float:
        """How long the picture has waited that arrived then, with the stream's timestamp in seconds.

        A picture without a timestamp (0, or the same as before) is taken to be as late as the one before;
        after a jump backwards all is learnt anew. A jump forwards is the new least by itself.
        """
        last_s = self._stamp_s
        if not math.isfinite(stamp_s) or stamp_s <= 0 or stamp_s == last_s:
            return self._waited_s
        if last_s is not None and stamp_s < last_s - _JUMP_S:
            self._least.clear()
        self._stamp_s = stamp_s
        self._learn(arrived_at_s, arrived_at_s - stamp_s)
        self._waited_s = arrived_at_s - stamp_s - min(least for _, least in self._least)
        return self._waited_s

    def _learn(self, arrived_at_s: float, difference_s: float) -> None:
        while self._least and self._least[0][0] < arrived_at_s - WINDOW_S:
            self._least.popleft()
        if self._least and arrived_at_s < self._least[-1][0]:
            until_s, least_s = self._least[-1]
            self._least[-1] = (until_s, min(least_s, difference_s))
        else:
            self._least.append((arrived_at_s + _STEP_S, difference_s))
