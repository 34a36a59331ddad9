"""One event's faces in one memory-mapped file: a header, then blocks of 4096 faces.

A face is written first and counted afterwards, so a writer that dies in between leaves a tail that nobody
counts. A search scans the codes, a quarter of the bytes, and reads the vectors only of the faces that the
codes cannot rule out: the answer is the same as from all vectors (`kiosk.gallery.codes` has the proof).
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.blocks import BLOCK, BLOCK_FACES, Block, Copies, Rows, VectorDamagedError
from kiosk.gallery.codes import CodedProbe
from kiosk.vision.types import EMBEDDING_SIZE, FloatArray

MAGIC = b"FACEIDX\n"
VERSION = 2
HEADER_BYTES = 65536
_HEADER = struct.Struct("<8sII32sQQ")
"""Magic, version, dimensions, sha256 of the contract id, count of faces, the count xor a mask."""
_COUNT = struct.Struct("<QQ")
_COUNT_OFFSET = _HEADER.size - _COUNT.size
_COUNT_MASK = 0xA5A5_5A5A_C3C3_3C3C
_COMPACT_FROM = 64
_REBUILD = "It is rebuilt from the database by itself."


@dataclass(frozen=True, slots=True, eq=False)
class _Extent:
    """What a search goes over: so many faces, counting those gone, in these blocks."""

    count: int
    blocks: tuple[Block, ...]

    def parts(self) -> Iterator[tuple[Block, int]]:
        """Each block that holds faces, with how many."""
        for number, start in enumerate(range(0, self.count, BLOCK_FACES)):
            yield self.blocks[number], min(BLOCK_FACES, self.count - start)


class EventFile:
    """The faces of one event. Writers take turns. A search runs beside them on what was counted when it
    began; one that meets a removal or a replacement is done again between them.

    Opening checks everything but the vectors, whose checksums are checked whenever they are read. A file in
    which damage was found says so at every use.

    Raises KnownError: INDEX_DAMAGED, CONTRACT_MISMATCH, DISK_FULL.
    """

    def __init__(self, path: Path, contract_id: str) -> None:
        self._path = path
        self._contract_id = contract_id
        self._lock = threading.RLock()
        self._rows: dict[bytes, int] | None = None
        self._erasures = 0
        """Odd while faces are being erased."""
        self._damage: KnownError | None = None
        if not path.exists():
            _write_new(path, contract_id)
        self._open()
        gone = self._extent.count - self._live
        if gone >= _COMPACT_FROM and gone > self._live:
            self._compact()

    def __len__(self) -> int:
        self._be_sound()
        return self._live

    def checked_keys(self) -> list[bytes]:
        """The keys of the live faces, after every vector was checked against its checksum."""
        with self._lock:
            self._be_sound()
            for _ in self._read((block, np.arange(count)) for block, count in self._extent.parts()):
                pass
            return list(self._row_table())

    def vectors(self, keys: Sequence[bytes]) -> dict[bytes, FloatArray]:
        """Copies of the vectors of these keys; keys that it does not hold are left out."""
        with self._lock:
            self._be_sound()
            table = self._row_table()
            rows = np.array(sorted({table[key] for key in keys if key in table}), np.intp)
            numbers = rows // BLOCK_FACES
            wanted = (
                (self._extent.blocks[number], rows[numbers == number] % BLOCK_FACES)
                for number in np.unique(numbers).tolist()
            )
            return {
                key: vector
                for named, vectors in self._read(wanted)
                for key, vector in zip(named, vectors, strict=True)
            }

    def nearest(self, probe: FloatArray, least: float, limit: int | None) -> list[tuple[bytes, float]]:
        """Keys and cosines (-1..1) of the faces with at least this cosine, in no order; with a limit the
        best, and all of those that share the last place."""
        erasures = self._erasures
        if erasures % 2 == 0:
            found = self._look(probe, least, limit)
            if self._erasures == erasures:
                return found
        with self._lock:
            return self._look(probe, least, limit)

    def put(self, keys: Sequence[bytes], vectors: FloatArray) -> None:
        """Appends faces and counts them; earlier ones of the same keys are erased."""
        with self._lock:
            self._be_sound()
            table, start = self._row_table(), self._extent.count
            stop = start + len(keys)
            blocks = self._room_for(stop)
            for number in range(start // BLOCK_FACES, -(-stop // BLOCK_FACES)):
                first, last = max(start, number * BLOCK_FACES), min(stop, (number + 1) * BLOCK_FACES)
                part = slice(first - start, last - start)
                blocks[number].write(first % BLOCK_FACES, keys[part], vectors[part])
            self._replace([table[key] for key in keys if key in table], _Extent(stop, blocks))
            table.update(zip(keys, range(start, stop), strict=True))

    def remove_photos(self, photo_ids: set[bytes]) -> None:
        """Erases all faces of these photos, their numbers included."""
        with self._lock:
            self._be_sound()
            table = self._row_table()
            keys = [key for key in table if key[:16] in photo_ids]
            self._replace([table.pop(key) for key in keys], self._extent)

    def flush(self) -> None:
        """Writes everything to the disk."""
        with self._lock:
            for block, _ in self._extent.parts():
                block.flush()
            self._header.flush()

    def _open(self) -> None:
        with self._path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            if size < HEADER_BYTES:
                raise self._damaged("it is too short")
            self._header = mmap.mmap(file.fileno(), HEADER_BYTES)
        magic, version, dimensions, contract, count, check = _HEADER.unpack_from(self._header)
        if (magic, version, dimensions) != (MAGIC, VERSION, EMBEDDING_SIZE):
            raise self._damaged("its header is not one of ours")
        if contract != _contract_digest(self._contract_id):
            raise KnownError(
                ErrorCode.CONTRACT_MISMATCH,
                f"The face index {self._path.parent.name} was made with other weights.",
                _REBUILD,
            )
        capacity = (size - HEADER_BYTES) // BLOCK.itemsize
        if count ^ _COUNT_MASK != check or count > capacity * BLOCK_FACES:
            raise self._damaged("its count of faces is wrong")
        self._extent = _Extent(count, tuple(self._block(number) for number in range(capacity)))
        self._live = 0
        for number, (block, faces) in enumerate(self._extent.parts()):
            damaged = block.first_damaged(faces)
            if damaged is not None:
                raise self._damaged(f"face {number * BLOCK_FACES + damaged} has another checksum")
            self._live += int(np.count_nonzero(block.live(faces)))

    def _block(self, number: int) -> Block:
        return Block(self._path, HEADER_BYTES + number * BLOCK.itemsize)

    def _row_table(self) -> dict[bytes, int]:
        """The row of each live face by its key, made at its first use: a search needs none."""
        if self._rows is None:
            self._rows = {}
            for number, (block, count) in enumerate(self._extent.parts()):
                keys, rows = block.live_keys(count)
                first = number * BLOCK_FACES
                self._rows.update(zip(keys, (first + row for row in rows), strict=True))
            if len(self._rows) != self._live:
                raise self._damaged("a face is in it twice")
        return self._rows

    def _look(self, probe: FloatArray, least: float, limit: int | None) -> list[tuple[bytes, float]]:
        self._be_sound()
        parts = list(self._extent.parts())
        coded = CodedProbe(probe)
        estimates = [block.estimates(coded, count) for block, count in parts]
        floor = least
        if limit is not None:
            live = [block.live(count) for block, count in parts]
            sure = [(cosines - off)[is_live] for (cosines, off), is_live in zip(estimates, live, strict=True)]
            floor = max(least, _kth_greatest(sure, limit))
        keys: list[bytes] = []
        found: list[FloatArray] = []
        near = (
            (block, np.flatnonzero(cosines + off >= floor))
            for (block, _), (cosines, off) in zip(parts, estimates, strict=True)
        )
        for named, vectors in self._read((block, rows) for block, rows in near if len(rows)):
            keys += named
            found.append(_cosines(vectors, probe))
        return _best(keys, found, least, limit)

    def _read(self, wanted: Iterable[tuple[Block, Rows]]) -> Iterator[tuple[list[bytes], FloatArray]]:
        """Keys and vectors of these faces of these blocks, a few thousand at a time, checked; those gone are
        left out."""
        copies: list[Copies] = []
        held = 0
        for block, rows in wanted:
            copies.append(block.copy(rows))
            held += len(rows)
            if held >= BLOCK_FACES:
                yield self._whole(copies)
                copies, held = [], 0
        if copies:
            yield self._whole(copies)

    def _whole(self, copies: Sequence[Copies]) -> tuple[list[bytes], FloatArray]:
        try:
            return Copies.whole(copies)
        except VectorDamagedError as error:
            raise self._damaged("a face has another vector") from error

    def _replace(self, erased: Sequence[int], extent: _Extent) -> None:
        """Erases rows, then counts the faces of the new extent. In this order no key is ever live twice; a
        process that dies in between leaves a face missing, which the comparison with SQL adds again."""
        if erased:
            self._erasures += 1
            self._erase(erased)
        self._live += extent.count - self._extent.count - len(erased)
        self._header[_COUNT_OFFSET : _HEADER.size] = _COUNT.pack(extent.count, extent.count ^ _COUNT_MASK)
        self._extent = extent
        if erased:
            self._erasures += 1

    def _erase(self, rows: Sequence[int]) -> None:
        by_block: dict[int, list[int]] = {}
        for row in rows:
            by_block.setdefault(row // BLOCK_FACES, []).append(row % BLOCK_FACES)
        for number, inside in by_block.items():
            self._extent.blocks[number].erase(inside)

    def _room_for(self, count: int) -> tuple[Block, ...]:
        """The blocks, and more for so many faces. They are written as zeros: a full disk shows here as an
        error, not later as a dead process."""
        blocks = self._extent.blocks
        wanted = -(-count // BLOCK_FACES)
        if wanted > len(blocks):
            _append_zeros(self._path, HEADER_BYTES + len(blocks) * BLOCK.itemsize, wanted - len(blocks))
            blocks += tuple(self._block(number) for number in range(len(blocks), wanted))
        return blocks

    def _compact(self) -> None:
        """Writes the live faces into a file of their own and moves it here."""
        beside = self._path.with_suffix(".compact")
        beside.unlink(missing_ok=True)
        compacted = EventFile(beside, self._contract_id)
        for keys, vectors in self._read((block, np.arange(count)) for block, count in self._extent.parts()):
            compacted.put(keys, vectors)
        compacted.flush()
        del self._extent, self._header, compacted  # a mapped file cannot be replaced everywhere
        beside.replace(self._path)
        self._open()

    def _be_sound(self) -> None:
        if self._damage is not None:
            raise self._damage

    def _damaged(self, what: str) -> KnownError:
        self._damage = KnownError(
            ErrorCode.INDEX_DAMAGED, f"The face index {self._path.parent.name} is damaged: {what}.", _REBUILD
        )
        return self._damage


def is_of_contract(path: Path, contract_id: str) -> bool:
    """Whether a file says that it is of this contract; a file too short to say anything does not."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
    except OSError:
        return False
    return len(header) == _HEADER.size and _HEADER.unpack(header)[3] == _contract_digest(contract_id)


