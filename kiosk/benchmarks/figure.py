"""A measured figure beside its floor, its goal and its peers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should reach; a bound that is None is not asked for. `ratio` is figure over floor."""

    at_most: float | None = None
    at_least: float | None = None
    ratio_at_most: float | None = None
    ratio_at_least: float | None = None


@dataclass(frozen=True, slots=True)
class PeerValue:
    """What other software reached at the same in the same run, in the figure's unit; None where it was not
    measured, and `why_not`. `times_at_least`: how many times better than it the figure should be."""

    name: str
    value: float | None
    why_not: str = ""
    times_at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `floor` in the same unit is what the bare work takes, measured in the same run, and
    `floor_is` says which work that is. `load` is the machine's one-minute load average when it was measured.
    `more_is_better` for rates and shares found; times and errors are better when less.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    floor_is: str = ""
    goal: Goal | None = None
    load: float = field(default_factory=lambda: load_average())
    peers: tuple[PeerValue, ...] = ()
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """The figure over its floor."""
        return self.value / self.floor if self.floor else None

    def times_better(self, other: float | None) -> float | None:
        """How many times better the figure is than another value; None where it cannot be said."""
        if other is None:
            return None
        more, less = (self.value, other) if self.more_is_better else (other, self.value)
        return more / less if less > 0 else None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached, and those beside peers that were measured; None without a goal."""
        beside = [
            self._is_ahead(peer) for peer in self.peers if peer.times_at_least and peer.value is not None
        ]
        if self.goal is None:
            return all(beside) if beside else None
        return self._is_goal_met(self.goal) and all(beside)

    def _is_ahead(self, peer: PeerValue) -> bool:
        times = self.times_better(peer.value)
        if times is None:  # the lesser of the two is nothing at all: no errors here, or nothing found there
            return self.value > 0 or not self.more_is_better
        return times >= (peer.times_at_least or 0.0)

    def _is_goal_met(self, goal: Goal) -> bool:
        ratio = self.ratio
        return (
            (goal.at_most is None or self.value <= goal.at_most)
            and (goal.at_least is None or self.value >= goal.at_least)
            and (goal.ratio_at_most is None or (ratio is not None and ratio <= goal.ratio_at_most))
            and (goal.ratio_at_least is None or (ratio is not None and ratio >= goal.ratio_at_least))
        )

    def as_dict(self) -> dict[str, Any]:
        """For `kiosk bench --json`."""
        goal = self.goal or Goal()
        return {
            "name": self.name,
            "value": _rounded(self.value),
            "unit": self.unit,
            "floor": _rounded(self.floor),
            "floor_is": self.floor_is,
            "ratio": _rounded(self.ratio),
            "goal": {
                "at_most": goal.at_most,
                "at_least": goal.at_least,
                "ratio_at_most": goal.ratio_at_most,
                "ratio_at_least": goal.ratio_at_least,
            }
            if self.goal
            else None,
            "is_met": self.is_met,
            "load": _rounded(self.load),
            "peers": [self._peer_as_dict(peer) for peer in self.peers],
        }

    def _peer_as_dict(self, peer: PeerValue) -> dict[str, Any]:
        if peer.value is None:
            return {"name": peer.name, "not_measured": peer.why_not}
        times = _rounded(self.times_better(peer.value))
        value, least = _rounded(peer.value), peer.times_at_least
        return {"name": peer.name, "value": value, "times_better": times, "times_at_least": least}

    def as_row(self) -> tuple[str, ...]:
        """Figure, measured, floor, ratio, goal, peers, for a table."""
        floor = "" if self.floor is None else f"{short(self.floor)} {self.unit}: {self.floor_is}"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        peers = "\n".join(self._peer_text(peer) for peer in self.peers)
        return self.name, f"{short(self.value)} {self.unit}", floor, ratio, self._goal_text(), peers

    def _peer_text(self, peer: PeerValue) -> str:
        if peer.value is None:
            return f"{peer.name}: not measured: {peer.why_not}"
        times = self.times_better(peer.value)
        said = "" if times is None else f", {short(times)} x"
        wanted = "" if peer.times_at_least is None else f" (≥ {peer.times_at_least:g} x)"
        return f"{peer.name}: {short(peer.value)} {self.unit}{said}{wanted}"

    def _goal_text(self) -> str:
        if self.is_met is None:
            return ""
        goal = self.goal or Goal()
        bounds = [
            "" if goal.at_most is None else f"≤ {goal.at_most:g} {self.unit}",
            "" if goal.at_least is None else f"≥ {goal.at_least:g} {self.unit}",
            "" if goal.ratio_at_most is None else f"≤ {goal.ratio_at_most:g} x floor",
            "" if goal.ratio_at_least is None else f"≥ {goal.ratio_at_least:g} x floor",
        ]
        wanted = ", ".join(bound for bound in bounds if bound) or "ahead of the peers"
        return f"{wanted}: {'met' if self.is_met else 'not met'}"


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A benchmark that could not run here, and why."""

    name: str
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """For `kiosk bench --json`."""
        return {"name": self.name, "not_measured": self.reason}

    def as_row(self) -> tuple[str, ...]:
        """Like `Figure.as_row`."""
        return self.name, "not measured", self.reason, "", "", ""


def load_average() -> float:
    """The machine's load over the last minute; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def percentile(values: list[float], percent: float) -> float:
    """The smallest of `values` that at least `percent` of them do not exceed. Raises ValueError if empty."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def short(value: float) -> str:
    """A value with as many digits as a reader wants."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
