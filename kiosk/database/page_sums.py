"""Sums over the pages of a SQLite file: SQLite's own checks see its structure, not a byte flipped in a row.

In WAL mode the file changes only when the journal is folded into it (`kiosk.database.folding`), which keeps
a digest of each page beside the file. What the journal holds is guarded by SQLite's own checksums (the WAL
format, sqlite.org/fileformat2.html#the_write_ahead_log). So every byte is covered at any moment, also after
a crash: a page is as its sum says, or its newest state stands in a sound frame of the journal.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.database.reading_beside import opened
from kiosk.runtime.whole_file import flush_folder

DIGEST_BYTES = 8
_MAGIC = b"kiosk page sums 1\n"
_HEAD = struct.Struct(">II?")  # page size, pages, whether the file was closed cleanly
_WHOLE_BYTES = 32
_AT_ONCE = 1 << 22
_WAL_HEAD = struct.Struct(">8I")
_FRAME_HEAD = 24
_WAL_MAGICS = {0x377F0682: "<u4", 0x377F0683: ">u4"}
"""By the byte order in which the journal's checksums are reckoned."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What each page of a file is: `digests` one after the other, `DIGEST_BYTES` each. `is_closed` says that
    nothing was left in the journal when the last program let go of the file."""

    page_size: int
    digests: bytes
    is_closed: bool = False

    @property
    def pages(self) -> int:
        return len(self.digests) // DIGEST_BYTES

    def of(self, page: int) -> bytes:
        """The digest of a page; pages count from 1. Empty for one that is not known."""
        return self.digests[(page - 1) * DIGEST_BYTES : page * DIGEST_BYTES]

    def closed(self, is_closed: bool) -> Sums:
        return replace(self, is_closed=is_closed)


@dataclass(frozen=True, slots=True)
class Journal:
    """What a journal holds: the pages of whole transactions that are sound, and how many pages the file has
    with them (0: nothing is in it). `is_broken`: behind a damaged frame there are whole ones, or its head is
    damaged; SQLite would take no notice of what stands there."""

    pages: frozenset[int] = frozenset()
    file_pages: int = 0
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Damage:
    """The pages that are neither as they were written nor in the journal, and whether that one is broken."""

    pages: tuple[int, ...] = ()
    is_journal_broken: bool = False

    def __bool__(self) -> bool:
        return bool(self.pages) or self.is_journal_broken


def sums_path(path: Path) -> Path:
    """Where the sums of a database file are."""
    return path.with_name(path.name + ".sums")


def digest_of(page: bytes | memoryview) -> bytes:
    """The beginning of its SHA-256, for which processors have instructions."""
    return hashlib.sha256(page).digest()[:DIGEST_BYTES]


def page_size_of(path: Path) -> int:
    """As the file's own head says; 0 where it says nothing sensible."""
    with opened(path) as file:
        head = file.read(18)
    size = int.from_bytes(head[16:18], "big") if len(head) == 18 else 0
    size = 65536 if size == 1 else size
    return size if size >= 512 and size & (size - 1) == 0 else 0


def sums_of_file(path: Path, page_size: int) -> Sums:
    """As the file is now. Raises OSError."""
    return Sums(page_size, b"".join(digest_of(page) for page in _pages(path, page_size)))


def read_sums(path: Path) -> Sums | None:
    """The sums that were kept of a database file; None where there are none, or they are damaged themselves.
    Raises OSError where they cannot be read."""
    try:
        data = sums_path(path).read_bytes()
    except FileNotFoundError:
        return None
    body, whole = data[:-_WHOLE_BYTES], data[-_WHOLE_BYTES:]
    start = len(_MAGIC) + _HEAD.size
    if not body.startswith(_MAGIC) or len(body) < start or hashlib.sha256(body).digest() != whole:
        return None
    page_size, pages, is_closed = _HEAD.unpack_from(body, len(_MAGIC))
    digests = body[start:]
    return Sums(page_size, digests, is_closed) if len(digests) == pages * DIGEST_BYTES else None


