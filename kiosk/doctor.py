"""`kiosk doctor`: every part of this kiosk, each ok or why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from kiosk.app import choose_camera, choose_gateway
from kiosk.archive import DATABASE_FILE, choose_engines
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.health import DiskState, disk_state
from kiosk.settings import Settings, load_settings

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """How a part is doing; `code` and `next_step` are empty when it is ok."""

    part: str
    is_ok: bool
    detail: str
    code: str = ""
    next_step: str = ""


def examine(home: Path) -> list[Finding]:
    """Looks at every part, one after the other; what is wrong with one keeps none from being looked at."""
    try:
        settings = load_settings(home)
    except KnownError as error:
        return [Finding("settings", False, error.detail, error.code, error.next_step)]
    looks: list[tuple[str, Callable[[], str]]] = [
        ("camera", lambda: _camera(settings)),
        ("weights", lambda: _weights(settings)),
        ("database", lambda: _database(home)),
        ("disk", lambda: _disk(home)),
        ("printer", lambda: _printer(settings)),
        ("payment", lambda: _payment(settings)),
    ]
    return [_look(part, look) for part, look in looks]


def _look(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, look())
    except KnownError as error:
        return Finding(part, False, error.detail, error.code, error.next_step)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are looked at
        _log.exception("part_not_examined", part=part)
        return Finding(part, False, f"{type(error).__name__}: {error}", next_step="See the kiosk's log.")


def _camera(settings: Settings) -> str:
    camera = choose_camera(settings.camera)
    try:
        camera.open()
        frame = camera.read()
    finally:
        camera.close()
    height, width = frame.pixels.shape[:2]
    return f"{camera.name}, {width}x{height}"


def _weights(settings: Settings) -> str:
    engines = choose_engines(settings.vision)
    engines.live.warm_up()
    return f"engine {settings.vision.engine}, contract {engines.live.contract_id}"


def _database(home: Path) -> str:
    database = open_database(home / DATABASE_FILE)
    try:
        events = SqlPhotoRepository(database).events()
    finally:
        database.close()
    restored = f", restored from {database.restored_from.name}" if database.restored_from else ""
    return f"{len(events)} events{restored}"


def _disk(home: Path) -> str:
    disk = disk_state(home)
    free = f"{disk.free_bytes / 1e9:.1f} GB free"
    if disk.state is not DiskState.OK:
        raise KnownError(ErrorCode.DISK_FULL, f"Only {free}.", "Make room on the disk of the data folder.")
    return free


def _printer(settings: Settings) -> str:
    return "prints are handed out by staff" if settings.sales.prints else "prints are not offered"


def _payment(settings: Settings) -> str:
    gateway = choose_gateway(settings.payment)
    confirms = "confirms by itself" if gateway.confirms_by_itself else "staff confirm"
    return f"{gateway.name}, {confirms}"
