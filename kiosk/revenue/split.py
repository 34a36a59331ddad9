"""Splits a sale between platform, photographer and organiser, to the satang: pure rules.

Each party is owed its percentage of every sale. What a whole satang cannot give is carried to the next sale
(largest remainder of what is owed in all, as in Hamilton's method): the parts of each sale add up to its
amount, and after any number of sales no party is a satang away from its exact share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

from kiosk.errors import ErrorCode, KnownError
from kiosk.revenue.types import Carry, Kind, Plan, Sale, Share

PERCENT: Mapping[Plan, Mapping[Kind, int]] = {
    Plan.STANDARD: {Kind.PLATFORM: 30, Kind.PHOTOGRAPHER: 50, Kind.ORGANISER: 20},
    Plan.PREMIUM: {Kind.PLATFORM: 25, Kind.PHOTOGRAPHER: 55, Kind.ORGANISER: 20},
}
VOLUME_PERCENT = (70, 75, 80)
"""The photographer's part while the month's sales are below the first threshold, the second, and above."""

Party = TypeVar("Party")


def percent_of(plan: Plan, month_satang: int, thresholds_satang: tuple[int, int]) -> Mapping[Kind, int]:
    """The percentages of a sale that is made after sales of `month_satang` in its month.

    Raises KnownError(SPLIT_INVALID) for thresholds that don't grow.
    """
    if plan is not Plan.VOLUME:
        return PERCENT[plan]
    first, second = thresholds_satang
    if not 0 <= first <= second:
        raise KnownError(
            ErrorCode.SPLIT_INVALID,
            "The thresholds of the volume plan don't grow.",
            "Set revenue.volume_baht to two amounts, the smaller one first.",
        )
    step = (month_satang >= first) + (month_satang >= second)
    photographer = VOLUME_PERCENT[step]
    return {Kind.PHOTOGRAPHER: photographer, Kind.PLATFORM: 100 - photographer}


def split(sale: Sale, percent: Mapping[Kind, int], carry: Carry) -> tuple[tuple[Share, ...], Carry]:
    """The shares of a sale and what is carried on.

    Raises KnownError(SPLIT_INVALID) where the percentages are not 100 in all.
    """
    if sum(percent.values()) != 100 or min(percent.values()) < 0:
        raise KnownError(
            ErrorCode.SPLIT_INVALID, "The parts of a sale are not 100 % in all.", "Correct the plan."
        )
    owed = {kind: Fraction(sale.amount_satang * percent.get(kind, 0), 100) for kind in Kind}
    weights = {name: weight for name, weight in sorted(sale.weights.items()) if weight > 0} or {"": 1}
    return _apportioned(sale.amount_satang, owed, weights, carry)


def split_back(amount_satang: int, sold: Sequence[Share], carry: Carry) -> tuple[tuple[Share, ...], Carry]:
    """The shares, below zero, of money that was given back of a sale, and what is carried on: it is taken off
    those who got it, whatever the plan, the month's sales and the photographers' names are by now. `sold` are
    the sale's shares."""
    got = Counter[Kind]()
    weights: dict[str, int] = {}
    for share in sold:
        got[share.kind] += share.amount_satang
        if share.kind is Kind.PHOTOGRAPHER:
            weights[share.party] = max(0, share.amount_satang)
    owed = {kind: Fraction(-amount_satang * got[kind], got.total()) for kind in Kind}
    return _apportioned(-amount_satang, owed, weights if any(weights.values()) else {"": 1}, carry)


def _apportioned(
    amount: int, owed: Mapping[Kind, Fraction], weights: Mapping[str, int], carry: Carry
) -> tuple[tuple[Share, ...], Carry]:
    """The photographers' part is divided between them by `weights`."""
    parts, kinds = apportion(amount, owed, carry.kinds)
    of_photographers = parts.pop(Kind.PHOTOGRAPHER)
    total = sum(weights.values())
    owed_to = {name: Fraction(of_photographers * weight, total) for name, weight in weights.items()}
    by_name, photographers = apportion(of_photographers, owed_to, carry.photographers)
    shares = [Share(Kind.PHOTOGRAPHER, name, part) for name, part in by_name.items()]
    shares += [Share(kind, "", part) for kind, part in parts.items() if part or owed[kind]]
    return tuple(shares), Carry(kinds, photographers)


def apportion(
    amount: int, owed: Mapping[Party, Fraction], carry: Mapping[Party, Fraction]
) -> tuple[dict[Party, int], dict[Party, Fraction]]:
    """Whole parts that add up to `amount`, and what is carried on then. `owed` adds up to `amount`; ties go
    to whoever is named first in `owed`. Who is not in it keeps what was carried for them."""
    due = {party: exact + carry.get(party, Fraction(0)) for party, exact in owed.items()}
    parts = {party: _floor(exact) for party, exact in due.items()}
    left = amount - sum(parts.values())
    for party in _largest_remainders(due, parts, left):
        parts[party] += 1 if left > 0 else -1
    after = {party: exact - parts[party] for party, exact in due.items()}
    return parts, {**carry, **after}


def _largest_remainders(
    due: Mapping[Party, Fraction], parts: Mapping[Party, int], left: int
) -> Sequence[Party]:
    """Who gets one of the `left` satang more; where fewer are left than nothing, who has one taken off."""
    by_remainder = sorted(due, key=lambda party: due[party] - parts[party], reverse=left > 0)
    return by_remainder[: abs(left)]


def _floor(exact: Fraction) -> int:
    return exact.numerator // exact.denominator
