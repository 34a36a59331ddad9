"""What `kiosk doctor` looks at in a shop besides: its cameras, its people, and what is kept too long."""

from __future__ import annotations

from kiosk.database.engine import Database
from kiosk.database.meta import SqlMeta
from kiosk.database.retention import SqlRetention
from kiosk.database.streams import SqlStreams
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode, KnownError
from kiosk.secrets import read_secret
from kiosk.settings import StoreSection
from kiosk.streams.stream_camera import stream_camera
from kiosk.visits.retention import PURGE_EVERY
from kiosk.visits.types import Stream

_LATE = 3 * PURGE_EVERY


def cameras(database: Database) -> str:
    """Opens each camera that is switched on. Raises KnownError with the code of the first that gives no
    picture, and a word on every one."""
    streams = SqlStreams(TenantDatabase(database, ""), SqlMeta(database).kiosk_id()).streams()
    if not streams:
        raise KnownError(
            ErrorCode.STREAM_UNKNOWN,
            "The shop has no camera yet.",
            "Add one on the screen, or with: kiosk streams add NAME SOURCE",
        )
    told: list[str] = []
    failures: list[KnownError] = []
    for stream in streams:
        try:
            told.append(f"{stream.name} {_look_at(stream)}")
        except KnownError as failed:
            told.append(f"{stream.name}: {failed.detail}")
            failures.append(failed)
    if failures:
        raise KnownError(failures[0].code, ", ".join(told), failures[0].next_step)
    return ", ".join(told)


def _look_at(stream: Stream) -> str:
    if not stream.is_on:
        return "off"
    camera = stream_camera(stream, read_secret)
    try:
        camera.open()
        height, width = camera.read().pixels.shape[:2]
    finally:
        camera.close()
    return f"{width}x{height}"


def people(database: Database, store: StoreSection) -> str:
    """How many are known and were counted, and how strangers are."""
    held = SqlRetention(TenantDatabase(database, "")).held(store.picture_days)
    told = f"staff: {held.staff}, customers: {held.customers}, visits: {held.visits}"
    if store.knows_returning:
        return f"{told}, guests: {held.guests}; everybody who comes back is recognised"
    return f"{told}; others are counted without being kept"


def kept(database: Database, store: StoreSection) -> str:
    """Whether what is too old is deleted, and proven. Raises KnownError(PURGE_INCOMPLETE)."""
    tenant = TenantDatabase(database, "")
    rows = SqlRetention(tenant)
    broken, held = rows.broken_proof(), rows.held(store.picture_days)
    if broken is not None:
        raise KnownError(
            ErrorCode.PURGE_INCOMPLETE,
            f"Proof {broken} of the purges was changed or is missing.",
            "See who wrote into the database: kiosk purge --proofs",
        )
    last = held.last_purge_at
    if held.pictures and (last is None or tenant.clock.now() - last > _LATE):
        raise KnownError(
            ErrorCode.PURGE_INCOMPLETE,
            "Nothing has looked for pictures that are too old for hours.",
            "Start the kiosk, or purge now: kiosk purge",
        )
    return f"{held.pictures} pictures, kept for {store.picture_days} days"
