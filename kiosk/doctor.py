"""`kiosk doctor`: every part of this kiosk, each ok or why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from kiosk import doctor_store
from kiosk.adapters import (
    choose_camera,
    choose_centre,
    choose_engines,
    choose_gateway,
    choose_liveness,
    choose_milvus,
    choose_printer,
    choose_store,
    open_vault,
)
from kiosk.archive import DATABASE_FILE, choose_calibration, current_event, wishes_of
from kiosk.at_rest.own_keys import OwnKeys
from kiosk.clock import SystemClock
from kiosk.database.calibrations import SqlCalibrations
from kiosk.database.engine import Database, open_database
from kiosk.database.files import OLD_BACKUP, backups
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.restored import last_restored
from kiosk.database.sync_state import SqlEnrolment
from kiosk.delivery.phone_server import listen, local_address
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.calibration import certainty_of
from kiosk.gallery.certainty_words import in_words, origin_in_words
from kiosk.paths import models_folder
from kiosk.photos.folder_watch import check_folder
from kiosk.runtime.health import DiskState, disk_state
from kiosk.runtime.single_instance import SingleInstance
from kiosk.secrets import NAMES, KeyringSecrets, find_secret, read_secret, where_kept
from kiosk.settings import Settings
from kiosk.sync.client import CLOCK_OFF_S
from kiosk.sync.door import not_enrolled
from kiosk.sync.worker import clock_off
from kiosk.technician.looks import ask_centre, log_in_to_mail, printers_in_words, show_line_token
from kiosk.technician.settings_file import SettingsFile
from kiosk.vision.number_reader import ShirtNumberReader

_log = structlog.get_logger(__name__)
_NO_SIZE_YET = "follows the size of the event; there is none yet"


@dataclass(frozen=True, slots=True)
class Finding:
    """How a part is doing; `code` and `next_step` are empty when it is ok."""

    part: str
    is_ok: bool
    detail: str
    code: str = ""
    next_step: str = ""


def examine(home: Path) -> list[Finding]:
    """Looks at every part, one after the other; what is wrong with one keeps none from being looked at."""
    try:
        read = SettingsFile(home).read()
    except KnownError as error:
        return [_wrong("settings", error)]
    looks = _looks_at_a_shop if read.settings.kiosk.mode == "store" else _looks
    found = [_wrong("settings", read.problem)] if read.problem is not None else []
    return [*found, *(_look(part, look) for part, look in looks(home, read.settings))]


def _wrong(part: str, error: KnownError) -> Finding:
    return Finding(part, False, error.detail, error.code, error.next_step)


_Looks = list[tuple[str, Callable[[], str]]]


def _looks(home: Path, settings: Settings) -> _Looks:
    return [
        ("camera", lambda: look_at_camera(settings)),
        ("weights", lambda: _weights(home, settings)),
        ("secrets", lambda: _secrets(home)),
        ("database", lambda: _database(home)),
        ("event", lambda: _event(home, settings)),
        ("watch", lambda: _watch(settings)),
        ("certainty", lambda: _certainty(home, settings)),
        ("index", lambda: _index(home, settings)),
        ("photos", lambda: _photos(home, settings)),
        ("disk", lambda: _disk(home)),
        ("prices", lambda: _prices(settings)),
        ("printer", lambda: _printer(settings)),
        ("payment", lambda: _payment(settings)),
        ("mail", lambda: _mail(settings)),
        ("line", lambda: _line(settings)),
        ("centre", lambda: _centre(home, settings)),
        ("delivery", lambda: _delivery(home, settings)),
    ]


def _looks_at_a_shop(home: Path, settings: Settings) -> _Looks:
    def with_database(look: Callable[[Database], str]) -> str:
        with _database_at(home) as database:
            return look(database)

    return [
        ("cameras", lambda: with_database(doctor_store.cameras)),
        ("weights", lambda: _weights(home, settings)),
        ("secrets", lambda: _secrets(home)),
        ("people", lambda: with_database(lambda database: doctor_store.people(database, settings.store))),
        ("kept", lambda: with_database(lambda database: doctor_store.kept(database, settings.store))),
        ("photos", lambda: _photos(home, settings)),
        ("disk", lambda: _disk(home)),
        ("centre", lambda: _centre(home, settings)),
    ]


def _look(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, look())
    except KnownError as error:
        return _wrong(part, error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are looked at
        _log.exception("part_not_examined", part=part)
        return Finding(part, False, f"{type(error).__name__}: {error}", next_step="See the kiosk's log.")


def _secrets(home: Path) -> str:
    """Where they are kept, and that they can be read there, with the one that faces are kept under. Raises
    KnownError SECRET*, KEY_LOST."""
    find_secret(NAMES[0])
    keys = OwnKeys(home, KeyringSecrets())
    if keys.current_id() is not None:
        keys.current()
    return where_kept()


def look_at_camera(settings: Settings) -> str:
    """What the camera of the settings gives. Raises KnownError CAMERA_*, CLIP_UNREADABLE, SETTING_INVALID."""
    camera = choose_camera(settings.camera)
    try:
        camera.open()
        frame = camera.read()
    finally:
        camera.close()
    height, width = frame.pixels.shape[:2]
    return f"{camera.name}, {width}x{height}"


def _weights(home: Path, settings: Settings) -> str:
    """All that the settings and the event at hand need."""
    engine = choose_engines(settings.vision).live
    engine.warm_up()
    for part in choose_liveness(settings.capture):
        if part is not None:
            part.warm_up()
    told = [
        f"engine {settings.vision.engine}",
        f"contract {engine.contract_id}",
        f"liveness {settings.capture.liveness}",
    ]
    if _reads_numbers(home, settings):
        ShirtNumberReader(models_folder()).warm_up()
        told.append("numbers on shirts")
    return ", ".join(told)


def _reads_numbers(home: Path, settings: Settings) -> bool:
    """Whether the event at hand does; what is wrong with the event itself is told at its own part."""
    if not _has_database(home):
        return False
    try:
        with _database_at(home) as database:
            event = current_event(SqlPhotoRepository(database), settings)
    except KnownError:
        return False
    return event is not None and event.reads_numbers


def _has_database(home: Path) -> bool:
    """Whether there is one to look into, or a backup that takes its place: looking makes none."""
    path = home / DATABASE_FILE
    return path.exists() or bool(backups(path))


@contextmanager
def _database_at(home: Path) -> Iterator[Database]:
    database = open_database(home / DATABASE_FILE, vault=open_vault(home))
    try:
        yield database
    finally:
        database.close()


def _database(home: Path) -> str:
    if not _has_database(home):
        return "there is none yet; it is made when photos are imported or the kiosk is started"
    with _database_at(home) as database:
        events = SqlPhotoRepository(database).events()
        last, backup = last_restored(database), database.newest_backup()
        now = ""
        if database.repaired is not None:
            now = ", restored just now" if database.restored_from else ", put right just now"
    put_right = f", put right {last.at:%Y-%m-%d} ({last.way.value})" if last and not now else now
    copy = f"{backup:%Y-%m-%d %H:%M} UTC" if backup else "none yet"
    if backup and SystemClock().now() - backup > OLD_BACKUP:
        copy += " (one is made each day while the kiosk runs: look at the room on the disk)"
    return f"{len(events)} events, newest backup {copy}{put_right}"


def _event(home: Path, settings: Settings) -> str:
    if not _has_database(home):
        raise no_event()
    with _database_at(home) as database:
        photos = SqlPhotoRepository(database)
        event = current_event(photos, settings)
        if event is None:
            raise no_event()
        count = photos.count(event.event_id)
    if count == 0:
        raise KnownError(
            ErrorCode.EVENT_WITHOUT_PHOTOS,
            f"The event {event.name!r} has no photo on sale.",
            f'Import some with: kiosk import DIR --event "{event.name}"',
        )
    return f"{event.name}, photos on sale: {count}"


def _watch(settings: Settings) -> str:
    folder = settings.event.watch_folder
    if not folder:
        return "no folder is watched"
    check_folder(Path(folder))
    return f"photos written to {folder} go on sale by themselves"


def _certainty(home: Path, settings: Settings) -> str:
    """What visitors of the event at hand meet, in the kiosk's language."""
    if not _has_database(home):
        return _NO_SIZE_YET
    contract_id = choose_engines(settings.vision).photos.contract_id
    with _database_at(home) as database:
        photos = SqlPhotoRepository(database)
        event = current_event(photos, settings)
        if event is None:
            return _NO_SIZE_YET
        faces = photos.face_count(event.event_id)
        calibration = choose_calibration(SqlCalibrations(database), contract_id)
    language = settings.kiosk.language
    words = in_words(certainty_of(calibration, wishes_of(settings.vision), faces), language)
    return f"{words} {origin_in_words(calibration, contract_id, language)}"


