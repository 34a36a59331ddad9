"""How far an update has come, on disk before each step, so that a power cut finds its way from there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.whole_file import write_whole


class Step(StrEnum):
    """Where an update stands. Up to STOPPING nothing has been changed."""

    IDLE = "idle"
    CHECKING = "checking"  # the package is copied to root's folder and verified there
    STOPPING = "stopping"  # the session ends, the data is copied
    INSTALLING = "installing"
    TESTING = "testing"
    STARTING = "starting"  # the session is to beat
    GOING_BACK = "going_back"  # the package before is installed, and the data as it was
    BACK = "back"  # all is as it was but the session, which is to be started


class Outcome(StrEnum):
    """What became of an update."""

    DONE = "done"
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"  # nothing was changed
    UNDONE = "undone"  # somebody wanted the version before again
    STUCK = "stuck"  # neither the new nor the old version could be installed


@dataclass(frozen=True, slots=True)
class Result:
    """How the last one went, as the kiosk, its staff and its centre are told."""

    outcome: Outcome
    version: str
    from_version: str
    at: datetime
    code: str = ""
    detail: str = ""
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An update that has begun. `way_back` and `package` are files of root's folder; `revision` is the
    database's before. `reason` is the code of what leads back; `is_wish`: somebody asked for the way back."""

    version: str
    from_version: str
    package: str
    began: datetime
    way_back: str = ""
    revision: str = ""
    reason: str = ""
    detail: str = ""
    is_wish: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """The version before, which can be gone back to while the database is at the same revision."""

    version: str
    package: str
    revision: str


@dataclass(frozen=True, slots=True)
class Journal:
    """`handled` is the request that was acted on last; `tries` counts how often each version was begun, and
    `failed` says why those that are not taken again failed."""

    step: Step = Step.IDLE
    under_way: UnderWay | None = None
    handled: str = ""
    last: Result | None = None
    before: Kept | None = None
    tries: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def at(self, step: Step, **changes: Any) -> Journal:
        """The same update at another step."""
        under_way = replace(self.under_way, **changes) if self.under_way else None
        return replace(self, step=step, under_way=under_way)


_ADAPTER = TypeAdapter(Journal)


def read_journal(path: Path) -> Journal:
    """The journal; a machine that was never updated has an empty one. Any user.

    Raises KnownError(UPDATE_UNREADABLE) for one that is none, which a power cut does not leave behind.
    """
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except FileNotFoundError:
        return Journal()
    except (OSError, ValidationError) as broken:
        raise KnownError(
            ErrorCode.UPDATE_UNREADABLE,
            "The journal of updates cannot be read.",
            f"Look at the disk; an administrator may delete {path} while no update is under way.",
        ) from broken


def write_journal(path: Path, journal: Journal) -> None:
    """On the disk when this returns, for everybody to read. Raises OSError."""
    write_whole(path, json.dumps(asdict(journal), default=_plain, indent=1).encode())
    path.chmod(0o644)


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
