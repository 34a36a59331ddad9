"""What stands before every path: how often a caller may ask, and how much may be sent at once."""

from __future__ import annotations

from functools import partial

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.central.access import Access
from kiosk.central.api.answers import answer_known
from kiosk.central.principal import Role
from kiosk.errors import ErrorCode, KnownError

UNCOUNTED = frozenset({"/healthz", "/readyz"})
"""Asked by whoever keeps the centre running."""
MOST_BODY_BYTES = 16 * 1024 * 1024
UPLOAD_PATHS = ("/api/photos/batch-upload", "/api/uploads", "/api/updates/packages/")
"""Begin the paths that take bodies of any size, and read them piece by piece."""
FILE_PATHS = ("/api/photos/", "/api/updates/packages/")
_SCHEME = "bearer"


class Doorkeeper:
    """ASGI middleware. Devices are counted by their token, everybody else by their address.

    `trusts_proxy`: the address is what the nearest proxy says, else that of the connection.
    """

    def __init__(self, app: ASGIApp, access: Access, *, trusts_proxy: bool) -> None:
        self._app = app
        self._access = access
        self._trusts_proxy = trusts_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNCOUNTED:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            await self._count(scope, headers)
            limit = None if scope["path"].startswith(UPLOAD_PATHS) else MOST_BODY_BYTES
            if limit is not None:
                _check_length(headers, limit)
        except KnownError as error:
            await answer_known(error)(scope, receive, send)
            return
        await self._app(scope, receive if limit is None else _limited(receive, limit), send)

    async def _count(self, scope: Scope, headers: Headers) -> None:
        limits = self._access.limits
        count = partial(
            limits.count_request,
            address_of(scope, trusts_proxy=self._trusts_proxy),
            self._device(headers.get("authorization", "")),
            is_for_file=scope["method"] == "GET" and scope["path"].startswith(FILE_PATHS),
        )
        if limits.asks_server:
            await to_thread.run_sync(count)
        else:
            count()

    def _device(self, authorization: str) -> str | None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != _SCHEME:
            return None
        try:
            principal = self._access.tokens.read(token.strip())
        except KnownError:
            return None
        return principal.subject if principal.role is Role.DEVICE else None


def address_of(scope: Scope, *, trusts_proxy: bool) -> str:
    """The caller's address: of what proxies say only the last is believed, which the nearest one wrote."""
    if trusts_proxy:
        said = Headers(scope=scope).getlist("x-forwarded-for")
        if said and said[-1].strip():
            return said[-1].split(",")[-1].strip()
    client = scope.get("client")
    return str(client[0]) if client else ""


def _check_length(headers: Headers, limit: int) -> None:
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdecimal() or int(length[:20]) > limit:
        raise _too_long(limit)


def _limited(receive: Receive, limit: int) -> Receive:
    """For bodies that do not say their length."""
    left = limit

    async def receive_some() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise _too_long(limit)
        return message

    return receive_some


def _too_long(limit: int) -> KnownError:
    return KnownError(
        ErrorCode.REQUEST_INVALID, f"The request is longer than {limit} bytes.", "Send it in smaller parts."
    )
