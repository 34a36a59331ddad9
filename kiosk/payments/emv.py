"""Fields of EMVCo payment codes: a 2-digit tag, a 2-digit length, a value; and their checksum.

Source: EMVCo "QR Code Specification for Payment Systems, Merchant-Presented Mode".
"""

from __future__ import annotations

from kiosk.errors import BugError

LONGEST_VALUE = 99


def field(tag: str, value: str) -> str:
    """One field. Raises BugError for a value of no or of more than 99 characters."""
    if not 1 <= len(value) <= LONGEST_VALUE:
        raise BugError(f"field {tag} has {len(value)} characters")
    return f"{tag}{len(value):02d}{value}"


def read_fields(text: str) -> dict[str, str]:
    """The values of `text` by tag, in their order. Raises ValueError, without the text, where it is not made
    of whole fields, or names one twice."""
    fields: dict[str, str] = {}
    position = 0
    while position < len(text):
        head = text[position : position + 4]
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            raise ValueError(f"no field begins at character {position}")
        tag, length = head[:2], int(head[2:])
        value = text[position + 4 : position + 4 + length]
        if len(value) < length:
            raise ValueError(f"field {tag} ends too early")
        if tag in fields:
            raise ValueError(f"field {tag} occurs twice")
        fields[tag] = value
        position += 4 + length
    return fields


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE of the UTF-8 bytes, as 4 upper-case hex digits: polynomial 0x1021, initial 0xFFFF,
    no reflection, no final xor."""
    register = 0xFFFF
    for byte in text.encode("utf-8"):
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ 0x1021 if register & 0x8000 else register << 1
            register &= 0xFFFF
    return f"{register:04X}"
