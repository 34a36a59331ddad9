"""Photos that this machine does not have yet, by the hundred thousand.

Nearly all the time of taking them in would go into turning values that are in order into values for the
driver, one by one. Here they are handed to SQLite as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from kiosk.database.bulk import is_sqlite, table_of
from kiosk.database.columns import sealed
from kiosk.database.photo_records import is_embedding
from kiosk.database.tables import FaceRow, NumberReadingRow, PhotoRow, ShirtNumberRow
from kiosk.sync.records import PhotoRecord

Values = tuple[Any, ...]


def insert_fresh(session: Session, photos: Sequence[PhotoRecord], contract_id: str) -> bool:
    """Within the caller's transaction; their events must be here. False, and nothing is written, where they
    need more care: on another database, for numbers that are in use, for faces that came broken.

    Faces of `contract_id` were looked at before. Raises sqlalchemy.exc.IntegrityError for photos that
    contradict each other or what is here.
    """
    if not is_sqlite(session) or not _are_whole(photos, contract_id) or _are_numbers_taken(session, photos):
        return False
    _insert(session, PhotoRow, map(_photo, photos))
    _insert(session, FaceRow, _faces(photos, session.get_bind().dialect))
    read = [photo for photo in photos if photo.numbers is not None]
    _insert(session, NumberReadingRow, ((photo.photo_id,) for photo in read))
    _insert(session, ShirtNumberRow, _numbers(read))
    return True


def _are_whole(photos: Sequence[PhotoRecord], contract_id: str) -> bool:
    return all(
        is_embedding(face.embedding)
        for photo in photos
        for face in photo.faces
        if face.contract_id != contract_id
    )


def _are_numbers_taken(session: Session, photos: Sequence[PhotoRecord]) -> bool:
    by_event: dict[str, list[int]] = {}
    for photo in photos:
        by_event.setdefault(photo.event_id, []).append(photo.number)
    for event_id, numbers in by_event.items():
        between = PhotoRow.number.between(min(numbers), max(numbers))
        query = select(PhotoRow.number).where(PhotoRow.event_id == event_id, between)
        if not set(numbers).isdisjoint(session.scalars(query)):
            return True
    return False


def _insert(session: Session, rows: type[DeclarativeBase], values: Iterator[Values]) -> None:
    all_of_them = list(values)
    if all_of_them:
        session.connection().exec_driver_sql(_statement(rows), all_of_them)


@cache
def _statement(rows: type[DeclarativeBase]) -> str:
    """Its values are those of the table's columns, in the order of `_COLUMNS`."""
    table = table_of(rows)
    columns = dict.fromkeys(_COLUMNS[rows])
    return str(insert(table).values(columns).compile(dialect=sqlite.dialect(), column_keys=list(columns)))


_COLUMNS: dict[type[DeclarativeBase], tuple[str, ...]] = {
    rows: tuple(column.name for column in table_of(rows).columns)
    for rows in (PhotoRow, FaceRow, NumberReadingRow, ShirtNumberRow)
}


def _photo(photo: PhotoRecord) -> Values:
    told = photo.__dict__
    return *_BEFORE_TIMES(told), _moment(photo.taken_at), _moment(photo.imported_at), *_AFTER_TIMES(told)


_TIMES = _COLUMNS[PhotoRow].index("taken_at")
_BEFORE_TIMES = itemgetter(*_COLUMNS[PhotoRow][:_TIMES])
_AFTER_TIMES = itemgetter(*_COLUMNS[PhotoRow][_TIMES + 2 :])


def _faces(photos: Sequence[PhotoRecord], dialect: Dialect) -> Iterator[Values]:
    for photo in photos:
        for face in photo.faces:
            vector = sealed(face.embedding, dialect)
            yield photo.photo_id, face.ordinal, *face.box, face.score, face.contract_id, vector


def _numbers(photos: Sequence[PhotoRecord]) -> Iterator[Values]:
    for photo in photos:
        for place, one in enumerate(photo.numbers or ()):
            yield photo.photo_id, place, one.digits, one.score, *one.box


def _moment(at: datetime) -> str:
    """As SQLAlchemy writes a time of SQLite."""
    text = at.isoformat(sep=" ", timespec="microseconds")
    if text.endswith(_UTC):
        return text.removesuffix(_UTC)
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


_UTC = "+00:00"
