"""The centre's web application: every part of the interface, and one answer for each known error."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from kiosk import __version__
from kiosk.central.api import system
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.errors import ErrorCode, KnownError

_STATUS: dict[ErrorCode, int] = {
    ErrorCode.CENTRE_LOGIN_REFUSED: 401,
    ErrorCode.CLOCK_OFF: 401,
    ErrorCode.DEVICE_REVOKED: 401,
    ErrorCode.RIGHTS_MISSING: 403,
    ErrorCode.LOGIN_LOCKED: 423,
    ErrorCode.CENTRE_BUSY: 429,
    ErrorCode.EVENT_UNKNOWN: 404,
    ErrorCode.PHOTO_UNKNOWN: 404,
    ErrorCode.ORDER_UNKNOWN: 404,
    ErrorCode.OBJECT_MISSING: 404,
    ErrorCode.VOUCHER_UNKNOWN: 404,
    ErrorCode.UPLOAD_UNKNOWN: 404,
    ErrorCode.DELETION_UNKNOWN: 404,
    ErrorCode.CHARGE_UNKNOWN: 404,
    ErrorCode.LINK_UNKNOWN: 404,
    ErrorCode.LINK_EXPIRED: 410,
    ErrorCode.LINK_EXHAUSTED: 410,
    ErrorCode.PHOTOS_DELETED: 410,
    ErrorCode.VOUCHER_USED: 409,
    ErrorCode.VOUCHER_ELSEWHERE: 409,
    ErrorCode.ACCOUNT_TAKEN: 409,
    ErrorCode.WRONG_KEY_REUSE: 409,
    ErrorCode.ORDER_PAID_ALREADY: 409,
    ErrorCode.CENTRE_NEWER: 409,
    ErrorCode.CENTRE_OLDER: 409,
    ErrorCode.GATEWAY_REFUSED: 502,
    ErrorCode.GATEWAY_NONSENSE: 502,
    ErrorCode.GATEWAY_UNREACHABLE: 503,
    ErrorCode.GATEWAY_TIMEOUT: 504,
    ErrorCode.GATEWAY_NOT_CONFIGURED: 503,
    ErrorCode.DATABASE_UNREACHABLE: 503,
    ErrorCode.INDEX_UNREACHABLE: 503,
    ErrorCode.OBJECT_STORE_UNREACHABLE: 503,
    ErrorCode.DISK_FULL: 507,
}
_OF_THE_CALLER = 422
_PARTS: tuple[Callable[[Centre, Guard], APIRouter], ...] = (system.router,)


def make_app(centre: Centre) -> FastAPI:
    """The application of an open centre. Raises KnownError(SECRET_MISSING) without a signing key."""
    app = FastAPI(title="Photo kiosk centre", version=__version__)
    app.add_exception_handler(KnownError, _answer_known)
    guard = Guard(centre)
    for part in _PARTS:
        app.include_router(part(centre, guard))
    return app


def status_of(code: ErrorCode) -> int:
    """The HTTP status that a known error is answered with."""
    return _STATUS.get(code, _OF_THE_CALLER)


def _answer_known(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, KnownError):
        raise error
    body = {"error": {"code": error.code, "detail": error.detail, "next_step": error.next_step}}
    return JSONResponse(body, status_of(error.code))
