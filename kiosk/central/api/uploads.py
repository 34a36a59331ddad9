"""What photographers send: batches of files, as many calls as they like, and what became of each file."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from kiosk.central.api.belongings import event_of
from kiosk.central.api.fields import Body, Words
from kiosk.central.api.guard import Guard
from kiosk.central.api.multipart import invalid, read_form
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.central.receiving import SentFile, receive
from kiosk.database.uploads import FileState, Upload, UploadedFile
from kiosk.sync.record_parts import Id

MOST_FILES_A_CALL = 200
MOST_BYTES_A_CALL = 1024 * 1024 * 1024
_FILES_A_PAGE = 1000
_FIELD = "files"

PathId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class UploadWish(Body):
    """What a photographer says of the files. Without `upload_id` a new upload begins; `place` is where they
    were taken, `photographer` who took them where that is another than the file says."""

    event_id: Id
    upload_id: Id | None = None
    place: Annotated[Words, Field(max_length=80)] = ""
    photographer: Annotated[Words, Field(max_length=100)] = ""
    is_public: bool = False


class FileBody(BaseModel):
    """A file and what became of it; `error_code` and `error_detail` say why it was refused."""

    ordinal: int
    file_name: str
    sha256: str
    size: int
    state: FileState
    error_code: str | None
    error_detail: str


class SentBody(BaseModel):
    """The upload, and the files of this call in the order in which they were sent."""

    upload_id: str
    files: list[FileBody]


class UploadBody(BaseModel):
    """An upload with a page of its files: those after the ordinal `next_after`, if that is not null, are on
    the next one."""

    upload_id: str
    event_id: str
    photographer: str
    is_public: bool
    created_at: datetime
    counts: dict[FileState, int]
    files: list[FileBody]
    next_after: int | None


_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["event_id", _FIELD],
    "additionalProperties": False,
    "properties": {
        "event_id": {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,64}$"},
        "upload_id": {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,64}$"},
        "place": {"type": "string", "maxLength": 80},
        "photographer": {"type": "string", "maxLength": 100},
        "is_public": {"type": "boolean"},
        _FIELD: {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_FILES_A_CALL,
            "items": {"type": "string", "format": "binary"},
        },
    },
}


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(tags=["uploads"])
    photographer = Depends(guard.allow(Role.PHOTOGRAPHER))

    @routes.post(
        "/api/photos/batch-upload",
        openapi_extra={
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}
        },
    )
    async def send(request: Request, who: Principal = photographer) -> SentBody:
        """Takes up to 200 files and a gigabyte a call into an upload; call again with its id for more. A file
        of the same name and content is taken once, so a call that broke off is made again as it was."""
        form = await read_form(request, most_bytes=MOST_BYTES_A_CALL, most_files=MOST_FILES_A_CALL)
        try:
            return await run_in_threadpool(_send, centre, who, form)
        finally:
            await form.close()

    @routes.get("/api/uploads/{upload_id}")
    def look(
        upload_id: PathId,
        after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=_FILES_A_PAGE)] = _FILES_A_PAGE,
        who: Principal = photographer,
    ) -> UploadBody:
        """What became of each file, page by page."""
        upload = centre.uploads.upload(who.tenant_id, upload_id)
        files = centre.uploads.files(upload_id, after, limit)
        return UploadBody(
            upload_id=upload.upload_id,
            event_id=upload.event_id,
            photographer=upload.photographer,
            is_public=upload.is_public,
            created_at=upload.created_at,
            counts=centre.uploads.counts(upload_id),
            files=[_body(file) for file in files],
            next_after=files[-1].ordinal if len(files) == limit else None,
        )

    return routes


def _send(centre: Centre, who: Principal, form: FormData) -> SentBody:
    wish, files = _read(form)
    event_of(centre, who, wish.event_id)
    upload = Upload(
        upload_id=wish.upload_id or uuid4().hex,
        tenant_id=who.tenant_id,
        event_id=wish.event_id,
        photographer=wish.photographer.strip(),
        is_public=wish.is_public,
        created_at=centre.clock.now(),
    )
    taken = receive(centre, upload, wish.place.strip(), files)
    return SentBody(upload_id=upload.upload_id, files=[_body(file) for file in taken])


def _read(form: FormData) -> tuple[UploadWish, list[SentFile]]:
    files = [part for name, part in form.multi_items() if name == _FIELD and isinstance(part, UploadFile)]
    if not files:
        raise invalid(f"There is no file in the form's field {_FIELD}.")
    said = {name: part for name, part in form.items() if name != _FIELD}
    if any(isinstance(part, UploadFile) for part in said.values()):
        raise invalid(f"Files belong into the form's field {_FIELD}.")
    try:
        wish = UploadWish.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        raise invalid(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}."[:300]) from None
    return wish, [SentFile(file.filename or "", file.file, file.size or 0) for file in files]


def _body(file: UploadedFile) -> FileBody:
    return FileBody(
        ordinal=file.ordinal,
        file_name=file.file_name,
        sha256=file.content_hash,
        size=file.size,
        state=file.state,
        error_code=file.error_code,
        error_detail=file.error_detail,
    )
