"""What somebody chose for the update that is ready, until it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from kiosk.runtime.whole_file import write_whole


class When(StrEnum):
    """When it is applied; UNDO: back to the version before, as soon as nobody is there."""

    NOW = "now"
    TONIGHT = "tonight"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what since when."""

    when: When
    by: str
    at: datetime


_ADAPTER = TypeAdapter(Wish)


def read_wish(path: Path) -> Wish | None:
    """None where nobody wants anything."""
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def write_wish(path: Path, wish: Wish | None) -> None:
    """None takes it back. Raises OSError."""
    if wish is None:
        path.unlink(missing_ok=True)
    else:
        write_whole(path, _ADAPTER.dump_json(wish))
