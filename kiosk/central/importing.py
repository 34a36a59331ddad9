"""From a file that waits at the centre to a photo on sale, whoever does it and however often it is begun."""

from __future__ import annotations

import structlog

from kiosk.archive import Archive, importer_for
from kiosk.database.uploads import FileName, SqlUploads, Upload, UploadedFile
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.importer import ABOUT_THE_FILE, photo_id_of
from kiosk.photos.index_sync import index_again
from kiosk.photos.photo_source import PhotoSource

_log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 5
"""A file at which so many imports ended without a word (the process died) is not tried again."""


class FileImport:
    """Imports one waiting file at a time with the kiosk's own importer. Safe from several threads, processes
    and machines over the same stores.

    The file's row says what is to be done: it is marked as importing, the photo is written in one transaction
    of its own, then the row is marked for good and the waiting file deleted. Whoever dies between is followed
    by another, for whom the photo's id, made of event and content, tells that the photo is there already.
    """

    def __init__(self, archive: Archive, uploads: SqlUploads, threads: int = 1) -> None:
        """`threads` are used for one file."""
        self._archive = archive
        self._uploads = uploads
        self._threads = threads

    def run(self, name: FileName) -> None:
        """Imports a file; harmless for one that is done with. A file that cannot be taken is marked so.

        Raises KnownError for what is not the file's fault (DATABASE_*, DISK_FULL, INDEX_*, OBJECT_STORE_*,
        WEIGHTS_*): the file waits again.
        """
        begun = self._uploads.begin(name, self._archive.clock.now())
        if begun is None:
            return
        upload, file = begun
        try:
            self._import(name, upload, file)
        except KnownError as error:
            if error.code in ABOUT_THE_FILE or error.code is ErrorCode.EVENT_UNKNOWN:
                self._refuse(name, file, error)
            else:
                _log.warning("upload_import_failed", code=error.code, detail=error.detail)
                self._uploads.give_back(name, self._archive.clock.now())
                raise
        self._forget_waiting(file)

    def _import(self, name: FileName, upload: Upload, file: UploadedFile) -> None:
        archive = self._archive
        if archive.photos.has_content(upload.event_id, file.content_hash):
            is_first_time = file.attempts == 1
            if not is_first_time:
                # Whoever died after writing the photo may not have come to index it.
                photo_id = photo_id_of(upload.event_id, file.content_hash)
                index_again(archive.index, archive.photos, photo_id)
            self._uploads.settle(name, archive.clock.now(), was_there=is_first_time)
            return
        if file.attempts > MOST_ATTEMPTS:
            raise KnownError(
                ErrorCode.PHOTO_UNREADABLE,
                f"The import of this file ended abruptly {MOST_ATTEMPTS} times.",
                "Look at the file; export it again.",
            )
        source = PhotoSource(
            file_name=file.file_name,
            place=file.place,
            modified_at=file.received_at,
            data=self._waiting_bytes(file),
            content_hash=file.content_hash,
        )
        importer = importer_for(archive, archive.photos.event(upload.event_id), self._threads)
        importer.import_source(source, upload.is_public, upload.photographer)
        self._uploads.settle(name, archive.clock.now())

    def _waiting_bytes(self, file: UploadedFile) -> bytes:
        """Where another has imported the same file and deleted it a moment ago, its row is marked already,
        and what is raised here changes nothing."""
        try:
            return self._archive.store.get(file.object_key)
        except KnownError as error:
            if error.code is not ErrorCode.OBJECT_MISSING:
                raise
            raise KnownError(
                ErrorCode.PHOTO_UNREADABLE,
                "The file is no longer where it waited for its import.",
                "Send it again in a new upload.",
            ) from error

    def _refuse(self, name: FileName, file: UploadedFile, error: KnownError) -> None:
        now = self._archive.clock.now()
        self._uploads.refuse(name, error, now)
        _log.warning("upload_refused", file_name=file.file_name, code=error.code, reason=error.detail)

    def _forget_waiting(self, file: UploadedFile) -> None:
        """What is left when this fails takes room, and nothing else."""
        try:
            self._archive.store.delete(file.object_key)
        except KnownError as error:
            _log.warning("waiting_file_left", code=error.code, detail=error.detail)
