"""Serving a centre over HTTP, until it is told to end."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from kiosk.central.api.app import make_app
from kiosk.central.centre import Centre, open_centre
from kiosk.central.endings import Endings
from kiosk.central.home import make_home
from kiosk.central.inbox import Inbox
from kiosk.central.index_check import check_index
from kiosk.central.purging import Purging
from kiosk.central.settings import CentralSettings
from kiosk.central.shop import Shop
from kiosk.delivery.phone_server import local_address
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.file_lock import FileLock
from kiosk.runtime.worker import Worker

_log = structlog.get_logger(__name__)
LOCK_FILE = "central.lock"
_GRACE_S = 5
_BACKLOG = 512
_KEEP_ALIVE_S = 30
_LONGEST_ASKING_S = 10
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - as settings name it


def serve(
    home: Path,
    settings: CentralSettings,
    host: str,
    port: int,
    on_ready: Callable[[Centre, str], None] = lambda centre, url: None,
) -> None:
    """Serves the centre in `home` on the calling thread until Ctrl-C or SIGTERM; answers under way get five
    seconds then. `on_ready` hears its address once it listens.

    Raises KnownError: ALREADY_RUNNING (embedded stores belong to one process), PORT_TAKEN, SETTING_INVALID,
    and what `open_centre` and `make_app` raise.
    """
    with ExitStack() as stack:
        if not settings.database.url:
            stack.enter_context(_alone(home))
        listener = stack.enter_context(_listen(host, port))
        centre = open_centre(home, settings)
        stack.callback(centre.close)
        server = CentreServer(make_app(centre))
        shop = Shop(centre)
        if shop.why_unpaid is not None:
            _log.warning("nobody_is_paid", code=shop.why_unpaid.code, detail=shop.why_unpaid.detail)
        stack.enter_context(_beside("charges", shop.run))
        stack.enter_context(_beside("index-check", partial(check_index, centre)))
        stack.enter_context(_beside("inbox-upkeep", Inbox(centre, {}).prune_daily))
        stack.enter_context(_beside("purging", Purging(centre).run))
        url = f"http://{_in_url(host)}:{listener.getsockname()[1]}"
        on_ready(centre, url)
        _log.info("centre_started", host=host, port=listener.getsockname()[1])
        server.run(sockets=[listener])
        _log.info("centre_ended")


class CentreServer(uvicorn.Server):
    """uvicorn with an end that is bounded. Signals end `run`, which then returns to who called it: uvicorn's
    own way would kill the process before its stores are closed."""

    def __init__(self, app: FastAPI) -> None:
        self._endings: Endings = app.state.endings
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,  # the doorkeeper reads them, where the settings trust a proxy
                ws="none",
                backlog=_BACKLOG,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def end(number: int, frame: FrameType | None) -> None:
            self.force_exit = self.should_exit  # the second time without grace
            self.should_exit = True

        before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Streams end at once; what outlives the grace is broken off, so that nobody waits for the rest of an
        answer."""
        self._endings.end()
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


@contextmanager
def _beside(name: str, run: Callable[[threading.Event], None]) -> Iterator[None]:
    """Runs on a supervised thread of its own while this lasts; it ends when the event is set."""
    worker = Worker(name, run, EventBus())
    worker.start()
    try:
        yield
    finally:
        worker.stop(_LONGEST_ASKING_S)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    try:
        make_home(home)
        lock = FileLock.take(home / LOCK_FILE)
    except OSError as error:
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"{home} cannot be written: {error.strerror}.",
            "Choose another folder with CENTRAL_HOME.",
        ) from error
    if lock is None:
        raise KnownError(
            ErrorCode.ALREADY_RUNNING,
            f"Another centre is running on {home}: embedded stores belong to one process.",
            "End it, choose another folder with CENTRAL_HOME, or set servers in central.toml.",
        )
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as refused:
        raise _no_such_address(host, port, refused) from refused
    with listener:
        try:
            if sys.platform != "win32":  # there it would let two programs share the port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError as refused:
            if refused.errno == errno.EADDRINUSE:
                raise KnownError(
                    ErrorCode.PORT_TAKEN,
                    f"Port {port} is used by another program.",
                    "End that program, or choose another with --port.",
                ) from refused
            raise _no_such_address(host, port, refused) from refused
        yield listener


def _no_such_address(host: str, port: int, refused: OSError) -> KnownError:
    return KnownError(
        ErrorCode.SETTING_INVALID,
        f"The centre cannot listen on {host}:{port} ({refused.strerror or type(refused).__name__}).",
        "Correct server.host and server.port; ports below 1024 need more rights.",
    )


def _in_url(host: str) -> str:
    """What others reach it by: one that listens everywhere is found at the machine's own address."""
    if host in _EVERYWHERE:
        host = local_address()
    return f"[{host}]" if ":" in host else host
