"""Opening the database: one file beside the photos, or a server by its URL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from kiosk.clock import Clock, SystemClock
from kiosk.database import files
from kiosk.database.changes import KEEPS_CHANGES, write_noted
from kiosk.database.failures import known_errors
from kiosk.database.file_use import FileUse
from kiosk.database.migrate import HEAD_REVISION, stored_revision, upgrade
from kiosk.errors import BugError, ErrorCode, KnownError

_log = structlog.get_logger(__name__)
_BUSY_TIMEOUT_MS = 5000
_PRAGMAS = (
    "PRAGMA page_size=8192",  # for a new file: a face's row takes 2 KB, of which 4096 bytes hold but one
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA fullfsync=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is deleted is a person's: it must not linger in free pages
    f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}",
)
_HOLD_PEOPLE = ("photos", "faces", "shirt_numbers", "number_readings", "feedback", "people", "person_faces")
"""The tables whose dead rows a server is to clear away."""


class Database:
    """An open database. Safe to use from several threads; each `reading` or `writing` is one transaction.
    With `keeps_changes` it is a centre's, which keeps a feed of what changed.

    `restored_from` names the backup that had to be taken because the file was damaged: staff must hear of it.
    """

    def __init__(
        self,
        engine: Engine,
        path: Path | None,
        clock: Clock,
        use: FileUse | None = None,
        restored_from: Path | None = None,
        *,
        keeps_changes: bool = False,
    ) -> None:
        self._use = use
        self._engine = engine
        self._writer = engine.execution_options(is_writing=True)
        self._hasty_writer = engine.execution_options(is_writing=True, is_hasty=True)
        self._path = path
        self._clock = clock
        self._info = {KEEPS_CHANGES: keeps_changes}
        self._writers = 0
        self._writers_changed = threading.Condition()
        self.restored_from = restored_from

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look at one consistent state. Raises KnownError DATABASE_*."""
        with known_errors(), Session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self, *, waits_for_disk: bool = True) -> Iterator[Session]:
        """One transaction: on disk when this returns, or nothing of it happened.

        Where it does not wait for the disk a power cut may undo it, as a whole, together with all that was
        written so after it: for what can be had again. On SQLite it takes the write lock at its beginning, so
        that what is read in it still holds when it writes. Raises KnownError DATABASE_*, DISK_FULL.
        """
        writer = self._writer if waits_for_disk else self._hasty_writer
        with (
            self._counted(),
            known_errors(),
            Session(writer, info=dict(self._info)) as session,
            session.begin(),
        ):
            yield session
            write_noted(session)

    def give_way(self, longest_s: float = 1.0) -> None:
        """For work in the background, between two transactions: waits until nobody else in this program
        writes or waits to, at most `longest_s`. Without it SQLite, which has no queue, would let whoever
        comes again at once always come first."""
        with self._writers_changed:
            self._writers_changed.wait_for(lambda: self._writers == 0, longest_s)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._writers_changed:
            self._writers += 1
        try:
            yield
        finally:
            with self._writers_changed:
                self._writers -= 1
                self._writers_changed.notify_all()

    def back_up(self) -> Path | None:
        """Copies the database beside it; the newest three copies are kept.

        None for a server, whose backups are its own affair. Raises KnownError DISK_FULL, DATABASE_*.
        """
        return files.back_up(self._path, self._clock.now()) if self._path else None

    def back_up_if_due(self) -> None:
        """Backs up once a day has passed since the last time: for a kiosk that is never switched off.

        A backup that fails (a full disk) is logged, and due again.
        """
        if self._path is not None and files.is_backup_due(self._path, self._clock.now()):
            _back_up_if_possible(self._path, self._clock)

    def keep_no_traces(self) -> int:
        """After something was deleted for good: nothing of it stays in the journal or in older copies, of
        which a fresh one takes the place. Returns how many copies went. A server is told to clear away what
        is dead; its journal and its copies are its own affair.

        Raises KnownError: DATABASE_UNREACHABLE (somebody reads: to be tried again), DISK_FULL.
        """
        with known_errors(), self._engine.connect() as connection:
            if self._path is None:
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.exec_driver_sql("VACUUM " + ", ".join(_HOLD_PEOPLE))
                return 0
            driver: Any = connection.connection.driver_connection
            if not files.empty_journal(driver):
                raise KnownError(
                    ErrorCode.DATABASE_UNREACHABLE,
                    "The journal of the database is in use and cannot be emptied.",
                    "It is tried again.",
                )
        return files.renew_backups(self._path, self._clock.now())

    def close(self) -> None:
        """Lets go of all connections; the journal is folded into the file."""
        self._engine.dispose()
        if self._use:
            self._use.end()


