"""The event's photos with everything that reads them: rows, files, face engine, index, search, previews."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from kiosk.adapters import (
    Engines,
    ReadSecret,
    choose_centre,
    choose_engines,
    choose_index,
    choose_store,
    fetching_store,
    open_vault,
)
from kiosk.at_rest.rotation import Rotation
from kiosk.at_rest.vault import Vault
from kiosk.backup.placing import finish as finish_restore
from kiosk.clock import Clock, SystemClock
from kiosk.database.calibrations import SqlCalibrations
from kiosk.database.engine import Database, open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.restored import follow_up
from kiosk.database.shirt_numbers import SqlShirtNumberRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.calibration import Calibration, Wishes, certainty_of
from kiosk.gallery.calibration_file import shipped_calibration
from kiosk.gallery.types import Thresholds, VectorIndex
from kiosk.paths import models_folder
from kiosk.photos.certainty import CalibratedThresholds
from kiosk.photos.face_search import FaceSearch
from kiosk.photos.importer import WORKERS, PhotoImporter
from kiosk.photos.shown_previews import Previews
from kiosk.photos.types import ObjectStore, PhotoEvent
from kiosk.secrets import read_secret
from kiosk.settings import Settings, VisionSection
from kiosk.sync.door import CentreDoor
from kiosk.sync.fetched_store import FetchedObjectStore
from kiosk.vision.number_reader import ShirtNumberReader
from kiosk.vision.types import NumberReader

_log = structlog.get_logger(__name__)

DATABASE_FILE = "kiosk.db"


@dataclass(frozen=True, slots=True)
class Archive:
    """An open archive; `close` it. `settings` are those that it was opened with. Where they name a `centre`,
    the store fetches from there what is not here."""

    home: Path
    settings: Settings
    clock: Clock
    database: Database
    photos: SqlPhotoRepository
    shirt_numbers: SqlShirtNumberRepository
    store: ObjectStore
    engines: Engines
    number_reader: NumberReader
    index: VectorIndex
    thresholds: CalibratedThresholds
    search: FaceSearch
    previews: Previews
    centre: CentreDoor | None

    def close(self) -> None:
        """Lets go of the centre, the index and the database."""
        if isinstance(self.store, FetchedObjectStore):
            self.store.close()
        if self.centre is not None:
            self.centre.close()
        self.index.close()
        self.database.close()

    def current_event(self) -> PhotoEvent | None:
        """As the function of this name."""
        return current_event(self.photos, self.settings)


def open_archive(
    home: Path,
    settings: Settings,
    clock: Clock | None = None,
    index_folder: Path | None = None,
    database: Database | None = None,
    read_secret: ReadSecret = read_secret,
    milvus_index_type: str | None = None,
    vault: Vault | None = None,
) -> Archive:
    """Opens the archive in a kiosk's data folder, making what is not there yet.

    `index_folder` is another place for the exact index: a process beside a running kiosk brings its own.
    `database` is one that is open already, and the archive's from then on, as its vault is.
    `milvus_index_type` as `MilvusIndex` takes it. `vault`: another one than that of the machine's keyring.

    Raises KnownError: DATABASE_*, DISK_FULL, FOLDER_NOT_WRITABLE, WEIGHTS_*, MANIFEST_INVALID, INDEX_*,
    SECRET_*, SECRETS_*, KEY_LOST.
    """
    clock = clock or SystemClock()
    vault = (database.vault if database else vault) or open_vault(home)
    if database is None:
        finish_restore(home)
    database = database or open_database(home / DATABASE_FILE, clock, vault=vault)
    try:
        follow_up(database, clock)
        engines = choose_engines(settings.vision)
        photos = SqlPhotoRepository(database)
        centre = choose_centre(settings.central, database, clock, read_secret)
        store = choose_store(home, settings.photos, read_secret)
        if centre is not None and settings.photos.store == "folder":
            store = fetching_store(home, store, settings.central, centre, clock)
        index = choose_index(
            home,
            settings.gallery,
            engines.photos.contract_id,
            vault,
            EventRotations(vault, photos),
            index_folder,
            milvus_index_type,
        )
        calibration = partial(choose_calibration, SqlCalibrations(database), index.contract_id)
        thresholds = CalibratedThresholds(photos.face_count, calibration, wishes_of(settings.vision), clock)
        return Archive(
            home=home,
            settings=settings,
            clock=clock,
            database=database,
            photos=photos,
            shirt_numbers=SqlShirtNumberRepository(database),
            store=store,
            engines=engines,
            number_reader=ShirtNumberReader(models_folder()),
            index=index,
            thresholds=thresholds,
            search=FaceSearch(index, photos, thresholds),
            previews=Previews(store, photos),
            centre=centre,
        )
    except BaseException:
        database.close()
        raise


class EventRotations:
    """How the faces of an event are turned in an index: as its tenant's. Any thread."""

    def __init__(self, vault: Vault, photos: SqlPhotoRepository) -> None:
        self._vault = vault
        self._photos = photos
        self._tenants: dict[str, str] = {}

    def __call__(self, event_id: str) -> Rotation:
        """Raises KnownError EVENT_UNKNOWN, DATABASE_*, and what the vault raises."""
        if event_id not in self._tenants:
            self._tenants[event_id] = self._photos.event(event_id).tenant_id
        return self._vault.rotation(self._tenants[event_id])


