"""Photos with their faces and numbers as they go over the wire, thousands at a time.

Nearly all of what goes down is embeddings: they pass from the database to the wire and back as the bytes that
they are, without an object for each face.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import bindparam, delete, func, insert, select, type_coerce, update
from sqlalchemy.orm import Session

from kiosk.database.bulk import Plain, among, columns_of, table_of, upsert
from kiosk.database.columns import VectorBytes
from kiosk.database.tables import EventRow, FaceRow, NumberReadingRow, PhotoRow, ShirtNumberRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.records import FaceRecord, PhotoRecord

_PHOTO_FIELDS = tuple(name for name in PhotoRecord.model_fields if name not in ("faces", "numbers"))


def photo_records(session: Session, tenant_id: str, photo_ids: Iterable[str]) -> dict[str, Plain]:
    """Those of the given photos that are of the tenant's events, by id, in a query for each table."""
    photos = (
        select(*columns_of(PhotoRow, _PHOTO_FIELDS))
        .join(EventRow, EventRow.event_id == PhotoRow.event_id)
        .where(among(session, PhotoRow.photo_id, photo_ids), EventRow.tenant_id == tenant_id)
    )
    found: dict[str, Plain] = {}
    for row in session.execute(photos).mappings():
        found[row["photo_id"]] = {**row, "faces": [], "numbers": None}
    _add_faces(session, found)
    _add_numbers(session, found)
    return found


def face_counts(session: Session, photo_ids: Iterable[str]) -> dict[str, int]:
    """How many faces each photo has; photos without any are left out. Answered by an index alone."""
    query = (
        select(FaceRow.photo_id, func.count(FaceRow.ordinal))
        .where(among(session, FaceRow.photo_id, photo_ids))
        .group_by(FaceRow.photo_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _add_faces(session: Session, found: dict[str, Plain]) -> None:
    face = table_of(FaceRow).c
    box = (face.x1, face.y1, face.x2, face.y2)
    embedding = type_coerce(face.embedding, VectorBytes)
    query = select(face.photo_id, face.ordinal, *box, face.score, face.contract_id, embedding)
    theirs = query.where(among(session, face.photo_id, found)).order_by(face.photo_id, face.ordinal)
    for photo_id, ordinal, x1, y1, x2, y2, score, contract_id, vector in session.execute(theirs):
        found[photo_id]["faces"].append(
            {
                "ordinal": ordinal,
                "box": (x1, y1, x2, y2),
                "score": score,
                "contract_id": contract_id,
                "embedding": vector,
            }
        )


def _add_numbers(session: Session, found: dict[str, Plain]) -> None:
    readings = select(NumberReadingRow.photo_id).where(among(session, NumberReadingRow.photo_id, found))
    for photo_id in session.scalars(readings):
        found[photo_id]["numbers"] = []
    numbers = (
        select(table_of(ShirtNumberRow))
        .where(among(session, ShirtNumberRow.photo_id, found))
        .order_by(ShirtNumberRow.photo_id, ShirtNumberRow.ordinal)
    )
    for row in session.execute(numbers):
        box = (row.x1, row.y1, row.x2, row.y2)
        found[row.photo_id]["numbers"].append({"digits": row.digits, "score": row.score, "box": box})


def write_photos(session: Session, records: Sequence[PhotoRecord]) -> None:
    """Takes in photos as the centre has them, each with its faces and numbers in place of what is here.

    Their events must be here. A photo that this machine took in under a number of one of them moves to a
    fresh number: the centre's stand on what is printed everywhere. Raises KnownError(RECORD_INVALID), and
    writes nothing, for a face whose embedding is no row of numbers.
    """
    latest = {record.photo_id: record for record in records}
    faces = [values for record in latest.values() for values in _all_faces(record)]
    present = select(PhotoRow.photo_id).where(among(session, PhotoRow.photo_id, latest))
    known = list(session.scalars(present))
    if known:
        for rows in (FaceRow, ShirtNumberRow, NumberReadingRow):
            session.execute(delete(rows).where(among(session, rows.photo_id, known)))
    _make_way(session, latest)
    upsert(session, PhotoRow, [_photo_values(record) for record in latest.values()])
    if faces:
        session.execute(insert(table_of(FaceRow)).values(embedding=AS_BYTES), faces)
    read = {photo_id: record.numbers for photo_id, record in latest.items() if record.numbers is not None}
    if read:
        session.execute(insert(table_of(NumberReadingRow)), [{"photo_id": photo_id} for photo_id in read])
    numbers = [
        {"photo_id": photo_id, "ordinal": place, "digits": one.digits, "score": one.score, **_sides(one.box)}
        for photo_id, several in read.items()
        for place, one in enumerate(several)
    ]
    if numbers:
        session.execute(insert(table_of(ShirtNumberRow)), numbers)


def remove_photos(session: Session, photo_ids: Iterable[str]) -> None:
    """Photos that are gone, with their faces and numbers; harmless where they are not here."""
    session.execute(delete(PhotoRow).where(among(session, PhotoRow.photo_id, photo_ids)))


AS_BYTES = bindparam("embedding", type_=VectorBytes())


def _make_way(session: Session, latest: dict[str, PhotoRecord]) -> None:
    """Moves other photos of the same events off the numbers that are about to be written."""
    wanted: dict[str, dict[int, str]] = {}
    for record in latest.values():
        wanted.setdefault(record.event_id, {})[record.number] = record.photo_id
    for event_id, numbers in wanted.items():
        greatest = session.scalar(select(func.max(PhotoRow.number)).where(PhotoRow.event_id == event_id)) or 0
        if greatest < min(numbers):
            continue
        query = select(PhotoRow.photo_id, PhotoRow.number).where(
            PhotoRow.event_id == event_id, PhotoRow.number.between(min(numbers), max(numbers))
        )
        free = max(greatest, max(numbers)) + 1
        for photo_id, number in session.execute(query).all():
            if numbers.get(number, photo_id) != photo_id:
                session.execute(update(PhotoRow).where(PhotoRow.photo_id == photo_id).values(number=free))
                free += 1


def _photo_values(record: PhotoRecord) -> Plain:
    return {name: getattr(record, name) for name in _PHOTO_FIELDS}


def _all_faces(record: PhotoRecord) -> list[Plain]:
    is_broken = len({face.ordinal for face in record.faces}) < len(record.faces) or not all(
        is_embedding(face.embedding) for face in record.faces
    )
    if is_broken:
        raise KnownError(
            ErrorCode.RECORD_INVALID,
            f"The faces of photo {record.photo_id} came broken.",
            "Have the photo imported again at the centre.",
        )
    return [_face_values(record.photo_id, face) for face in record.faces]


def _face_values(photo_id: str, face: FaceRecord) -> Plain:
    return {
        "photo_id": photo_id,
        "ordinal": face.ordinal,
        "score": face.score,
        "contract_id": face.contract_id,
        "embedding": face.embedding,
        **_sides(face.box),
    }


def is_embedding(embedding: bytes) -> bool:
    """Whether bytes of the wire are a row of numbers."""
    if not embedding or len(embedding) % 4:
        return False
    return bool(np.isfinite(np.frombuffer(embedding, dtype="<f4")).all())


def _sides(box: tuple[float, float, float, float]) -> dict[str, Any]:
    return dict(zip(("x1", "y1", "x2", "y2"), box, strict=True))
