"""ICC profiles that are not sRGB, written here byte by byte (ICC.1:2001-04): no file to be shipped."""

from __future__ import annotations

import struct

# Primaries of Adobe RGB (1998), adapted to D50.
_COLUMNS = {
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
}
_WHITE = (0.9642, 1.0, 0.8249)
_GAMMA = 2.19921875
_HEADER_BYTES = 128


def wide_profile(name: str) -> bytes:
    """An RGB profile with more colours than sRGB has."""
    curve = struct.pack(">4s4xIH2x", b"curv", 1, round(_GAMMA * 256))
    tags = {b"desc": _description(name), b"cprt": b"text\0\0\0\0none\0\0\0\0", b"wtpt": _xyz(_WHITE)}
    tags |= {key: _xyz(value) for key, value in _COLUMNS.items()}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body = b"", b""
    start = _HEADER_BYTES + 4 + 12 * len(tags)
    for key, data in tags.items():
        table += struct.pack(">4sII", key, start + len(body), len(data))
        body += data
    size = start + len(body)
    head = struct.pack(">I4xI4s4s4s12x4s", size, 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    head = head.ljust(68, b"\0") + b"".join(map(_fixed, _WHITE))
    return head.ljust(_HEADER_BYTES, b"\0") + struct.pack(">I", len(tags)) + table + body


def _description(name: str) -> bytes:
    text = name.encode("ascii") + b"\0"
    data = struct.pack(">4s4xI", b"desc", len(text)) + text + b"\0" * (8 + 3 + 67)
    return data.ljust(-(-len(data) // 4) * 4, b"\0")


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, value))


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))
