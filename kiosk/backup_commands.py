"""`kiosk backup` and `kiosk restore`: a kiosk that was lost comes back from one sealed file."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import tomlkit
from sqlalchemy import func, select

from kiosk import __version__
from kiosk.adapters import open_vault
from kiosk.archive import DATABASE_FILE
from kiosk.at_rest.own_keys import OwnKeys
from kiosk.at_rest.vault import id_of
from kiosk.backup import placing
from kiosk.backup.manifest import DATABASE, FORMAT, SETTINGS, Manifest
from kiosk.backup.packing import Part, Progress, pack, unpack
from kiosk.backup.sealed_stream import damaged
from kiosk.clock import SystemClock
from kiosk.database import files, repair
from kiosk.database.engine import open_database
from kiosk.database.failures import known_errors
from kiosk.database.migrate import HEAD_REVISION, MIGRATIONS_FOLDER
from kiosk.database.repair import Repair, Way
from kiosk.database.restored import follow_up
from kiosk.database.staff_tables import PrintJobRow
from kiosk.database.tables import OrderRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.types import PrintState
from kiosk.runtime.single_instance import SingleInstance
from kiosk.secrets import CENTRAL_DEVICE_KEY, NAMES, KeyringSecrets, device_key_name, read_secret
from kiosk.settings import load_settings
from kiosk.settings_reading import FILE_NAME
from kiosk.staff_parts import PAPERS_FOLDER

LEAST_PASSPHRASE = 10
_OBJECTS = "objects"
_PEOPLE = "people"
_FILES = "files"
_LEFT_OUT = ("visits", ".partial")
"""Of the files: pictures of visits are kept for a while only, and what is half written is nobody's."""
_FORGOTTEN = ("deletions", "forgotten_contents", "forgotten_pictures")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a backup would hold, before it is made: bytes of each kind."""

    database_bytes: int
    photos: int
    photo_bytes: int
    other_bytes: int
    holds_photos: bool
    has_store_elsewhere: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and what is still to be done. `missing_secrets` were set when the backup was made
    and are not on this machine, `missing_face_keys` what faces lie under that nobody can read now: their ids.
    `knows_forgotten`: what was forgotten since was known here, and stays forgotten. `held_prints` may have
    come out already: staff decide."""

    manifest: Manifest
    orders: int
    newest_order: datetime | None
    is_other_machine: bool
    is_enrolled: bool
    missing_secrets: tuple[str, ...]
    missing_face_keys: tuple[str, ...]
    knows_forgotten: bool
    held_prints: int


def plan_backup(home: Path, *, photos: bool) -> Plan:
    """Raises KnownError SETTING_*, DATABASE_DAMAGED (there is none)."""
    path = _existing_database(home)
    settings = load_settings(home)
    of_photos = [part.path.stat().st_size for part in _objects(home) if _is_photo(part)]
    others = [part.path.stat().st_size for part in _parts(home, photos=False)]
    return Plan(
        database_bytes=path.stat().st_size,
        photos=len(of_photos),
        photo_bytes=sum(of_photos) if photos else 0,
        other_bytes=sum(others),
        holds_photos=photos,
        has_store_elsewhere=settings.photos.store != "folder",
    )


def make_backup(
    home: Path, target: Path, passphrase: str, *, photos: bool, progress: Progress = lambda _: None
) -> Manifest:
    """Makes the backup, also while the kiosk runs. Raises KnownError DATABASE_*, DISK_FULL,
    FOLDER_NOT_WRITABLE, SETTING_*."""
    if not target.parent.is_dir():
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE, f"There is no folder {target.parent}.", "Choose another place."
        )
    with known_errors(), _as_known(target):
        database = open_database(_existing_database(home), vault=open_vault(home))
        try:
            database.check()
            with tempfile.TemporaryDirectory(dir=home, prefix="backup-") as folder:
                copy = Path(folder) / DATABASE
                files.copy_to(home / DATABASE_FILE, copy)
                manifest = _manifest(home, copy, photos=photos)
                parts = (Part(DATABASE, copy), *_parts(home, photos=photos))
                return pack(target, passphrase, manifest, parts, progress)
        finally:
            database.close()


