"""The figures of a stream, second by second."""

from __future__ import annotations

from dataclasses import dataclass

SPAN_S = 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the last span: rates, and how late the latest of its pictures was."""

    frames_per_s: float
    looks_per_s: float
    behind_s: float


class FigureCount:
    """Counts pictures and looks from `begin` on; used from one thread."""

    def __init__(self) -> None:
        self.begin(0.0, 0)

    def begin(self, now_s: float, looks: int) -> None:
        """Starts a span; `looks` is the count of all looks so far."""
        self._began_s, self._looks = now_s, looks
        self._frames, self._behind_s = 0, 0.0

    def count(self, now_s: float, behind_s: float, looks: int) -> Figures | None:
        """Takes in a picture; the figures when a span of a second is over, and a new one begins."""
        self._frames += 1
        self._behind_s = max(self._behind_s, behind_s)
        took_s = now_s - self._began_s
        if took_s < SPAN_S:
            return None
        figures = Figures(self._frames / took_s, (looks - self._looks) / took_s, self._behind_s)
        self.begin(now_s, looks)
        return figures
