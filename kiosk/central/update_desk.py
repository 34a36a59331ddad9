"""What whoever runs a centre does about updates at its machine, also while it serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters import choose_store
from kiosk.central.centre import open_central_database
from kiosk.central.desk import Desk
from kiosk.central.secrets import open_secrets
from kiosk.central.settings import load_central_settings
from kiosk.central.updates import Offered, RollOut, UpdateShelf, named_devices
from kiosk.clock import SystemClock
from kiosk.database.devices import Device
from kiosk.paths import update_keys
from kiosk.updates.package import LARGEST_SIGNATURE, SIGNATURE_ENDING, unreadable


@dataclass(frozen=True, slots=True)
class UpdateDesk:
    """A tenant's shelf and kiosks."""

    shelf: UpdateShelf
    devices: Sequence[Device]

    def add(self, file: Path, roll_out: RollOut) -> Offered:
        """Puts a file on the shelf, with the signature that lies beside it. Raises as `UpdateShelf.add`."""
        try:
            with file.open("rb") as opened, file.with_name(file.name + SIGNATURE_ENDING).open("rb") as signed:
                signature = signed.read(LARGEST_SIGNATURE)
                return self.shelf.add(opened, file.stat().st_size, signature, roll_out)
        except OSError as missing:
            raise unreadable(f"{file.name} or its signature cannot be read") from missing

    def ids_of(self, kiosks: Sequence[str]) -> tuple[str, ...]:
        """Raises KnownError(DEVICE_UNKNOWN)."""
        return named_devices(kiosks, [(one.device_id, one.name) for one in self.devices])


@contextmanager
def update_desk_at(home: Path, tenant: str) -> Iterator[UpdateDesk]:
    """Of the centre whose data is in `home`. Raises KnownError: TENANT_UNKNOWN, SETTING_*, DATABASE_*,
    OBJECT_STORE_UNREACHABLE."""
    clock, settings = SystemClock(), load_central_settings(home)
    secrets = open_secrets(home, is_embedded=not settings.database.url)
    database = open_central_database(home, settings, secrets, clock)
    try:
        desk = Desk(database, clock, settings)
        store = choose_store(home, settings.photos, secrets.read)
        shelf = UpdateShelf(store, desk.rows_of(tenant).tenant_id, clock, update_keys())
        devices = [one.device for one in desk.devices(tenant) if not one.device.revoked_at]
        yield UpdateDesk(shelf, devices)
    finally:
        database.close()