def no_event() -> KnownError:
    """What is wrong with a kiosk that has no event."""
    return KnownError(
        ErrorCode.EVENT_NONE, "There is no event yet.", "Make one with: kiosk import DIR --event NAME"
    )


def _index(home: Path, settings: Settings) -> str:
    gallery = settings.gallery
    if gallery.index == "exact":
        return "exact, in the data folder"
    if "://" not in gallery.milvus_uri and not Path(gallery.milvus_uri or home / "milvus.db").exists():
        return "Milvus Lite; its file is made when it is first used"
    contract_id = choose_engines(settings.vision).photos.contract_id
    try:
        choose_milvus(home, gallery, contract_id, open_vault(home).current_id()).close()
    except KnownError as error:
        if error.code is not ErrorCode.INDEX_LOCKED:
            raise
        return "Milvus Lite, held by a running kiosk"
    return "Milvus answers"


def _photos(home: Path, settings: Settings) -> str:
    if settings.photos.store == "folder":
        return "files in the data folder"
    choose_store(home, settings.photos)
    return f"bucket {settings.photos.minio_bucket} answers"


def _disk(home: Path) -> str:
    disk = disk_state(home)
    free = f"{disk.free_bytes / 1e9:.1f} GB free"
    if disk.state is not DiskState.OK:
        raise KnownError(ErrorCode.DISK_FULL, f"Only {free}.", "Make room on the disk of the data folder.")
    return free


