"""The updates that a tenant's kiosks are offered: packages in the object store, and who is to have them.

The centre hands packages on and proves nothing: every kiosk verifies the signature itself, twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter, ValidationError

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import ObjectStore, ObjectStream
from kiosk.updates.package import (
    LARGEST_PACKAGE,
    SIGNATURE_ENDING,
    Package,
    claimed,
    keys_in,
    order_of,
    unreadable,
    verified,
)

_PREFIX = "updates"
_NOTE = ".json"


@dataclass(frozen=True, slots=True)
class RollOut:
    """Who is offered a package: the kiosks of `device_ids`, or where none is named a `share` of all, in
    percent; nobody while it is not `is_on`. A kiosk that is in a share is in every larger one."""

    share: int = 100
    device_ids: tuple[str, ...] = ()
    is_on: bool = True

    def covers(self, device_id: str, version: str) -> bool:
        if not self.is_on:
            return False
        if self.device_ids:
            return device_id in self.device_ids
        place = int.from_bytes(sha256(f"{version} {device_id}".encode()).digest()[:4]) % 100
        return place < self.share


@dataclass(frozen=True, slots=True)
class Offered:
    """A package on the shelf. `is_proven`: its signature was verified here, by keys that the centre has."""

    package: Package
    size: int
    added_at: datetime
    is_proven: bool
    roll_out: RollOut = RollOut()


_ADAPTER = TypeAdapter(Offered)


class UpdateShelf:
    """One tenant's packages. Any thread and process; what is written last of a roll-out counts."""

    def __init__(self, store: ObjectStore, tenant_id: str, clock: Clock, keys: Path) -> None:
        self._store = store
        self._folder = f"{_PREFIX}/{tenant_id}"
        self._clock = clock
        self._keys = keys

    def add(self, file: BinaryIO, size: int, signature: bytes, roll_out: RollOut | None = None) -> Offered:
        """Puts a package on the shelf, as its signature names it; again: in its place. A centre that has keys
        refuses what no kiosk would take.

        Raises KnownError: UPDATE_UNREADABLE, UPDATE_FORGED, OBJECT_STORE_UNREACHABLE, DISK_FULL.
        """
        if not 0 < size <= LARGEST_PACKAGE:
            raise unreadable(f"it is not of 1 to {LARGEST_PACKAGE // 1_000_000} MB")
        is_proven = self._keys.exists()
        file.seek(0)
        package = verified(file, signature, keys_in(self._keys)) if is_proven else claimed(signature)
        file.seek(0)
        key = self._key(package.file_name)
        self._store.put_stream(key, file, size)
        self._store.put(key + SIGNATURE_ENDING, signature)
        offered = Offered(package, size, self._clock.now(), is_proven, roll_out or RollOut())
        self._note(offered)  # last: what is not noted is not offered
        return offered

    def all(self) -> list[Offered]:
        """What is on the shelf, the newest version first."""
        found = list(self._read())
        return sorted(found, key=lambda one: (order_of(one.package.version), one.added_at), reverse=True)

    def roll_out(self, file_name: str, roll_out: RollOut) -> Offered:
        """Changes who is offered a package. Raises KnownError(UPDATE_UNKNOWN)."""
        offered = replace(self.named(file_name), roll_out=roll_out)
        self._note(offered)
        return offered

    def remove(self, file_name: str) -> None:
        """Raises KnownError(UPDATE_UNKNOWN)."""
        key = self._key(self.named(file_name).package.file_name)
        for ending in (_NOTE, SIGNATURE_ENDING, ""):
            self._store.delete(key + ending)

    def for_device(self, device_id: str, version: str, architecture: str) -> Offered | None:
        """The newest package that a kiosk is to have and does not run yet."""
        for offered in self.all():
            package = offered.package
            is_newer = order_of(package.version) > order_of(version)
            if not is_newer or package.architecture != architecture:
                continue
            if offered.roll_out.covers(device_id, package.version):
                return offered
        return None

    def signature(self, offered: Offered) -> bytes:
        return self._store.get(self._key(offered.package.file_name) + SIGNATURE_ENDING)

    def stream(self, offered: Offered, start: int) -> ObjectStream:
        """The package from a byte on."""
        return self._store.get_stream(self._key(offered.package.file_name), start)

    def named(self, file_name: str) -> Offered:
        """Raises KnownError(UPDATE_UNKNOWN)."""
        for offered in self._read():
            if offered.package.file_name == file_name:
                return offered
        raise KnownError(
            ErrorCode.UPDATE_UNKNOWN, f"There is no package {file_name[:100]!r} here.", "List the updates."
        )

    def _read(self) -> Iterator[Offered]:
        for key in self._store.keys(f"{self._folder}/"):
            if not key.endswith(_NOTE):
                continue
            try:
                yield _ADAPTER.validate_json(self._store.get(key))
            except (ValidationError, KnownError):
                continue  # taken away in this moment

    def _note(self, offered: Offered) -> None:
        self._store.put(self._key(offered.package.file_name) + _NOTE, _ADAPTER.dump_json(offered))

    def _key(self, file_name: str) -> str:
        return f"{self._folder}/{file_name}"


def named_devices(wanted: Sequence[str], known: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The ids of kiosks that somebody names by id or by name, of the (id, name) that are known. Raises
    KnownError(DEVICE_UNKNOWN)."""
    found: list[str] = []
    for each in wanted:
        ids = [device_id for device_id, name in known if each in (device_id, name)]
        if not ids:
            raise KnownError(ErrorCode.DEVICE_UNKNOWN, f"There is no kiosk {each!r}.", "List the devices.")
        found += ids
    return tuple(dict.fromkeys(found))
