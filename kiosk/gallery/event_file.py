"""One event's faces in one memory-mapped file: a header, then records of a fixed size.

Record: the vector (512 float32), the key (photo id 16 bytes, ordinal uint16), a CRC-32 of both, and a mark
that says live or gone. A record is written first and counted afterwards, so a writer that dies in between
leaves a tail that nobody counts. Records lie at a constant stride, which BLAS takes as it is: a search copies
nothing out of the map.
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import struct
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.types import EMBEDDING_SIZE, FloatArray

MAGIC = b"FACEIDX\n"
VERSION = 1
KEY_BYTES = 18
_HEADER = struct.Struct("<8sII32sQQ")
"""Magic, version, dimensions, sha256 of the contract id, count of records, the count xor a mask."""
_COUNT = struct.Struct("<QQ")
_COUNT_OFFSET = _HEADER.size - _COUNT.size
HEADER_BYTES = 4096
RECORD = np.dtype(
    [
        ("vector", "<f4", (EMBEDDING_SIZE,)),
        ("key", "V18"),
        ("spare", "V6"),
        ("crc", "<u4"),
        ("gone", "<u4"),
    ]
)
_CHECKED_BYTES = EMBEDDING_SIZE * 4 + KEY_BYTES
_LIVE, _GONE = 0, 0xFFFF_FFFF
_COUNT_MASK = 0xA5A5_5A5A_C3C3_3C3C
_FIRST_CAPACITY = 512
_COMPACT_FROM = 64
_REBUILD = "It is rebuilt from the database by itself."


def damaged(path: Path, what: str) -> KnownError:
    """The error for a file that cannot be trusted."""
    return KnownError(
        ErrorCode.INDEX_DAMAGED, f"The face index {path.parent.name} is damaged: {what}.", _REBUILD
    )


def _contract_digest(contract_id: str) -> bytes:
    return hashlib.sha256(contract_id.encode()).digest()


class EventFile:
    """The faces of one event. Writers take turns; searches run beside them on what was counted when they
    began. A face that is replaced is missing from searches for the instant between two assignments.

    Opening checks every record. Raises KnownError: INDEX_DAMAGED, CONTRACT_MISMATCH, DISK_FULL.
    """

    def __init__(self, path: Path, contract_id: str) -> None:
        self._path = path
        self._contract_id = contract_id
        self._lock = threading.RLock()
        self._rows: dict[bytes, int] = {}
        if not path.exists():
            _write_new(path, contract_id, np.empty(0, RECORD))
        self._open()
        gone = len(self._counted) - len(self._rows)
        if gone >= _COMPACT_FROM and gone > len(self._rows):
            self._compact()

    @property
    def keys(self) -> list[bytes]:
        """The keys of the live faces."""
        with self._lock:
            return list(self._rows)

    def _open(self) -> None:
        self._map_file()
        magic, version, dimensions, contract, count, check = _HEADER.unpack_from(self._map)
        if (magic, version, dimensions) != (MAGIC, VERSION, EMBEDDING_SIZE):
            raise damaged(self._path, "its header is not one of ours")
        if contract != _contract_digest(self._contract_id):
            raise KnownError(
                ErrorCode.CONTRACT_MISMATCH,
                f"The face index {self._path.parent.name} was made with other weights.",
                _REBUILD,
            )
        if count ^ _COUNT_MASK != check or count > len(self._records):
            raise damaged(self._path, "its count of faces is wrong")
        self._counted = self._records[:count]
        self._check_records()

    def _map_file(self) -> None:
        with self._path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            if size < HEADER_BYTES:
                raise damaged(self._path, "it is too short")
            self._map = mmap.mmap(file.fileno(), size)
        capacity = (size - HEADER_BYTES) // RECORD.itemsize
        self._records = np.frombuffer(self._map, RECORD, count=capacity, offset=HEADER_BYTES)

    def _check_records(self) -> None:
        """Fills the table of rows; of two live records with one key the later one holds."""
        gone, checksums = self._counted["gone"], self._counted["crc"]
        superseded: list[int] = []
        for row in np.flatnonzero(gone != _GONE).tolist():
            if gone[row] != _LIVE or checksums[row] != self._checksum(row):
                raise damaged(self._path, f"face {row} has another checksum")
            key = self._records["key"][row].tobytes()
            if key in self._rows:
                superseded.append(self._rows[key])
            self._rows[key] = row
        self._erase(superseded)

    def _checksum(self, row: int) -> int:
        start = HEADER_BYTES + row * RECORD.itemsize
        return zlib.crc32(memoryview(self._map)[start : start + _CHECKED_BYTES])

    def put(self, keys: Sequence[bytes], vectors: FloatArray) -> None:
        """Appends records and counts them; earlier ones of the same keys are erased."""
        with self._lock:
            start, stop = len(self._counted), len(self._counted) + len(keys)
            self._reserve(stop)
            records = self._records[start:stop]
            records["vector"] = vectors
            records["key"] = np.frombuffer(b"".join(keys), "V18")
            records["gone"] = _LIVE
            records["crc"] = [self._checksum(row) for row in range(start, stop)]
            self._flush(start, stop)
            self._map[_COUNT_OFFSET : _HEADER.size] = _COUNT.pack(stop, stop ^ _COUNT_MASK)
            self._erase([self._rows[key] for key in keys if key in self._rows])
            self._rows.update(zip(keys, range(start, stop), strict=True))
            self._counted = self._records[:stop]

    def remove_photos(self, photo_ids: set[bytes]) -> None:
        """Erases all faces of these photos, their numbers included."""
        with self._lock:
            keys = [key for key in self._rows if key[:16] in photo_ids]
            self._erase([self._rows.pop(key) for key in keys])

    def similarities(self, probe: FloatArray) -> tuple[NDArray[np.float32], NDArray[np.void]]:
        """Cosine of every counted record with the probe, and the records themselves (a view of the map)."""
        records = self._counted
        return records["vector"] @ probe, records

    def vectors(self, keys: Sequence[bytes]) -> dict[bytes, FloatArray]:
        """Copies of the vectors of these keys; keys that it does not hold are left out."""
        with self._lock:
            rows = {key: self._rows[key] for key in keys if key in self._rows}
            return {key: self._records["vector"][row].copy() for key, row in rows.items()}

    def flush(self) -> None:
        """Writes everything to the disk."""
        with self._lock:
            self._map.flush()

    def _erase(self, rows: Sequence[int]) -> None:
        """Marks records as gone and overwrites the vectors, so that no face outlives its removal."""
        for row in rows:
            self._records["gone"][row] = _GONE
            self._records["vector"][row] = 0
            self._flush(row, row + 1)

    def _flush(self, start: int, stop: int) -> None:
        first = HEADER_BYTES + start * RECORD.itemsize
        aligned = first - first % mmap.ALLOCATIONGRANULARITY
        self._map.flush(aligned, HEADER_BYTES + stop * RECORD.itemsize - aligned)

    def _reserve(self, wanted: int) -> None:
        """Makes room by writing zeros: a full disk shows here as an error, not later as a dead process."""
        capacity = len(self._records)
        if wanted <= capacity:
            return
        grown = max(wanted, capacity * 3 // 2)
        with self._path.open("r+b") as file:
            _write_zeros(
                file.fileno(), self._path, HEADER_BYTES + capacity * RECORD.itemsize, grown - capacity
            )
        self._map_file()

    def _compact(self) -> None:
        live = self._records[sorted(self._rows.values())]
        del self._counted, self._records, self._map
        _write_new(self._path, self._contract_id, live)
        self._rows.clear()
        self._open()


def _write_zeros(descriptor: int, path: Path, offset: int, records: int) -> None:
    block = bytes(RECORD.itemsize * 256)
    left = records * RECORD.itemsize
    try:
        os.lseek(descriptor, offset, os.SEEK_SET)
        while left > 0:
            left -= os.write(descriptor, block[: min(left, len(block))])
    except OSError as error:
        os.ftruncate(descriptor, offset)
        raise _disk_error(error, path) from error


def _write_new(path: Path, contract_id: str, records: NDArray[np.void]) -> None:
    """Writes a whole file beside `path` and moves it there."""
    count = len(records)
    digest = _contract_digest(contract_id)
    header = _HEADER.pack(MAGIC, VERSION, EMBEDDING_SIZE, digest, count, count ^ _COUNT_MASK)
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(header.ljust(HEADER_BYTES, b"\0"))
            file.write(records.tobytes())
            file.write(bytes(RECORD.itemsize * _FIRST_CAPACITY))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _disk_error(error, path) from error


def _disk_error(error: OSError, path: Path) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return KnownError(
            ErrorCode.DISK_FULL, f"No room to grow the face index in {path.parent.name}.", "Free some space."
        )
    return error
