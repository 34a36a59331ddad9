"""What errors are answered with: always a status, a stable code, what happened and what to do."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from kiosk.central.api.fields import ErrorBody, ErrorWords
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
    ErrorCode.DEVICE_UNKNOWN: 404,
    ErrorCode.LINK_UNKNOWN: 404,
    ErrorCode.SITE_UNKNOWN: 404,
    ErrorCode.STREAM_UNKNOWN: 404,
    ErrorCode.UPDATE_UNKNOWN: 404,
    ErrorCode.LINK_EXPIRED: 410,
    ErrorCode.LINK_EXHAUSTED: 410,
    ErrorCode.PHOTOS_DELETED: 410,
    ErrorCode.VOUCHER_USED: 409,
    ErrorCode.VOUCHER_ELSEWHERE: 409,
    ErrorCode.ACCOUNT_TAKEN: 409,
    ErrorCode.SITE_TAKEN: 409,
    ErrorCode.SITE_IN_USE: 409,
    ErrorCode.STREAM_TAKEN: 409,
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
    ErrorCode.DATABASE_DAMAGED: 503,
    ErrorCode.DATABASE_NEWER: 503,
    ErrorCode.FOLDER_NOT_WRITABLE: 503,
    ErrorCode.INDEX_DAMAGED: 503,
    ErrorCode.INDEX_LOCKED: 503,
    ErrorCode.SECRET_MISSING: 503,
    ErrorCode.SETTING_INVALID: 503,
    ErrorCode.WEIGHTS_MISSING: 503,
    ErrorCode.WEIGHTS_HASH: 503,
    ErrorCode.WEIGHTS_UNUSABLE: 503,
    ErrorCode.DISK_FULL: 507,
}
_OF_THE_CALLER = 422
_LONGEST_DETAIL = 300


def add_answers(app: FastAPI) -> None:
    """Teaches an application to answer errors."""
    app.add_exception_handler(KnownError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(Exception, _bug)


def _bug(_request: Request, _error: Exception) -> JSONResponse:
    """In the shape of every other refusal; what happened stands in the log, never in the answer."""
    return _answer(500, ErrorCode.CENTRE_FAILED, "The centre failed at this.", "Try again later.", {})


def status_of(code: ErrorCode) -> int:
    """The HTTP status that a known error is answered with."""
    return _STATUS.get(code, _OF_THE_CALLER)


def answer_known(error: KnownError) -> JSONResponse:
    """The answer that a known error gives. `retry_after_s` among its params says when to come again."""
    status = status_of(error.code)
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_s" in error.params:
        headers["Retry-After"] = error.params["retry_after_s"]
    return _answer(status, error.code, error.detail, error.next_step, headers)


def _answer(
    status: int, code: ErrorCode, detail: str, next_step: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    body = ErrorBody(error=ErrorWords(code=code, detail=detail, next_step=next_step))
    return JSONResponse(body.model_dump(), status, headers)


def _known(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, KnownError):
        raise error
    return answer_known(error)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Which field, and why; never what was sent, which may be a secret."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return _answer(
        _OF_THE_CALLER, ErrorCode.REQUEST_INVALID, _plain(f"{where}: {first['msg']}."), "Correct it."
    )


def _refused(_request: Request, error: Exception) -> JSONResponse:
    """What the framework refuses: an unknown path, another method, a body that is none."""
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    return _answer(error.status_code, ErrorCode.REQUEST_INVALID, _plain(f"{error.detail}."), "", headers)


def _unstorable(_request: Request, error: Exception) -> JSONResponse:
    return _answer(
        _OF_THE_CALLER,
        ErrorCode.REQUEST_INVALID,
        f"The database cannot store what was sent ({type(error).__name__}).",
        "Correct it.",
    )


def _plain(text: str) -> str:
    """In characters that can be sent; a request's may be none."""
    return text.encode("utf-8", "replace").decode("utf-8")[:_LONGEST_DETAIL]
