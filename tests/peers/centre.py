"""A real centre in a process of its own: `kiosk central serve`, also where its link can be cut.

It is forked from a process that has imported the command and done nothing else, which saves seconds a start.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any

from kiosk.central.centre import DATABASE_FILE
from kiosk.central.secrets import FOLDER_VARIABLE
from kiosk.clock import SystemClock
from kiosk.database.central_accounts import SqlTenants
from kiosk.database.central_tables import DeviceRow
from kiosk.database.engine import Database, open_database
from kiosk.paths import program_root
from kiosk.payments.simulator.server import DEFAULT_API_KEY
from tests.peers.network import NetworkNamespace, enter
from tests.peers.processes import LOOPBACK, free_ports
from ui.command_rooms import every_room

_READY_TIMEOUT_S = 60
_END_WITHIN_S = 20
_LOG_CHARACTERS = 2000
_TIMES_TO = "CENTRAL_HOME_TIMES_TO"
PRELOADED = ["ui.command", *every_room(), "kiosk.central.serving", "kiosk.archive", "tests.sync_kiosk"]
_MANY = "1000000"
_UNHURRIED = {
    "CENTRAL_ACCESS__REQUESTS_A_MINUTE": _MANY,
    "CENTRAL_ACCESS__DEVICE_REQUESTS_A_MINUTE": _MANY,
    "CENTRAL_ACCESS__SEARCHES_A_MINUTE": _MANY,
}


class CentreProcess:
    """Runs on loopback, or in a network namespace whose link can be cut; always on the same port.

    What it committed outlives a `kill`.
    """

    def __init__(
        self, home: Path, database_url: str = "", network: NetworkNamespace | None = None, **settings: str
    ) -> None:
        """`settings` such as `payment__gateway="paynoi"`."""
        self.home = home
        self._database_url = database_url
        self._network = network
        self._settings = {f"CENTRAL_{name.upper()}": value for name, value in settings.items()}
        self._process: multiprocessing.process.BaseProcess | None = None
        self.host = network.host if network else LOOPBACK
        self.port = free_ports(1)[0]
        (home / "secrets").mkdir(parents=True, exist_ok=True)
        (home / "secrets" / "signing_key").write_text(secrets.token_hex(32), encoding="ascii")
        (home / "secrets" / "at_rest_key").write_text(secrets.token_hex(32), encoding="ascii")
        (home / "secrets" / "paynoi_api_key").write_text(DEFAULT_API_KEY, encoding="ascii")

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    def __enter__(self) -> CentreProcess:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self, *, waits: bool = True) -> None:
        """Starts it, or starts it again after `kill`. Without `waits` it may not answer yet."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        words = ["central", "serve", "--host", self.host, "--port", str(self.port)]
        name = self._network.name if self._network else ""
        self._process = context.Process(
            target=become_command, args=(words, self._environment(), self.home / "centre.log", name)
        )
        self._process.start()
        if waits:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Raises RuntimeError with the end of its log when it does not answer for a long time."""
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while not self._is_ready():
            is_over = self._process is None or not self._process.is_alive()
            if is_over or time.monotonic() > deadline:
                said = (self.home / "centre.log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"{'ended' if is_over else 'not ready'}: {said[-_LOG_CHARACTERS:]}")
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None, "it does not run"
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        """Dies at once, as with a power cut; harmless when it runs no more."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def end(self) -> None:
        """Ends as by whoever runs it, with what it has to say in the end."""
        if self._process is not None:
            os.kill(self.pid, signal.SIGTERM)
            self._process.join(_END_WITHIN_S)
            self.kill()

    def set(self, **settings: str) -> None:
        """Further settings, from its next start on."""
        self._settings |= {f"CENTRAL_{name.upper()}": value for name, value in settings.items()}

    def times_to(self, path: Path) -> None:
        """From its next start on it measures each answer from request to last byte; the seconds are in this
        file once it has ended."""
        self._settings[_TIMES_TO] = str(path)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Its database, beside it."""
        opened = open_database(self._database_url or self.home / DATABASE_FILE, keeps_changes=True)
        try:
            yield opened
        finally:
            opened.close()

    def add_tenant(self, name: str) -> str:
        """The id of the tenant of this name, new or not."""
        with self.database() as database:
            return SqlTenants(database).add(name, SystemClock().now()).tenant_id

    def enrol_devices(self, tenant_id: str, prefixes: dict[str, str]) -> dict[str, str]:
        """Keys by device id, straight into the database; `prefixes` are those of their order codes."""
        keys = {device_id: secrets.token_urlsafe(32) for device_id in prefixes}
        with self.database() as database, database.writing() as session:
            session.add_all(
                DeviceRow(
                    device_id=device_id,
                    tenant_id=tenant_id,
                    name=f"kiosk {prefixes[device_id]}",
                    code_prefix=prefixes[device_id],
                    key_hash=sha256(key.encode()).hexdigest(),
                    enrolled_at=SystemClock().now(),
                    revoked_at=None,
                    last_seen_at=None,
                    health="{}",
                )
                for device_id, key in keys.items()
            )
        return keys

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **_UNHURRIED,
            "KIOSK_HOME": str(self.home),
            "CENTRAL_HOME": str(self.home),
            FOLDER_VARIABLE: str(self.home / "secrets"),
            "CENTRAL_DATABASE__URL": self._database_url,
            **self._settings,
        }

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=2)
        try:
            connection.request("GET", "/api/system/version")
            return "protocol" in json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()


def become_command(words: list[str], environ: dict[str, str], log: Path, network: str = "") -> None:
    """In a forked process: it is the `kiosk` command from here on, in a network namespace where one is
    named."""
    if network:
        enter(network)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(program_root())
    sys.argv = ["kiosk", *words]
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
    from ui.command import main

    path = os.environ.pop(_TIMES_TO, "")
    took = _time_answers() if path else []
    try:
        main()
    finally:
        if path:
            Path(path).write_text("\n".join(f"{each:.6f}" for each in took), encoding="ascii")


def _time_answers() -> list[float]:
    """Seconds of each answer from now on. Streams are not counted: they end when they end."""
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

    from kiosk.central import serving

    took: list[float] = []
    whole = serving.make_app

    class Timer:
        def __init__(self, app: ASGIApp) -> None:
            self._app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            began_s = time.perf_counter()
            await self._app(scope, receive, send)
            if scope["type"] == "http" and not scope["path"].endswith("/stream"):
                took.append(time.perf_counter() - began_s)

    def make_app(*given: Any) -> FastAPI:
        app = whole(*given)
        app.add_middleware(Timer)
        return app

    serving.make_app = make_app
    return took
