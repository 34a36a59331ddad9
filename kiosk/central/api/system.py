"""What the centre is and whether it works: for kiosks, and for whoever restarts it."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from kiosk import __version__
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.database.migrate import HEAD_REVISION
from kiosk.sync.wire import PROTOCOL


class CentreVersion(BaseModel):
    """What a kiosk compares itself with; `server_time` tells it how far its own clock is off."""

    version: str
    protocol: int
    schema_revision: str
    server_time: datetime


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(tags=["system"])

    @routes.get("/api/system/version")
    def version() -> CentreVersion:
        return CentreVersion(
            version=__version__,
            protocol=PROTOCOL,
            schema_revision=HEAD_REVISION,
            server_time=centre.clock.now(),
        )

    return routes
