"""The composition root of a centre: its settings become stores, and those what its interface works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from kiosk.archive import Archive, open_archive
from kiosk.central.endings import Endings
from kiosk.central.import_queue import ImportQueue, InProcessQueue
from kiosk.central.importing import FileImport
from kiosk.central.secrets import CentralSecrets, open_secrets
from kiosk.central.settings import CentralSettings
from kiosk.clock import Clock, SystemClock
from kiosk.database.engine import Database, open_database
from kiosk.database.uploads import SqlUploads
from kiosk.settings import KioskSection, Settings

DATABASE_FILE = "central.db"


@dataclass(frozen=True, slots=True)
class Centre:
    """An open centre; `close` it. Safe to use from several threads; several processes may open the same one
    where its stores are servers."""

    home: Path
    settings: CentralSettings
    secrets: CentralSecrets
    clock: Clock
    database: Database
    archive: Archive
    uploads: SqlUploads
    imports: ImportQueue
    endings: Endings = field(default_factory=Endings)

    def close(self) -> None:
        """Lets go of index and database, once the file that is being imported is done with."""
        self.imports.close()
        self.archive.close()


def open_centre(home: Path, settings: CentralSettings, clock: Clock | None = None) -> Centre:
    """Opens a centre in its data folder, making what is not there yet.

    Raises KnownError: what `open_archive` raises, SECRET_MISSING.
    """
    clock = clock or SystemClock()
    secrets = open_secrets(home, is_embedded=not settings.database.url)
    database = open_central_database(home, settings, secrets, clock)
    archive = open_archive(
        home,
        _archive_settings(settings),
        clock,
        database=database,
        read_secret=secrets.read,
        milvus_index_type=settings.milvus.index_type,
    )
    uploads = SqlUploads(database)
    imports = _choose_queue(settings, secrets, archive, uploads)
    return Centre(home, settings, secrets, clock, database, archive, uploads, imports)


def redis_address(settings: CentralSettings, secrets: CentralSecrets) -> str:
    """Redis's address with the password that is kept apart from it, where there is one."""
    address = make_url(settings.queue.redis_url)
    password = address.password or secrets.find("redis_password")
    named = address.set(username=address.username or "", password=password) if password else address
    return named.render_as_string(hide_password=False)


def _choose_queue(
    settings: CentralSettings, secrets: CentralSecrets, archive: Archive, uploads: SqlUploads
) -> ImportQueue:
    """Not started yet: who serves starts it."""
    if settings.queue.redis_url:
        from kiosk.central.celery_app import CeleryQueue

        return CeleryQueue(redis_address(settings, secrets), uploads, archive.clock)
    return InProcessQueue(FileImport(archive, uploads), uploads)


def open_central_database(
    home: Path, settings: CentralSettings, secrets: CentralSecrets, clock: Clock
) -> Database:
    """The centre's database alone, also beside a running centre. Raises KnownError DATABASE_*."""
    return open_database(
        _with_password(settings.database.url, secrets) or home / DATABASE_FILE, clock, keeps_changes=True
    )


def _with_password(url: str, secrets: CentralSecrets) -> str:
    """A server's address with the password that is kept apart from it, where there is one."""
    if not url or make_url(url).password is not None:
        return url
    password = secrets.find("database_password")
    return make_url(url).set(password=password).render_as_string(hide_password=False) if password else url


def _archive_settings(settings: CentralSettings) -> Settings:
    return Settings(
        kiosk=KioskSection(timezone=settings.server.timezone),
        vision=settings.vision,
        gallery=settings.gallery,
        photos=settings.photos,
        payment=settings.payment,
    )
