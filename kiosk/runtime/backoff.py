"""How long to wait before something that failed is tried again."""

from __future__ import annotations

import random

_MOST_DOUBLINGS = 16


def pause_s(faults: int, first_s: float, longest_s: float) -> float:
    """The pause after so many faults in a row (1 for the first): `first_s` that doubles up to `longest_s`,
    with jitter (50 to 100 %), so that many that failed together do not come back together."""
    doublings = min(max(0, faults - 1), _MOST_DOUBLINGS)
    return min(longest_s, first_s * float(2**doublings)) * random.uniform(0.5, 1.0)