def current_event(photos: SqlPhotoRepository, settings: Settings) -> PhotoEvent | None:
    """The event of the settings, else the one made last; None while there is none.

    Raises KnownError(EVENT_UNKNOWN) when the settings name one that does not exist.
    """
    if settings.event.name:
        return event_named(photos, settings.event.name)
    events = photos.events()
    return events[0] if events else None


def event_named(photos: SqlPhotoRepository, name: str) -> PhotoEvent:
    """The event of this name. Raises KnownError(EVENT_UNKNOWN)."""
    event = photos.event_by_name(name)
    if event is None:
        raise KnownError(
            ErrorCode.EVENT_UNKNOWN, f"There is no event {name!r}.", "List the events with: kiosk events"
        )
    return event


def importer_for(archive: Archive, event: PhotoEvent, threads: int = WORKERS) -> PhotoImporter:
    """Takes photos into one event of an archive, `threads` at a time: on sale at once, or when staff have
    looked at them, as the settings say."""
    return PhotoImporter(
        event,
        archive.photos,
        archive.store,
        archive.engines.photos,
        archive.index,
        archive.clock,
        ZoneInfo(archive.settings.kiosk.timezone),
        archive.number_reader if event.reads_numbers else None,
        threads,
        approves=archive.settings.event.approves_photos,
    )


def thresholds_of(database: Database, vision: VisionSection, contract_id: str) -> Callable[[int], Thresholds]:
    """From which similarity on somebody is who they resemble, among so many faces; as it is calibrated now.
    Raises what `choose_calibration` raises."""
    calibration, wishes = choose_calibration(SqlCalibrations(database), contract_id), wishes_of(vision)
    return lambda faces: certainty_of(calibration, wishes, faces).thresholds


def wishes_of(vision: VisionSection) -> Wishes:
    """What the settings settle of the thresholds."""
    return Wishes(
        vision.match_threshold, vision.maybe_threshold, vision.sure_false_hits, vision.maybe_false_hits
    )


def choose_calibration(stored: SqlCalibrations, contract_id: str) -> Calibration:
    """The one measured at this kiosk for the contract, else the one that ships with the weights; where there
    is none of the contract, another one's stands in, which its `contract_id` tells.

    Raises KnownError: CALIBRATION_INVALID (what ships is damaged), DATABASE_*.
    """
    try:
        found = stored.find(contract_id)
    except KnownError as error:
        if error.code is not ErrorCode.CALIBRATION_INVALID:
            raise
        _log.warning("calibration_unreadable", code=error.code, detail=error.detail)
        found = None
    return found or shipped_calibration(models_folder(), contract_id)
