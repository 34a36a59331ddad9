"""What the folder of files says where a read fails."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.folder_store import FolderObjectStore


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (errno.ENOENT, ErrorCode.OBJECT_MISSING),
        (errno.EIO, ErrorCode.OBJECT_STORE_UNREACHABLE),
        (errno.EMFILE, ErrorCode.OBJECT_STORE_UNREACHABLE),
    ],
)
def test_a_file_that_cannot_be_read_now_is_not_called_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int, code: ErrorCode
) -> None:
    store = FolderObjectStore(tmp_path)
    store.put("events/e1/p1.jpg", b"picture")

    def fails(_: Path) -> bytes:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(Path, "read_bytes", fails)
    with pytest.raises(KnownError) as told:
        store.get("events/e1/p1.jpg")
    assert told.value.code is code
