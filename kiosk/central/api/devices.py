"""Kiosks of a tenant: codes that enrol them, the list of them, and shutting one out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field, JsonValue

from kiosk.central.api.fields import Body, DeviceId, Word, Words
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.enrolment import invalid_code
from kiosk.central.principal import Principal, Role
from kiosk.database.devices import Device


class CodeWish(Body):
    """What an admin says of a kiosk to be enrolled; all of it may be left open."""

    name: Words = ""
    code_prefix: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{0,4}$")] = ""


class Code(BaseModel):
    """A code that enrols one kiosk, once."""

    code: str = Field(repr=False)
    code_prefix: str
    expires_at: datetime


class EnrolmentBody(Body):
    """A kiosk that asks to be enrolled."""

    code: Annotated[Word, Field(repr=False)]
    kiosk_id: DeviceId
    name: Words
    version: Words


class EnrolledBody(BaseModel):
    """Who the kiosk is from now on. Its key is told here and never again."""

    device_id: str
    device_key: str = Field(repr=False)
    tenant: str
    code_prefix: str


class DeviceBody(BaseModel):
    """A kiosk; `health` is what it told last, and so is the site that it stands in."""

    device_id: str
    name: str
    code_prefix: str
    enrolled_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None
    version: str
    site_id: str
    site: str
    health: dict[str, JsonValue]


class DeviceList(BaseModel):
    """A tenant's kiosks, by name."""

    devices: list[DeviceBody]


PathId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/devices", tags=["devices"])
    access = guard.access
    admin = guard.allow(Role.ADMIN)

    @routes.post("/codes", status_code=201)
    def make_code(body: CodeWish, who: Principal = Depends(admin)) -> Code:
        """Makes a code that somebody types at a new kiosk."""
        made = access.enrolment.new_code(who.tenant_id, body.name, body.code_prefix)
        return Code(code=made.code, code_prefix=made.code_prefix, expires_at=made.expires_at)

    @routes.post("/enrol", status_code=201)
    def enrol(body: EnrolmentBody, request: Request) -> EnrolledBody:
        """Enrols a kiosk by a code; whoever guesses has to wait."""
        address = guard.address(request)
        access.limits.check_guesses(address)
        made = access.enrolment.enrol(body.code, body.kiosk_id, body.name, body.version)
        if made is None:
            access.limits.note_guess(address)
            raise invalid_code()
        access.devices.forget(made.device.device_id)
        return EnrolledBody(
            device_id=made.device.device_id,
            device_key=made.key,
            tenant=made.tenant_name,
            code_prefix=made.device.code_prefix,
        )

    @routes.get("")
    def list_devices(who: Principal = Depends(admin)) -> DeviceList:
        """The kiosks of the admin's tenant."""
        return DeviceList(devices=[_body(device) for device in access.devices.of_tenant(who.tenant_id)])

    @routes.post("/{device_id}/revoke")
    def revoke(device_id: PathId, who: Principal = Depends(admin)) -> DeviceBody:
        """Shuts a kiosk out: its tokens end within seconds. A new code lets it in again."""
        return _body(access.devices.revoke(who.tenant_id, device_id))

    return routes


def _body(device: Device) -> DeviceBody:
    return DeviceBody(
        device_id=device.device_id,
        name=device.name,
        code_prefix=device.code_prefix,
        enrolled_at=device.enrolled_at,
        last_seen_at=device.last_seen_at,
        revoked_at=device.revoked_at,
        version=device.version,
        site_id=device.site_id,
        site=device.site,
        health=cast(dict[str, JsonValue], device.facts),
    )
