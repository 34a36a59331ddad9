"""One call to the centre over HTTP, bounded in time and size, that another thread can cut off."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, IncompleteRead, MaxRetryError, NewConnectionError, ResponseError

from kiosk.errors import ErrorCode, KnownError

_READ_AT_ONCE = 1 << 16
BROKE_OFF = "broke_off"
"""Among the `params` of CENTRE_UNREACHABLE where an answer began and ended too soon."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds until a connection stands, between two pieces of an answer, and for a whole call, with the
    login that it may need and a second try after that."""

    connect_s: float = 2.0
    read_s: float = 10.0
    whole_s: float = 60.0

    def within(self, left_s: float) -> Timeouts:
        """For what is left of a call."""
        return Timeouts(min(self.connect_s, left_s), min(self.read_s, left_s), left_s)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        """Such as "application/json", lower case, without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class OpenSockets:
    """The sockets of the calls under way. `cut` ends them all and every later one, from any thread."""

    def __init__(self) -> None:
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()
        self.is_cut = False

    def add(self, opened: socket.socket) -> None:
        """A connection stands."""
        with self._lock:
            self._sockets.add(opened)
            is_cut = self.is_cut
        if is_cut:
            _shut(opened)

    def cut(self) -> None:
        """Whoever waits for an answer is told at once that none comes."""
        with self._lock:
            self.is_cut = True
            opened = list(self._sockets)
        for each in opened:
            _shut(each)


def _shut(opened: socket.socket) -> None:
    with suppress(OSError):
        # Below TLS: whoever reads there sees the end of the connection, and nothing is changed under them.
        socket.socket.shutdown(opened, socket.SHUT_RDWR)


def open_session(sockets: OpenSockets, headers: Mapping[str, str]) -> requests.Session:
    """A session of one thread whose calls `sockets` can cut. It keeps no cookies and takes no login from the
    machine's files; proxies and certificates are those of the machine's environment."""
    session = requests.Session()
    session.auth = lambda request: request
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update(headers)
    adapter = _CuttableAdapter(sockets)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _CuttableAdapter(HTTPAdapter):
    """Its connections are noted in `sockets` once they stand."""

    def __init__(self, sockets: OpenSockets) -> None:
        self._pool_classes = _pool_classes(sockets)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager


def _pool_classes(sockets: OpenSockets) -> dict[str, type[HTTPConnectionPool]]:
    def note(opened: socket.socket | None) -> None:
        if opened is not None:
            sockets.add(opened)

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            note(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            note(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def call(
    session: requests.Session,
    method: str,
    url: str,
    timeouts: Timeouts,
    limit_bytes: int,
    **more: Any,
) -> Answer:
    """The whole answer, whatever its status; no redirect is followed.

    Raises KnownError CENTRE_UNREACHABLE where nothing came about: no connection, or a question (GET) without
    an answer; CENTRE_FAILED where what was sent may have been taken; CENTRE_NONSENSE for an answer beyond
    `limit_bytes`.
    """
    deadline = time.monotonic() + timeouts.whole_s
    try:
        with session.request(
            method,
            url,
            timeout=(timeouts.connect_s, timeouts.read_s),
            stream=True,
            allow_redirects=False,
            **more,
        ) as response:
            content = _read(response, timeouts.read_s, deadline, limit_bytes)
            return Answer(response.status_code, response.headers, content)
    except (requests.RequestException, HTTPError, OSError, ValueError) as failed:
        raise known(failed, is_question=method == "GET") from None  # its text may hold what was asked


def _read(response: requests.Response, read_s: float, deadline: float, limit_bytes: int) -> bytes:
    """Piece by piece as it comes, so that a trickle cannot hold the call."""
    content = bytearray()
    while True:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer did not end in time")
        opened = getattr(response.raw.connection, "sock", None)
        if opened is not None:
            opened.settimeout(min(read_s, left_s))
        piece = response.raw.read1(_READ_AT_ONCE, decode_content=True)
        if not piece:
            return bytes(content)
        content += piece
        if len(content) > limit_bytes:
            raise nonsense(f"it is longer than {limit_bytes} bytes")


def known(failed: Exception, *, is_question: bool) -> KnownError:
    """What a call that broke off means. A question changes nothing and can be asked again."""
    if isinstance(failed, requests.exceptions.SSLError):
        return KnownError(
            ErrorCode.CENTRE_UNREACHABLE,
            "The centre's certificate was not accepted.",
            "Look at this machine's clock, at whether the network wants a login, and at the certificate.",
        )
    if is_question or _is_before_asking(failed):
        return KnownError(
            ErrorCode.CENTRE_UNREACHABLE,
            f"The centre cannot be reached ({type(failed).__name__}).",
            "Look at the network and at central.url; the kiosk goes on, and tries again by itself.",
            {BROKE_OFF: "yes"} if _is_too_short(failed) else None,
        )
    return KnownError(
        ErrorCode.CENTRE_FAILED,
        f"The centre took a message and did not answer ({type(failed).__name__}).",
        "It is told again by itself, and taken once.",
    )


def _is_too_short(failed: Exception) -> bool:
    """Whether an answer ended before the length that it had said."""
    return isinstance(failed, IncompleteRead) or any(isinstance(why, IncompleteRead) for why in failed.args)


def _is_before_asking(failed: Exception) -> bool:
    if isinstance(failed, requests.ConnectTimeout):
        return True
    if isinstance(failed, requests.ConnectionError):
        inner = failed.args[0] if failed.args else None
        reason = inner.reason if isinstance(inner, MaxRetryError) else inner
        return isinstance(reason, NewConnectionError)
    # requests' and urllib3's ways to say that the address is none
    return isinstance(failed, ValueError) and not isinstance(failed, requests.JSONDecodeError | ResponseError)


def nonsense(reason: str) -> KnownError:
    """CENTRE_NONSENSE because of `reason`, which must not repeat the answer."""
    return KnownError(
        ErrorCode.CENTRE_NONSENSE,
        f"The centre's answer is not one: {reason}.",
        "Look at central.url, and compare the versions of kiosk and centre.",
    )


def parse_object(content: bytes) -> dict[str, Any]:
    """The JSON object that an answer holds. Raises KnownError(CENTRE_NONSENSE)."""
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        raise nonsense("not JSON") from None
    if not isinstance(parsed, dict):
        raise nonsense("not a JSON object")
    return parsed