def restore_backup(
    home: Path,
    source: Path,
    passphrase: str,
    *,
    old_machine_is_gone: bool = False,
    replaces_newer: bool = False,
    progress: Progress = lambda _: None,
) -> Restored:
    """Puts a backup back. Everything is checked before anything is touched.

    Raises KnownError: ALREADY_RUNNING; BACKUP_INVALID, BACKUP_PASSPHRASE; BACKUP_OTHER_MACHINE where it is
    of another machine, or another kiosk or newer orders are here, and nobody said that this is meant;
    DATABASE_NEWER, DISK_FULL, FOLDER_NOT_WRITABLE; SECRET_MISSING (there is no keyring for the faces' keys).
    """
    with SingleInstance(home), known_errors(), _as_known(home):
        placing.finish(home)  # of a restore that a power cut ended
        folder = placing.unpacking_folder(home)
        try:
            manifest = unpack(source, passphrase, folder, progress)
            copy = folder / DATABASE
            _check_database(copy, manifest)
            is_other = manifest.machine != machine_mark(manifest.kiosk_id)
            if is_other and not old_machine_is_gone:
                raise _of_another_machine()
            _check_present(home, copy, manifest, replaces_newer)
            knows_forgotten = _take_over_forgotten(home, copy)
            _prepare(home, folder)
            missing = _take_over_face_keys(home, manifest)
        except BaseException:
            placing.drop(folder)
            raise
        placing.place(home, SystemClock().now())
        return _opened(home, manifest, missing, is_other=is_other, knows_forgotten=knows_forgotten)


def bring_back_face_keys(
    home: Path, source: Path, passphrase: str, progress: Progress = lambda _: None
) -> int:
    """Takes nothing out of a backup but the secrets of the faces, for a machine whose keyring was lost; how
    many of those that were gone are here again.

    Raises KnownError: ALREADY_RUNNING; BACKUP_INVALID, BACKUP_PASSPHRASE; BACKUP_OTHER_MACHINE where no face
    here lies under its secrets; DISK_FULL, FOLDER_NOT_WRITABLE, SECRET_MISSING (there is no keyring).
    """
    with SingleInstance(home), known_errors(), _as_known(home):
        with tempfile.TemporaryDirectory(dir=home, prefix="backup-") as folder:
            manifest = unpack(source, passphrase, Path(folder), progress)
        keys = OwnKeys(home, KeyringSecrets())
        gone = {key_id for key_id in keys.all_ids() if keys.find(key_id) is None}
        brought = [root for each in manifest.face_keys if id_of(root := bytes.fromhex(each)) in gone]
        if gone and not brought:
            raise KnownError(
                ErrorCode.BACKUP_OTHER_MACHINE,
                "The secret that faces lie under here is not in this backup.",
                "Take another backup; without one: kiosk templates recover",
            )
        keys.take_over(brought)
        return len(brought)


def machine_mark(kiosk_id: str) -> str:
    """Tells this machine from others, and nothing of it to whoever reads it."""
    machine = b""
    with suppress(OSError):
        machine = Path("/etc/machine-id").read_bytes().strip()
    machine = machine or str(uuid.getnode()).encode()
    return hashlib.sha256(kiosk_id.encode() + b" " + machine).hexdigest()[:32]


# -- making ---------------------------------------------------------------------------------------


def _existing_database(home: Path) -> Path:
    path = home / DATABASE_FILE
    if not path.exists():
        raise KnownError(
            ErrorCode.DATABASE_DAMAGED,
            f"There is no database in {home}.",
            "Set KIOSK_HOME to the folder of the kiosk.",
        )
    return path


def _parts(home: Path, *, photos: bool) -> Iterator[Part]:
    if (home / FILE_NAME).exists():
        yield Part(SETTINGS, home / FILE_NAME)
    printing = load_settings(home).printing
    for name, path in (("frame", printing.frame), ("profile", printing.profile)):
        if path is not None and path.is_file():
            yield Part(f"{_FILES}/{name}{path.suffix.lower()}", path)
    yield from _files_below(home / PAPERS_FOLDER, PAPERS_FOLDER)
    yield from (part for part in _objects(home) if photos or not _is_photo(part))


