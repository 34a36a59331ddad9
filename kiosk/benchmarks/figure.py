"""A measured figure beside its floor and its goal."""

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


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `floor` in the same unit is what the bare work takes, measured in the same run, and
    `floor_is` says which work that is. `load` is the machine's one-minute load average when it was measured.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    floor_is: str = ""
    goal: Goal | None = None
    load: float = field(default_factory=lambda: load_average())

    @property
    def ratio(self) -> float | None:
        """The figure over its floor."""
        return self.value / self.floor if self.floor else None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        goal, ratio = self.goal, self.ratio
        if goal is None:
            return None
        return (
            (goal.at_most is None or self.value <= goal.at_most)
            and (goal.at_least is None or self.value >= goal.at_least)
            and (goal.ratio_at_most is None or (ratio is not None and ratio <= goal.ratio_at_most))
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
            }
            if self.goal
            else None,
            "is_met": self.is_met,
            "load": _rounded(self.load),
        }

    def as_row(self) -> tuple[str, ...]:
        """Figure, measured, floor, ratio, goal, for a table."""
        floor = "" if self.floor is None else f"{_short(self.floor)} {self.unit}: {self.floor_is}"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return self.name, f"{_short(self.value)} {self.unit}", floor, ratio, self._goal_text()

    def _goal_text(self) -> str:
        goal = self.goal
        if goal is None:
            return ""
        bounds = [
            "" if goal.at_most is None else f"≤ {goal.at_most:g} {self.unit}",
            "" if goal.at_least is None else f"≥ {goal.at_least:g} {self.unit}",
            "" if goal.ratio_at_most is None else f"≤ {goal.ratio_at_most:g} x floor",
        ]
        wanted = ", ".join(bound for bound in bounds if bound)
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
        return self.name, "not measured", self.reason, "", ""


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


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