def _contract_digest(contract_id: str) -> bytes:
    return hashlib.sha256(contract_id.encode()).digest()


def _kth_greatest(parts: Sequence[FloatArray], k: int) -> float:
    """Of the numbers of all parts; -inf where there are fewer."""
    numbers = np.concatenate([np.empty(0, np.float32), *parts])
    return float(np.partition(numbers, -k)[-k]) if 0 < k <= len(numbers) else -np.inf


def _cosines(vectors: FloatArray, probe: FloatArray) -> FloatArray:
    """In double precision, then rounded: the same whatever vectors lie beside."""
    products = vectors.astype(np.float64) @ probe.astype(np.float64)
    return np.clip(products, -1.0, 1.0).astype(np.float32)


def _best(
    keys: list[bytes], parts: Sequence[FloatArray], least: float, limit: int | None
) -> list[tuple[bytes, float]]:
    floor = np.float32(least)
    if limit is not None:
        floor = max(floor, np.float32(_kth_greatest(parts, limit)))
    cosines = np.concatenate([np.empty(0, np.float32), *parts])
    return [(keys[row], float(cosines[row])) for row in np.flatnonzero(cosines >= floor).tolist()]


def _write_new(path: Path, contract_id: str) -> None:
    """Writes an empty file beside `path` and moves it there."""
    header = _HEADER.pack(MAGIC, VERSION, EMBEDDING_SIZE, _contract_digest(contract_id), 0, _COUNT_MASK)
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(header.ljust(HEADER_BYTES, b"\0"))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _disk_error(error, path) from error


def _append_zeros(path: Path, offset: int, blocks: int) -> None:
    zeros = bytes(BLOCK.itemsize // 16)
    try:
        with path.open("r+b", buffering=0) as file:
            file.seek(offset)
            left = blocks * BLOCK.itemsize
            while left > 0:
                left -= file.write(zeros[: min(left, len(zeros))])
    except OSError as error:
        with suppress(OSError):
            os.truncate(path, offset)
        raise _disk_error(error, path) from error


def _disk_error(error: OSError, path: Path) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return KnownError(
            ErrorCode.DISK_FULL, f"No room to grow the face index in {path.parent.name}.", "Free some space."
        )
    return error
