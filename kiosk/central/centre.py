"""The composition root of a centre: its settings become stores, and those what its interface works on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.archive import Archive, open_archive
from kiosk.central.settings import CentralSettings
from kiosk.clock import Clock, SystemClock
from kiosk.database.engine import Database, open_database
from kiosk.settings import KioskSection, Settings

DATABASE_FILE = "central.db"


@dataclass(frozen=True, slots=True)
class Centre:
    """An open centre; `close` it. Safe to use from several threads; several processes may open the same one
    where its stores are servers."""

    home: Path
    settings: CentralSettings
    clock: Clock
    database: Database
    archive: Archive

    def close(self) -> None:
        """Lets go of index and database."""
        self.archive.close()


def open_centre(home: Path, settings: CentralSettings, clock: Clock | None = None) -> Centre:
    """Opens a centre in its data folder, making what is not there yet.

    Raises KnownError: what `open_archive` raises.
    """
    clock = clock or SystemClock()
    database = open_database(settings.database.url or home / DATABASE_FILE, clock, keeps_changes=True)
    archive = open_archive(home, _archive_settings(settings), clock, database=database)
    return Centre(home, settings, clock, database, archive)


def _archive_settings(settings: CentralSettings) -> Settings:
    return Settings(
        kiosk=KioskSection(timezone=settings.server.timezone),
        vision=settings.vision,
        gallery=settings.gallery,
        photos=settings.photos,
        payment=settings.payment,
    )
