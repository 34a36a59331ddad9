"""A block of an event's file: 4096 faces, each kind of number in one piece, mapped into memory.

What a search reads of every face lies together (codes, scales, residuals, marks); the vectors, four fifths of
the block, are read only where a code came near. Two checksums for each face: one of the vector, which is
checked whenever the vector is read, and one of everything else including the first, checked at opening.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.gallery.codes import CodedProbe, encode
from kiosk.vision.types import EMBEDDING_SIZE, FloatArray

Rows = NDArray[np.intp]
BLOCK_FACES = 4096
KEY_BYTES = 18
LIVE, GONE = 0x4C49_5645, 0xFFFF_FFFF
"""Marks; another one, such as the zero of a page that never reached the disk, is damage."""
_KEY = np.dtype({"names": ["key"], "formats": [f"V{KEY_BYTES}"], "itemsize": 24})
BLOCK = np.dtype(
    [
        ("codes", "i1", (BLOCK_FACES, EMBEDDING_SIZE)),
        ("vectors", "<f4", (BLOCK_FACES, EMBEDDING_SIZE)),
        ("keys", "<u8", (BLOCK_FACES, 3)),
        ("vector_sums", "<u8", (BLOCK_FACES,)),
        ("sums", "<u8", (BLOCK_FACES,)),
        ("scales", "<f4", (BLOCK_FACES,)),
        ("residuals", "<f4", (BLOCK_FACES,)),
        ("marks", "<u4", (BLOCK_FACES,)),
        ("spare", "V12", (BLOCK_FACES,)),
    ]
)
"""Its size is a multiple of 64 KiB, the granularity of mapping on every system."""
_VECTOR_WORDS, _CODE_WORDS = EMBEDDING_SIZE // 2, EMBEDDING_SIZE // 8


def _weights(name: str, count: int) -> NDArray[np.uint64]:
    """Odd numbers that are part of the file's format."""
    numbers = hashlib.shake_256(f"face index 2, {name}".encode()).digest(8 * count)
    return np.frombuffer(numbers, "<u8") | np.uint64(1)


_OF_VECTOR, _OF_CODE = _weights("vector", _VECTOR_WORDS), _weights("code", _CODE_WORDS)
_OF_KEY, _OF_REST = _weights("key", 3), _weights("rest", 4)


class VectorDamagedError(Exception):
    """A vector is not what was written."""


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """Faces as they were copied out of a block, unchecked: n x 3 words of keys, n vectors, n checksums, and
    which of them were live afterwards."""

    keys: NDArray[np.uint64]
    vectors: FloatArray
    sums: NDArray[np.uint64]
    is_live: NDArray[np.bool_]

    @staticmethod
    def whole(parts: Sequence[Copies]) -> tuple[list[bytes], FloatArray]:
        """Keys and vectors of the live faces of all parts (at least one). Raises VectorDamagedError."""
        is_live = np.concatenate([part.is_live for part in parts])
        vectors = np.concatenate([part.vectors for part in parts])[is_live]
        sums = np.concatenate([part.sums for part in parts])[is_live]
        keys = np.concatenate([part.keys for part in parts])[is_live]
        if not np.array_equal(_sums_of_vectors(vectors), sums):
            raise VectorDamagedError
        return _packed(keys), vectors


