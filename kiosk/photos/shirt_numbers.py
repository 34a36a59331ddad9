"""Which numbers, as they were read on shirts, may be the number that somebody types. Pure."""

from __future__ import annotations

MOST_DIGITS = 6
_FORGIVEN_FROM_DIGITS = 3
_DIGITS = "0123456789"


def same_number(digits: str) -> frozenset[str]:
    """Every way to print this number: with and without zeros before it, up to six digits (42, 042, 0042 …).

    Empty for what is no number of one to six digits.
    """
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS):
        return frozenset()
    shortest = digits.lstrip("0") or "0"
    return frozenset(shortest.zfill(length) for length in range(len(shortest), MOST_DIGITS + 1))


def one_digit_wrong(digits: str) -> frozenset[str]:
    """Every number with one digit replaced, missing or too many, as fingers, folds and blur make them.

    `same_number` is not among them. Numbers of less than three digits forgive nothing: too many are near.
    """
    same = same_number(digits)
    shortest = digits.lstrip("0")
    if not same or len(shortest) < _FORGIVEN_FROM_DIGITS:
        return frozenset()
    places = range(len(shortest))
    replaced = {shortest[:at] + digit + shortest[at + 1 :] for at in places for digit in _DIGITS}
    missing = {shortest[:at] + shortest[at + 1 :] for at in places}
    added = {shortest[:at] + digit + shortest[at:] for at in (*places, len(shortest)) for digit in _DIGITS}
    return frozenset().union(*map(same_number, replaced | missing | added)) - same
