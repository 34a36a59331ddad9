"""The centre's web application: every part of the interface behind one door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, FastAPI

from kiosk import __version__
from kiosk.central.access import open_access
from kiosk.central.api import (
    auth,
    deletions,
    devices,
    events,
    faces,
    orders,
    payment,
    people,
    photos,
    sync,
    system,
    uploads,
    voucher_list,
    vouchers,
)
from kiosk.central.api.answers import add_answers
from kiosk.central.api.doorkeeper import Doorkeeper
from kiosk.central.api.fields import ErrorBody
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre

_PARTS: tuple[Callable[[Centre, Guard], APIRouter], ...] = (
    system.router,
    auth.router,
    devices.router,
    deletions.router,
    payment.router,
    orders.router,
    vouchers.router,
    sync.router,
    uploads.router,
    photos.router,
    faces.router,
    events.router,
    people.router,
    voucher_list.router,
)
_ERRORS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorBody, "description": "Refused; the code says why."},
    "5XX": {"model": ErrorBody, "description": "The centre, or what it stands on, fails now."},
}


def make_app(centre: Centre) -> FastAPI:
    """The application of an open centre. Raises KnownError: SECRET_MISSING, SETTING_INVALID (no signing key),
    DATABASE_*."""
    app = FastAPI(
        title="Photo kiosk centre",
        version=__version__,
        responses=_ERRORS,
        docs_url=None,  # these pages load their scripts from the internet, which a venue may lack
        redoc_url=None,
    )
    app.state.endings = centre.endings
    access = open_access(centre)
    guard = Guard(access, trusts_proxy=centre.settings.server.trusts_proxy)
    for part in _PARTS:
        app.include_router(part(centre, guard))
    add_answers(app)
    centre.imports.start()
    app.add_middleware(Doorkeeper, access=access, trusts_proxy=centre.settings.server.trusts_proxy)
    return app
