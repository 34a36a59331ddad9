"""A folder as a card reader may bring it: pictures of every kind, and files that are none."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from kiosk.errors import ErrorCode

TAKEN = ("animated.gif", "cmyk.jpg", "deep.png", "plain.jpg", "really-a-jpeg.png", "rotated.jpg")
REFUSED: Mapping[str, ErrorCode] = {
    "bomb.png": ErrorCode.PHOTO_TOO_LARGE,
    "broken.png": ErrorCode.PHOTO_UNREADABLE,
    "empty.jpg": ErrorCode.PHOTO_EMPTY,
    "half.jpg": ErrorCode.PHOTO_TRUNCATED,
    "notes.jpg": ErrorCode.PHOTO_NOT_A_PICTURE,
    "speck.png": ErrorCode.PHOTO_TOO_SMALL,
}
ROTATED_SIZE = (240, 320)
"""Width and height of rotated.jpg as people see it; the file's rows lie across."""


def write_mixed_folder(folder: Path) -> None:
    """Writes the pictures of TAKEN, each of another content, and the files of REFUSED."""
    folder.mkdir(parents=True)
    _write_good(folder)
    whole = _encoded(_drawn(20), "JPEG")
    damaged = bytearray(_encoded(_drawn(21), "PNG"))
    damaged[len(damaged) // 2 : len(damaged) // 2 + 40] = b"\xa5" * 40
    for name, data in {
        "bomb.png": _png_header(60_000, 60_000),
        "broken.png": bytes(damaged),
        "empty.jpg": b"",
        "half.jpg": whole[: len(whole) // 2],
        "notes.jpg": b"Shot list for Saturday: start, bridge, finish.\n" * 20,
        "speck.png": _encoded(Image.new("RGB", (8, 8), "teal"), "PNG"),
    }.items():
        (folder / name).write_bytes(data)


def _write_good(folder: Path) -> None:
    _drawn(1).save(folder / "plain.jpg", quality=90)
    _drawn(2).convert("CMYK").save(folder / "cmyk.jpg", quality=90)
    deep = np.linspace(0, 65535, 240 * 320).reshape(240, 320).astype(np.uint16)
    Image.fromarray(deep).save(folder / "deep.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    _drawn(3).save(folder / "rotated.jpg", exif=exif)
    (folder / "really-a-jpeg.png").write_bytes(_encoded(_drawn(4), "JPEG"))
    frames = [_drawn(5), _drawn(6), _drawn(7)]
    frames[0].save(folder / "animated.gif", save_all=True, append_images=frames[1:], duration=100)


def _drawn(seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((320, 240), Image.Resampling.BICUBIC)


def _encoded(picture: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def _png_header(width: int, height: int) -> bytes:
    """A whole PNG file of a few bytes that promises very many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 4096)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
