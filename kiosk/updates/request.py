"""What the kiosk's user asks root for, and how root reads it: without trust in what lies there."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from kiosk.runtime.whole_file import write_whole
from kiosk.updates.package import unreadable

_GOOD_FOR = timedelta(minutes=10)
_LONGEST = 4096
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Wanted(StrEnum):
    """What is asked for."""

    APPLY = "apply"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Request:
    """A request, good for ten minutes: one that a power cut left behind must not stop a kiosk at noon."""

    request_id: str
    wanted: Wanted
    at: AwareDatetime

    def is_good(self, now: datetime) -> bool:
        return abs(now - self.at) <= _GOOD_FOR


_ADAPTER = TypeAdapter(Request)


def ask(path: Path, wanted: Wanted, now: datetime) -> Request:
    """Writes a request, of which systemd hears at once. Raises OSError."""
    request = Request(uuid4().hex, wanted, now.astimezone(UTC))
    write_whole(path, _ADAPTER.dump_json(request))
    return request


def read_request(path: Path) -> Request | None:
    """The request that lies there; None for none, and for what is none."""
    try:
        with opened_plainly(path) as file:
            return _ADAPTER.validate_json(file.read(_LONGEST))
    except (OSError, ValidationError):
        return None


@contextmanager
def opened_plainly(path: Path) -> Iterator[BinaryIO]:
    """A file that another user may exchange: no link is followed in its last two names, and nothing but a
    plain file is read. Raises OSError, KnownError(UPDATE_UNREADABLE)."""
    if sys.platform == "win32":
        with path.open("rb") as file:
            yield file
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | _NO_LINK)
    try:
        descriptor = os.open(path.name, os.O_RDONLY | _NO_LINK, dir_fd=folder)
    finally:
        os.close(folder)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise unreadable("it is no plain file")
        yield file
