"""From a folder of files to photos on sale."""

from __future__ import annotations

import hashlib
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import structlog

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import FaceKey, VectorIndex
from kiosk.photos.decoding import Picture, load_upright, read_picture_file
from kiosk.photos.exif import BANGKOK
from kiosk.photos.folder_scan import picture_files, place_of
from kiosk.photos.import_report import ImportProgress, ImportReport, RefusedFile
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.photos.previews import make_previews
from kiosk.photos.types import (
    Face,
    ObjectStore,
    Photo,
    PhotoEvent,
    PhotoRepository,
    key_of_original,
    preview_key,
)
from kiosk.vision.types import FaceEngine

_log = structlog.get_logger(__name__)
_WORKERS = 2
_IN_FLIGHT = 4
"""Files held in memory at once: two at work, two read ahead."""
_NUMBER_ATTEMPTS = 20
_ABOUT_THE_FILE = frozenset(
    {
        ErrorCode.PHOTO_EMPTY,
        ErrorCode.PHOTO_UNREADABLE,
        ErrorCode.PHOTO_TRUNCATED,
        ErrorCode.PHOTO_TOO_LARGE,
        ErrorCode.PHOTO_NOT_A_PICTURE,
        ErrorCode.PHOTO_TOO_SMALL,
    }
)


