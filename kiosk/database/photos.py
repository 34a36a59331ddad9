"""Events, photos and faces in SQL (`kiosk.photos.types.PhotoRepository`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select
from sqlalchemy.orm import Session

from kiosk.clock import Clock, SystemClock
from kiosk.database.changes import note_change
from kiosk.database.engine import Database
from kiosk.database.forgotten import is_forgotten
from kiosk.database.outbox import add_to_outbox
from kiosk.database.selecting import ON_SALE, in_parts
from kiosk.database.shirt_numbers import insert_numbers
from kiosk.database.tables import EventRow, FaceRow, FeedbackRow, PhotoRow
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.gallery.types import FaceKey
from kiosk.photos.types import Face, Photo, PhotoEvent, PhotoFilter, PhotoState
from kiosk.sync.records import EventRecord, FeedbackRecord, Kind
from kiosk.vision.types import Box, Embedding, ShirtNumber

_FACES_AT_ONCE = 1000


class SqlPhotoRepository:
    """Events, photos and faces. Each method is one transaction; safe to call from several threads."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def add_event(self, event: PhotoEvent) -> None:
        """Adds an event, or brings the names, place and choices of one that is there up to date."""
        with self._database.writing() as session:
            row = session.merge(
                EventRow(
                    event_id=event.event_id,
                    name=event.name,
                    name_th=event.name_th,
                    created_at=event.created_at,
                    place=event.place,
                    reads_numbers=event.reads_numbers,
                    blurs_bystanders=event.blurs_bystanders,
                    tenant_id=event.tenant_id,
                )
            )
            session.flush()
            add_to_outbox(session, Kind.EVENT, EventRecord.model_validate(row), self._clock.now())
            note_change(session, Kind.EVENT, row.event_id, row.tenant_id)

    def event(self, event_id: str) -> PhotoEvent:
        with self._database.reading() as session:
            row = session.get(EventRow, event_id)
            if row is None:
                raise KnownError(
                    ErrorCode.EVENT_UNKNOWN,
                    f"There is no event {event_id!r}.",
                    "See `kiosk events` for those that there are.",
                )
            return _event(row)

    def event_by_name(self, name: str) -> PhotoEvent | None:
        """The event of this name, the newest if several bear it."""
        query = select(EventRow).where(EventRow.name == name).order_by(EventRow.created_at.desc()).limit(1)
        with self._database.reading() as session:
            row = session.scalar(query)
            return None if row is None else _event(row)

    def events(self) -> list[PhotoEvent]:
        query = select(EventRow).order_by(EventRow.created_at.desc(), EventRow.event_id)
        with self._database.reading() as session:
            return [_event(row) for row in session.scalars(query)]

    def next_number(self, event_id: str) -> int:
        query = select(func.max(PhotoRow.number)).where(PhotoRow.event_id == event_id)
        with self._database.reading() as session:
            return (session.scalar(query) or 0) + 1

    def add_photo(
        self, photo: Photo, faces: Sequence[Face], numbers: Sequence[ShirtNumber] | None = None
    ) -> None:
        """Photo, faces and numbers at once; a photo id that is there already is left as it is.

        Raises KnownError EVENT_UNKNOWN, PHOTO_DUPLICATE (the event has this content already, or it was
        forgotten because somebody asked for it), and PHOTO_NUMBER_TAKEN (another import was faster: take the
        next number and try again).
        """
        with self._database.writing() as session:
            if session.get(PhotoRow, photo.photo_id) is not None:
                return
            event = _locked_event(session, photo.event_id)
            _check_place_is_free(session, photo)
            session.execute(insert(PhotoRow).values(_photo_values(photo)))
            if faces:
                session.execute(insert(FaceRow), [face_values(photo.photo_id, face) for face in faces])
            if numbers is not None:
                insert_numbers(session, photo.photo_id, numbers)
            note_change(session, Kind.PHOTO, photo.photo_id, event.tenant_id)

    def has_content(self, event_id: str, content_hash: str) -> bool:
        """Also of a photo that was forgotten because somebody asked for it: it is not to come back."""
        with self._database.reading() as session:
            return _has_content(session, event_id, content_hash)

    def photo(self, photo_id: str) -> Photo:
        """Also one that is withdrawn."""
        with self._database.reading() as session:
            row = session.execute(_select_photos().where(PhotoRow.photo_id == photo_id)).one_or_none()
        if row is None:
            raise KnownError(ErrorCode.PHOTO_UNKNOWN, f"There is no photo {photo_id!r}.")
        return _photo(row)

    def photos(self, event_id: str, photo_filter: PhotoFilter | None = None) -> list[Photo]:
        query = _select_photos().where(PhotoRow.event_id == event_id, ON_SALE)
        chosen = photo_filter or PhotoFilter()
        if chosen.since is not None:
            query = query.where(PhotoRow.is_time_known, PhotoRow.taken_at >= chosen.since)
        if chosen.until is not None:
            query = query.where(PhotoRow.is_time_known, PhotoRow.taken_at < chosen.until)
        if chosen.place is not None:
            query = query.where(PhotoRow.place == chosen.place)
        if chosen.photographer is not None:
            query = query.where(PhotoRow.photographer == chosen.photographer)
        with self._database.reading() as session:
            rows = session.execute(query.order_by(PhotoRow.taken_at, PhotoRow.number)).all()
        return [_photo(row) for row in rows]

    def photos_by_id(self, photo_ids: Iterable[str]) -> dict[str, Photo]:
        """Those of the given ones that exist and are on sale, in the order in which they were asked for."""
        wanted = list(dict.fromkeys(photo_ids))
        found: dict[str, Photo] = {}
        with self._database.reading() as session:
            for part in in_parts(wanted):
                rows = session.execute(_select_photos().where(PhotoRow.photo_id.in_(part), ON_SALE))
                found.update((row.photo_id, _photo(row)) for row in rows)
        return {photo_id: found[photo_id] for photo_id in wanted if photo_id in found}

    def photo_by_number(self, event_id: str, number: int) -> Photo | None:
        """The photo on sale with this number; None where there is none."""
        query = _select_photos().where(PhotoRow.event_id == event_id, PhotoRow.number == number, ON_SALE)
        with self._database.reading() as session:
            row = session.execute(query).one_or_none()
        return None if row is None else _photo(row)

    def id_by_number(self, event_id: str, number: int) -> str | None:
        """The id of the photo with this number, also of one that is withdrawn; None where there is none."""
        query = select(PhotoRow.photo_id).where(PhotoRow.event_id == event_id, PhotoRow.number == number)
        with self._database.reading() as session:
            return session.scalar(query)

    def set_state(self, photo_id: str, state: PhotoState) -> None:
        """Raises KnownError(PHOTO_UNKNOWN)."""
        with self._database.writing() as session:
            row = session.get(PhotoRow, photo_id)
            if row is None:
                raise KnownError(ErrorCode.PHOTO_UNKNOWN, f"There is no photo {photo_id!r}.")
            row.state = state.value
            note_change(session, Kind.PHOTO, photo_id, _tenant_of(session, row.event_id))

    def count(self, event_id: str) -> int:
        query = select(func.count()).select_from(PhotoRow).where(PhotoRow.event_id == event_id, ON_SALE)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def face_count(self, event_id: str) -> int:
        """Answered by two indexes alone: no face's row is read."""
        theirs = select(PhotoRow.photo_id).where(PhotoRow.event_id == event_id)
        query = select(func.count(FaceRow.ordinal)).where(FaceRow.photo_id.in_(theirs))
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def ids_on_sale(self, event_id: str) -> set[str]:
        query = select(PhotoRow.photo_id).where(PhotoRow.event_id == event_id, ON_SALE)
        with self._database.reading() as session:
            return set(session.scalars(query))

    def faces(self, event_id: str, contract_id: str) -> Iterator[tuple[str, Face]]:
        """Streamed: a thousand faces are in memory at a time; photos that come in meanwhile do not wait."""
        query = (
            _select_faces()
            .join(PhotoRow, PhotoRow.photo_id == FaceRow.photo_id)
            .where(PhotoRow.event_id == event_id, ON_SALE, FaceRow.contract_id == contract_id)
            .order_by(PhotoRow.number, FaceRow.ordinal)
            .execution_options(yield_per=_FACES_AT_ONCE)
        )
        with self._database.reading() as session:
            for row in session.execute(query):
                yield row.photo_id, _face(row)

    def photo_faces(self, photo_id: str) -> list[Face]:
        query = _select_faces().where(FaceRow.photo_id == photo_id).order_by(FaceRow.ordinal)
        with self._database.reading() as session:
            return [_face(row) for row in session.execute(query)]

    def face_boxes(self, photo_ids: Iterable[str]) -> dict[tuple[str, int], Box]:
        """One query for many photos, and without the embeddings, which are nearly all of a face's row."""
        columns = (FaceRow.photo_id, FaceRow.ordinal, FaceRow.x1, FaceRow.y1, FaceRow.x2, FaceRow.y2)
        found: dict[tuple[str, int], Box] = {}
        with self._database.reading() as session:
            for part in in_parts(photo_ids):
                rows = session.execute(select(*columns).where(FaceRow.photo_id.in_(part)))
                found.update(((photo_id, ordinal), Box(*sides)) for photo_id, ordinal, *sides in rows)
        return found

    def face_keys(self, event_id: str, contract_id: str) -> set[FaceKey]:
        query = (
            select(FaceRow.photo_id, FaceRow.ordinal)
            .join(PhotoRow, PhotoRow.photo_id == FaceRow.photo_id)
            .where(PhotoRow.event_id == event_id, ON_SALE, FaceRow.contract_id == contract_id)
        )
        with self._database.reading() as session:
            return {FaceKey(row.photo_id, row.ordinal) for row in session.execute(query)}

    def add_not_me(self, event_id: str, photo_id: str, ordinal: int, at: datetime) -> None:
        """Notes that a visitor said "not me" to a face that was offered; nothing of the visitor is kept."""
        with self._database.writing() as session:
            session.add(FeedbackRow(event_id=event_id, photo_id=photo_id, ordinal=ordinal, said_at=at))
            add_to_outbox(session, Kind.FEEDBACK, _feedback(event_id, photo_id, ordinal, at), at)

    def take_back_not_me(self, event_id: str, photo_id: str, ordinal: int, at: datetime) -> None:
        """The visitor did not mean it: the note of that moment goes; harmless without one."""
        said = (FeedbackRow.event_id == event_id, FeedbackRow.photo_id == photo_id)
        which = (FeedbackRow.ordinal == ordinal, FeedbackRow.said_at == at)
        with self._database.writing() as session:
            session.execute(delete(FeedbackRow).where(*said, *which))
            taken_back = _feedback(event_id, photo_id, ordinal, at, is_taken_back=True)
            add_to_outbox(session, Kind.FEEDBACK, taken_back, at)

    def not_me_counts(self, event_id: str) -> dict[str, int]:
        """How often visitors said "not me" to each photo."""
        query = (
            select(FeedbackRow.photo_id, func.count())
            .where(FeedbackRow.event_id == event_id)
            .group_by(FeedbackRow.photo_id)
        )
        with self._database.reading() as session:
            return {row[0]: row[1] for row in session.execute(query)}


