"""A ring of files of lines: the newest is written to, the oldest goes when there are too many."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

FILE_BYTES = 3_800_000
MOST_FILES = 5
_LINES_AT_ONCE = 500
_SYNCED_EVERY = 20  # writes: a line costs no fsync of its own


class RecorderFiles:
    """`now.jsonl` in the folder, and `1.jsonl` (newer) to `4.jsonl` (older) behind it: 20 MB at most. What a
    power cut leaves half written stands on a line of its own. Any thread. Raises OSError."""

    def __init__(self, folder: Path, file_bytes: int = FILE_BYTES) -> None:
        self._folder = folder
        self._now = folder / "now.jsonl"
        self._file_bytes = file_bytes
        self._lock = threading.Lock()
        self._writes = 0

    def add(self, lines: Sequence[str], *, is_last: bool = False) -> None:
        """Adds lines; on the disk at the latest with the twentieth call, or the last."""
        if not lines and not is_last:
            return
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            for first in range(0, max(1, len(lines)), _LINES_AT_ONCE):
                self._write(lines[first : first + _LINES_AT_ONCE], is_last)

    def _write(self, lines: Sequence[str], is_last: bool) -> None:
        with self._now.open("ab+") as file:
            data = "".join(f"{line}\n" for line in lines).encode("utf-8")
            file.write(b"\n" + data if _is_torn(file) else data)
            file.flush()
            self._writes += 1
            if is_last or self._writes % _SYNCED_EVERY == 0:
                os.fsync(file.fileno())
            is_full = file.tell() >= self._file_bytes
        if is_full:
            self._turn()

    def newest_first(self) -> Iterator[str]:
        """All lines, a file at a time."""
        for path in (self._now, *(self._older(number) for number in range(1, MOST_FILES))):
            try:
                text = path.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            yield from reversed(text.splitlines())

    def _turn(self) -> None:
        for number in range(MOST_FILES - 1, 1, -1):
            if self._older(number - 1).exists():
                self._older(number - 1).replace(self._older(number))
        self._now.replace(self._older(1))

    def _older(self, number: int) -> Path:
        return self._folder / f"{number}.jsonl"


def _is_torn(file: BinaryIO) -> bool:
    """Whether the file does not end with a whole line."""
    end = file.seek(0, os.SEEK_END)
    if end == 0:
        return False
    file.seek(end - 1)
    return bool(file.read(1) != b"\n")
