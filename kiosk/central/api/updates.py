"""Updates of the program: admins put packages on the shelf and say who is to have them, kiosks fetch them."""

from __future__ import annotations

import base64
import binascii
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from kiosk.central.api.fields import Body, DeviceId
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.central.updates import Offered, RollOut, UpdateShelf
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import update_keys
from kiosk.photos.types import ObjectStream
from kiosk.sync.packages import OfferAnswer
from kiosk.updates.package import LARGEST_PACKAGE, LARGEST_SIGNATURE, claimed, unreadable

SIGNATURE_HEADER = "X-Update-Signature"
_MEMORY_BYTES = 1 << 20
_RANGE = re.compile(r"bytes=([0-9]{1,12})-([0-9]{0,12})")
_A_FILE = {"schema": {"type": "string", "format": "binary"}}

FileName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+~_-]{0,120}$")]
_Version = Annotated[str, Query(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){1,3}$")]
_Architecture = Annotated[str, Query(pattern=r"^[a-z0-9-]{1,20}$")]


class RollOutBody(Body):
    """Who is offered a package: named kiosks, or a share of all of the tenant in percent."""

    share: Annotated[int, Field(ge=0, le=100)] = 100
    device_ids: Annotated[tuple[DeviceId, ...], Field(max_length=10_000)] = ()
    is_on: bool = True


class UpdateBody(BaseModel):
    """A package on the shelf; `is_proven`: the centre has verified its signature as well."""

    file_name: str
    version: str
    architecture: str
    size: int
    added_at: datetime
    is_proven: bool
    roll_out: RollOutBody


class KioskVersion(BaseModel):
    """What a kiosk runs, and how its last update went, as it told last."""

    device_id: str
    name: str
    version: str
    ready: str
    outcome: str
    outcome_version: str
    code: str
    last_seen_at: datetime | None


class UpdateList(BaseModel):
    """The shelf, the newest version first, and the tenant's kiosks."""

    updates: list[UpdateBody]
    kiosks: list[KioskVersion]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/updates", tags=["updates"])
    admin, device = guard.allow(Role.ADMIN), guard.allow(Role.DEVICE)

    def shelf(who: Principal) -> UpdateShelf:
        return UpdateShelf(centre.archive.store, who.tenant_id, centre.clock, update_keys())

    @routes.get("")
    def list_updates(who: Principal = Depends(admin)) -> UpdateList:
        """The packages, and which kiosk runs what."""
        kiosks = [one for one in guard.access.devices.of_tenant(who.tenant_id) if not one.revoked_at]
        return UpdateList(
            updates=[_body(one) for one in shelf(who).all()],
            kiosks=[
                KioskVersion(
                    device_id=one.device_id,
                    name=one.name,
                    version=one.version,
                    ready=_word(one.facts.get("update_ready")),
                    outcome=_word(one.facts.get("update_outcome")),
                    outcome_version=_word(one.facts.get("update_version")),
                    code=_word(one.facts.get("update_code")),
                    last_seen_at=one.last_seen_at,
                )
                for one in kiosks
            ],
        )

    @routes.get("/offer")
    def offer(
        version: _Version, architecture: _Architecture, who: Principal = Depends(device)
    ) -> OfferAnswer:
        """The newest package that the asking kiosk is to have, with its signature."""
        own = shelf(who)
        found = own.for_device(who.subject, version, architecture)
        if found is None:
            return OfferAnswer(is_there=False)
        return OfferAnswer(
            is_there=True,
            file_name=found.package.file_name,
            version=found.package.version,
            size=found.size,
            signature=base64.b64encode(own.signature(found)).decode(),
        )

    @routes.post(
        "/packages/{file_name}",
        status_code=201,
        openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": _A_FILE}}},
    )
    async def add(
        file_name: FileName,
        request: Request,
        signature: Annotated[str, Header(alias=SIGNATURE_HEADER, max_length=2 * LARGEST_SIGNATURE)],
        who: Principal = Depends(admin),
    ) -> UpdateBody:
        """Puts a package on the shelf, offered to nobody yet; its .minisig file comes in the header, in
        base64."""
        with tempfile.SpooledTemporaryFile(_MEMORY_BYTES) as file:
            size = await _received(request, file)
            return await run_in_threadpool(_add, shelf(who), file_name, file, size, signature)

    @routes.get(
        "/packages/{file_name}",
        response_class=Response,
        responses={
            200: {"content": {"application/octet-stream": _A_FILE}},
            206: {"content": {"application/octet-stream": _A_FILE}, "description": "The part asked for."},
            416: {"description": "The package has no such part."},
        },
    )
    def package(
        file_name: FileName,
        part: Annotated[str, Header(alias="Range", max_length=100)] = "",
        who: Principal = Depends(device),
    ) -> Response:
        """A package, or the part of it that `Range` names."""
        own = shelf(who)
        return _part(own, own.named(file_name), part)

    @routes.patch("/{file_name}")
    def roll_out(file_name: FileName, body: RollOutBody, who: Principal = Depends(admin)) -> UpdateBody:
        """Says who is offered a package from now on."""
        return _body(shelf(who).roll_out(file_name, RollOut(body.share, body.device_ids, body.is_on)))

    @routes.delete("/{file_name}", status_code=204)
    def remove(file_name: FileName, who: Principal = Depends(admin)) -> Response:
        """Takes a package off the shelf."""
        shelf(who).remove(file_name)
        return Response(status_code=204)

    return routes


async def _received(request: Request, file: BinaryIO | Any) -> int:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_PACKAGE:
            raise KnownError(
                ErrorCode.REQUEST_INVALID,
                f"A package has at most {LARGEST_PACKAGE // 1_000_000} MB.",
                "Make a smaller one.",
            )
        await run_in_threadpool(file.write, part)
    return size


def _add(shelf: UpdateShelf, file_name: str, file: Any, size: int, signature: str) -> UpdateBody:
    try:
        signed = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError) as broken:
        raise unreadable("its signature is no base64") from broken
    if claimed(signed).file_name != file_name:
        raise unreadable("its signature is that of another file")
    return _body(shelf.add(file, size, signed, RollOut(share=0)))


def _part(shelf: UpdateShelf, offered: Offered, wanted: str) -> Response:
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}
    found = _RANGE.fullmatch(wanted)
    if found is None:
        start, end, status = 0, offered.size - 1, 200
    else:
        start = int(found[1])
        end = min(int(found[2] or offered.size - 1), offered.size - 1)
        status = 206
        if start > end:
            return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{offered.size}"})
        headers["Content-Range"] = f"bytes {start}-{end}/{offered.size}"
    length = end - start + 1
    headers["Content-Length"] = str(length)
    parts = _first(shelf.stream(offered, start), length)
    return StreamingResponse(parts, status, headers, media_type="application/octet-stream")


def _first(stream: ObjectStream, length: int) -> Iterator[bytes]:
    left = length
    try:
        for part in stream:
            yield part[:left]
            left -= len(part)
            if left <= 0:
                return
    finally:
        stream.close()


def _body(offered: Offered) -> UpdateBody:
    package, roll_out = offered.package, offered.roll_out
    return UpdateBody(
        file_name=package.file_name,
        version=package.version,
        architecture=package.architecture,
        size=offered.size,
        added_at=offered.added_at,
        is_proven=offered.is_proven,
        roll_out=RollOutBody(share=roll_out.share, device_ids=roll_out.device_ids, is_on=roll_out.is_on),
    )


def _word(fact: object) -> str:
    return fact if isinstance(fact, str) else ""
