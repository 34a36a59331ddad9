"""How bytes, texts and JSON are spoilt: by chance, from a seed, so that every trial can be made again."""

from __future__ import annotations

import json
import random
import struct
from typing import Any

ODD_TEXTS = (
    "",
    " ",
    "\0",
    "a" * 5000,
    "ก" * 300,
    "\ud800",  # half a character, as a broken keyboard layout may give it
    "\u202e\u200b\ufeff",
    "٣٤٥๑๒๓",
    "'; DROP TABLE orders; --",
    "{{7*7}}${7*7}<script>alert(1)</script>",
    "../../../../etc/passwd",
    "%2e%2e%2f%00",
    "-1",
    "1e999",
    "NaN",
    "null",
    "K1-0000",
    "0800000000",
    "\r\nSet-Cookie: a=b",
)
ODD_NUMBERS = (0, -1, 1, 2**31 - 1, -(2**31), 2**63, -(2**63) - 1, 10**30, 0.1, -0.0, 1e308)
_DEEP = 3000


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to six edits of the kinds that fuzzers find most with."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        if not spoilt:
            return chance.randbytes(chance.randint(0, 64))
        at = chance.randrange(len(spoilt))
        end = min(len(spoilt), at + chance.choice((1, 2, 4, 16, 256)))
        kind = chance.randrange(8)
        if kind == 0:
            spoilt[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            spoilt[at:end] = chance.randbytes(end - at)
        elif kind == 2:
            spoilt[at:end] = bytes([chance.choice((0, 0x7F, 0x80, 0xFF))]) * (end - at)
        elif kind == 3:
            del spoilt[at:end]
        elif kind == 4:
            spoilt[at:at] = spoilt[at:end]
        elif kind == 5:
            del spoilt[at:]
        elif kind == 6:
            number = chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFE))
            spoilt[at : at + 4] = struct.pack(chance.choice((">I", "<I")), number)
        else:
            other = chance.randrange(len(spoilt))
            spoilt[at:end] = spoilt[other : other + end - at]
    return bytes(spoilt)


def mutated_text(text: str, chance: random.Random) -> str:
    """Another text: an odd one, or this one with something odd in it."""
    kind = chance.randrange(4)
    if kind == 0:
        return chance.choice(ODD_TEXTS)
    if kind == 1:
        at = chance.randint(0, len(text))
        return text[:at] + chance.choice(ODD_TEXTS) + text[at:]
    if kind == 2:
        return mutated(text.encode("utf-8", "surrogatepass"), chance).decode("utf-8", "replace")
    return text


def mutated_json(value: Any, chance: random.Random) -> bytes:
    """A body of JSON with something of it gone, odd, or of another type; sometimes no JSON any more."""
    spoilt = odd_value(chance) if chance.random() < 0.05 else _spoilt(value, chance)
    text = json.dumps(spoilt)
    kind = chance.random()
    if kind < 0.03:
        return b"[" * _DEEP + b"]" * _DEEP
    if kind < 0.06:
        return text.replace("1", "1" * 5000, 1).encode("ascii")
    body = text.encode("ascii")
    return mutated(body, chance) if kind < 0.3 else body


def odd_value(chance: random.Random) -> Any:
    """Anything that JSON can say."""
    return chance.choice(
        (None, True, [], {}, [[]], {"": ""}, chance.choice(ODD_TEXTS), chance.choice(ODD_NUMBERS))
    )


def _spoilt(value: Any, chance: random.Random) -> Any:
    """Goes down to one place, and spoils that."""
    if isinstance(value, dict) and value:
        spoilt = dict(value)
        key = chance.choice(list(spoilt))
        kind = chance.randrange(6)
        if kind == 0:
            del spoilt[key]
        elif kind == 1:
            spoilt[chance.choice(ODD_TEXTS)] = odd_value(chance)
        else:
            spoilt[key] = _spoilt(spoilt[key], chance)
        return spoilt
    if isinstance(value, list) and value:
        at = chance.randrange(len(value))
        if chance.randrange(4) == 0:
            return value * 3
        return [*value[:at], _spoilt(value[at], chance), *value[at + 1 :]]
    if isinstance(value, str) and chance.randrange(2):
        return mutated_text(value, chance)
    return odd_value(chance)
