"""The phone page as one web application: routes, error pages, headers."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp

from kiosk.clock import Clock
from kiosk.delivery.guess_limit import GuessLimit
from kiosk.delivery.phone_gate import Line, PhoneGate, RefusedError, request_language, unknown_link
from kiosk.delivery.phone_headers import SecureHeaders
from kiosk.delivery.phone_pages import PageWriter
from kiosk.delivery.phone_photos import PhonePhotos
from kiosk.delivery.phone_receipt import PhoneReceipt
from kiosk.delivery.phone_static import add_static_files
from kiosk.delivery.purchases import PaidOrders, PrivacyDesk
from kiosk.delivery.types import LinkRepository
from kiosk.errors import KnownError

_log = structlog.get_logger(__name__)


def make_phone_app(
    links: LinkRepository,
    orders: PaidOrders,
    desk: PrivacyDesk,
    clock: Clock,
    zone: ZoneInfo,
    more: Sequence[APIRouter] = (),
) -> ASGIApp:
    """The application that `PhoneServer` serves; `zone` is the kiosk's own, for dates and times. `more` are
    routes of other rooms, such as LINE's webhook."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    pages = PageWriter(zone)
    gate = PhoneGate(links, orders, clock, GuessLimit(clock), pages)
    PhonePhotos(gate, links, orders, pages, clock, zone).add_to(app)
    PhoneReceipt(gate, desk, pages).add_to(app)
    add_static_files(app)
    for router in more:
        app.include_router(router)
    _add_error_pages(app, pages)
    return SecureHeaders(app)


def _add_error_pages(app: FastAPI, pages: PageWriter) -> None:
    def refusal_page(request: Request, refusal: RefusedError) -> Response:
        language = getattr(request.state, "language", None) or request_language(request)
        page = pages.page("message.html.j2", language, refusal=refusal, here=request.url.path)
        return HTMLResponse(page, refusal.status, refusal.headers)

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, RefusedError)  # noqa: S101 - registered for this type
        return refusal_page(request, error)

    def no_such_page(request: Request, error: Exception) -> Response:
        return refusal_page(request, unknown_link())

    def failed(request: Request, error: Exception) -> Response:
        code = error.code.value if isinstance(error, KnownError) else type(error).__name__
        _log.error("phone_page_failed", code=code)
        status = 503 if isinstance(error, KnownError) else 500
        return refusal_page(
            request,
            RefusedError(
                status,
                "phone.failed.title",
                Line("phone.failed.text"),
                action_key="phone.retry" if request.method == "GET" else None,
                action_url=request.url.path,
            ),
        )

    app.add_exception_handler(RefusedError, refused)
    app.add_exception_handler(HTTPException, no_such_page)
    app.add_exception_handler(KnownError, failed)
    app.add_exception_handler(Exception, failed)
