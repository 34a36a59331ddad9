"""Photos that come from the centre by the thousand: the good ones at once, the broken ones put aside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, exc, select, update
from sqlalchemy.orm import Session

from kiosk.database.bulk import Plain, among, upsert
from kiosk.database.forgotten import being_forgotten, forgotten_among
from kiosk.database.fresh_photos import insert_fresh
from kiosk.database.photo_records import photo_records, remove_photos, write_photos
from kiosk.database.tables import EventRow, FaceRow, NumberReadingRow, OrderLineRow, PhotoRow, ShirtNumberRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import PhotoState
from kiosk.sync.records import Kind, PhotoRecord, read_record
from kiosk.vision.types import EMBEDDING_SIZE

_ALL = TypeAdapter(list[PhotoRecord])
_AT_ONCE = 200
"""Photos that are read in one piece, which nothing else of Python runs beside: a few milliseconds."""
_LENGTH_MAY_DIFFER = 1e-3
_BEFORE_ALL_OTHERS = datetime(1970, 1, 1, tzinfo=UTC)

Aside = list[tuple[str, KnownError]]
"""Keys of records that were not taken in, each with why."""


def read_photos(records: Sequence[tuple[str, Any]], contract_id: str, aside: Aside) -> list[PhotoRecord]:
    """The photos of records by key; those that are broken go aside. Thousands in a few milliseconds."""
    photos: list[PhotoRecord] = []
    for start in range(0, len(records), _AT_ONCE):
        some = records[start : start + _AT_ONCE]
        try:
            photos += _ALL.validate_python([record for _, record in some])
        except ValidationError:
            photos += [photo for key, record in some for photo in _read(key, record, aside)]
    if _are_searchable(photos, contract_id):
        return photos
    good: list[PhotoRecord] = []
    for photo in photos:
        if _are_searchable([photo], contract_id):
            good.append(photo)
        else:
            aside.append((photo.photo_id, _broken(photo.photo_id)))
    return good


def _read(key: str, record: Any, aside: Aside) -> Iterable[PhotoRecord]:
    try:
        photo = read_record(Kind.PHOTO, record)
    except KnownError as broken:
        aside.append((key, broken))
        return ()
    return (photo,) if isinstance(photo, PhotoRecord) else ()


def _are_searchable(photos: Sequence[PhotoRecord], contract_id: str) -> bool:
    """Whether the index would take all their faces: of its contract 512 numbers of length 1 each; those of
    another are not searched here."""
    own = [face.embedding for photo in photos for face in photo.faces if face.contract_id == contract_id]
    if any(len(embedding) != 4 * EMBEDDING_SIZE for embedding in own):
        return False
    rows = np.frombuffer(b"".join(own), dtype="<f4").reshape(len(own), EMBEDDING_SIZE)
    with np.errstate(all="ignore"):  # numbers that are none are what is looked for
        return bool(np.all(np.abs(np.linalg.norm(rows, axis=1) - 1.0) < _LENGTH_MAY_DIFFER))


def _broken(photo_id: str) -> KnownError:
    return KnownError(
        ErrorCode.RECORD_INVALID,
        f"The faces of photo {photo_id} came broken.",
        "Have the photo imported again at the centre; the rest goes on.",
    )


def take_photos(
    session: Session, photos: Sequence[PhotoRecord], contract_id: str, aside: Aside
) -> dict[str, tuple[str, ...]]:
    """Takes photos in within the caller's transaction, their events made where they are still to come.

    Returns, by event, those that were here already with other faces, or are withdrawn now: an index holds
    them as they were.
    """
    if not photos:
        return {}
    forgotten = forgotten_among(session, "", {photo.photo_id: photo.content_hash for photo in photos})
    photos = [photo for photo in photos if photo.photo_id not in forgotten]
    known = select(PhotoRow.photo_id).where(among(session, PhotoRow.photo_id, [p.photo_id for p in photos]))
    here = list(session.scalars(known))
    held = photo_records(session, "", here) if here else {}
    fresh, changed, stale = _what_differs(photos, held)
    _make_events(session, {photo.event_id for photo in (*fresh, *changed)})
    for some in filter(None, (fresh, changed)):
        try:
            with session.begin_nested():
                if some is changed or not insert_fresh(session, some, contract_id):
                    write_photos(session, some)
        except (KnownError, exc.IntegrityError):
            for photo in some:
                _write_one(session, photo, aside)
    return {event_id: tuple(photo_ids) for event_id, photo_ids in stale.items()}


def _what_differs(
    photos: Sequence[PhotoRecord], held: dict[str, Plain]
) -> tuple[list[PhotoRecord], list[PhotoRecord], dict[str, list[str]]]:
    """Those that are not here yet, those that were here otherwise, and of these the ones that an index holds
    as they were."""
    fresh: list[PhotoRecord] = []
    changed: list[PhotoRecord] = []
    stale: dict[str, list[str]] = {}
    for photo in photos:
        before = held.get(photo.photo_id)
        if before is None:
            fresh.append(photo)
            continue
        known = PhotoRecord.model_validate(before)
        if known == photo:
            continue
        changed.append(photo)
        if known.faces != photo.faces or photo.state != PhotoState.ON_SALE.value:
            stale.setdefault(photo.event_id, []).append(photo.photo_id)
    return fresh, changed, stale


def _make_events(session: Session, event_ids: Collection[str]) -> None:
    """An event that was changed after its photos comes after them: until then it is here without a name, and
    older than any that could be on the screen."""
    known = set(
        session.scalars(select(EventRow.event_id).where(among(session, EventRow.event_id, event_ids)))
    )
    missing = [
        {
            "event_id": event_id,
            "name": "",
            "name_th": "",
            "created_at": _BEFORE_ALL_OTHERS,
            "place": "",
            "reads_numbers": False,
            "blurs_bystanders": True,
            "tenant_id": "",
        }
        for event_id in event_ids
        if event_id not in known
    ]
    upsert(session, EventRow, missing, keep=True)


def _write_one(session: Session, photo: PhotoRecord, aside: Aside) -> None:
    try:
        with session.begin_nested():
            write_photos(session, [photo])
    except (KnownError, exc.IntegrityError):
        aside.append((photo.photo_id, _broken(photo.photo_id)))


def drop_photos(session: Session, photo_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Photos that are gone at the centre, in the caller's transaction. Of those that somebody ordered the row
    stays, without faces and off the sale: their orders are still handed over. Returns those that were here,
    by event."""
    if not photo_ids:
        return {}
    here = select(PhotoRow.event_id, PhotoRow.photo_id).where(among(session, PhotoRow.photo_id, photo_ids))
    stale: dict[str, list[str]] = {}
    for event_id, photo_id in session.execute(here):
        stale.setdefault(event_id, []).append(photo_id)
    to_forget = sorted(being_forgotten(session).intersection(photo_ids))  # rows and all, by who forgets
    session.execute(
        update(PhotoRow)
        .where(among(session, PhotoRow.photo_id, to_forget))
        .values(state=PhotoState.WITHDRAWN.value)
    )
    photo_ids = sorted(set(photo_ids).difference(to_forget))
    lines = select(OrderLineRow.photo_id).where(among(session, OrderLineRow.photo_id, photo_ids)).distinct()
    ordered = list(session.scalars(lines))
    if ordered:
        for rows in (FaceRow, ShirtNumberRow, NumberReadingRow):
            session.execute(delete(rows).where(among(session, rows.photo_id, ordered)))
        theirs = among(session, PhotoRow.photo_id, ordered)
        session.execute(update(PhotoRow).where(theirs).values(state=PhotoState.WITHDRAWN.value))
    remove_photos(session, sorted(set(photo_ids) - set(ordered)))
    return {event_id: tuple(gone) for event_id, gone in stale.items()}