def _feedback(
    event_id: str, photo_id: str, ordinal: int, at: datetime, *, is_taken_back: bool = False
) -> FeedbackRecord:
    return FeedbackRecord(
        event_id=event_id, photo_id=photo_id, ordinal=ordinal, said_at=at, is_taken_back=is_taken_back
    )


def _select_photos() -> Select[Any]:
    return select(PhotoRow.__table__)


def _select_faces() -> Select[Any]:
    return select(FaceRow.__table__)


def _tenant_of(session: Session, event_id: str) -> str:
    event = session.get(EventRow, event_id)
    return event.tenant_id if event is not None else ""


def _has_content(session: Session, event_id: str, content_hash: str, photo_id: str = "") -> bool:
    query = select(PhotoRow.photo_id).where(
        PhotoRow.event_id == event_id, PhotoRow.content_hash == content_hash
    )
    if session.scalar(query) is not None:
        return True
    return is_forgotten(session, event_id, content_hash, photo_id)


def _locked_event(session: Session, event_id: str) -> EventRow:
    """Locked, so that of two imports into one event each finds what the other has written."""
    event = session.get(EventRow, event_id, with_for_update=True)
    if event is None:
        raise KnownError(ErrorCode.EVENT_UNKNOWN, f"There is no event {event_id!r}.")
    return event


