"""Packages from a stick or from the centre, verified before they are ready to be applied."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from kiosk.errors import KnownError
from kiosk.runtime.file_lock import FileLock
from kiosk.runtime.health import FULL_BYTES, disk_state
from kiosk.runtime.whole_file import flush_folder
from kiosk.updates.package import (
    LARGEST_PACKAGE,
    LARGEST_SIGNATURE,
    SIGNATURE_ENDING,
    Installed,
    Package,
    check_wanted,
    keys_in,
    named,
    unreadable,
    verified,
)
from kiosk.updates.places import StagingPlaces
from kiosk.updates.refusals import being_staged, folder_unusable, nothing_staged, too_large

_log = structlog.get_logger(__name__)
_RANGE_BYTES = 1 << 20
_PART_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Offer:
    """What a centre has for this kiosk. Nothing of it is believed but what the signature proves."""

    file_name: str
    size: int
    signature: bytes


class PackageSource(Protocol):
    """Whoever offers packages. Raises KnownError: CENTRE_*, UPDATE_UNKNOWN."""

    def offer(self, installed: Installed) -> Offer | None:
        """The newest that this kiosk is to have; None for none."""
        ...

    def part(self, offer: Offer, start: int, size: int) -> bytes:
        """So many bytes of it from `start`, fewer at its end."""
        ...


class Staging:
    """Holds at most one verified package, and one that is on its way. Any thread of any process: one stages
    at a time, the others are refused (UPDATE_UNDER_WAY)."""

    def __init__(self, places: StagingPlaces, keys: Path, installed: Installed) -> None:
        self._places = places
        self._keys = keys
        self._installed = installed
        self._lock = threading.Lock()

    def ready(self) -> Package | None:
        """The package that waits to be applied, as its name says; what has been installed since, or is older,
        is thrown away."""
        names = sorted(self._places.staged.glob(f"*{SIGNATURE_ENDING}"))
        if not names:
            return None
        try:
            package = named(names[0].name.removesuffix(SIGNATURE_ENDING))
            check_wanted(package, self._installed)
        except KnownError as old:
            _log.info("staged_update_dropped", code=old.code)
            self.clear()
            return None
        return package if (self._places.staged / package.file_name).exists() else None

    def take(self, file: Path, failed_before: tuple[str, ...] = ()) -> Package:
        """Copies a package, with the signature beside it, from where it lies; verified it is ready.

        Raises KnownError: UPDATE_*, DISK_FULL, FOLDER_NOT_WRITABLE.
        """
        with self._alone():
            try:
                signature = _read_signature(file.with_name(file.name + SIGNATURE_ENDING))
                size = file.stat().st_size
            except OSError as missing:
                raise unreadable(f"{file.name} or its signature cannot be read") from missing
            target = self._room_for(size) / "package"
            try:
                shutil.copyfile(file, target)
            except OSError as failed:
                raise folder_unusable(failed) from failed
            return self._made_ready(target, signature, failed_before)

    def fetch(
        self, source: PackageSource, stop: threading.Event, failed_before: tuple[str, ...] = ()
    ) -> Package | None:
        """What the centre has for this kiosk, part by part; what came before a power cut or a cut cable is
        not fetched again. None where there is nothing new, or it was stopped.

        Raises KnownError: UPDATE_*, CENTRE_*, DISK_FULL, FOLDER_NOT_WRITABLE.
        """
        offer = source.offer(self._installed)
        if offer is None:
            return None
        package = named(offer.file_name)
        check_wanted(package, self._installed, failed_before)
        with self._alone():
            if self.ready() == package:
                return package
            target = self._room_for(offer.size) / package.file_name
            self._drop_others(target)
            if not self._brought(source, offer, target, stop):
                return None
            return self._made_ready(target, offer.signature, failed_before)

    def arrived_bytes(self) -> int:
        """How much is here of a package that is on its way; 0 where none is."""
        files = list(self._places.incoming.glob("*.*"))
        return files[0].stat().st_size if files else 0

    def check_ready(self) -> Package:
        """Verifies what is ready once more. Raises KnownError: UPDATE_*."""
        package = self.ready()
        if package is None:
            raise nothing_staged()
        file = self._places.staged / package.file_name
        try:
            with file.open("rb") as opened:
                return verified(
                    opened, _read_signature(file.with_name(package.signature_name)), keys_in(self._keys)
                )
        except OSError as failed:
            raise folder_unusable(failed) from failed

    def clear(self) -> None:
        """Nothing waits any more."""
        shutil.rmtree(self._places.staged, ignore_errors=True)

    # -- parts ------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock:
            try:
                lock = FileLock.take(self._places.staging_lock)
            except OSError as failed:
                raise folder_unusable(failed) from failed
            if lock is None:
                raise being_staged()
            try:
                yield
            finally:
                lock.release()

    def _brought(self, source: PackageSource, offer: Offer, target: Path, stop: threading.Event) -> bool:
        try:
            with target.open("ab") as file:
                if file.tell() > offer.size:
                    file.truncate(0)
                while file.tell() < offer.size and not stop.is_set():
                    part = source.part(offer, file.tell(), min(_RANGE_BYTES, offer.size - file.tell()))
                    if not part:
                        raise unreadable("it ends too early at the centre")
                    file.write(part)
                    file.flush()
                return file.tell() >= offer.size
        except OSError as failed:
            raise folder_unusable(failed) from failed

    def _made_ready(self, file: Path, signature: bytes, failed_before: tuple[str, ...]) -> Package:
        """What is not good is thrown away; a good one takes the place of what was ready before."""
        try:
            with file.open("rb") as opened:
                package = verified(opened, signature, keys_in(self._keys))
            check_wanted(package, self._installed, failed_before)
        except KnownError:
            file.unlink(missing_ok=True)
            raise
        try:
            self.clear()
            self._places.staged.mkdir(parents=True)
            _flush(file)
            file.replace(self._places.staged / package.file_name)
            signed = self._places.staged / package.signature_name
            signed.write_bytes(signature)  # last: a package without it is not ready
            _flush(signed)
            flush_folder(self._places.staged)
            flush_folder(self._places.folder)
        except OSError as failed:
            raise folder_unusable(failed) from failed
        shutil.rmtree(self._places.incoming, ignore_errors=True)
        _log.info("update_ready", version=package.version)
        return package

    def _room_for(self, size: int) -> Path:
        """Twice: it is copied once more before it is applied. Raises KnownError(UPDATE_TOO_LARGE)."""
        try:
            self._places.incoming.mkdir(parents=True, exist_ok=True)
            free = disk_state(self._places.home).free_bytes
        except OSError as failed:
            raise folder_unusable(failed) from failed
        if not 0 < size <= LARGEST_PACKAGE or free - 2 * size < FULL_BYTES:
            raise too_large(LARGEST_PACKAGE)
        return self._places.incoming

    def _drop_others(self, kept: Path) -> None:
        for file in kept.parent.iterdir():
            if file != kept:
                file.unlink(missing_ok=True)


def _read_signature(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_SIGNATURE)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
