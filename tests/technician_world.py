"""A technician at a machine: a real archive, real workers and a live view of a painted scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TypeVar

from kiosk.adapters import Engines
from kiosk.archive import DATABASE_FILE, open_archive
from kiosk.capture.live_view import LiveView
from kiosk.clock import Clock, SystemClock
from kiosk.database.engine import open_database
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import Event, EventBus
from kiosk.language import Language
from kiosk.payments.types import PaymentGateway
from kiosk.printing.types import Printer, Supply
from kiosk.runtime.worker import Supervisor
from kiosk.staff.told import StaffNotice
from kiosk.staff.types import AuditAction, Right, Role, StaffMember
from kiosk.sync.status import SyncStatus
from kiosk.technician.desk import TechnicianDesk
from kiosk.technician.live import LiveSettings
from kiosk.technician.ports import Around
from kiosk.technician.recorder import FlightRecorder
from kiosk.technician.settings_file import settings_at_start
from kiosk.technician.told import TestRow
from tests.fake_gateway import FakeGateway
from tests.painted_faces import PaintedEngine, SceneCamera, scene
from tests.watching import heard, wait_until

E = TypeVar("E", bound=Event)


@cache
def empty_database() -> bytes:
    """Made once: its migrations take longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE_FILE
        open_database(path).close()
        return path.read_bytes()


GOOD_FACE = (320, 180, 160, 1)


class _Engine(PaintedEngine):
    def warm_up(self) -> None:
        """Nothing to load."""


class TechnicianWorld:
    """Nok is signed in, a technician; `who` None is nobody. `secrets` is the keyring."""

    def __init__(self, home: Path, clock: Clock | None = None) -> None:
        self.home = home
        self.bus = EventBus()
        self.clock = clock or SystemClock()
        self.settings = settings_at_start(home, {}).settings
        if not (home / DATABASE_FILE).exists():
            (home / DATABASE_FILE).write_bytes(empty_database())
        archive = open_archive(home, self.settings, self.clock)
        self.archive = replace(archive, engines=Engines(_Engine(), _Engine()))
        self.camera = SceneCamera(lambda: scene(GOOD_FACE))
        self.view = LiveView(lambda: self.camera, _Engine(), self.bus, self.clock)
        self.live = LiveSettings(self.settings)
        self.recorder = FlightRecorder(home, self.bus, self.clock)
        self.who: StaffMember | None = StaffMember("1", "Nok", Role.TECHNICIAN, self.clock.now())
        self.language = Language.ENGLISH
        self.printer: Printer | None = None
        self.supplies: dict[str, Supply] = {}
        self.gateway: PaymentGateway = FakeGateway(extra_satang=0)
        self.status: SyncStatus | None = None
        self.secrets: dict[str, str] = {}
        self.audited: list[tuple[AuditAction, str]] = []
        self.audited_by: list[StaffMember | None] = []
        self.notices: list[StaffNotice] = []
        self.events: list[Event] = []
        self.desk = TechnicianDesk(
            self.archive, self.bus, self.live, self.recorder, self._around(), self._secret, self._keep
        )
        self._workers = Supervisor(self.desk.workers)

    def __enter__(self) -> TechnicianWorld:
        self._workers.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.desk.stop_tests()
        assert self._workers.stop() == ()
        self.view.stop()
        self.archive.close()

    def heard(self, kind: type[E]) -> list[E]:
        return heard(self.bus, kind)

    def done(self) -> None:
        """Everything that was asked for so far is done."""
        for jobs in self.desk.workers:
            assert jobs.finish(60.0)  # type: ignore[attr-defined]

    def row(self, name: str) -> TestRow:
        return next(row for row in self.desk._self_test.rows if row.name == name)

    def supply(self, name: str, left: int | None, warn_at: int = 10, stop_at: int = 2) -> None:
        self.supplies[name] = Supply(name, left, warn_at, stop_at)

    def wait(self, is_so: object) -> None:
        assert callable(is_so)
        wait_until(is_so)

    def _around(self) -> Around:
        return Around(
            allowed=self._allowed,
            audit=self._audit,
            tell=self.notices.append,
            camera=self.view,
            printer=lambda: self.printer,
            supplies=lambda: list(self.supplies.values()),
            count=lambda name, left: self.supply(name, left),
            gateway=lambda: self.gateway,
            sync_status=lambda: self.status,
            language=lambda: self.language,
        )

    def _allowed(self, right: Right) -> StaffMember | None:
        return self.who if self.who is not None and self.who.may(right) else None

    def _audit(
        self, who: StaffMember | None, action: AuditAction, subject: str, detail: Mapping[str, str]
    ) -> None:
        self.audited.append((action, subject))
        self.audited_by.append(who)

    def _secret(self, name: str) -> str:
        try:
            return self.secrets[name]
        except KeyError:
            raise KnownError(ErrorCode.SECRET_MISSING, f"no {name}") from None

    def _keep(self, name: str, value: str) -> None:
        self.secrets[name] = value