def _objects(home: Path) -> Iterator[Part]:
    root = home / _OBJECTS
    for folder in sorted(root.iterdir()) if root.exists() else ():
        if folder.name not in _LEFT_OUT:
            yield from _files_below(folder, f"{_OBJECTS}/{folder.name}")


def _files_below(root: Path, name: str) -> Iterator[Part]:
    for path in sorted(root.rglob("*")) if root.exists() else ():
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield Part(f"{name}/{path.relative_to(root).as_posix()}", path)


def _is_photo(part: Part) -> bool:
    return part.name.startswith(f"{_OBJECTS}/") and not part.name.startswith(f"{_OBJECTS}/{_PEOPLE}/")


def _manifest(home: Path, copy: Path, *, photos: bool) -> Manifest:
    with closing(sqlite3.connect(copy)) as connection:
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    kiosk_id = meta["kiosk_id"]
    keys = OwnKeys(home, KeyringSecrets())
    return Manifest(
        format=FORMAT,
        made_at=SystemClock().now(),
        program=__version__,
        revision=revision,
        kiosk_id=kiosk_id,
        machine=machine_mark(kiosk_id),
        code_prefix=meta.get("central_code_prefix") or load_settings(home).kiosk.code_prefix,
        tenant=meta.get("central_tenant", ""),
        has_photos=photos,
        secrets=tuple(_secrets_here(kiosk_id)),
        faces_under=tuple(key_id.hex() for key_id in keys.all_ids()),
        face_keys=tuple(_face_keys(keys)),
    )


def _face_keys(keys: OwnKeys) -> Iterator[str]:
    """Those that can be read: whoever comes over a network may find the keyring of the kiosk's own session
    closed."""
    with suppress(KnownError):
        yield from (root.hex() for root in keys.all_there_are())


def _secrets_here(kiosk_id: str) -> Iterator[str]:
    for name in NAMES:
        with suppress(KnownError):
            read_secret(device_key_name(kiosk_id) if name == CENTRAL_DEVICE_KEY else name)
            yield name


# -- restoring ------------------------------------------------------------------------------------


def _check_database(copy: Path, manifest: Manifest) -> None:
    if not copy.exists() or not files.is_well_formed(copy):
        raise damaged()
    with closing(sqlite3.connect(copy)) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    known = {path.name[:4] for path in (MIGRATIONS_FOLDER / "versions").glob("[0-9]*.py")}
    if revision not in known | {HEAD_REVISION}:
        raise KnownError(
            ErrorCode.DATABASE_NEWER,
            f"The backup's database is of a newer program ({manifest.program}).",
            "Install that version, then restore.",
        )


def _check_present(home: Path, copy: Path, manifest: Manifest, replaces_newer: bool) -> None:
    """Where a sound database is here, the wrong file may have been chosen, or the wrong folder."""
    present = _read(home / DATABASE_FILE)
    if present is None or replaces_newer:
        return
    row, here = None, set[str]()
    with closing(present), suppress(sqlite3.DatabaseError):  # a damaged one is what a backup is for
        row = present.execute("SELECT value FROM meta WHERE key = 'kiosk_id'").fetchone()
        here = {order_id for (order_id,) in present.execute("SELECT order_id FROM orders")}
    if not here:
        return
    with closing(sqlite3.connect(copy)) as backup:
        newer = len(here - {order_id for (order_id,) in backup.execute("SELECT order_id FROM orders")})
    if row != (manifest.kiosk_id,):
        told = "Another kiosk is in this folder, with orders of its own."
    elif newer:
        told = f"The database here can be read, and has {newer} orders that the backup does not have."
    else:
        return
    raise KnownError(
        ErrorCode.BACKUP_OTHER_MACHINE,
        told,
        "Choose another KIOSK_HOME or a newer backup; or say that it is meant: kiosk restore FILE --replace",
    )


def _of_another_machine() -> KnownError:
    return KnownError(
        ErrorCode.BACKUP_OTHER_MACHINE,
        "The backup is of another machine: were both to sell, their orders would bear the same codes.",
        "Only where that machine never sells again: kiosk restore FILE --old-machine-is-gone",
    )