class PhotoImporter:
    """Takes files into one event. Used by one thread at a time; works on two more.

    Each file: read, recognised by content, decoded, its original put into the store, previews made, faces
    found, then photo and faces written in one transaction, then indexed. The photo's id follows from the
    event and the content, so whatever an interrupted import left behind is written over by the next one, and
    a photo is visible only when all of it is there.
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
    ) -> None:
        """`zone` is where the cameras' clocks are set whose EXIF does not say."""
        self._event = event
        self._photos = photos
        self._store = store
        self._engine = engine
        self._index = index
        self._clock = clock
        self._zone = zone

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
        `photographer` goes before the one that EXIF names. Raises KnownError: FOLDER_MISSING,
        FOLDER_WITHOUT_PHOTOS, CONTRACT_MISMATCH, and what the stores raise (DISK_FULL, DATABASE_*, INDEX_*).
        """
        if self._engine.contract_id != self._index.contract_id:
            raise KnownError(
                ErrorCode.CONTRACT_MISMATCH,
                "The face engine and the index use other weights.",
                "Restart the kiosk.",
            )
        started_s = self._clock.monotonic_s()
        files = picture_files(folder)
        verify_and_rebuild(self._index, self._photos, self._event.event_id)
        run = _Run(folder, len(files), is_public, photographer)
        self._work_through(files, run, progress)
        if run.has_no_picture:
            raise KnownError(
                ErrorCode.FOLDER_WITHOUT_PHOTOS, f"There is no picture in {folder}.", "Choose another folder."
            )
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

        pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="photo-import")
        try:
            for path in files:
                if len(waiting) >= _IN_FLIGHT:
                    finish_oldest()
                waiting.append(self._start(path, run, pool))
            while waiting:
                finish_oldest()
        finally:
            pool.shutdown(cancel_futures=True)

    def _start(self, path: Path, run: _Run, pool: ThreadPoolExecutor) -> _Started:
        """Reads a file and hands it to the pool, unless its content is known."""
        try:
            source = _read(path, run.folder)
        except KnownError as error:
            return _Started(path, refusal=error)
        content_hash = source.content_hash
        if content_hash in run.started or self._photos.has_content(self._event.event_id, content_hash):
            return _Started(path, content_hash)
        run.started.add(content_hash)
        return _Started(path, content_hash, pool.submit(self._prepare, source, run))

    def _prepare(self, source: _Source, run: _Run) -> _Prepared:
        """Runs on a worker: everything up to the database."""
        picture = load_upright(source.data, zone=self._zone)
        photo = self._describe(source, picture, run)
        self._store.put(key_of_original(photo), source.data)
        for size, jpeg in make_previews(picture.image, f"PREVIEW · {self._event.name}").items():
            self._store.put(preview_key(photo.event_id, photo.photo_id, size), jpeg)
        pixels = picture.pixels()
        detections = self._engine.detect(pixels)
        embeddings = self._engine.embed(pixels, detections)
        faces = tuple(
            Face(ordinal, detection.box, detection.score, embedding)
            for ordinal, (detection, embedding) in enumerate(zip(detections, embeddings, strict=True))
        )
        return _Prepared(photo, faces)

    def _describe(self, source: _Source, picture: Picture, run: _Run) -> Photo:
        """The photo without its number, which it gets when its turn comes."""
        exif = picture.exif
        event_id = self._event.event_id
        return Photo(
            photo_id=uuid.uuid5(uuid.NAMESPACE_OID, f"{event_id}/{source.content_hash}").hex,
            event_id=event_id,
            number=0,
            file_name=source.file_name,
            content_hash=source.content_hash,
            width=picture.image.width,
            height=picture.image.height,
            taken_at=exif.taken_at or source.modified_at,
            is_time_known=exif.taken_at is not None,
            imported_at=self._clock.now(),
            photographer=run.photographer or exif.photographer,
            camera=exif.camera,
            place=source.place,
            latitude=exif.latitude,
            longitude=exif.longitude,
            is_public=run.is_public,
        )

    def _finish(self, started: _Started, run: _Run) -> None:
        """In the order of the files: writes what was prepared, or notes why there is nothing to write."""
        if started.refusal is not None:
            run.refuse(started, started.refusal)
        elif started.prepared is None:
            run.note_same_content(started)
        else:
            try:
                run.faces += self._put_on_sale(started.prepared.result())
                run.taken += 1
            except KnownError as error:
                if error.code is ErrorCode.PHOTO_DUPLICATE:
                    run.duplicates += 1
                elif error.code in _ABOUT_THE_FILE:
                    run.refuse(started, error)
                else:
                    raise

    def _put_on_sale(self, prepared: _Prepared) -> int:
        """Numbers the photo, writes it and its faces at once, then indexes them; returns how many faces.

        Between the row and the index a dying process leaves a photo that search does not find yet: the next
        `verify_and_rebuild`, at start or before an import, adds it.
        """
        event_id, faces = self._event.event_id, prepared.faces
        for attempt in range(_NUMBER_ATTEMPTS):
            photo = replace(prepared.photo, number=self._photos.next_number(event_id))
            try:
                self._photos.add_photo(photo, faces)
                break
            except KnownError as error:
                if error.code is not ErrorCode.PHOTO_NUMBER_TAKEN or attempt == _NUMBER_ATTEMPTS - 1:
                    raise
        keys = [FaceKey(prepared.photo.photo_id, face.ordinal) for face in faces]
        self._index.add(event_id, keys, [face.embedding for face in faces])
        return len(faces)


@dataclass(frozen=True, slots=True)
class _Source:
    """A file as it was read."""

    file_name: str
    place: str
    modified_at: datetime
    data: bytes
    content_hash: str


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A photo whose files are stored, without its number, and its faces."""

    photo: Photo
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class _Started:
    """A file on its way: refused at reading, at work, or (neither) of a content that is known."""

    path: Path
    content_hash: str = ""
    prepared: Future[_Prepared] | None = None
    refusal: KnownError | None = None


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
        file_name = _printable(started.path.relative_to(self.folder).as_posix())
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
        name = _printable(path.name)
        return ImportProgress(done, self.total, name, self.taken, self.duplicates, len(self.refused))


def _read(path: Path, folder: Path) -> _Source:
    data = read_picture_file(path)
    try:
        modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise KnownError(ErrorCode.PHOTO_UNREADABLE, "The file went away while it was read.") from error
    return _Source(
        file_name=_printable(path.name),
        place=_printable(place_of(path, folder)),
        modified_at=modified_at,
        data=data,
        content_hash=hashlib.sha256(data).hexdigest(),
    )


def _printable(name: str) -> str:
    """A file name as text that a database takes, also when its bytes are not UTF-8."""
    return name.encode("utf-8", "replace").decode("utf-8")
