"""What queries for photos have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kiosk.database.tables import PhotoRow
from kiosk.photos.types import PhotoState

ON_SALE = PhotoRow.state == PhotoState.ON_SALE.value
_IDS_A_QUERY = 900  # SQLite takes at most 999 values in a statement in its older builds


def in_parts(ids: Iterable[str]) -> Iterator[list[str]]:
    """Each id once, in order, in lists that are short enough for one query each."""
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), _IDS_A_QUERY):
        yield wanted[start : start + _IDS_A_QUERY]
