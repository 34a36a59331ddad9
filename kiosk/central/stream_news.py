"""The cameras that kiosks run, as each tells among the facts of its health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.database.devices import Device, SqlDevices
from kiosk.database.engine import Database
from kiosk.visits.stream_facts import PREFIX, read_fact


@dataclass(frozen=True, slots=True)
class KioskStream:
    """A camera of a kiosk. `since` is when it was made there."""

    stream_id: str
    device_id: str
    site_id: str
    name: str
    state: str
    since: datetime | None


def kiosk_streams(database: Database, tenant_id: str) -> list[KioskStream]:
    """Those of a tenant, by name. Raises KnownError DATABASE_*."""
    devices = [one for one in SqlDevices(database).of_tenant(tenant_id) if one.revoked_at is None]
    found = [stream for device in devices for stream in _of_device(device)]
    return sorted(found, key=lambda one: (one.name, one.stream_id))


def _of_device(device: Device) -> list[KioskStream]:
    streams = []
    for name, fact in device.facts.items():
        told = read_fact(fact) if name.startswith(PREFIX) else None
        if told is not None:
            stream_id = name.removeprefix(PREFIX)
            streams.append(KioskStream(stream_id, device.device_id, *told))
    return streams