def _take_over_forgotten(home: Path, copy: Path) -> bool:
    """What was forgotten after the backup was made is forgotten again, at the first start; whether that is
    known here, from the database that is being replaced or one of its own copies."""
    with closing(sqlite3.connect(copy)) as backup, backup:
        columns = {
            table: [row[1] for row in backup.execute(f"PRAGMA table_info({table})")] for table in _FORGOTTEN
        }
        for path in (home / DATABASE_FILE, *files.backups(home / DATABASE_FILE)):
            rows = _rows(path, columns)
            if rows is None:
                continue
            for table, names in columns.items():
                places = ", ".join("?" * len(names))
                insert = f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({places})"
                backup.executemany(insert, rows[table])
            backup.execute("UPDATE deletions SET done_at = NULL")  # their files may be in it
            return True
    return False


def _rows(path: Path, columns: Mapping[str, Sequence[str]]) -> dict[str, list[Any]] | None:
    """Those of some tables of a database; None where they cannot be read, all of them."""
    present = _read(path)
    if present is None:
        return None
    with closing(present), suppress(sqlite3.DatabaseError):
        return {
            table: present.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
            for table, names in columns.items()
        }
    return None


def _read(path: Path) -> sqlite3.Connection | None:
    """A connection to a copy in memory of a database that can be read; None where it cannot."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    with suppress(sqlite3.DatabaseError):
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            memory = sqlite3.connect(":memory:")
            connection.backup(memory)
        memory.execute("SELECT count(*) FROM orders").fetchone()
        memory.execute("SELECT count(*) FROM deletions").fetchone()
        return memory
    return None


def _prepare(home: Path, folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as copy:
        repair.begin_anew(copy, Repair(Way.COMMAND), SystemClock().now())
    files.flush(folder / DATABASE)
    settings = folder / SETTINGS
    if settings.exists():
        document = tomlkit.parse(settings.read_text(encoding="utf-8"))
        for found in (folder / _FILES).glob("*") if (folder / _FILES).exists() else ():
            printing = document.setdefault("printing", tomlkit.table())
            printing[found.stem] = str(home / _FILES / found.name)
        settings.write_text(tomlkit.dumps(document), encoding="utf-8")
        files.flush(settings)


def _take_over_face_keys(home: Path, manifest: Manifest) -> tuple[str, ...]:
    """The ids of those that are neither in the backup nor on this machine. Raises what the keyring raises."""
    keys = OwnKeys(home, KeyringSecrets())
    keys.take_over([bytes.fromhex(root) for root in manifest.face_keys])
    return tuple(told for told in manifest.faces_under if keys.find(bytes.fromhex(told)) is None)


def _opened(
    home: Path, manifest: Manifest, missing: tuple[str, ...], *, is_other: bool, knows_forgotten: bool
) -> Restored:
    clock = SystemClock()
    database = open_database(home / DATABASE_FILE, clock, vault=open_vault(home))
    try:
        follow_up(database, clock)
        with database.reading() as session:
            orders = session.scalar(select(func.count()).select_from(OrderRow)) or 0
            newest = session.scalar(select(func.max(OrderRow.created_at)))
            is_held = PrintJobRow.state == PrintState.HELD.value
            held = session.scalar(select(func.count()).select_from(PrintJobRow).where(is_held)) or 0
    finally:
        database.close()
    here = set(_secrets_here(manifest.kiosk_id))
    return Restored(
        manifest=manifest,
        orders=orders,
        newest_order=newest,
        is_other_machine=is_other,
        is_enrolled=bool(manifest.tenant),
        missing_secrets=tuple(name for name in manifest.secrets if name not in here),
        missing_face_keys=missing,
        knows_forgotten=knows_forgotten,
        held_prints=held,
    )


@contextmanager
def _as_known(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as missing:
        raise KnownError(
            ErrorCode.BACKUP_INVALID,
            f"There is no such file: {missing.filename}.",
            "Look where the backup is.",
        ) from missing
    except (PermissionError, NotADirectoryError, IsADirectoryError) as error:
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"{error.filename or path} cannot be used: {error.strerror}.",
            "Choose another place, or give yourself the right to use it.",
        ) from error
