"""From a photo in the archive to the page of its print."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.types import Photo, key_of_original
from kiosk.print_pages import print_pages
from kiosk.printing.types import PrintJob, PrintState
from kiosk.settings import PrintingSection
from tests.printing_shop import SMALL
from tests.visit import photo

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class Photos:
    """One photo, without faces."""

    def __init__(self, known: Photo) -> None:
        self._known = known

    def photo(self, photo_id: str) -> Photo:
        if photo_id != self._known.photo_id:
            raise KnownError(ErrorCode.PHOTO_UNKNOWN, photo_id)
        return self._known

    def photo_faces(self, photo_id: str) -> list[object]:
        return []


@pytest.fixture
def archive(tmp_path: Path) -> Any:
    """A store with the original of photo 1."""
    picture = io.BytesIO()
    Image.new("RGB", (1800, 1200), "teal").save(picture, "JPEG")
    store = FolderObjectStore(tmp_path)
    store.put(key_of_original(photo(1)), picture.getvalue())
    return SimpleNamespace(photos=Photos(photo(1)), store=store)


def job(number: int = 1) -> PrintJob:
    return PrintJob(
        job_id="j",
        order_id="o",
        line_id="l",
        order_code="K1-0001",
        photo_id=f"{number:032x}",
        paper=SMALL,
        copies=2,
        state=PrintState.WAITING,
        created_at=NOW,
        changed_at=NOW,
    )


def code_of(archive: Any, printing: PrintingSection, wanted: PrintJob) -> ErrorCode:
    with pytest.raises(KnownError) as error:
        print_pages(archive, printing)(wanted)
    return error.value.code


def test_the_page_is_of_the_jobs_paper_and_copies(archive: Any) -> None:
    page = print_pages(archive, PrintingSection())(job())
    assert (page.paper, page.copies) == (SMALL, 2)
    assert page.pdf.startswith(b"%PDF-")


def test_an_original_or_a_row_that_is_gone_is_said(archive: Any) -> None:
    archive.store.delete(key_of_original(photo(1)))
    assert code_of(archive, PrintingSection(), job()) is ErrorCode.PRINT_SOURCE_MISSING
    assert code_of(archive, PrintingSection(), job(2)) is ErrorCode.PRINT_SOURCE_MISSING


def test_a_frame_that_is_not_there_is_a_setting_to_mend(archive: Any, tmp_path: Path) -> None:
    printing = PrintingSection(frame=tmp_path / "none.png")
    assert code_of(archive, printing, replace(job(), copies=1)) is ErrorCode.SETTING_INVALID