class Block:
    """One mapped block. Writers take turns; readers pass the number of faces that they know of."""

    def __init__(self, path: Path, offset: int) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), BLOCK.itemsize, offset=offset)
        block = np.frombuffer(self._map, BLOCK, count=1)[0]
        self._codes, self._vectors, self._keys = block["codes"], block["vectors"], block["keys"]
        self._vector_sums, self._sums = block["vector_sums"], block["sums"]
        self._scales, self._residuals = block["scales"], block["residuals"]
        self._marks: NDArray[np.uint32] = block["marks"]

    def write(self, start: int, keys: Sequence[bytes], vectors: FloatArray) -> None:
        """Writes faces from `start` on, with their codes and checksums, and waits for the disk."""
        stop = start + len(keys)
        coded = encode(vectors)
        self._vectors[start:stop] = vectors
        self._codes[start:stop] = coded.codes
        self._scales[start:stop] = coded.scales
        self._residuals[start:stop] = coded.residuals
        self._keys[start:stop] = 0
        self._keys[start:stop].view(_KEY)["key"][:, 0] = np.frombuffer(b"".join(keys), f"V{KEY_BYTES}")
        self._vector_sums[start:stop] = _sums_of_vectors(self._vectors[start:stop])
        self._sums[start:stop] = self._sums_of_rest(start, stop)
        self._marks[start:stop] = LIVE
        self._map.flush()

    def erase(self, rows: Sequence[int]) -> None:
        """Marks faces as gone, then overwrites all that was known of them, so that none outlives its removal.

        In this order: who reads a face and finds its mark live afterwards has read it whole.
        """
        where = np.asarray(rows, np.intp)
        self._marks[where] = GONE
        for numbers in (self._vectors, self._codes, self._keys, self._scales, self._residuals):
            numbers[where] = 0
        self._vector_sums[where] = self._sums[where] = 0
        self._map.flush()

    def live_keys(self, count: int) -> tuple[list[bytes], list[int]]:
        """The keys and rows of those of the first `count` faces that are live."""
        keys = _packed(self._keys[:count])
        rows = np.flatnonzero(self.live(count)).tolist()
        return [keys[row] for row in rows], rows

    def estimates(self, probe: CodedProbe, count: int) -> tuple[FloatArray, FloatArray]:
        """The cosines of the first `count` faces by their codes, and how far off they can be."""
        return probe.estimates(self._codes[:count], self._scales[:count], self._residuals[:count])

    def live(self, count: int) -> NDArray[np.bool_]:
        """Which of the first `count` faces are live."""
        is_live: NDArray[np.bool_] = self._marks[:count] == LIVE
        return is_live

    def copy(self, rows: Rows) -> Copies:
        """These faces; a writer may be erasing them meanwhile, which their marks then tell."""
        keys, vectors, sums = self._keys[rows], self._vectors[rows], self._vector_sums[rows]
        return Copies(keys, vectors, sums, self._marks[rows] == LIVE)

    def first_damaged(self, count: int) -> int | None:
        """The first of `count` faces whose mark, code, key or other numbers are not what was written."""
        marks = self._marks[:count]
        is_whole = (marks == GONE) | ((marks == LIVE) & (self._sums[:count] == self._sums_of_rest(0, count)))
        return None if is_whole.all() else int(np.argmin(is_whole))

    def flush(self) -> None:
        """Waits for the disk."""
        self._map.flush()

    def _sums_of_rest(self, start: int, stop: int) -> NDArray[np.uint64]:
        sums: NDArray[np.uint64] = np.einsum("ij,j->i", self._codes[start:stop].view("<u8"), _OF_CODE)
        sums += np.einsum("ij,j->i", self._keys[start:stop], _OF_KEY)
        sums += self._vector_sums[start:stop] * _OF_REST[0]
        sums += self._scales[start:stop].view("<u4").astype(np.uint64) * _OF_REST[1]
        sums += self._residuals[start:stop].view("<u4").astype(np.uint64) * _OF_REST[2]
        sums += _OF_REST[3]
        return sums


def _packed(keys: NDArray[np.uint64]) -> list[bytes]:
    packed: list[bytes] = keys.view(_KEY)["key"][:, 0].tolist()
    return packed


def _sums_of_vectors(vectors: FloatArray) -> NDArray[np.uint64]:
    """Weighted sums of the 64-bit words modulo 2**64: memory-speed, and no change of one word is missed."""
    sums: NDArray[np.uint64] = np.einsum("ij,j->i", vectors.view("<u8"), _OF_VECTOR)
    return sums