def _prices(settings: Settings) -> str:
    packages = settings.sales.package_set()
    counted = f"{len(packages.packages)} packages"
    if packages.single is None:
        return f"{counted}; none for a single photo: whoever wants one pays for the smallest"
    return counted


def _printer(settings: Settings) -> str:
    """How each queue stands, by its server."""
    printing = settings.printing
    return printers_in_words(printing, choose_printer(printing), settings.sales.prints)


def _mail(settings: Settings) -> str:
    """Whether the server lets this kiosk in; nothing is sent."""
    if not settings.mail.server:
        return "photos are not sent by e-mail"
    log_in_to_mail(settings.mail, read_secret)
    return f"{settings.mail.server} lets this kiosk in"


def _line(settings: Settings) -> str:
    """Whether LINE takes the token; nothing is sent."""
    if not settings.line.account:
        return "photos are not sent by LINE"
    show_line_token(settings.line, read_secret)
    return f"LINE takes the token of {settings.line.account}"


def _payment(settings: Settings) -> str:
    gateway = choose_gateway(settings.payment)
    confirms = "confirms by itself" if gateway.confirms_by_itself else "staff confirm"
    return f"{gateway.name}, {confirms}"


_ALONE = "none; this kiosk stands alone"


def _centre(home: Path, settings: Settings) -> str:
    """Whether it lets this kiosk in now."""
    if not _has_database(home):
        if settings.central.url:
            raise not_enrolled()
        return _ALONE
    with _database_at(home) as database:
        door = choose_centre(settings.central, database, SystemClock())
        if door is None:
            return _ALONE
        enrolled = SqlEnrolment(database).enrolled()
        if enrolled is None:
            raise not_enrolled()
        try:
            off_s = ask_centre(door)
        finally:
            door.close()
    if abs(off_s) > CLOCK_OFF_S:
        raise clock_off(off_s)
    kept = "" if door.url.startswith("https://") else "; what is said on the way is not encrypted"
    return f"{door.url}, as {enrolled.code_prefix} of {enrolled.tenant}{kept}"


def _delivery(home: Path, settings: Settings) -> str:
    port = settings.delivery.port
    host = settings.delivery.host or local_address()
    try:
        listen(host, port).close()
    except KnownError as error:
        if error.code is not ErrorCode.PORT_TAKEN or not _is_running(home):
            raise
        return f"port {port} is held by the kiosk that runs"
    return f"port {port} of {host} is free" if port else f"any free port of {host}"


def _is_running(home: Path) -> bool:
    try:
        with SingleInstance(home):
            return False
    except KnownError as error:
        return error.code is ErrorCode.ALREADY_RUNNING
