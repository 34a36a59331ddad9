"""What photographers sent to the centre, file by file, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kiosk.database.bulk import insert_new
from kiosk.database.central_tables import UploadFileRow, UploadRow
from kiosk.database.engine import Database
from kiosk.database.tables import EventRow
from kiosk.errors import BugError, ErrorCode, KnownError


class FileState(StrEnum):
    """WAITING for its import, or IMPORTING; then for good TAKEN, a DUPLICATE of another file, or REFUSED."""

    WAITING = "waiting"
    IMPORTING = "importing"
    TAKEN = "taken"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


FINAL = frozenset({FileState.TAKEN, FileState.DUPLICATE, FileState.REFUSED})


@dataclass(frozen=True, slots=True)
class Upload:
    """A batch of files of one photographer for one event; `photographer` as it is told of the photos."""

    upload_id: str
    tenant_id: str
    event_id: str
    photographer: str
    is_public: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that came whole and waits at `object_key`; `content_hash` is the sha256 of its bytes."""

    file_name: str
    content_hash: str
    object_key: str
    size: int
    place: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class UploadedFile(ReceivedFile):
    """A file of an upload; `attempts` counts the imports that were begun."""

    upload_id: str
    ordinal: int
    state: FileState
    attempts: int
    error_code: str | None
    error_detail: str
    changed_at: datetime


FileName = tuple[str, int]
"""An upload's id and the file's place in it."""


