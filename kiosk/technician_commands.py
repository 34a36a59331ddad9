"""What a technician does on the command line, beside a running kiosk or without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from kiosk.adapters import choose_camera, choose_gateway, open_vault
from kiosk.archive import DATABASE_FILE, Archive
from kiosk.capture.live_view import LiveView
from kiosk.clock import SystemClock
from kiosk.commands import archive_at
from kiosk.database.audit import SqlAuditLog
from kiosk.database.engine import open_database
from kiosk.database.sync_state import SqlOutbox
from kiosk.doctor import examine
from kiosk.errors import KnownError
from kiosk.events import EventBus
from kiosk.hand_over import Prints
from kiosk.paths import models_folder
from kiosk.secrets import NAMES, read_secret
from kiosk.settings import Settings
from kiosk.staff.types import AuditAction
from kiosk.sync.status import SyncState, SyncStatus
from kiosk.technician.bundle import Bundles
from kiosk.technician.forms import Shown, fields_of
from kiosk.technician.live import LiveSettings, is_live
from kiosk.technician.ports import Around
from kiosk.technician.recorder import FlightRecorder
from kiosk.technician.self_test import SelfTest
from kiosk.technician.settings_file import SettingsFile
from kiosk.technician.told import Recorded, SelfTestChanged, SettingField, SettingsVersion, TestRow

COMMAND_LINE = "command line"
"""Who the log says did it: somebody at the machine itself."""


@dataclass(frozen=True, slots=True)
class SettingsNow:
    """All settings, and what is wrong with the file that they should be of."""

    fields: tuple[SettingField, ...]
    problem: str


def settings_now(home: Path) -> SettingsNow:
    """Raises KnownError SETTING_* where no file was ever good."""
    read = SettingsFile(home).read()
    return SettingsNow(fields_of(read.settings), read.problem.detail if read.problem else "")


def set_setting(home: Path, section: str, key: str, value: Shown) -> bool:
    """Writes one setting, None as it comes; whether a kiosk that runs could take it up without a new start.
    Raises as `SettingsFile.change`."""
    SettingsFile(home).change(section, key, value, COMMAND_LINE)
    _log(home, AuditAction.SETTINGS_CHANGED, f"{section}.{key}")
    return is_live(section, key)


def undo_settings(home: Path) -> None:
    """Raises as `SettingsFile.undo`."""
    SettingsFile(home).undo()
    _log(home, AuditAction.SETTINGS_UNDONE, "")


def settings_versions(home: Path) -> tuple[SettingsVersion, ...]:
    """The newest first."""
    return SettingsFile(home).versions()


def self_test(home: Path, name: str, hear: Callable[[SelfTestChanged], None]) -> tuple[TestRow, ...]:
    """Tests all, or one; `hear` is told of each step. Raises KnownError TEST_UNKNOWN, what `open_archive`
    raises."""
    settings = SettingsFile(home).read().settings
    bus = EventBus()
    bus.subscribe(SelfTestChanged, hear)
    with archive_at(home, settings) as archive:
        live = LiveSettings(settings)
        test = SelfTest(archive, bus, live, _around(archive, settings, bus), models_folder(), read_secret)
        test.run(name)
        return tuple(row for row in test.rows if name in ("", row.name))


def recorded(home: Path, lane: str, since: datetime | None, most: int) -> tuple[tuple[Recorded, ...], bool]:
    """Moments, the newest first, and whether there are more."""
    return FlightRecorder(home, EventBus(), SystemClock()).read(lane, since, most)


def make_bundle(home: Path, folder: Path | None) -> Path:
    """With what the doctor finds. Raises KnownError BUNDLE_UNSAFE, FOLDER_NOT_WRITABLE, DATABASE_*."""
    settings, clock = SettingsFile(home).read().settings, SystemClock()
    findings = [asdict(finding) for finding in examine(home)]
    database = open_database(home / DATABASE_FILE, vault=open_vault(home))
    try:
        recorder = FlightRecorder(home, EventBus(), clock)
        bundles = Bundles(home, clock, lambda: settings, database, recorder, lambda: findings, _secret_values)
        path = bundles.make(folder)
    finally:
        database.close()
    _log(home, AuditAction.BUNDLE_MADE, path.name)
    return path


def _around(archive: Archive, settings: Settings, bus: EventBus) -> Around:
    """Of a kiosk that does not run here: nobody is signed in, and nothing is shown."""
    prints = Prints(archive, bus)
    return Around(
        allowed=lambda _: None,
        audit=lambda *_: None,
        tell=lambda _: None,
        camera=LiveView(partial(choose_camera, settings.camera), archive.engines.live, bus, archive.clock),
        printer=lambda: prints.printer,
        supplies=prints.desk.supplies,
        count=prints.desk.count,
        gateway=lambda: choose_gateway(settings.payment, clock=archive.clock),
        sync_status=lambda: _sync_status(archive),
        language=lambda: settings.kiosk.language,
    )


def _sync_status(archive: Archive) -> SyncStatus | None:
    if archive.centre is None:
        return None
    waiting, parked = SqlOutbox(archive.database).counts()
    return SyncStatus(SyncState.ONLINE, archive.clock.now(), waiting=waiting, parked=parked)


def _secret_values() -> Iterator[str]:
    for name in NAMES:
        try:
            yield read_secret(name)
        except KnownError:
            continue


def _log(home: Path, action: AuditAction, subject: str) -> None:
    """Where there is a database: a setting can be changed before the first start."""
    if not (home / DATABASE_FILE).exists():
        return
    with _database_log(home) as log:
        log.add(SystemClock().now(), None, action, subject, {"by": COMMAND_LINE})


@contextmanager
def _database_log(home: Path) -> Iterator[SqlAuditLog]:
    database = open_database(home / DATABASE_FILE, vault=open_vault(home))
    try:
        yield SqlAuditLog(database)
    finally:
        database.close()
