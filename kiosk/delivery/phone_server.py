"""Serves the phone page to the local network from a thread of the kiosk."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import sys
import threading

import psutil
import structlog
import uvicorn
from starlette.types import ASGIApp

from kiosk.errors import BugError, ErrorCode, KnownError

_log = structlog.get_logger(__name__)

_LOOPBACK = "127.0.0.1"
_ANY = "0.0.0.0"  # noqa: S104 - only compared with; listening everywhere is the owner's choice
_GRACE_S = 2
_SEND_BUFFER_BYTES = 256 * 1024
_DEAD_PHONE_MS = 120_000
_MOST_CONNECTIONS = 200
_BACKLOG = 128


def local_address() -> str:
    """The IPv4 address that phones on the local network reach; 127.0.0.1 where there is no network.

    The address of the default route wins, then any private one of an interface that is up (a kiosk that is
    its own Wi-Fi has no route).
    """
    routed = _routed_address()
    if routed is not None:
        return routed
    states = psutil.net_if_stats()
    for name, addresses in psutil.net_if_addrs().items():
        if name in states and states[name].isup:
            for entry in addresses:
                if entry.family == socket.AF_INET and _is_reachable(entry.address):
                    return str(entry.address)
    return _LOOPBACK


def _routed_address() -> str | None:
    # Connecting a UDP socket sends nothing; it only asks the system which address it would send from.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 9))
            address = str(probe.getsockname()[0])
        except OSError:
            return None
    return address if _is_reachable(address) else None


def _is_reachable(address: str) -> bool:
    known = ipaddress.ip_address(address)
    return not (known.is_loopback or known.is_link_local or known.is_unspecified)


class PhoneServer:
    """Serves `app` on one port; uvicorn runs on its own thread, named "phone-server".

    `host` empty means the local network's address at the start, "0.0.0.0" every interface; `port` 0 lets the
    system choose. `start` and `stop` may be called once each, from the same thread.
    """

    def __init__(self, app: ASGIApp, host: str = "", port: int = 0) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """Where phones find the page, such as "http://192.168.1.20:8377"; follows a change of network when
        every interface is served."""
        if self._socket is None:
            raise BugError("the phone server has not been started")
        host, port = self._address
        return f"http://{local_address() if host == _ANY else host}:{port}"

    def start(self) -> None:
        """Listens when this returns. Raises KnownError PORT_TAKEN, SETTING_INVALID (an address that is not of
        this machine, a port that the user may not open)."""
        self._socket = listen(self._host or local_address(), self._port)
        self._address: tuple[str, int] = self._socket.getsockname()
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,  # addresses of pages hold tokens
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            ws="none",
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=_GRACE_S,
        )
        self._server = _BoundedServer(config)
        self._thread = threading.Thread(
            target=_serve, args=(self._server, self._socket), name="phone-server", daemon=True
        )
        self._thread.start()
        _log.info("phone_server_started", host=self._address[0], port=self._address[1])

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Ends the server; transfers under way get two seconds, then they break off (and do not count).
        False when the thread did not end within `timeout_s`; harmless before `start`."""
        if self._server is None or self._thread is None:
            return True
        self._server.should_exit = True
        self._thread.join(timeout_s)
        is_ended = not self._thread.is_alive()
        if not is_ended:
            _log.warning("phone_server_did_not_stop", timeout_s=timeout_s)
        return is_ended


class _BoundedServer(uvicorn.Server):
    """uvicorn gives up on transfers that outlive the grace, but leaves their connections open: a phone would
    wait for the rest until its own time-out."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # lets the loop close what was just aborted


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    try:
        server.run(sockets=[listener])
    except Exception:
        _log.exception("phone_server_failed")
        raise
    finally:
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Its small send buffer keeps "sent" close to "arrived", for counting downloads.

    Raises KnownError PORT_TAKEN, SETTING_INVALID (as `PhoneServer.start`).
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # a phone that walked off must not hold its connection
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_PHONE_MS)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as refused:
        listener.close()
        if refused.errno == errno.EADDRINUSE:
            raise KnownError(
                ErrorCode.PORT_TAKEN,
                f"Port {port} is used by another program.",
                "End that program, or set another delivery.port.",
            ) from refused
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            f"The phone page cannot listen on {host}:{port} ({refused.strerror or type(refused).__name__}).",
            "Correct delivery.host and delivery.port; ports below 1024 need more rights.",
        ) from refused
    return listener