def write_sums(path: Path, sums: Sums) -> None:
    """On disk, and in one step, when this returns. Raises OSError."""
    body = _MAGIC + _HEAD.pack(sums.page_size, sums.pages, sums.is_closed) + sums.digests
    target = sums_path(path)
    unfinished = target.with_name(target.name + ".unfinished")
    with unfinished.open("wb") as file:
        file.write(body + hashlib.sha256(body).digest())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)
    flush_folder(target.parent)  # before the journal may begin anew


def drop_sums(path: Path) -> None:
    """For a file whose sums are not known any more; harmless where there are none."""
    sums_path(path).unlink(missing_ok=True)


def damage_of(path: Path, sums: Sums) -> Damage:
    """What is not as it was written. Nothing may fold the journal meanwhile. Raises OSError."""
    size = path.stat().st_size if path.exists() else 0
    journal = read_journal(path, sums.page_size)
    if size != sums.pages * sums.page_size and not journal.pages:
        last = -(-max(size, sums.pages * sums.page_size) // sums.page_size)
    else:
        last = journal.file_pages or sums.pages
    found = [digest_of(page) for page in _pages(path, sums.page_size)] if size else []
    wrong = tuple(
        page
        for page in range(1, last + 1)
        if page not in journal.pages and (page > len(found) or found[page - 1] != sums.of(page))
    )
    return Damage(wrong, journal.is_broken)


def read_journal(path: Path, page_size: int) -> Journal:
    """What stands in the journal of a database file. Raises OSError."""
    wal = path.with_name(path.name + "-wal")
    if not wal.exists() or wal.stat().st_size < _WAL_HEAD.size:
        return Journal()
    data = wal.read_bytes()
    if not any(data[: _WAL_HEAD.size]):
        return Journal()
    head = _WAL_HEAD.unpack_from(data)
    order = _WAL_MAGICS.get(head[0])
    if order is None or head[2] != page_size or _checksum(data[:24], (0, 0), order) != head[6:8]:
        return Journal(is_broken=len(data) > _WAL_HEAD.size)
    return _whole_transactions(data, head, page_size, order)


def frames_of(path: Path, page_size: int) -> tuple[dict[int, bytes], frozenset[int]]:
    """The newest sound state of each page in the journal's present run, also behind damage, and the pages
    whose newest frame is damaged. Of a run of which nothing was committed behind the damage, only what comes
    before. Raises OSError."""
    wal = path.with_name(path.name + "-wal")
    data = wal.read_bytes() if wal.exists() else b""
    pages, broken, waiting = dict[int, bytes](), set[int](), dict[int, bytes | None]()
    for page, commits, content in _frames(data, page_size):
        waiting[page] = content
        if not commits:
            continue
        for number, newest in waiting.items():
            broken.discard(number)
            if newest is None:
                broken.add(number)
            else:
                pages[number] = newest
        waiting = {}
    return pages, frozenset(broken)


def pages_in_journal(path: Path, page_size: int) -> NDArray[np.uint32]:
    """The pages that frames of the journal's present run are of, sound or not. Raises OSError."""
    wal = path.with_name(path.name + "-wal")
    step = _FRAME_HEAD + page_size
    count = (wal.stat().st_size - _WAL_HEAD.size) // step if wal.exists() else 0
    if count <= 0:
        return np.empty(0, np.uint32)
    frames = np.memmap(wal, np.uint8, "r", _WAL_HEAD.size, (count, step))
    heads = np.ascontiguousarray(frames[:, :16]).view(">u4").astype(np.uint32)
    with wal.open("rb") as file:
        salts = np.frombuffer(file.read(_WAL_HEAD.size), ">u4")[4:6].astype(np.uint32)
    return np.unique(heads[(heads[:, 2:4] == salts).all(axis=1), 0])


def _whole_transactions(data: bytes, head: tuple[int, ...], page_size: int, order: str) -> Journal:
    pages, waiting = set[int](), set[int]()
    file_pages, is_whole, is_broken = 0, True, False
    for page, commits, content in _frames(data, page_size):
        is_whole &= content is not None
        if is_whole:
            waiting.add(page)
            if commits:
                pages |= waiting
                waiting, file_pages = set(), commits
        elif commits:
            is_broken = True  # a whole transaction behind damage: torn writes leave none
    return Journal(frozenset(pages), file_pages, is_broken)


def _frames(data: bytes, page_size: int) -> Iterator[tuple[int, int, bytes | None]]:
    """Page, size of the file where a transaction ends (else 0) and content of each frame of the present run;
    the content of a damaged one is None. Each frame goes on from the checksum of the one before: one that is
    sound is known as such also behind damage."""
    if len(data) < _WAL_HEAD.size:
        return
    head = _WAL_HEAD.unpack_from(data)
    order, salts, before = _WAL_MAGICS.get(head[0], "<u4"), head[4:6], head[6:8]
    if _checksum(data[:24], (0, 0), order) != before:  # then the frames themselves say of which run they are
        salts = struct.unpack_from(">2I", data.ljust(_WAL_HEAD.size + 16, b"\0"), _WAL_HEAD.size + 8)
    should_be = before  # where only the checksum itself is damaged, the next frame goes on from what it was
    for at in range(_WAL_HEAD.size, len(data) - _FRAME_HEAD - page_size + 1, _FRAME_HEAD + page_size):
        page, commits, *rest = struct.unpack_from(">6I", data, at)
        content = data[at + _FRAME_HEAD : at + _FRAME_HEAD + page_size]
        reckoned = {_checksum(data[at : at + 8], seed, order, content) for seed in {before, should_be}}
        told = (rest[2], rest[3])
        is_sound = tuple(rest[:2]) == salts and told in reckoned
        before, should_be = (
            told,
            told if is_sound else _checksum(data[at : at + 8], should_be, order, content),
        )
        yield page, commits if is_sound else 0, content if is_sound else None


def _checksum(data: bytes, before: tuple[int, ...], order: str, more: bytes = b"") -> tuple[int, int]:
    """SQLite's: for each pair of words s0 += x0 + s1, s1 += x1 + s0, modulo 2**32. That is linear, so it is
    reckoned by weights instead of word by word."""
    words = np.frombuffer(data + more, order).astype(np.uint32).reshape(-1, 2)
    weights = _weights(len(words))
    s0, s1 = before
    (a, b), (c, d) = weights[0]
    first = a * s0 + b * s1 + int(_dot(weights[1], words))
    second = c * s0 + d * s1 + int(_dot(weights[2], words))
    return first & 0xFFFFFFFF, second & 0xFFFFFFFF


def _dot(weights: NDArray[np.uint32], words: NDArray[np.uint32]) -> np.uint64:
    return np.uint64((weights * words).sum(dtype=np.uint64))


@lru_cache(maxsize=4)
def _weights(
    pairs: int,
) -> tuple[tuple[tuple[int, int], tuple[int, int]], NDArray[np.uint32], NDArray[np.uint32]]:
    """What the sum before and each word counts for in s0 and in s1 at the end."""
    first, second = np.empty((pairs, 2), np.uint32), np.empty((pairs, 2), np.uint32)
    (a, b), (c, d) = (1, 0), (0, 1)  # the power of the step's matrix ((1, 1), (1, 2)) behind this word
    for place in range(pairs - 1, -1, -1):
        first[place], second[place] = ((a + b) & 0xFFFFFFFF, b), ((c + d) & 0xFFFFFFFF, d)
        a, b, c, d = (a + b), (a + 2 * b), (c + d), (c + 2 * d)
        a, b, c, d = (value & 0xFFFFFFFF for value in (a, b, c, d))
    return ((a, b), (c, d)), first, second


def _pages(path: Path, page_size: int) -> Iterator[memoryview]:
    """The last one may be cut short."""
    step = max(_AT_ONCE // page_size, 1) * page_size
    with opened(path) as file:
        while data := file.read(step):
            view = memoryview(data)
            for at in range(0, len(data), page_size):
                yield view[at : at + page_size]
