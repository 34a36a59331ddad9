"""Numbers read on shirts, in SQL (`kiosk.photos.types.ShirtNumberRepository`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kiosk.database.engine import Database
from kiosk.database.selecting import ON_SALE, in_parts
from kiosk.database.tables import NumberReadingRow, PhotoRow, ShirtNumberRow
from kiosk.photos.shirt_numbers import one_digit_wrong, same_number
from kiosk.photos.types import NumberHits
from kiosk.vision.types import Box, ShirtNumber


class SqlShirtNumberRepository:
    """Each method is one transaction; safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_numbers(self, photo_id: str, numbers: Sequence[ShirtNumber]) -> None:
        """What was read in a photo that is there; once it was read, it is left as it is."""
        with self._database.writing() as session:
            if session.get(NumberReadingRow, photo_id) is None:
                insert_numbers(session, photo_id, numbers)

    def numbers(self, photo_id: str) -> list[ShirtNumber]:
        """Those read in a photo, the largest first."""
        query = (
            select(ShirtNumberRow.__table__)
            .where(ShirtNumberRow.photo_id == photo_id)
            .order_by(ShirtNumberRow.ordinal)
        )
        with self._database.reading() as session:
            rows = session.execute(query).all()
        return [ShirtNumber(row.digits, row.score, Box(row.x1, row.y1, row.x2, row.y2)) for row in rows]

    def unread(self, event_id: str) -> list[str]:
        """The photos on sale whose numbers were never read, by photo number."""
        query = (
            select(PhotoRow.photo_id)
            .outerjoin(NumberReadingRow, NumberReadingRow.photo_id == PhotoRow.photo_id)
            .where(PhotoRow.event_id == event_id, ON_SALE, NumberReadingRow.photo_id.is_(None))
            .order_by(PhotoRow.number)
        )
        with self._database.reading() as session:
            return list(session.scalars(query))

    def find(self, event_id: str, digits: str) -> NumberHits:
        """Photos on sale that show this number, and those that show one with a digit wrong.

        By the index of the digits: a number has a few hundred neighbours, however many photos there are.
        """
        with self._database.reading() as session:
            sure = _showing(session, event_id, same_number(digits))
            maybe = _showing(session, event_id, one_digit_wrong(digits))
        shown = frozenset(sure)
        return NumberHits(tuple(sure), tuple(photo_id for photo_id in maybe if photo_id not in shown))


def insert_numbers(session: Session, photo_id: str, numbers: Sequence[ShirtNumber]) -> None:
    """Within a transaction: that a photo was read, and what was read in it."""
    session.execute(insert(NumberReadingRow).values(photo_id=photo_id))
    if numbers:
        rows = [_values(photo_id, ordinal, number) for ordinal, number in enumerate(numbers)]
        session.execute(insert(ShirtNumberRow), rows)


def _values(photo_id: str, ordinal: int, number: ShirtNumber) -> dict[str, Any]:
    box = number.box
    return {
        "photo_id": photo_id,
        "ordinal": ordinal,
        "digits": number.digits,
        "score": float(number.score),
        "x1": float(box.x1),
        "y1": float(box.y1),
        "x2": float(box.x2),
        "y2": float(box.y2),
    }


def _showing(session: Session, event_id: str, numbers: Iterable[str]) -> list[str]:
    """The photos on sale with one of these numbers, each once, in time order.

    The numbers are asked for first and by themselves: asked at once, SQLite goes through the whole event.
    """
    shown = list(
        session.scalars(
            select(ShirtNumberRow.photo_id).where(ShirtNumberRow.digits.in_(sorted(numbers))).distinct()
        )
    )
    found: list[tuple[datetime, int, str]] = []
    for part in in_parts(shown):
        query = select(PhotoRow.taken_at, PhotoRow.number, PhotoRow.photo_id).where(
            PhotoRow.photo_id.in_(part), PhotoRow.event_id == event_id, ON_SALE
        )
        found.extend((row.taken_at, row.number, row.photo_id) for row in session.execute(query))
    return [photo_id for _, _, photo_id in sorted(found)]
