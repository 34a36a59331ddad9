"""What the centre is and whether it works: for kiosks, and for whoever keeps it running."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from kiosk import __version__
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.readiness import Readiness
from kiosk.database.migrate import HEAD_REVISION
from kiosk.sync.wire import PROTOCOL


class CentreVersion(BaseModel):
    """What a kiosk compares itself with; `server_time` tells it how far its own clock is off."""

    version: str
    protocol: int
    schema_revision: str
    server_time: datetime


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class PartBody(BaseModel):
    """A part of the centre and, where it does not answer, why."""

    part: str
    is_ok: bool
    detail: str


class ReadinessBody(BaseModel):
    """Whether every part answers."""

    is_ready: bool
    parts: list[PartBody]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part; all are open to anybody."""
    routes = APIRouter(tags=["system"])
    readiness = Readiness(centre)

    @routes.get("/api/system/version")
    def version() -> CentreVersion:
        """The program, what it speaks, its tables and its clock."""
        return CentreVersion(
            version=__version__,
            protocol=PROTOCOL,
            schema_revision=HEAD_REVISION,
            server_time=centre.clock.now(),
        )

    @routes.get("/healthz")
    async def is_alive() -> Alive:
        """The process answers, whatever it stands on: it is restarted where it does not."""
        return Alive()

    @routes.get("/readyz", responses={503: {"model": ReadinessBody}})
    def is_ready(response: Response) -> ReadinessBody:
        """Database, store and index answer; 503 with words otherwise."""
        parts = [
            PartBody(part=each.part, is_ok=each.is_ok, detail=each.detail) for each in readiness.states()
        ]
        is_ready = all(each.is_ok for each in parts)
        response.status_code = 200 if is_ready else 503
        return ReadinessBody(is_ready=is_ready, parts=parts)

    return routes
