"""Names for downloaded files: good for people, safe on every phone, correct in HTTP headers."""

from __future__ import annotations

import unicodedata
from pathlib import PurePath
from urllib.parse import quote

from kiosk.photos.types import Photo

_FORBIDDEN = set('<>:"/\\|?*%')
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_LONGEST_BYTES = 120
_MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
}
_UNKNOWN_SUFFIX = ".bin"


def photo_file_name(event_name: str, photo: Photo) -> str:
    """Such as "Riverside Run 2026 0042.jpg": event and photo number, unique within an order."""
    return _named(event_name, f" {photo.number:04d}", photo_suffix(photo))


def zip_file_name(event_name: str, order_code: str) -> str:
    """Such as "Riverside Run 2026 K7-4Q2M.zip"."""
    return _named(event_name, f" {_plain(order_code)}", ".zip")


def photo_suffix(photo: Photo) -> str:
    """The original's own ending in lower case; ".bin" for anything that is not a known picture."""
    suffix = PurePath(photo.file_name).suffix.lower()
    return suffix if suffix in _MEDIA_TYPES else _UNKNOWN_SUFFIX


def photo_media_type(photo: Photo) -> str:
    """Content type by ending; never one that a browser would run."""
    return _MEDIA_TYPES.get(photo_suffix(photo), "application/octet-stream")


def content_disposition(kind: str, name: str) -> str:
    """Header value for `kind` "inline" or "attachment": an ASCII fall-back and the true name (RFC 6266 with
    RFC 5987 encoding)."""
    stem, suffix = PurePath(name).stem, PurePath(name).suffix
    ascii_stem = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().strip(" .-")
    return f"{kind}; filename=\"{ascii_stem or 'photos'}{suffix}\"; filename*=UTF-8''{quote(name, safe='')}"


def _named(event_name: str, ending: str, suffix: str) -> str:
    room = _LONGEST_BYTES - len((ending + suffix).encode())
    return f"{_shortened(_plain(event_name) or 'Photos', room)}{ending}{suffix}"


def _plain(text: str) -> str:
    """Without what a file system, a shell or a header could take for something else. Format characters go
    too (they can turn the reading direction of the ending); the joiner that holds emoji together stays."""
    kept = (
        letter
        for letter in unicodedata.normalize("NFC", text)
        if letter not in _FORBIDDEN
        and (letter == "\u200d" or unicodedata.category(letter) not in _UNPRINTABLE)
    )
    return " ".join("".join(kept).split()).strip(" .-")


def _shortened(text: str, most_bytes: int) -> str:
    cut = text.encode()[:most_bytes].decode("utf-8", "ignore")
    return cut if cut == text else cut.rstrip(" .-\u200d\ufe0f")
