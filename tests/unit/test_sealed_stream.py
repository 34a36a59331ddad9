"""The sealed file of a backup: what was put in comes out, and nothing else ever does."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from kiosk.backup.manifest import check_name
from kiosk.backup.sealed_stream import CHUNK, MAGIC, SealingWriter, UnsealingReader
from kiosk.errors import ErrorCode, KnownError

PASSPHRASE = "ของขวัญ ten sheep"
_HEAD = len(MAGIC) + 26


def _sealed(data: bytes) -> bytes:
    file = io.BytesIO()
    writer = SealingWriter(file, PASSPHRASE, log_n=4)
    for at in range(0, len(data), 300_000):
        writer.write(data[at : at + 300_000])
    writer.close()
    return file.getvalue()


def _opened(sealed: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return UnsealingReader(io.BytesIO(sealed), passphrase).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_sealed_is_opened(size: int) -> None:
    data = random.Random(size).randbytes(size)
    sealed = _sealed(data)
    assert _opened(sealed) == data
    assert data[:64] not in sealed or size < 2
    reader, parts = UnsealingReader(io.BytesIO(sealed), PASSPHRASE), []
    while part := reader.read(70_001):
        parts.append(part)
    assert b"".join(parts) == data


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(KnownError) as refused:
        _opened(_sealed(b"secret"), PASSPHRASE + " ")
    assert refused.value.code is ErrorCode.BACKUP_PASSPHRASE


def test_thai_is_the_same_in_whichever_order_its_marks_were_typed() -> None:
    file = io.BytesIO()
    writer = SealingWriter(file, "caf\u00e9 passphrase", log_n=4)
    writer.close()
    assert _opened(file.getvalue(), "cafe\u0301 passphrase") == b""


@pytest.mark.parametrize("seed", range(20))
def test_a_changed_byte_anywhere_is_found(seed: int) -> None:
    sealed = bytearray(_sealed(bytes(2 * CHUNK + 5000)))
    chance = random.Random(seed)
    at = chance.randrange(_HEAD + CHUNK, len(sealed)) if seed % 2 else chance.randrange(len(MAGIC) + 3, _HEAD)
    sealed[at] ^= chance.randrange(1, 256)
    with pytest.raises(KnownError) as refused:
        _opened(bytes(sealed))
    wanted = ErrorCode.BACKUP_INVALID if seed % 2 else ErrorCode.BACKUP_PASSPHRASE
    assert refused.value.code is wanted


@pytest.mark.parametrize("kept", [0, 10, _HEAD, _HEAD + CHUNK + 16, _HEAD + 2 * (CHUNK + 16)])
def test_a_file_that_was_cut_is_found_also_between_two_chunks(kept: int) -> None:
    with pytest.raises(KnownError) as refused:
        _opened(_sealed(bytes(2 * CHUNK + 5000))[:kept])
    assert refused.value.code in (ErrorCode.BACKUP_INVALID, ErrorCode.BACKUP_PASSPHRASE)


def test_chunks_that_changed_places_are_found() -> None:
    sealed, step = _sealed(random.Random(0).randbytes(3 * CHUNK)), CHUNK + 16
    one, two = sealed[_HEAD : _HEAD + step], sealed[_HEAD + step : _HEAD + 2 * step]
    with pytest.raises(KnownError):
        _opened(sealed[:_HEAD] + two + one + sealed[_HEAD + 2 * step :])


def test_a_head_that_asks_for_endless_work_is_refused() -> None:
    sealed = bytearray(_sealed(b"x"))
    sealed[len(MAGIC)] = 40
    with pytest.raises(KnownError) as refused:
        _opened(bytes(sealed))
    assert refused.value.code is ErrorCode.BACKUP_INVALID


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/passwd",
        "objects/../../x",
        "objects//x",
        "objects",
        "objects/.hidden",
        "other/x",
        "",
        "c:x",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(KnownError):
        check_name(name)


def test_files_elsewhere_are_no_part(tmp_path: Path) -> None:
    assert check_name("objects/people/a/b.jpg") == "objects/people/a/b.jpg"
    assert check_name("kiosk.db") == "kiosk.db"
