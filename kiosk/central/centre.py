"""The composition root of a centre: its settings become stores, and those what its interface works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from kiosk.adapters import open_vault
from kiosk.archive import Archive, open_archive
from kiosk.at_rest.vault import GivenKeys, Vault
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
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


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
    home: Path,
    settings: CentralSettings,
    secrets: CentralSecrets,
    clock: Clock,
    *,
    gives_up_s: float | None = None,
) -> Database:
    """The centre's database alone, also beside a running centre. With `gives_up_s` a server that cannot be
    reached for so long is given up, and a transaction of ours that stands still for so long is ended there,
    with whatever it locks. Raises KnownError DATABASE_*."""
    url = _verified(_with_password(settings.database.url, secrets))
    if url and gives_up_s is not None:
        url = _impatient(url, gives_up_s)
    vault = Vault(GivenKeys(secrets.read, secrets.find)) if url else open_vault(home)
    return open_database(url or home / DATABASE_FILE, clock, keeps_changes=True, vault=vault)


def _verified(url: str) -> str:
    """A server's address, so that only one that proves who it is gets an answer. By itself the driver takes
    any certificate, and none. A server of this machine or one whose `sslmode` somebody chose stays as it
    is."""
    if not url:
        return url
    address = make_url(url)
    host = address.host or str(address.query.get("host", ""))
    if not host or host.startswith("/") or host in _THIS_MACHINE or "sslmode" in address.query:
        return url
    proof = {"sslmode": "verify-full", "sslrootcert": "system"}
    return make_url(url).update_query_dict(proof).render_as_string(hide_password=False)


def _impatient(url: str, gives_up_s: float) -> str:
    milliseconds = str(int(gives_up_s * 1000))
    limits = {
        "connect_timeout": str(max(2, round(gives_up_s))),
        "tcp_user_timeout": milliseconds,
        "options": f"-c idle_in_transaction_session_timeout={milliseconds}",
    }
    return make_url(url).update_query_dict(limits).render_as_string(hide_password=False)


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
