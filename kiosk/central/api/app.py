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
    metrics_of_centre,
    orders,
    payment,
    people,
    photos,
    sites,
    streams,
    sync,
    system,
    updates,
    uploads,
    visits,
    voucher_list,
    vouchers,
)
from kiosk.central.api.answers import add_answers
from kiosk.central.api.doorkeeper import Doorkeeper
from kiosk.central.api.fields import ErrorBody
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.metrics import CentreMetrics, CountedAnswers
from kiosk.database.devices import SqlDevices

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
    visits.router,
    sites.router,
    streams.router,
    updates.router,
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
    metrics = CentreMetrics(SqlDevices(centre.database).everywhere, centre.clock)
    app.include_router(metrics_of_centre.router(centre, metrics))
    app.add_middleware(Doorkeeper, access=access, trusts_proxy=centre.settings.server.trusts_proxy)
    app.add_middleware(CountedAnswers, metrics=metrics)  # also what the doorkeeper refuses
    return app
