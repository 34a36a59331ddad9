"""Versions of the settings' file: a stack, the newest on top, and the last file that was good."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.runtime.whole_file import write_whole

MOST_KEPT = 10
_NAME = re.compile(r"(\d{8})\.json")
_GOOD = "good.toml"
_BROKEN = "broken-{at:%Y%m%dT%H%M%S}.toml"


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """The file as it was before `by` changed the settings that `changed` names. `number` grows."""

    number: int
    at: datetime
    by: str
    changed: tuple[str, ...]
    written: bytes


class SettingsVersions:
    """The kept files in `home`/settings. One writer at a time; a damaged file is passed over. Raises
    OSError."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "settings"

    def newest_first(self, current: bytes) -> list[KeptVersion]:
        """The kept versions. One that is as the `current` file is what a power cut left between the keeping
        and the change, and is none."""
        found = (_read(path) for path in sorted(self._folder.glob("*.json"), reverse=True))
        kept = [version for version in found if version is not None]
        while kept and kept[0].written == current:
            kept.pop(0)
        return kept

    def push(self, written: bytes, at: datetime, by: str, changed: Sequence[str]) -> int:
        """Keeps a file that is about to be changed; of all that are kept the newest ten stay. Its number."""
        paths = sorted(path for path in self._folder.glob("*.json") if _NAME.fullmatch(path.name))
        number = int(paths[-1].stem) + 1 if paths else 1
        told = {"at": at.isoformat(), "by": by, "changed": list(changed), "text": written.decode("utf-8")}
        self._write(f"{number:08}.json", json.dumps(told, ensure_ascii=False, indent=1).encode())
        for old in paths[: -(MOST_KEPT - 1)]:
            old.unlink(missing_ok=True)
        return number

    def drop(self, number: int) -> None:
        """Forgets this version and those after it."""
        for path in self._folder.glob("*.json"):
            if _NAME.fullmatch(path.name) and int(path.stem) >= number:
                path.unlink(missing_ok=True)

    def good(self) -> bytes | None:
        """The file that was read or written last without a mistake in it."""
        try:
            return (self._folder / _GOOD).read_bytes()
        except FileNotFoundError:
            return None

    def note_good(self, written: bytes) -> None:
        if self.good() != written:
            self._write(_GOOD, written)

    def keep_broken(self, written: bytes, at: datetime) -> None:
        """What somebody wrote by hand is not lost when it is written over."""
        self._write(_BROKEN.format(at=at), written)
        for old in sorted(self._folder.glob("broken-*.toml"))[:-MOST_KEPT]:
            old.unlink(missing_ok=True)

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # account numbers are in there
        write_whole(self._folder / name, data)


def _read(path: Path) -> KeptVersion | None:
    name = _NAME.fullmatch(path.name)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return name and KeptVersion(
            number=int(name[1]),
            at=datetime.fromisoformat(told["at"]),
            by=str(told["by"]),
            changed=tuple(str(one) for one in told["changed"]),
            written=str(told["text"]).encode("utf-8"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
