"""From a folder of files to photos on sale."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import Self

import cv2
import structlog

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import FaceKey, VectorIndex
from kiosk.photos.decoding import Picture, load_upright
from kiosk.photos.exif import BANGKOK
from kiosk.photos.folder_scan import picture_files
from kiosk.photos.import_report import ImportProgress, ImportReport, RefusedFile
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.photos.photo_faces import ENOUGH_PX, faces_of
from kiosk.photos.photo_source import PhotoSource, name_in, printable, read_source
from kiosk.photos.previews import make_previews
from kiosk.photos.types import (
    Face,
    ObjectStore,
    Photo,
    PhotoEvent,
    PhotoRepository,
    PhotoState,
    PreviewSize,
    key_of_original,
    preview_key,
)
from kiosk.vision.types import FaceEngine, NumberReader, ShirtNumber

_log = structlog.get_logger(__name__)
WORKERS = 2
_IN_FLIGHT = 5
"""Photos on their way at once: two at work, one being stored, two read ahead."""
_MAX_IN_FLIGHT_BYTES = 640 * 2**20
"""All files and decoded pixels on their way together. A picture that needs more goes alone."""
_NUMBER_ATTEMPTS = 20
ABOUT_THE_FILE = frozenset(
    {
        ErrorCode.PHOTO_EMPTY,
        ErrorCode.PHOTO_UNREADABLE,
        ErrorCode.PHOTO_TRUNCATED,
        ErrorCode.PHOTO_TOO_LARGE,
        ErrorCode.PHOTO_NOT_A_PICTURE,
        ErrorCode.PHOTO_TOO_SMALL,
    }
)
"""What a file is refused for, for good. Anything else is not its fault."""


class PhotoImporter:
    """Takes files into one event. Used by one thread at a time; works on `threads` and one more.

    The caller's thread reads each file and recognises its content; one of two workers decodes it, makes the
    previews and finds the faces; a third thread stores the files meanwhile, waiting for the disk. Back on the
    caller's thread, in the order of the files, photo and faces are written in one transaction and indexed.
    What is on its way is bounded in number and in bytes, so memory does not grow with the folder.

    The photo's id follows from the event and the content, so whatever an interrupted import left behind is
    written over by the next one, and a photo is visible only when all of it is there.
    """

    def __init__(
        self,
        event: PhotoEvent,
        photos: PhotoRepository,
        store: ObjectStore,
        engine: FaceEngine,
        index: VectorIndex,
        clock: Clock,
        zone: tzinfo = BANGKOK,
        number_reader: NumberReader | None = None,
        threads: int = WORKERS,
        *,
        approves: bool = False,
    ) -> None:
        """`zone` is where the cameras' clocks are set whose EXIF does not say; without a `number_reader` no
        numbers on shirts are read. `threads` pictures are at work at once, each on one thread. With
        `approves` photos wait for staff before they go on sale."""
        self._event = event
        self._photos = photos
        self._store = store
        self._engine = engine
        self._index = index
        self._clock = clock
        self._zone = zone
        self._number_reader = number_reader
        self._threads = threads
        self._state = PhotoState.TO_APPROVE if approves else PhotoState.ON_SALE

    def import_folder(
        self,
        folder: Path,
        progress: Callable[[ImportProgress], None] | None = None,
        is_public: bool = False,
        photographer: str = "",
    ) -> ImportReport:
        """Imports every file of a folder and its subfolders, numbered in the order of their paths.

        A file that cannot be taken is reported and the rest goes on. `progress` is called on the caller's
        thread after each file; an exception that it raises ends the import, which can be taken up again.
        `photographer` goes before the one that EXIF names. Raises KnownError: FOLDER_MISSING (also for a card
        that is pulled out on the way; what was read is on sale by then), FOLDER_WITHOUT_PHOTOS,
        CONTRACT_MISMATCH, and what the stores raise (DISK_FULL, DATABASE_*, INDEX_*).
        """
        self._check_contract()
        started_s = self._clock.monotonic_s()
        files = picture_files(folder)
        verify_and_rebuild(self._index, self._photos, self._event.event_id)
        run = _Run(folder, len(files), is_public, photographer)
        self._work_through(files, run, progress)
        if run.has_no_picture:
            raise KnownError(
                ErrorCode.FOLDER_WITHOUT_PHOTOS, f"There is no picture in {folder}.", "Choose another folder."
            )
        return self._report(run, started_s)

    def import_files(
        self, files: Sequence[Path], folder: Path, is_public: bool = False, photographer: str = ""
    ) -> ImportReport:
        """Imports these files of a folder and its subfolders, in their order; the index is taken as it is.

        A file that cannot be taken is in the report under its `name_in`. Raises KnownError:
        CONTRACT_MISMATCH, and what the stores raise.
        """
        self._check_contract()
        started_s = self._clock.monotonic_s()
        run = _Run(folder, len(files), is_public, photographer)
        self._work_through(files, run, None)
        return self._report(run, started_s)

    def import_source(self, source: PhotoSource, is_public: bool = False, photographer: str = "") -> bool:
        """Imports one file that was read elsewhere; False when the event has its content already.

        Raises KnownError: one of ABOUT_THE_FILE when it cannot be taken, CONTRACT_MISMATCH, and what the
        stores raise.
        """
        self._check_contract()
        if self._photos.has_content(self._event.event_id, source.content_hash):
            return False
        run = _Run(Path(), 1, is_public, photographer)
        with _Threads(self._threads) as threads:
            prepared = threads.workers.submit(self._prepare, source, run, threads).result()
            prepared.stored.result()
        try:
            self._put_on_sale(prepared)
        except KnownError as error:
            if error.code is ErrorCode.PHOTO_DUPLICATE:
                self._keep_no_files_of(prepared.photo)
                return False
            raise
        return True

    def _check_contract(self) -> None:
        if self._engine.contract_id != self._index.contract_id:
            raise KnownError(
                ErrorCode.CONTRACT_MISMATCH,
                "The face engine and the index use other weights.",
                "Restart the kiosk.",
            )

    def _report(self, run: _Run, started_s: float) -> ImportReport:
        seconds = self._clock.monotonic_s() - started_s
        _log.info(
            "photos_imported",
            taken=run.taken,
            duplicates=run.duplicates,
            refused=len(run.refused),
            faces=run.faces,
        )
        return ImportReport(run.taken, run.duplicates, tuple(run.refused), run.faces, seconds)

    def _work_through(
        self, files: Iterable[Path], run: _Run, progress: Callable[[ImportProgress], None] | None
    ) -> None:
        waiting: deque[_Started] = deque()

        def finish_oldest() -> None:
            oldest = waiting.popleft()
            self._finish(oldest, run)
            if progress is not None:
                progress(run.progress(oldest.path))

        with _Threads(self._threads) as threads:
            for path in files:
                started = self._start(path, run)
                is_gone = started.refusal is not None and not run.folder.is_dir()
                while waiting and (is_gone or not _has_room(waiting, started)):
                    finish_oldest()
                if is_gone:
                    raise _gone(run.folder)
                if started.source is not None:
                    started.prepared = threads.workers.submit(self._prepare, started.source, run, threads)
                    started.source = None
                waiting.append(started)
            while waiting:
                finish_oldest()

    def _start(self, path: Path, run: _Run) -> _Started:
        """Reads a file, and weighs it unless its content is known."""
        try:
            source = read_source(path, run.folder)
        except KnownError as error:
            return _Started(path, refusal=error)
        content_hash = source.content_hash
        if content_hash in run.started or self._photos.has_content(self._event.event_id, content_hash):
            return _Started(path, content_hash)
        run.started.add(content_hash)
        return _Started(path, content_hash, source, weight_bytes=source.weight_bytes)

    def _prepare(self, source: PhotoSource, run: _Run, threads: _Threads) -> _Prepared:
        """Runs on a worker: everything up to the database."""
        # Numbers far away are read from all pixels; faces and previews need no more than ENOUGH_PX of them.
        enough_px = None if self._number_reader else ENOUGH_PX
        picture = load_upright(source.data, zone=self._zone, enough_px=enough_px)
        photo = self._describe(source, picture, run)
        pixels = picture.pixels()
        files = {key_of_original(photo): source.data}
        for size, jpeg in make_previews(pixels, f"PREVIEW · {self._event.name}").items():
            files[preview_key(photo.event_id, photo.photo_id, size)] = jpeg
        stored = threads.storing.submit(self._store_all, files)
        faces = faces_of(picture, source.data, self._engine)
        numbers = self._number_reader.read(pixels) if self._number_reader else None
        return _Prepared(photo, faces, stored, numbers)

    def _store_all(self, files: Mapping[str, bytes]) -> None:
        for object_key, data in files.items():
            self._store.put(object_key, data)

    def _describe(self, source: PhotoSource, picture: Picture, run: _Run) -> Photo:
        """The photo without its number, which it gets when its turn comes."""
        exif = picture.exif
        event_id = self._event.event_id
        return Photo(
            photo_id=photo_id_of(event_id, source.content_hash),
            event_id=event_id,
            number=0,
            file_name=source.file_name,
            content_hash=source.content_hash,
            width=picture.width,
            height=picture.height,
            taken_at=exif.taken_at or source.modified_at,
            is_time_known=exif.taken_at is not None,
            imported_at=self._clock.now(),
            photographer=run.photographer or exif.photographer,
            camera=exif.camera,
            place=source.place,
            latitude=exif.latitude,
            longitude=exif.longitude,
            is_public=run.is_public,
            state=self._state,
        )

    def _finish(self, started: _Started, run: _Run) -> None:
        """In the order of the files: writes what was prepared, or notes why there is nothing to write."""
        if started.refusal is not None:
            run.refuse(started, started.refusal)
        elif started.prepared is None:
            run.note_same_content(started)
        else:
            try:
                prepared = started.prepared.result()
                prepared.stored.result()
                run.faces += self._put_on_sale(prepared)
                run.taken += 1
            except KnownError as error:
                if error.code is ErrorCode.PHOTO_DUPLICATE:
                    run.duplicates += 1
                    self._keep_no_files_of(prepared.photo)
                elif error.code in ABOUT_THE_FILE:
                    run.refuse(started, error)
                else:
                    raise

    def _keep_no_files_of(self, photo: Photo) -> None:
        """Of a photo that was forgotten while it was on its way here the files are in the store again."""
        try:
            self._photos.photo(photo.photo_id)
        except KnownError as error:
            if error.code is not ErrorCode.PHOTO_UNKNOWN:
                raise
            previews = (preview_key(photo.event_id, photo.photo_id, size) for size in PreviewSize)
            for object_key in (key_of_original(photo), *previews):
                self._store.delete(object_key)

    def _put_on_sale(self, prepared: _Prepared) -> int:
        """Numbers the photo, writes it and its faces at once, then indexes them; returns how many faces. One
        that staff are to look at first is found by nobody: it is not indexed.

        Between the row and the index a dying process leaves a photo that search does not find yet: the next
        `verify_and_rebuild`, at start or before an import, adds it.
        """
        event_id, faces = self._event.event_id, prepared.faces
        for attempt in range(_NUMBER_ATTEMPTS):
            photo = replace(prepared.photo, number=self._photos.next_number(event_id))
            try:
                self._photos.add_photo(photo, faces, prepared.numbers)
                break
            except KnownError as error:
                if error.code is not ErrorCode.PHOTO_NUMBER_TAKEN or attempt == _NUMBER_ATTEMPTS - 1:
                    raise
        if self._state is not PhotoState.ON_SALE:
            return len(faces)
        keys = [FaceKey(prepared.photo.photo_id, face.ordinal) for face in faces]
        self._index.add(event_id, keys, [face.embedding for face in faces])
        return len(faces)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A photo without its number, and its faces; its files are in the store when `stored` is done. `numbers`
    are those on shirts; None where they were not read."""

    photo: Photo
    faces: tuple[Face, ...]
    stored: Future[None]
    numbers: Sequence[ShirtNumber] | None


