"""When a file of a watched folder is whole: it stands still, and its end is there. No file is opened twice
without need, and none is looked at that a program is still writing under another name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.photos.decoding import HEAD_BYTES, kind_of

SETTLE_S = 0.5
"""So long a file's size and time must stand still."""
SETTLE_CLOSED_S = 0.1
"""The same for one whose writer has closed it, or has given it its own name."""
SETTLE_WITHOUT_END_S = 2.0
"""The same for kinds of picture whose end cannot be told."""
PATIENCE_S = 30.0
"""A file that stands still and is not whole after so long will not become so by itself."""
_LOOK_AGAIN_S = (1.0, 2.0, 4.0, 8.0)
_TAIL_BYTES = 64 * 1024
_ON_ITS_WAY = (
    *(".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".upload"),
    *(".opdownload", ".!ut", ".bak", ".lock", ".writing", ".incomplete"),
)
_NOT_FOR_SALE = (
    *(".cr2", ".cr3", ".nef", ".nrw", ".arw", ".srf", ".raf", ".rw2", ".orf", ".pef", ".dng", ".srw"),
    *(".xmp", ".db", ".ini", ".lrcat", ".thm"),
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file is written: its size in bytes, and its time in nanoseconds."""

    size: int
    modified_ns: int


@dataclass(slots=True)
class _Waiting:
    path: Path
    stamp: Stamp
    since_s: float
    look_at_s: float
    looks: int = 0


class Arrivals:
    """The files that are still to be dealt with. Used by one thread; times are of a clock that only grows."""

    def __init__(self, dealt_with: dict[str, Stamp]) -> None:
        """`dealt_with`: by name, those of earlier runs as they were then."""
        self._dealt_with = dealt_with
        self._waiting: dict[str, _Waiting] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def saw(self, name: str, path: Path, stamp: Stamp, now_s: float, settle_s: float = SETTLE_S) -> None:
        """A file is there, and so it is now. One that has changed must stand still anew."""
        if self._dealt_with.get(name) == stamp:
            self._waiting.pop(name, None)
            return
        waiting = self._waiting.get(name)
        if waiting is None or waiting.stamp != stamp:
            self._waiting[name] = _Waiting(path, stamp, now_s, now_s + settle_s)
        elif not waiting.looks:
            waiting.look_at_s = min(waiting.look_at_s, now_s + settle_s)

    def keep_only(self, names: set[str]) -> None:
        """All others have vanished, which is no error."""
        for name in self._waiting.keys() - names:
            del self._waiting[name]

    def vanished(self, name: str) -> None:
        self._waiting.pop(name, None)

    def next_look_s(self) -> float | None:
        """When the next one is to be looked at; None when none waits."""
        return min((one.look_at_s for one in self._waiting.values()), default=None)

    def due(self, now_s: float) -> list[str]:
        """Those that stand still long enough to be looked at, the newest first."""
        names = [name for name, one in self._waiting.items() if one.look_at_s <= now_s]
        return sorted(names, key=lambda name: (-self._waiting[name].stamp.modified_ns, name))

    def path(self, name: str) -> Path:
        return self._waiting[name].path

    def stamp(self, name: str) -> Stamp:
        return self._waiting[name].stamp

    def still_s(self, name: str, now_s: float) -> float:
        """For how long it stands still."""
        return now_s - self._waiting[name].since_s

    def look_later(self, name: str, now_s: float) -> None:
        """It is not whole yet."""
        waiting = self._waiting[name]
        waiting.look_at_s = now_s + _LOOK_AGAIN_S[min(waiting.looks, len(_LOOK_AGAIN_S) - 1)]
        waiting.looks += 1

    def done(self, name: str) -> None:
        """It is dealt with, until it changes."""
        self._dealt_with[name] = self._waiting.pop(name).stamp


def is_for_sale(name: str) -> bool:
    """Whether a file of this name can be a photo: not hidden, not one that is still on its way under a name
    of its own, not a camera's raw data or a program's notes."""
    lower = name.casefold()
    return not (
        lower.startswith((".", "~", "tmpfile"))
        or lower.endswith(_ON_ITS_WAY)
        or lower.endswith(_NOT_FOR_SALE)
        or lower in ("thumbs.db", "desktop.ini")
    )


def is_whole(path: Path, still_s: float) -> bool | None:
    """Whether the end of a picture's file is there; None for what is no picture (yet).

    The decoder has the last word: a half-written file may hold the end of a small picture within it.
    `still_s`: for how long the file has stood still. Raises OSError.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    kind = kind_of(head)
    if kind is None:
        return None
    if kind == "JPEG":
        return b"\xff\xd9" in tail
    if kind == "PNG":
        return b"IEND" in tail[-1024:]
    if kind == "WEBP":
        return int.from_bytes(head[4:8], "little") + 8 <= size
    return still_s >= SETTLE_WITHOUT_END_S
