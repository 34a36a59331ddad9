"""Events as large as wished, straight into a centre's database: made photos, faces in random directions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from kiosk.database.bulk import table_of
from kiosk.database.changes import note_change
from kiosk.database.engine import Database
from kiosk.database.photo_records import AS_BYTES
from kiosk.database.tables import EventRow, FaceRow, PhotoRow
from kiosk.sync.records import Kind
from kiosk.vision.types import EMBEDDING_SIZE, FloatArray

CONTRACT = "measured"
BEGAN = datetime(2026, 11, 30, 1, tzinfo=UTC)
FACE_COLUMNS = ("photo_id", "ordinal", "x1", "y1", "x2", "y2", "score", "contract_id", "embedding")
_PHOTOS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class MadeEvent:
    """An event that is there, with so many photos and faces."""

    event_id: str
    photos: int
    faces: int

    def photo_id(self, place: int) -> str:
        """Of the photo at a place, from 0."""
        return photo_id_of(self.event_id, place)


def make_event(
    database: Database,
    tenant_id: str,
    event_id: str,
    photos: int,
    faces: int,
    contract_id: str = CONTRACT,
    seed: int = 1,
) -> MadeEvent:
    """Adds an event with its photos and faces; a centre's feed tells of them."""
    random = np.random.default_rng(seed)
    with database.writing() as session:
        session.add(
            EventRow(
                event_id=event_id,
                name=event_id,
                name_th="",
                created_at=BEGAN,
                place="",
                reads_numbers=False,
                blurs_bystanders=True,
                tenant_id=tenant_id,
            )
        )
        note_change(session, Kind.EVENT, event_id, tenant_id)
    for first in range(0, photos, _PHOTOS_AT_ONCE):
        part = range(first, min(first + _PHOTOS_AT_ONCE, photos))
        several = [faces * (place + 1) // photos - faces * place // photos for place in part]
        rows = [photo_values(event_id, place) for place in part]
        vectors = unit_vectors(sum(several), random)
        with database.writing() as session:
            write_rows(session, rows, list(face_values(rows, several, vectors, contract_id)))
            for row in rows:
                note_change(session, Kind.PHOTO, row["photo_id"], tenant_id)
    return MadeEvent(event_id, photos, faces)


def write_bare(
    path: Path, event_id: str, photos: list[dict[str, Any]], faces: Iterable[dict[str, Any]]
) -> None:
    """The same rows into a SQLite file of a kiosk, by the driver alone and without waiting for the disk."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        event = (event_id, event_id, "", stored_moment(BEGAN), "")
        columns = ("event_id", "name", "name_th", "created_at", "place")
        connection.execute(insert_into("events", columns) + " ON CONFLICT DO NOTHING", event)
        rows = [
            tuple(stored_moment(value) if isinstance(value, datetime) else value for value in photo.values())
            for photo in photos
        ]
        connection.executemany(insert_into("photos", photos[0]), rows)
        connection.executemany(insert_into("faces", FACE_COLUMNS), (tuple(face.values()) for face in faces))
        connection.commit()


def stored_moment(moment: datetime) -> str:
    """As SQLite files hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def insert_into(table: str, columns: Iterable[str]) -> str:
    """The statement that the driver takes many rows with."""
    names = list(columns)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


def unit_vectors(count: int, random: np.random.Generator) -> FloatArray:
    """Rows of length 1 in random directions."""
    rows = random.standard_normal((count, EMBEDDING_SIZE), dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def write_rows(session: Session, photos: list[dict[str, Any]], faces: list[dict[str, Any]]) -> None:
    """Photos and their faces, as they are; embeddings are bytes."""
    session.execute(insert(table_of(PhotoRow)), photos)
    if faces:
        session.execute(insert(table_of(FaceRow)).values(embedding=AS_BYTES), faces)


def photo_values(event_id: str, place: int) -> dict[str, Any]:
    """The row of the photo at a place of an event, taken a second after the one before."""
    photo_id = photo_id_of(event_id, place)
    return {
        "photo_id": photo_id,
        "event_id": event_id,
        "number": place + 1,
        "file_name": f"DSC_{place + 1:06}.JPG",
        "content_hash": sha256(photo_id.encode()).hexdigest(),
        "width": 6000,
        "height": 4000,
        "taken_at": BEGAN + timedelta(seconds=place),
        "imported_at": BEGAN + timedelta(seconds=place + 60),
        "state": "on_sale",
        "photographer": f"photographer {place % 7}",
        "camera": "NIKON Z 8",
        "place": f"place {place % 11}",
        "latitude": 13.7563,
        "longitude": 100.5018,
        "is_public": False,
        "is_time_known": True,
    }


def face_values(
    photos: list[dict[str, Any]], several: list[int], vectors: FloatArray, contract_id: str
) -> Iterator[dict[str, Any]]:
    """The rows of the faces, so many of each photo, in the order of the photos."""
    data = np.ascontiguousarray(vectors, dtype="<f4")
    place = 0
    for photo, count in zip(photos, several, strict=True):
        for ordinal in range(count):
            yield {
                "photo_id": photo["photo_id"],
                "ordinal": ordinal,
                "x1": 100.0 + 300 * ordinal,
                "y1": 200.0,
                "x2": 340.0 + 300 * ordinal,
                "y2": 520.0,
                "score": 0.93,
                "contract_id": contract_id,
                "embedding": data[place].tobytes(),
            }
            place += 1


def photo_id_of(event_id: str, place: int) -> str:
    """32 hex digits."""
    return md5(f"{event_id}/{place}".encode(), usedforsecurity=False).hexdigest()