@dataclass(slots=True)
class _Started:
    """A file on its way: refused at reading, read (`source`), at work (`prepared`), or of a content that is
    known. `weight_bytes` is what it takes in memory at most."""

    path: Path
    content_hash: str = ""
    source: PhotoSource | None = None
    weight_bytes: int = 0
    prepared: Future[_Prepared] | None = None
    refusal: KnownError | None = None


class _Threads:
    """The threads of one import; what waits for them when it ends early is dropped."""

    def __init__(self, workers: int) -> None:
        self.workers = ThreadPoolExecutor(workers, "photo-import", initializer=_one_thread_a_picture)
        self.storing = ThreadPoolExecutor(1, "photo-store")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.workers.shutdown(cancel_futures=True)
        self.storing.shutdown(cancel_futures=True)


@dataclass(slots=True)
class _Run:
    """The counts of one import; belongs to the caller's thread."""

    folder: Path
    total: int
    is_public: bool
    photographer: str
    taken: int = 0
    duplicates: int = 0
    faces: int = 0
    refused: list[RefusedFile] = field(default_factory=list)
    started: set[str] = field(default_factory=set)
    refusals: dict[str, KnownError] = field(default_factory=dict)

    def refuse(self, started: _Started, error: KnownError) -> None:
        """Notes a file that could not be taken."""
        file_name = name_in(self.folder, started.path)
        self.refused.append(RefusedFile(file_name, error.code, error.detail))
        if started.content_hash:
            self.refusals[started.content_hash] = error
        _log.warning("photo_refused", file_name=file_name, code=str(error.code), reason=error.detail)

    def note_same_content(self, started: _Started) -> None:
        """A second file of the same content shares the first one's fate."""
        refusal = self.refusals.get(started.content_hash)
        if refusal is None:
            self.duplicates += 1
        else:
            self.refuse(started, refusal)

    @property
    def has_no_picture(self) -> bool:
        """Whether nothing in the folder was so much as a picture."""
        return self.total == sum(one.code is ErrorCode.PHOTO_NOT_A_PICTURE for one in self.refused)

    def progress(self, path: Path) -> ImportProgress:
        done = self.taken + self.duplicates + len(self.refused)
        name = printable(path.name)
        return ImportProgress(done, self.total, name, self.taken, self.duplicates, len(self.refused))


def photo_id_of(event_id: str, content_hash: str) -> str:
    """The id of the photo that a content becomes in an event, whoever imports it and however often."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{event_id}/{content_hash}").hex


def _one_thread_a_picture() -> None:
    """Two pictures at once use two cores better than both cores on each picture, one after the other."""
    cv2.setNumThreads(1)


def _has_room(waiting: Collection[_Started], new: _Started) -> bool:
    held = sum(one.weight_bytes for one in waiting)
    return len(waiting) < _IN_FLIGHT and held + new.weight_bytes <= _MAX_IN_FLIGHT_BYTES


def _gone(folder: Path) -> KnownError:
    return KnownError(
        ErrorCode.FOLDER_MISSING,
        f"{folder} went away during the import.",
        "Put the card in again and import again: it goes on where it stopped.",
    )
