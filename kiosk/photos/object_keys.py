"""What an object key may look like, in every store alike."""

from __future__ import annotations

import re

from kiosk.errors import BugError

_SEGMENT = re.compile(r"[^./\\:\0][^/\\:\0]*")


def check_key(object_key: str) -> None:
    """Raises BugError for a key that is not relative, `/`-separated and free of hidden parts and `..`."""
    if not all(_SEGMENT.fullmatch(segment) for segment in object_key.split("/")):
        raise BugError(f"{object_key!r} is not an object key")