def open_database(
    url_or_path: str | Path, clock: Clock | None = None, *, keeps_changes: bool = False
) -> Database:
    """Opens the database, creates it when there is none, and brings its tables up to date.

    A SQLite file is checked first; a damaged one is put aside and the newest good backup takes its place, as
    it does where the file is gone or empty. A day-old backup is renewed, and there is always one of the
    state before a migration. Several programs may open the same file; the first one takes this care, and the
    others wait for it.

    Raises KnownError DATABASE_DAMAGED (and no good backup), DATABASE_NEWER, DATABASE_UNREACHABLE, DISK_FULL,
    FOLDER_NOT_WRITABLE.
    """
    clock = clock or SystemClock()
    path = _file_path(url_or_path)
    if path is None:
        return _open_server(str(url_or_path), clock, keeps_changes)
    return _open_file(path, clock, keeps_changes)


def _file_path(url_or_path: str | Path) -> Path | None:
    """The SQLite file that is meant; None for a server."""
    if isinstance(url_or_path, Path) or "://" not in url_or_path:
        return Path(url_or_path)
    url = make_url(url_or_path)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _open_server(url: str, clock: Clock, keeps_changes: bool) -> Database:
    engine = _make_engine(url)
    try:
        _bring_up_to_date(engine, None, clock, is_alone=False)
    except BaseException:
        engine.dispose()
        raise
    return Database(engine, None, clock, keeps_changes=keeps_changes)


def _open_file(path: Path, clock: Clock, keeps_changes: bool) -> Database:
    use = _begin_use(path)
    engine = _make_engine(f"sqlite:///{path}")
    try:
        restored_from = _restore_if_damaged(path, clock, use)
        _bring_up_to_date(engine, path, clock, is_alone=use.is_alone)
        use.share()
    except BaseException:
        engine.dispose()
        use.end()
        raise
    return Database(engine, path, clock, use, restored_from, keeps_changes=keeps_changes)


def _begin_use(path: Path) -> FileUse:
    with known_errors():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return FileUse(path)
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise KnownError(
                ErrorCode.FOLDER_NOT_WRITABLE,
                f"The data folder cannot be used: {error.strerror}.",
                "Give the kiosk's user the right to write there, or set KIOSK_HOME.",
            ) from error


def _restore_if_damaged(path: Path, clock: Clock, use: FileUse) -> Path | None:
    is_there = path.exists() and path.stat().st_size > 0
    if files.is_sound(path) if is_there else not files.backups(path):
        return None  # sound; or a new kiosk, which has nothing to lose yet
    if not use.is_alone:
        raise KnownError(
            ErrorCode.DATABASE_DAMAGED,
            "The database is damaged, and another program is using it.",
            "End the kiosk and start it again: it takes the newest good backup then.",
        )
    return files.restore_newest_good_backup(path, clock.now())


def _make_engine(url: str, *, enforces_keys: bool = True) -> Engine:
    engine = create_engine(url, pool_timeout=10, hide_parameters=True)  # an error's text goes into logs
    if _is_sqlite(engine):
        event.listen(
            engine, "connect", _on_sqlite_connect if enforces_keys else _on_sqlite_connect_to_upgrade
        )
        event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself; see below
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _on_sqlite_connect_to_upgrade(connection: Any, record: object) -> None:
    _on_sqlite_connect(connection, record)
    connection.execute("PRAGMA foreign_keys=OFF")


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _on_sqlite_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("is_writing", False):
        connection.exec_driver_sql("BEGIN")
        return
    # The journal is whole either way; FULL also waits until it is on the disk.
    connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if options.get('is_hasty') else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _bring_up_to_date(engine: Engine, path: Path | None, clock: Clock, *, is_alone: bool) -> None:
    with known_errors():
        with engine.connect() as connection:
            revision = stored_revision(connection)
        if path is not None and revision is not None:
            if revision != HEAD_REVISION:
                files.back_up(path, clock.now())
            elif is_alone and files.is_backup_due(path, clock.now()):
                _back_up_if_possible(path, clock)
        if revision != HEAD_REVISION:
            _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    """SQLite changes a table by making it anew, which foreign keys would forbid: they are off meanwhile, and
    checked in the end."""
    upgrading = _make_engine(str(engine.url), enforces_keys=False) if _is_sqlite(engine) else engine
    with upgrading.execution_options(is_writing=True).begin() as connection:
        upgrade(connection)
        if _is_sqlite(engine) and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise BugError("a migration broke a foreign key")
    if upgrading is not engine:
        upgrading.dispose()


def _back_up_if_possible(path: Path, clock: Clock) -> None:
    """The daily backup may fail (a full disk) without keeping the kiosk from starting or from going on."""
    try:
        files.back_up(path, clock.now())
    except KnownError as error:
        _log.warning("backup_failed", code=error.code, detail=error.detail)