class SqlUploads:
    """Uploads and their files. Each method is one transaction; safe from several threads and processes.

    A file is known by its name and content, so that a broken upload is sent again without doubling.
    Raises KnownError DATABASE_*, DISK_FULL.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, upload: Upload) -> Upload:
        """The upload of this id, made if there is none. Raises KnownError(UPLOAD_REFUSED) when it is another
        tenant's or for another event."""
        with self._database.writing() as session:
            insert_new(session, UploadRow, asdict(upload))
            row = session.get_one(UploadRow, upload.upload_id)
            if (row.tenant_id, row.event_id) != (upload.tenant_id, upload.event_id):
                raise KnownError(
                    ErrorCode.UPLOAD_REFUSED,
                    "This upload is for another event.",
                    "Begin a new one: send without an upload_id.",
                )
            return _upload(row)

    def upload(self, tenant_id: str, upload_id: str) -> Upload:
        """Raises KnownError(UPLOAD_UNKNOWN), also for another tenant's."""
        with self._database.reading() as session:
            row = session.get(UploadRow, upload_id)
        if row is None or row.tenant_id != tenant_id:
            raise KnownError(ErrorCode.UPLOAD_UNKNOWN, "There is no such upload.", "Check its id.")
        return _upload(row)

    def find(self, upload_id: str, file_name: str, content_hash: str) -> UploadedFile | None:
        """The file of this name and content, if it came before."""
        with self._database.reading() as session:
            row = _same_file(session, upload_id, file_name, content_hash)
            return None if row is None else _file(row)

    def add(
        self, upload_id: str, file: ReceivedFile, refusal: KnownError | None = None
    ) -> tuple[UploadedFile, bool]:
        """The file, waiting for its import or refused at once; and whether it is new: one that came before is
        as it is by now."""
        with self._database.writing() as session:
            session.get_one(UploadRow, upload_id, with_for_update=True)
            row = _same_file(session, upload_id, file.file_name, file.content_hash)
            if row is not None:
                return _file(row), False
            last = select(func.max(UploadFileRow.ordinal)).where(UploadFileRow.upload_id == upload_id)
            row = UploadFileRow(
                upload_id=upload_id,
                ordinal=(session.scalar(last) or 0) + 1,
                file_name=file.file_name,
                content_hash=file.content_hash,
                object_key=file.object_key,
                size=file.size,
                place=file.place,
                received_at=file.received_at,
                state=FileState.WAITING.value,
                attempts=0,
                error_code=None,
                error_detail="",
                changed_at=file.received_at,
            )
            if refusal is not None:
                _end(row, FileState.REFUSED, file.received_at, refusal)
            session.add(row)
            session.flush()
            return _file(row), True

    def files(self, upload_id: str, after: int = 0, limit: int | None = None) -> list[UploadedFile]:
        """The files of an upload in their order, from the one after an ordinal on."""
        query = (
            select(UploadFileRow)
            .where(UploadFileRow.upload_id == upload_id, UploadFileRow.ordinal > after)
            .order_by(UploadFileRow.ordinal)
            .limit(limit)
        )
        with self._database.reading() as session:
            return [_file(row) for row in session.scalars(query)]

    def counts(self, upload_id: str) -> dict[FileState, int]:
        """How many files of an upload are in each state."""
        query = (
            select(UploadFileRow.state, func.count())
            .where(UploadFileRow.upload_id == upload_id)
            .group_by(UploadFileRow.state)
        )
        with self._database.reading() as session:
            found = {row[0]: row[1] for row in session.execute(query)}
        return {state: found.get(state.value, 0) for state in FileState}

    def begin(self, name: FileName, at: datetime) -> tuple[Upload, UploadedFile] | None:
        """Marks a file as importing; None for one that is done with or unknown.

        One that is importing already is begun again: whoever did so may have died, and doing it twice is
        harmless. `attempts` tells whether it is the first time.
        """
        with self._database.writing() as session:
            row = session.get(UploadFileRow, name, with_for_update=True)
            if row is None or FileState(row.state) in FINAL:
                return None
            row.state = FileState.IMPORTING.value
            row.attempts += 1
            row.changed_at = at
            session.flush()
            return _upload(session.get_one(UploadRow, row.upload_id)), _file(row)

    def give_back(self, name: FileName, at: datetime) -> None:
        """The file waits again: what failed was not its fault."""
        with self._database.writing() as session:
            row = session.get(UploadFileRow, name, with_for_update=True)
            if row is not None and row.state == FileState.IMPORTING.value:
                row.state = FileState.WAITING.value
                row.attempts = max(1, row.attempts - 1)
                row.changed_at = at

    def refuse(self, name: FileName, error: KnownError, at: datetime) -> None:
        """The file cannot be taken, for good."""
        with self._database.writing() as session:
            row = session.get(UploadFileRow, name, with_for_update=True)
            if row is not None and FileState(row.state) not in FINAL:
                _end(row, FileState.REFUSED, at, error)

    def settle(self, name: FileName, at: datetime, *, was_there: bool = False) -> None:
        """The event has the file's content: the file is taken, or a duplicate where it `was_there` before its
        first import, or another file has brought it. Of several files of one content one is taken."""
        with self._database.writing() as session:
            row = session.get(UploadFileRow, name)
            if row is None:
                return
            upload = session.get_one(UploadRow, row.upload_id)
            session.get(EventRow, upload.event_id, with_for_update=True)
            session.refresh(row, with_for_update=True)
            if FileState(row.state) in FINAL:
                return
            is_taken = not was_there and not _is_taken_by_another(session, upload.event_id, row)
            _end(row, FileState.TAKEN if is_taken else FileState.DUPLICATE, at)

    def unfinished(self) -> list[FileName]:
        """Every file that waits or is being imported, first the one that nothing happened to for longest: a
        file that cannot be imported now keeps no other from it."""
        query = (
            select(UploadFileRow.upload_id, UploadFileRow.ordinal)
            .where(UploadFileRow.state.in_([FileState.WAITING.value, FileState.IMPORTING.value]))
            .order_by(UploadFileRow.changed_at, UploadFileRow.upload_id, UploadFileRow.ordinal)
        )
        with self._database.reading() as session:
            return [(row[0], row[1]) for row in session.execute(query)]

    def left_alone(
        self, states: Iterable[FileState], since: datetime, at: datetime, limit: int
    ) -> list[FileName]:
        """Files in these states that nothing happened to since then. They count as looked at now, so that of
        several who ask only one is told of each."""
        stale = (
            select(UploadFileRow.upload_id, UploadFileRow.ordinal)
            .where(UploadFileRow.state.in_([state.value for state in states]))
            .where(UploadFileRow.changed_at < since)
            .order_by(UploadFileRow.changed_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with self._database.writing() as session:
            found = [(row[0], row[1]) for row in session.execute(stale)]
            for upload_id, ordinal in found:
                session.execute(
                    update(UploadFileRow)
                    .where(UploadFileRow.upload_id == upload_id, UploadFileRow.ordinal == ordinal)
                    .values(changed_at=at)
                )
        return found


def _same_file(session: Session, upload_id: str, file_name: str, content_hash: str) -> UploadFileRow | None:
    return session.scalar(
        select(UploadFileRow).where(
            UploadFileRow.upload_id == upload_id,
            UploadFileRow.file_name == file_name,
            UploadFileRow.content_hash == content_hash,
        )
    )


def _is_taken_by_another(session: Session, event_id: str, row: UploadFileRow) -> bool:
    query = (
        select(UploadFileRow.ordinal)
        .join(UploadRow, UploadRow.upload_id == UploadFileRow.upload_id)
        .where(
            UploadRow.event_id == event_id,
            UploadFileRow.content_hash == row.content_hash,
            UploadFileRow.state == FileState.TAKEN.value,
        )
        .limit(1)
    )
    return session.scalar(query) is not None


def _end(row: UploadFileRow, state: FileState, at: datetime, error: KnownError | None = None) -> None:
    if state not in FINAL:
        raise BugError(f"no file ends {state}")
    row.state = state.value
    row.changed_at = at
    if error is not None:
        row.error_code, row.error_detail = error.code.value, error.detail


def _upload(row: UploadRow) -> Upload:
    return Upload(row.upload_id, row.tenant_id, row.event_id, row.photographer, row.is_public, row.created_at)


def _file(row: UploadFileRow) -> UploadedFile:
    return UploadedFile(
        file_name=row.file_name,
        content_hash=row.content_hash,
        object_key=row.object_key,
        size=row.size,
        place=row.place,
        received_at=row.received_at,
        upload_id=row.upload_id,
        ordinal=row.ordinal,
        state=FileState(row.state),
        attempts=row.attempts,
        error_code=row.error_code,
        error_detail=row.error_detail,
        changed_at=row.changed_at,
    )
