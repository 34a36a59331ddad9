"""Opening the database: one file beside the photos, or a server by its URL."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import URL, Engine, exc, make_url
from sqlalchemy.orm import Session

from kiosk.at_rest.vault import Vault
from kiosk.clock import Clock, SystemClock
from kiosk.database import files, repair
from kiosk.database.changes import KEEPS_CHANGES, write_noted
from kiosk.database.columns import seal_with
from kiosk.database.connections import BUSY_TIMEOUT_MS, is_sqlite, make_engine
from kiosk.database.failures import known_errors
from kiosk.database.file_use import FileUse
from kiosk.database.folding import Folding
from kiosk.database.migrate import HEAD_REVISION, stored_revision, upgrade
from kiosk.database.page_sums import drop_sums, read_sums, write_sums
from kiosk.database.repair import Repair, Way
from kiosk.database.sealing import is_sealing_due, seal_all
from kiosk.errors import BugError, ErrorCode, KnownError

_log = structlog.get_logger(__name__)
_JOURNAL_TIMEOUT_MS = 100
_HOLD_PEOPLE = (
    "photos",
    "faces",
    "shirt_numbers",
    "number_readings",
    "feedback",
    "people",
    "person_faces",
    "visit_faces",
    "stays",
    "outbox",
    "sendings",
    "new_photo_wishes",
    "new_photo_wish_faces",
)
"""The tables whose dead rows a server is to clear away."""


class Database:
    """An open database. Safe to use from several threads; each `reading` or `writing` is one transaction.
    With `keeps_changes` it is a centre's, which keeps a feed of what changed.

    `repaired` says what had to be done at opening because the file was damaged: staff must hear of it
    (`kiosk.database.restored`). `vault` is where its embeddings are sealed, and
    pictures of the same faces.
    """

    def __init__(
        self,
        engine: Engine,
        path: Path | None,
        clock: Clock,
        use: FileUse | None = None,
        folding: Folding | None = None,
        repaired: Repair | None = None,
        *,
        keeps_changes: bool = False,
        vault: Vault | None = None,
    ) -> None:
        self.vault = vault
        self._use = use
        self._folding = folding
        self._engine = engine
        self._writer = engine.execution_options(is_writing=True)
        self._hasty_writer = engine.execution_options(is_writing=True, is_hasty=True)
        self._path = path
        self._clock = clock
        self._info = {KEEPS_CHANGES: keeps_changes}
        self._writers = 0
        self._writers_changed = threading.Condition()
        self.repaired = repaired
        if vault is not None:
            seal_with(engine, vault)

    @property
    def is_central(self) -> bool:
        """Whether it is a centre's."""
        return self._info[KEEPS_CHANGES]

    @property
    def restored_from(self) -> Path | None:
        """The backup that had to take the place of a damaged file, if one had to."""
        return self.repaired.backup if self.repaired else None

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
        if self._folding is not None:
            self._folding.fold_if_large()

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

        The file is checked before. A backup that fails (a full disk) is logged, and due again. Raises
        KnownError(DATABASE_DAMAGED): it is found at the next start, too, and put right there.
        """
        if self._path is not None and files.is_backup_due(self._path, self._clock.now()):
            self.check()
            _back_up_if_possible(self._path, self._clock)

    def newest_backup(self) -> datetime | None:
        """When the newest copy was made; None where there is none, or a server sees to it."""
        return files.newest_backup_at(self._path) if self._path else None

    def check(self) -> None:
        """That every page is as it was written: copies of a damaged file would push out the good ones. Raises
        KnownError(DATABASE_DAMAGED)."""
        with known_errors():
            if self._folding is not None and self._folding.damage():
                raise KnownError(
                    ErrorCode.DATABASE_DAMAGED,
                    "The database file has pages that are not as they were written; no backup is made of it.",
                    "Start the kiosk again: it puts them right from a backup.",
                )

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
            if not self._empty_journal(driver):
                raise KnownError(
                    ErrorCode.DATABASE_UNREACHABLE,
                    "The journal of the database is in use and cannot be emptied.",
                    "It is tried again.",
                )
        return files.renew_backups(self._path, self._clock.now())

    def clear_journal(self, table: str) -> bool:
        """After rows of a table were deleted that are to leave nothing behind, and were in no backup: nothing
        of them stays in the journal; a server is told to clear away what is dead. False while somebody reads
        from the journal, or clears it: to be tried again. It keeps nobody waiting for long.

        Raises KnownError DATABASE_*.
        """
        with known_errors(), self._engine.connect() as connection:
            if self._path is None:
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.exec_driver_sql(f"VACUUM (SKIP_LOCKED) {table}")
                return True
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA busy_timeout={_JOURNAL_TIMEOUT_MS}")
            try:
                return self._empty_journal(driver)
            finally:
                driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def _empty_journal(self, driver: Any) -> bool:
        if self._folding is None:
            return files.empty_journal(driver)
        with self._folding.emptying() as is_alone:
            return is_alone and files.empty_journal(driver)

    def close(self) -> None:
        """Lets go of all connections; the journal is folded into the file."""
        _let_go(self._engine, self._use, self._folding)


def open_database(
    url_or_path: str | Path,
    clock: Clock | None = None,
    *,
    keeps_changes: bool = False,
    vault: Vault | None = None,
) -> Database:
    """Opens the database, creates it when there is none, and brings its tables up to date.

    Of a SQLite file every byte is checked first (`kiosk.database.page_sums`). A damaged one is put aside and
    healed by the pages of a backup; where none has them, the newest good backup takes its place, with all
    that can be read of the damaged one, as it does where the file is gone or empty. A day-old backup is
    renewed, and there is always one of the state before a migration. Several programs may open the same
    file; the first one takes this care, and the others wait for it. Embeddings are sealed in the `vault`,
    those too that lie there in clear or under a key of before; without one, which is for databases of
    nobody's faces, they are stored as they are.

    Raises KnownError DATABASE_DAMAGED (and no good backup), DATABASE_NEWER, DATABASE_UNREACHABLE, DISK_FULL,
    FOLDER_NOT_WRITABLE, and what reading the keys raises.
    """
    clock = clock or SystemClock()
    path = _file_path(url_or_path)
    if path is None:
        return _open_server(str(url_or_path), clock, keeps_changes, vault)
    return _open_file(path, clock, keeps_changes, vault)


def _file_path(url_or_path: str | Path) -> Path | None:
    """The SQLite file that is meant; None for a server."""
    if isinstance(url_or_path, Path) or "://" not in url_or_path:
        return Path(url_or_path)
    url = make_url(url_or_path)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _open_server(url: str, clock: Clock, keeps_changes: bool, vault: Vault | None) -> Database:
    engine = make_engine(url)
    database = Database(engine, None, clock, keeps_changes=keeps_changes, vault=vault)
    try:
        _bring_up_to_date(engine, None, clock, is_alone=False)
        if is_sealing_due(database):
            seal_all(database)
    except BaseException:
        database.close()
        raise
    return database


def _open_file(path: Path, clock: Clock, keeps_changes: bool, vault: Vault | None) -> Database:
    use, folding = _begin_use(path), Folding(path)
    engine = make_engine(URL.create("sqlite", database=str(path)))
    try:
        with known_errors():
            repaired = _repair_if_damaged(path, clock, use, folding, holds_prints=not keeps_changes)
            try:
                _bring_up_to_date(engine, path, clock, is_alone=use.is_alone)
                if repaired is not None:
                    _note_repair(engine, repaired, clock)
                folding.begin()
                if use.is_alone:
                    folding.fold()
                database = Database(
                    engine, path, clock, use, folding, repaired, keeps_changes=keeps_changes, vault=vault
                )
                if use.is_alone and is_sealing_due(database, was_repaired=repaired is not None):
                    seal_all(database)
            except BaseException:
                engine.dispose()
                with _left_to_the_next_start():
                    folding.end()  # what was written of a change that failed is in the file now
                raise
        use.share()
    except BaseException:
        engine.dispose()
        use.end()
        raise
    return database


def _let_go(engine: Engine, use: FileUse | None, folding: Folding | None) -> None:
    try:
        if folding is not None:
            with _left_to_the_next_start():
                folding.fold()
        engine.dispose()
        if folding is not None:
            with _left_to_the_next_start():
                folding.end()
    finally:
        if use is not None:
            use.end()


@contextmanager
def _left_to_the_next_start() -> Iterator[None]:
    """On a full disk the journal stays as it is."""
    try:
        yield
    except (exc.DBAPIError, sqlite3.Error, OSError) as error:
        _log.warning("journal_not_folded", kind=type(error).__name__)


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


def _repair_if_damaged(
    path: Path, clock: Clock, use: FileUse, folding: Folding, *, holds_prints: bool
) -> Repair | None:
    if use.is_alone:
        repair.finish(path)
    is_there = path.exists() and path.stat().st_size > 0
    if not is_there and not files.backups(path):
        drop_sums(path)
        return None  # a new kiosk, which has nothing to lose yet
    damage = folding.damage()
    if damage and _was_folded_by_others(path):
        _log.error("database_folded_by_others", code=ErrorCode.DATABASE_DAMAGED)
        drop_sums(path)
        damage = None
        if files.is_well_formed(path):
            return Repair(Way.UNKNOWN)
    is_sound = is_there and files.is_well_formed(path) if damage is None else not damage
    if is_sound:
        _mark_in_use(path, use)
        return None
    if not use.is_alone:
        raise KnownError(
            ErrorCode.DATABASE_DAMAGED,
            "The database is damaged, and another program is using it.",
            "End the kiosk and start it again: it takes the newest good backup then.",
        )
    return repair.repair(path, damage, clock.now(), holds_prints=holds_prints)


def _was_folded_by_others(path: Path) -> bool:
    """Whether the journal was in use last, and is gone: after a crash somebody opened the file by another
    program, which folded it. Then the sums are not true for the pages that were in it."""
    sums, journal = read_sums(path), path.with_name(path.name + "-wal")
    return sums is not None and not sums.is_closed and not journal.exists()


def _mark_in_use(path: Path, use: FileUse) -> None:
    sums = read_sums(path)
    if use.is_alone and sums is not None and sums.is_closed:
        write_sums(path, sums.closed(False))


def _note_repair(engine: Engine, repaired: Repair, clock: Clock) -> None:
    """One that kept the file itself says so only here."""
    if repaired.way in (Way.HEALED, Way.UNKNOWN):
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            repair.begin_anew(driver, repaired, clock.now(), frozenset())


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
    upgrading = make_engine(engine.url, enforces_keys=False) if is_sqlite(engine) else engine
    try:
        with upgrading.execution_options(is_writing=True).begin() as connection:
            upgrade(connection)
            if (
                is_sqlite(engine)
                and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None
            ):
                raise BugError("a migration broke a foreign key")
    finally:
        if upgrading is not engine:
            upgrading.dispose()


def _back_up_if_possible(path: Path, clock: Clock) -> None:
    """The daily backup may fail (a full disk) without keeping the kiosk from starting or from going on."""
    try:
        files.back_up(path, clock.now())
    except KnownError as error:
        _log.warning("backup_failed", code=error.code, detail=error.detail)
