"""Orders: which state follows which, and the code that people read and type."""

from __future__ import annotations

import secrets

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.sales.types import OrderState

_S = OrderState

TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    _S.AWAITING_PAYMENT: frozenset({_S.PAID, _S.CANCELLED}),
    # A cancelled order is paid when its money came late and staff accept it.
    _S.CANCELLED: frozenset({_S.PAID}),
    _S.PAID: frozenset({_S.REFUNDED}),
    _S.REFUNDED: frozenset(),
}


def move(state: OrderState, to: OrderState) -> OrderState:
    """The state after a change from `state` to `to`. Raises BugError where the table does not allow it."""
    if to not in TRANSITIONS[state]:
        raise BugError(f"an order cannot go from {state} to {to}")
    return to


_RANK: dict[OrderState, int] = {_S.AWAITING_PAYMENT: 0, _S.CANCELLED: 1, _S.PAID: 2, _S.REFUNDED: 3}


def how_far(state: OrderState) -> int:
    """Compares what two machines know of one order: no transition leads down, so the greater is true."""
    return _RANK[state]


# No two of these look alike; what looks like one of them is read as it (_READ_AS).
CODE_ALPHABET = "0123456789ACDEFGHJKMNPQRTVWXY"
CODE_LENGTH = 4
LONGEST_PREFIX = 4
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8", "U": "V"})


def make_code(prefix: str) -> str:
    """A new order code such as "K7-4Q2M": the kiosk's prefix and four random symbols (29^4 = 707,281 codes).

    Typed at the kiosk it opens the order, so whoever reads codes there keeps guessing down; the caller takes
    another where it is in use.
    Look-alikes in the prefix are written as what they are read as: "KO" gives "K0-...". Raises
    KnownError(SETTING_INVALID) for a prefix that is not 1 to 4 Latin letters and digits.
    """
    read = read_symbols(prefix)
    if not 1 <= len(read) <= LONGEST_PREFIX or len(read) != len(prefix):
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            f"{prefix!r} cannot begin order codes.",
            "Use 1 to 4 letters and digits.",
        )
    return f"{read}-" + "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def normalise_code(text: str, own_prefix: str) -> str:
    """What a person typed, as codes are stored: lower case, a missing dash, spaces and look-alikes
    (O for 0, I and L for 1, Z for 2, S for 5, B for 8, U for V) do not matter; without a prefix it is this
    kiosk's. Raises KnownError(ORDER_UNKNOWN) for what cannot be a code.
    """
    symbols = read_symbols(text)
    if not CODE_LENGTH <= len(symbols) <= CODE_LENGTH + LONGEST_PREFIX:
        raise KnownError(ErrorCode.ORDER_UNKNOWN, "The text typed is not an order code.")
    return f"{symbols[:-CODE_LENGTH] or read_symbols(own_prefix)}-{symbols[-CODE_LENGTH:]}"


def read_symbols(text: str) -> str:
    """The symbols of the alphabet in `text`, look-alikes read as what they stand for; the rest is dropped."""
    return "".join(symbol for symbol in text.upper().translate(_READ_AS) if symbol in CODE_ALPHABET)
