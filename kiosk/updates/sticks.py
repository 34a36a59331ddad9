"""Packages on media that somebody has put in."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from kiosk.errors import KnownError
from kiosk.updates.package import SIGNATURE_ENDING, named, order_of

_MEDIA = (Path("/media"), Path("/run/media"))
_DEPTHS = tuple(f"{folders}*{SIGNATURE_ENDING}" for folders in ("*/", "*/*/", "*/*/*/"))
_MOST_LOOKED_AT = 200


def packages_on_sticks(media: tuple[Path, ...] = _MEDIA) -> list[Path]:
    """Packages with a signature beside them, the newest version first. A medium is mounted as /media/NAME or
    /media/USER/NAME; of each the topmost folders are looked at."""
    found: dict[Path, tuple[int, ...]] = {}
    for folder in media:
        for depth in _DEPTHS:
            for signature in islice(folder.glob(depth), _MOST_LOOKED_AT):
                file = signature.with_name(signature.name.removesuffix(SIGNATURE_ENDING))
                version = _version(file)
                if version is not None:
                    found[file] = version
    return sorted(found, key=lambda file: found[file], reverse=True)


def _version(file: Path) -> tuple[int, ...] | None:
    try:
        return order_of(named(file.name).version) if file.is_file() else None
    except KnownError:
        return None
