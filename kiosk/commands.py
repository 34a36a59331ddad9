"""What the command line does with an archive: import, list, search, evaluate, calibrate."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.archive import (
    Archive,
    choose_calibration,
    event_named,
    importer_for,
    open_archive,
)
from kiosk.at_rest.vault import PassingKeys, Vault
from kiosk.calibrate import Measured, measure
from kiosk.database.calibrations import SqlCalibrations
from kiosk.errors import ErrorCode, KnownError
from kiosk.evaluate import EvaluatedSystem, Evaluation, Progress, run_evaluation
from kiosk.event_folder import EventFolder, event_to_import_into
from kiosk.gallery.calibration import Targets
from kiosk.gallery.types import PhotoMatch
from kiosk.photos.decoding import load_upright, read_picture_file
from kiosk.photos.folder_scan import holds_a_picture
from kiosk.photos.folder_watch import check_folder
from kiosk.photos.import_report import ImportProgress, ImportReport
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.photos.types import Photo, PhotoEvent
from kiosk.settings import Settings, load_settings
from kiosk.vision.probe import probe_from_picture


@contextmanager
def archive_at(home: Path, settings: Settings | None = None, vault: Vault | None = None) -> Iterator[Archive]:
    """An archive that is closed at the end.

    Beside a running kiosk, which holds the index, it has an index of its own for the time being: the rows are
    what counts, and the kiosk takes them into its index within seconds.
    """
    settings = settings or load_settings(home)
    with tempfile.TemporaryDirectory(prefix="kiosk-index-") as own_index:
        try:
            archive = open_archive(home, settings, vault=vault)
        except KnownError as error:
            if error.code is not ErrorCode.INDEX_LOCKED:
                raise
            archive = open_archive(home, settings, index_folder=Path(own_index), vault=vault)
        try:
            yield archive
        finally:
            archive.close()


def import_folder(
    archive: Archive,
    folder: Path,
    event_name: str,
    progress: Callable[[ImportProgress], None] | None = None,
    photographer: str = "",
    is_public: bool = False,
) -> ImportReport:
    """Imports a folder into an event. Raises what `PhotoImporter.import_folder` raises.

    A folder without a picture makes no event: the kiosk would show it, being the newest.
    """
    if archive.photos.event_by_name(event_name) is None and not holds_a_picture(folder):
        raise KnownError(
            ErrorCode.FOLDER_WITHOUT_PHOTOS, f"There is no picture in {folder}.", "Choose another folder."
        )
    event = event_to_import_into(archive, event_name)
    return importer_for(archive, event).import_folder(folder, progress, is_public, photographer)


def watch_folder(
    archive: Archive,
    folder: Path,
    event_name: str,
    tell: Callable[[ImportReport], None],
    is_over: Callable[[], bool],
    photographer: str = "",
    is_public: bool = False,
) -> None:
    """Imports a folder's photos into an event as they are written; `tell` hears of every few.

    Raises KnownError FOLDER_MISSING at the start, and what `FolderWatch.run` raises.
    """
    check_folder(folder)
    event = event_to_import_into(archive, event_name)
    verify_and_rebuild(archive.index, archive.photos, event.event_id)
    EventFolder(archive, folder, event, photographer, is_public).run(is_over, tell)


@dataclass(frozen=True, slots=True)
class EventSummary:
    """An event and how many photos it has on sale."""

    event: PhotoEvent
    photo_count: int


def list_events(archive: Archive) -> list[EventSummary]:
    """All events, the newest first."""
    return [EventSummary(event, archive.photos.count(event.event_id)) for event in archive.photos.events()]


NO_MATCH = "no_match"
"""Among the reasons of a `PictureSearch`: a face was searched and no photo found."""


@dataclass(frozen=True, slots=True)
class PictureSearch:
    """What a search by a still picture found; `reasons` say what is wrong with the picture or the outcome."""

    matches: tuple[PhotoMatch, ...]
    photos: dict[str, Photo]
    reasons: tuple[str, ...]


def search_picture(archive: Archive, picture: Path, event_name: str) -> PictureSearch:
    """The photos of the main person in a picture. Raises KnownError PHOTO_*, EVENT_UNKNOWN."""
    event = event_named(archive.photos, event_name)
    verify_and_rebuild(archive.index, archive.photos, event.event_id)
    pixels = load_upright(read_picture_file(picture)).pixels()
    outcome = probe_from_picture(archive.engines.photos, pixels)
    reasons = tuple(str(reason) for reason in outcome.reasons)
    if outcome.embedding is None:
        return PictureSearch((), {}, reasons)
    matches = tuple(archive.search.find(event.event_id, (outcome.embedding,)))
    photos = archive.photos.photos_by_id([match.photo_id for match in matches])
    return PictureSearch(matches, photos, reasons if matches else (*reasons, NO_MATCH))


@contextmanager
def _throw_away(settings: Settings) -> Iterator[tuple[Archive, EvaluatedSystem]]:
    """An archive that is gone afterwards, with the engine of the settings, and what is measured in it. Nobody
    looks at its photos first."""
    on_sale_at_once = settings.event.model_copy(update={"approves_photos": False})
    settings = settings.model_copy(update={"event": on_sale_at_once})
    with (
        tempfile.TemporaryDirectory(prefix="kiosk-measured-") as home,
        archive_at(Path(home), settings, Vault(PassingKeys())) as archive,
    ):
        event = event_to_import_into(archive, "measured")
        yield (
            archive,
            EvaluatedSystem(
                event.event_id,
                archive.engines.photos,
                archive.index,
                archive.photos,
                importer_for(archive, event),
            ),
        )


def evaluate_folder(
    settings: Settings, folder: Path, scores_to: Path | None, progress: Progress | None
) -> Evaluation:
    """Measures recognition on a labelled folder with the engine of the settings. Raises what `run_evaluation`
    raises."""
    with _throw_away(settings) as (archive, system):
        kin = archive.thresholds(system.event_id).kin
        return run_evaluation(folder, system, kin, scores_to=scores_to, progress=progress)


def calibrate_folder(archive: Archive, folder: Path, targets: Targets, progress: Progress) -> Measured:
    """Measures how similar strangers get, and keeps it in `archive`. Raises what `measure` raises."""
    with _throw_away(archive.settings) as (_, system):
        measured = measure(folder, system, archive.clock.now(), targets, progress)
    SqlCalibrations(archive.database).store(measured.calibration)
    return measured


def retarget(archive: Archive, targets: Targets) -> None:
    """Other targets for the calibration in use. Raises KnownError(CALIBRATION_MISSING): it is of another face
    engine, and only stands in."""
    stored = SqlCalibrations(archive.database)
    calibration = choose_calibration(stored, archive.index.contract_id)
    if calibration.contract_id != archive.index.contract_id:
        raise KnownError(
            ErrorCode.CALIBRATION_MISSING,
            "This face engine was never calibrated.",
            "Calibrate it with a labelled folder: kiosk calibrate FOLDER",
        )
    stored.store(calibration.model_copy(update={"targets": targets}))
