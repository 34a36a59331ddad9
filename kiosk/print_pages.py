"""The page of a print job: its photo cropped around the faces, with the kiosk's frame and profile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk.archive import Archive
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import key_of_original
from kiosk.printing.page import print_page
from kiosk.printing.types import PrintJob, PrintPage
from kiosk.settings import PrintingSection

_GONE = (ErrorCode.OBJECT_MISSING, ErrorCode.PHOTO_UNKNOWN)


def print_pages(archive: Archive, printing: PrintingSection) -> Callable[[PrintJob], PrintPage]:
    """Makes the pages of print jobs from the archive's originals.

    The callable takes about a second, and more where the original has to be fetched. It raises KnownError:
    PRINT_SOURCE_MISSING where the original or the photo's row is gone, SETTING_INVALID for a frame or profile
    that is of no use, PHOTO_*, CENTRE_*, OBJECT_STORE_UNREACHABLE.
    """

    def page(job: PrintJob) -> PrintPage:
        try:
            photo = archive.photos.photo(job.photo_id)
            original = archive.store.get(key_of_original(photo))
        except KnownError as gone:
            if gone.code not in _GONE:
                raise
            raise KnownError(
                ErrorCode.PRINT_SOURCE_MISSING,
                f"The original of photo {job.photo_id} is not here any more.",
                "Give the money for the print back, or bring the file back and print again.",
            ) from gone
        faces = [face.box for face in archive.photos.photo_faces(job.photo_id)]
        frame, profile = _read(printing.frame, "frame"), _read(printing.profile, "profile")
        return print_page(original, faces, job.paper, job.copies, frame, profile)

    return page


def _read(path: Path | None, name: str) -> bytes | None:
    """A file of the settings; read each time, for it may be mended while the kiosk runs."""
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as failed:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            f"The file of printing.{name} cannot be read: {failed.strerror}.",
            "Put it there, or name another.",
        ) from failed
