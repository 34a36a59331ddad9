"""Work as the kiosk's user, in a process apart from root's."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

_LONGEST_ANSWER = 1024
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody that root may act as."""

    user_id: int
    group_id: int

    @property
    def is_this_process(self) -> bool:
        return sys.platform == "win32" or os.geteuid() == self.user_id

    def do(self, job: Callable[[], object]) -> bool:
        """Does a job as this user; whether it went well. For a process with one thread."""
        return self.answer(lambda: str(job())) is not None

    def answer(self, job: Callable[[], str]) -> str | None:
        """What a job gives that is done as this user, in a process of its own without root's rights, so that
        what lies in the user's folders leads root nowhere; None where it failed."""
        if self.is_this_process:
            return _answer(job)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            is_good = False
            try:
                os.setgroups([])
                os.setgid(self.group_id)
                os.setuid(self.user_id)
                answer = _answer(job)
                is_good = answer is not None
                os.write(writing, (answer or "").encode()[:_LONGEST_ANSWER])
            finally:
                os._exit(0 if is_good else 1)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            answered = pipe.read(_LONGEST_ANSWER)
        is_done = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        return answered.decode(errors="replace") if is_done else None


def owner_of(folder: Path) -> User:
    """Whose a folder is. Raises OSError."""
    status = folder.stat()
    return User(status.st_uid, status.st_gid)


def _answer(job: Callable[[], str]) -> str | None:
    try:
        return job()
    except Exception as failed:  # noqa: BLE001 - whatever it is, root goes on or back
        _log.warning("update_data_failed", error=f"{type(failed).__name__}: {failed}")
        return None
