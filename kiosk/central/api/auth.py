"""Logging in: `POST /api/auth/login` for people and kiosks, and `POST /api/auth/refresh`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from kiosk.central.api.fields import Body, DeviceId, Secret, Word
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.logins import Login
from kiosk.central.principal import Role


class PersonLogin(Body):
    """A person's login and password."""

    login: Word
    password: Secret


class DeviceLogin(Body):
    """An enrolled kiosk's id and key."""

    device_id: DeviceId
    device_key: Secret


class Refresh(Body):
    """A refresh token; it is good once."""

    refresh_token: Secret


class Tokens(BaseModel):
    """`access_token` goes into the header Authorization, as "Bearer …", for `expires_in` seconds.
    `server_time` tells a kiosk how far its own clock is off."""

    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a kind of token
    expires_in: int
    subject: str
    tenant_id: str
    role: Role
    server_time: datetime


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/auth", tags=["access"])
    logins = guard.access.logins

    def answer(login: Login) -> Tokens:
        return Tokens(
            access_token=login.access_token,
            refresh_token=login.refresh_token,
            expires_in=int(guard.access.tokens.valid_s),
            subject=login.principal.subject,
            tenant_id=login.principal.tenant_id,
            role=login.principal.role,
            server_time=centre.clock.now(),
        )

    @routes.post("/login")
    def login(body: PersonLogin | DeviceLogin) -> Tokens:
        """Five wrong tries lock a login for a quarter of an hour."""
        if isinstance(body, DeviceLogin):
            return answer(logins.of_device(body.device_id, body.device_key))
        return answer(logins.of_person(body.login, body.password))

    @routes.post("/refresh")
    def refresh(body: Refresh) -> Tokens:
        """A refresh token that comes a second time ends every token of its login."""
        return answer(logins.refresh(body.refresh_token))

    return routes