def _check_place_is_free(session: Session, photo: Photo) -> None:
    if _has_content(session, photo.event_id, photo.content_hash, photo.photo_id):
        raise KnownError(ErrorCode.PHOTO_DUPLICATE, f"{photo.file_name} is in the event already.")
    number = select(PhotoRow.photo_id).where(
        PhotoRow.event_id == photo.event_id, PhotoRow.number == photo.number
    )
    if session.scalar(number) is not None:
        raise KnownError(
            ErrorCode.PHOTO_NUMBER_TAKEN, f"The number {photo.number} is in use.", "Take the next number."
        )


def _event(row: EventRow) -> PhotoEvent:
    return PhotoEvent(
        event_id=row.event_id,
        name=row.name,
        name_th=row.name_th,
        created_at=row.created_at,
        place=row.place,
        reads_numbers=row.reads_numbers,
        blurs_bystanders=row.blurs_bystanders,
        tenant_id=row.tenant_id,
    )


def _photo_values(photo: Photo) -> dict[str, Any]:
    return {
        "photo_id": photo.photo_id,
        "event_id": photo.event_id,
        "number": photo.number,
        "file_name": photo.file_name,
        "content_hash": photo.content_hash,
        "width": photo.width,
        "height": photo.height,
        "taken_at": photo.taken_at,
        "imported_at": photo.imported_at,
        "state": photo.state.value,
        "photographer": photo.photographer,
        "camera": photo.camera,
        "place": photo.place,
        "latitude": photo.latitude,
        "longitude": photo.longitude,
        "is_public": photo.is_public,
        "is_time_known": photo.is_time_known,
    }


def _photo(row: Row[Any]) -> Photo:
    values = row._asdict()
    values["state"] = PhotoState(values["state"])
    return Photo(**values)


def face_values(photo_id: str, face: Face) -> dict[str, Any]:
    """A face as a row of its table."""
    if face.embedding.vector.ndim != 1:
        raise BugError("an embedding is one row of numbers")
    box = face.box
    return {
        "photo_id": photo_id,
        "ordinal": face.ordinal,
        "x1": float(box.x1),
        "y1": float(box.y1),
        "x2": float(box.x2),
        "y2": float(box.y2),
        "score": float(face.score),
        "contract_id": face.embedding.contract_id,
        "embedding": face.embedding.vector,
    }


def _face(row: Row[Any]) -> Face:
    return Face(
        ordinal=row.ordinal,
        box=Box(row.x1, row.y1, row.x2, row.y2),
        score=row.score,
        embedding=Embedding(row.embedding, row.contract_id),
    )
