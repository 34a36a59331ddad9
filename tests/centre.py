"""A real centre for tests: uvicorn on a free port, in a thread, over stores in a folder."""

from __future__ import annotations

import hashlib
import secrets
import socket
import threading
import time
from pathlib import Path
from types import TracebackType

from kiosk.central.api.app import make_app
from kiosk.central.centre import Centre, open_centre
from kiosk.central.principal import Principal, Role
from kiosk.central.secrets import KEY_FILE
from kiosk.central.serving import CentreServer as HttpServer
from kiosk.central.settings import AccessSection, CentralSettings, DatabaseSection
from kiosk.central.tokens import AccessTokens
from kiosk.clock import Clock
from kiosk.database.central_accounts import SqlTenants
from kiosk.database.central_tables import DeviceRow

SIGNING_KEY = "tests-sign-with-this-key-of-more-than-32-letters"
UNHURRIED = AccessSection(
    requests_a_minute=1_000_000,
    device_requests_a_minute=1_000_000,
    device_files_a_minute=1_000_000,
    searches_a_minute=1_000_000,
)
"""Limits that no test meets which is not about them."""
_START_WITHIN_S = 20.0
_STOP_WITHIN_S = 10.0


class CentreServer:
    """A centre at `url` inside the `with` block. `stop` and `start` are its power cut and return: the address
    and the data stay. Several on one PostgreSQL (`settings.database.url`) are one centre."""

    def __init__(
        self,
        home: Path,
        settings: CentralSettings | None = None,
        clock: Clock | None = None,
        port: int = 0,
    ) -> None:
        """`port` 0 takes a free one."""
        self.home = home
        self.settings = settings or CentralSettings(access=UNHURRIED)
        self._clock = clock
        self._port = port
        self._centre: Centre | None = None
        self._server: HttpServer | None = None
        self._thread: threading.Thread | None = None
        home.mkdir(parents=True, exist_ok=True)
        (home / KEY_FILE).write_text(SIGNING_KEY, encoding="ascii")

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def centre(self) -> Centre:
        """The open centre behind it."""
        assert self._centre is not None, "the centre is not running"
        return self._centre

    def start(self) -> None:
        """Answers when this returns."""
        assert self._centre is None, "the centre runs already"
        self._centre = open_centre(self.home, self.settings, self._clock)
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(128)
        self._port = listener.getsockname()[1]
        self._server = HttpServer(make_app(self._centre))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="test-centre", daemon=True
        )
        self._thread.start()
        until = time.monotonic() + _START_WITHIN_S
        while not self._server.started:
            assert self._thread.is_alive(), "the centre ended at its start"
            assert time.monotonic() < until, "the centre does not start"
            time.sleep(0.005)

    def stop(self) -> None:
        """Nothing answers when this returns; harmless when it does not run."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_STOP_WITHIN_S)
            assert not self._thread.is_alive(), "the centre does not stop"
            self._server = self._thread = None
        if self._centre is not None:
            self._centre.close()
            self._centre = None

    def __enter__(self) -> CentreServer:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def add_tenant(self, name: str) -> str:
        """The id of the tenant of this name, new or not."""
        return SqlTenants(self.centre.database).add(name, self.centre.clock.now()).tenant_id

    def token(self, tenant_id: str, role: Role, subject: str | None = None) -> str:
        """An access token as after a login. `subject` is an account's id, made up where none is given; of a
        device its id, where a new device is enrolled if none is given."""
        if subject is None:
            is_device = role is Role.DEVICE
            subject = self.enrol_device(tenant_id)[0] if is_device else f"test-{role.value}"
        tokens = AccessTokens(
            self.centre.secrets.signing_key(), self.centre.clock, self.settings.access.access_s
        )
        return tokens.issue(Principal(subject, tenant_id, role))

    def headers(self, tenant_id: str, role: Role, subject: str | None = None) -> dict[str, str]:
        """What a request with such a token carries."""
        return {"Authorization": f"Bearer {self.token(tenant_id, role, subject)}"}

    def enrol_device(
        self, tenant_id: str, name: str = "", prefix: str = "", device_id: str | None = None
    ) -> tuple[str, str]:
        """A device's id and its key, straight into the database; id, name and prefix are made up where they
        are not given."""
        device_id = device_id or secrets.token_hex(16)
        key = secrets.token_urlsafe(32)
        with self.centre.database.writing() as session:
            session.add(
                DeviceRow(
                    device_id=device_id,
                    tenant_id=tenant_id,
                    name=name or f"kiosk {device_id[:4]}",
                    code_prefix=prefix or device_id[:4].upper(),
                    key_hash=hashlib.sha256(key.encode()).hexdigest(),
                    enrolled_at=self.centre.clock.now(),
                    revoked_at=None,
                    last_seen_at=None,
                    health="{}",
                )
            )
        return device_id, key


def on_postgres(url: str) -> CentralSettings:
    """Settings of a centre whose rows are in PostgreSQL."""
    return CentralSettings(database=DatabaseSection(url=url), access=UNHURRIED)
