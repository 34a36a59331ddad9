"""The photographer's desk: a folder goes to a centre in batches, and nothing that is there is sent again."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.decoding import MAX_FILE_BYTES
from kiosk.photos.folder_scan import picture_files, place_of
from kiosk.photos.import_report import RefusedFile
from kiosk.photos.photo_source import name_in, printable
from kiosk.sync.answers import JSON_TYPE, check, is_about_login, pause_of
from kiosk.sync.connection import OpenSockets, Timeouts, call, nonsense, open_session, parse_object

BATCH_FILES = 20
BATCH_BYTES = 48 * 1024 * 1024
_ANSWER_BYTES = 4 * 1024 * 1024
_EVENTS_A_PAGE = 200
_TIMEOUTS = Timeouts(connect_s=5.0, read_s=120.0, whole_s=900.0)
_MOST_TRIES = 6
_FIRST_PAUSE_S = 1.0
_LOOK_EVERY_S = 1.0
_TO_TRY_AGAIN = frozenset({ErrorCode.CENTRE_UNREACHABLE, ErrorCode.CENTRE_FAILED, ErrorCode.CENTRE_BUSY})

Read = TypeVar("Read", bound=BaseModel)


class _Event(BaseModel):
    event_id: str
    name: str


class _Events(BaseModel):
    events: list[_Event]


class _File(BaseModel):
    ordinal: int
    file_name: str
    sha256: str
    state: str
    error_code: str | None
    error_detail: str


class _Sent(BaseModel):
    files: list[_File]


class _Page(BaseModel):
    counts: dict[str, int]
    files: list[_File]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class UploadProgress:
    """How far it is: `sent` of `total` files are at the centre, `imported` of them done with."""

    sent: int
    total: int
    imported: int


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What became of a folder; `waiting` files are at the centre and not imported yet."""

    upload_id: str
    sent: int
    were_there: int
    taken: int
    duplicates: int
    waiting: int
    refused: tuple[RefusedFile, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A file of the folder; `content_hash` is empty for one that cannot be read."""

    path: Path
    place: str
    size: int
    content_hash: str


@dataclass(slots=True)
class UploadDesk:
    """Talks to one centre as a photographer. One thread. `url` has no slash at its end.

    A call that fails is made again, six times in a minute: the centre takes a file once.
    """

    url: str
    login: str
    password: str = field(repr=False)
    _session: Any = field(init=False, repr=False)
    _token: str = field(init=False, default="", repr=False)

    def __post_init__(self) -> None:
        self._session = open_session(OpenSockets(), {"Accept": JSON_TYPE})

    def close(self) -> None:
        self._session.close()

    def upload_folder(
        self,
        folder: Path,
        event_name: str,
        photographer: str = "",
        is_public: bool = False,
        is_waiting: bool = True,
        progress: Callable[[UploadProgress], None] = lambda _: None,
    ) -> UploadReport:
        """Sends what the centre does not have yet, and waits for the import unless told otherwise.

        The same folder and event make the same upload, so a run that broke off goes on. Raises KnownError:
        FOLDER_MISSING, FOLDER_WITHOUT_PHOTOS, EVENT_UNKNOWN, CENTRE_*, LOGIN_LOCKED, RIGHTS_MISSING.
        """
        paths = picture_files(folder)
        if not paths:
            raise KnownError(
                ErrorCode.FOLDER_WITHOUT_PHOTOS, f"There is no file in {folder}.", "Choose another folder."
            )
        event_id = self._event_id(event_name)
        upload_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{uuid.getnode()}/{folder.resolve()}/{event_id}").hex
        there = {(file.file_name, file.sha256) for file in self._files(upload_id)}
        before = len(there)
        found, unreadable = _look_at(paths, folder)
        missing = [one for one in found if (printable(one.path.name), one.content_hash) not in there]
        fields = {
            "event_id": event_id,
            "upload_id": upload_id,
            "photographer": photographer,
            "is_public": "true" if is_public else "false",
        }
        sent = len(found) - len(missing)
        progress(UploadProgress(sent, len(found), 0))
        for batch in _batches(missing):
            self._send(batch, fields)
            sent += len(batch)
            progress(UploadProgress(sent, len(found), 0))
        files = self._outcome(upload_id, is_waiting, len(found), progress)
        return _report(upload_id, files, len(missing), before, unreadable)

    def _outcome(
        self, upload_id: str, is_waiting: bool, total: int, progress: Callable[[UploadProgress], None]
    ) -> list[_File]:
        while True:
            counts = self._page(upload_id, 0, 1).counts if total else {}
            waiting = counts.get("waiting", 0) + counts.get("importing", 0)
            progress(UploadProgress(total, total, sum(counts.values()) - waiting))
            if not waiting or not is_waiting:
                return list(self._files(upload_id))
            time.sleep(_LOOK_EVERY_S)

    def _event_id(self, name: str) -> str:
        offset = 0
        while True:
            query = {"limit": str(_EVENTS_A_PAGE), "offset": str(offset)}
            events = self._ask(_Events, "GET", "/api/events", params=query).events
            for event in events:
                if name in (event.name, event.event_id):
                    return event.event_id
            if len(events) < _EVENTS_A_PAGE:
                break
            offset += len(events)
        raise KnownError(
            ErrorCode.EVENT_UNKNOWN,
            f"The centre has no event {name!r}.",
            "Have it made at the centre first: kiosk central event NAME --tenant TENANT",
        )

    def _files(self, upload_id: str) -> Iterator[_File]:
        """None for an upload that was never begun."""
        after: int | None = 0
        while after is not None:
            try:
                page = self._page(upload_id, after)
            except KnownError as error:
                if error.code is ErrorCode.UPLOAD_UNKNOWN:
                    return
                raise
            yield from page.files
            after = page.next_after

    def _page(self, upload_id: str, after: int, limit: int = 1000) -> _Page:
        query = {"after": str(after), "limit": str(limit)}
        return self._ask(_Page, "GET", f"/api/uploads/{upload_id}", params=query)

    def _send(self, batch: Sequence[_Found], fields: dict[str, str]) -> None:
        """Its files are read into memory: a batch is bounded."""
        files = [("files", (printable(one.path.name), one.path.read_bytes())) for one in batch]
        data = {**fields, "place": batch[0].place}
        self._ask(_Sent, "POST", "/api/photos/batch-upload", data=data, files=files)

    def _ask(self, kind: type[Read], method: str, path: str, **more: Any) -> Read:
        pause_s = _FIRST_PAUSE_S
        for attempt in range(1, _MOST_TRIES + 1):
            try:
                if not self._token:
                    self._token = self._log_in()
                return self._call(kind, method, path, self._token, **more)
            except KnownError as error:
                if attempt == _MOST_TRIES or not (error.code in _TO_TRY_AGAIN or self._may_log_in(error)):
                    raise
                if error.code in _TO_TRY_AGAIN:
                    time.sleep(max(pause_s, pause_of(error)))
                    pause_s *= 2
        raise AssertionError("unreachable: the last try returns or raises")

    def _may_log_in(self, error: KnownError) -> bool:
        """Whether the token was refused and a fresh one may help: once for each, or logins get locked."""
        is_old, self._token = is_about_login(error) and bool(self._token), ""
        return is_old

    def _log_in(self) -> str:
        body = {"login": self.login, "password": self.password}
        return self._call(_Tokens, "POST", "/api/auth/login", "", json=body).access_token

    def _call(self, kind: type[Read], method: str, path: str, token: str, **more: Any) -> Read:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.url}{path}"
        answer = call(self._session, method, url, _TIMEOUTS, _ANSWER_BYTES, headers=headers, **more)
        check(answer, url, JSON_TYPE)
        try:
            return kind.model_validate(parse_object(answer.content))
        except ValidationError:
            raise nonsense("it lacks what it should have") from None


class _Tokens(BaseModel):
    access_token: str


def _look_at(paths: Sequence[Path], folder: Path) -> tuple[list[_Found], list[RefusedFile]]:
    """The files with their hashes; and those that cannot be sent, with the reason."""
    found, refused = [], []
    for path in paths:
        try:
            size = path.stat().st_size
            if size > MAX_FILE_BYTES:
                what = f"The file has {size // 2**20} MB; {MAX_FILE_BYTES // 2**20} are allowed."
                refused.append(RefusedFile(name_in(folder, path), ErrorCode.PHOTO_TOO_LARGE, what))
                continue
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            what = f"The file cannot be opened: {error.strerror}."
            refused.append(RefusedFile(name_in(folder, path), ErrorCode.PHOTO_UNREADABLE, what))
            continue
        found.append(_Found(path, printable(place_of(path, folder)), size, digest))
    return found, refused


def _batches(files: Sequence[_Found]) -> Iterator[list[_Found]]:
    """In their order, each of one place, and of so many files and bytes at most (one file at least)."""
    batch: list[_Found] = []
    for file in files:
        is_full = batch and (
            len(batch) == BATCH_FILES
            or batch[0].place != file.place
            or sum(one.size for one in batch) + file.size > BATCH_BYTES
        )
        if is_full:
            yield batch
            batch = []
        batch.append(file)
    if batch:
        yield batch


def _report(
    upload_id: str, files: Sequence[_File], sent: int, before: int, unreadable: Sequence[RefusedFile]
) -> UploadReport:
    def count(*states: str) -> int:
        return sum(file.state in states for file in files)

    refused = [
        RefusedFile(file.file_name, _code(file.error_code), file.error_detail)
        for file in files
        if file.state == "refused"
    ]
    return UploadReport(
        upload_id=upload_id,
        sent=sent,
        were_there=before,
        taken=count("taken"),
        duplicates=count("duplicate"),
        waiting=count("waiting", "importing"),
        refused=(*unreadable, *refused),
    )


def _code(code: str | None) -> ErrorCode:
    """A newer centre may have codes that are unknown here."""
    try:
        return ErrorCode(code or "")
    except ValueError:
        return ErrorCode.UPLOAD_REFUSED
