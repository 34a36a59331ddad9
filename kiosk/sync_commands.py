"""What staff do about the centre on the command line, beside a running kiosk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.adapters import centre_url, choose_centre, open_vault
from kiosk.archive import DATABASE_FILE
from kiosk.centre_link import CentreLink
from kiosk.clock import SystemClock
from kiosk.commands import archive_at
from kiosk.database.engine import Database, open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.notices import SqlNotices
from kiosk.database.sync_state import Enrolled, SqlEnrolment, SqlOutbox, SqlStoredStatus
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.secrets import CENTRAL_DEVICE_KEY, device_key_name
from kiosk.settings import load_settings
from kiosk.sync.client import CentralClient
from kiosk.sync.door import not_enrolled
from kiosk.sync.enrolling import NewEnrolment, enrol
from kiosk.sync.status import STALE_AFTER_S, SyncState


@contextmanager
def _database(home: Path) -> Iterator[Database]:
    database = open_database(home / DATABASE_FILE, vault=open_vault(home))
    try:
        yield database
    finally:
        database.close()


def enrol_kiosk(home: Path, code: str) -> NewEnrolment:
    """Raises KnownError: NOT_ENROLLED (no centre is set), ENROLMENT_INVALID, SECRET_MISSING, what the client
    raises, DATABASE_*."""
    central = load_settings(home).central
    with _database(home) as database:
        enrolment = SqlEnrolment(database)
        url = centre_url(central, enrolment)
        if not url:
            raise no_centre()
        return enrol(CentralClient(url, None), code, enrolment, url=url)


def own_secret_name(home: Path, name: str) -> str:
    """What the keyring calls a secret of the kiosk in `home`. Raises KnownError DATABASE_*."""
    if name != CENTRAL_DEVICE_KEY:
        return name
    with _database(home) as database:
        return device_key_name(SqlMeta(database).kiosk_id())


def sync_once(home: Path) -> dict[str, Any]:
    """Pushes, then pulls, till nothing is left; how it stands then. Raises KnownError: what went wrong, after
    all that went was done; NOT_ENROLLED."""
    settings = load_settings(home)
    with archive_at(home, settings) as archive:
        door = choose_centre(settings.central, archive.database, archive.clock)
        if door is None:
            raise no_centre()
        link = CentreLink(archive, door, EventBus())
        try:
            error = link.sync.once()
        finally:
            door.close()
        if error is not None:
            raise error
        return asdict(link.status)


def sync_status(home: Path) -> dict[str, Any]:
    """How it stands, in plain words and numbers, also where no kiosk runs. Raises KnownError DATABASE_*,
    SETTING_*."""
    settings = load_settings(home)
    with _database(home) as database:
        enrolment = SqlEnrolment(database)
        enrolled, url = enrolment.enrolled(), centre_url(settings.central, enrolment)
        stored = SqlStoredStatus(database)
        waiting, parked = SqlOutbox(database).counts()
        told = _shown(url, enrolled, stored.stored())
        return {
            **told,
            "url": url,
            "tenant": enrolled.tenant if enrolled else "",
            "code_prefix": enrolled.code_prefix if enrolled else "",
            "cursor": stored.cursor(),
            "waiting": waiting,
            "parked": parked,
            "notices": SqlNotices(database).open_count(),
        }


def _shown(url: str, enrolled: Enrolled | None, stored: dict[str, Any]) -> dict[str, Any]:
    """What a running kiosk stored within the last minute; else that nobody syncs."""
    now = SystemClock().now()
    why = None if url and enrolled else (not_enrolled() if url else no_centre())
    told = {
        "state": SyncState.OFF.value,
        "since": None,
        "code": why.code.value if why else "",
        "detail": why.detail if why else "No kiosk is running here.",
        "next_step": why.next_step if why else "",
        "clock_off_s": stored.get("clock_off_s", 0),
        "last_pull_at": stored.get("last_pull_at"),
        "last_push_at": stored.get("last_push_at"),
        "as_of": stored.get("as_of"),
    }
    if why is None and _age_s(stored, now) <= STALE_AFTER_S:
        told |= {key: stored.get(key, told[key]) for key in ("state", "since", "code", "detail", "next_step")}
    return told


def _age_s(stored: dict[str, Any], now: datetime) -> float:
    try:
        return abs((now - datetime.fromisoformat(stored["as_of"])).total_seconds())
    except (KeyError, ValueError, TypeError):
        return float("inf")


def open_notices(home: Path) -> list[dict[str, Any]]:
    """What staff have not settled, the newest first. Raises KnownError DATABASE_*."""
    with _database(home) as database:
        return [
            {"id": each.notice_id, **{k: v for k, v in asdict(each).items() if k != "notice_id"}}
            for each in SqlNotices(database).open_notices()
        ]


def settle_notice(home: Path, notice_id: str) -> bool:
    """Whether there was such an open one. Raises KnownError DATABASE_*."""
    with _database(home) as database:
        return SqlNotices(database).settle(notice_id)


def parked_messages(home: Path) -> list[dict[str, Any]]:
    """What the centre refused for good, the oldest first. Raises KnownError DATABASE_*."""
    with _database(home) as database:
        return [asdict(each) for each in SqlOutbox(database).parked()]


def retry_message(home: Path, message_id: str) -> bool:
    """Whether there was such a parked one. Raises KnownError DATABASE_*."""
    with _database(home) as database:
        return SqlOutbox(database).retry(message_id)


def no_centre() -> KnownError:
    """That there is no centre to speak with."""
    return KnownError(
        ErrorCode.NOT_ENROLLED,
        "No centre is set: this kiosk stands alone.",
        "Set central.url in kiosk.toml, then: kiosk sync enrol CODE",
    )
