"""Signs of life to whoever started this process (`kiosk.supervisor`), one line each, over an inherited pipe.

    starting            it comes up, which may take a while
    beat                the screen is served, and every worker moves
    stopping            it ends in order
    frozen NAME,NAME    these workers do not move any more
    fault CODE          it cannot go on, for this reason

The variable KIOSK_HEARTBEAT_FD holds the pipe's number (on Windows the handle's).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

VARIABLE = "KIOSK_HEARTBEAT_FD"
BEAT_EVERY_S = 1.0
SERVES = "serves"
"""What the parent of a screen tells systemd (its StatusText) while the screen beats."""


class Heartbeat:
    """Writes the lines; where nobody listens, does nothing. A full pipe is a listener that is busy: the line
    is dropped, nobody waits. One thread."""

    def __init__(self, fd: int | None = None) -> None:
        self._fd = fd
        self.is_alone = False
        """Whoever listened is gone."""

    @property
    def is_heard(self) -> bool:
        """Whether somebody started this process to look after it."""
        return self._fd is not None

    def starting(self) -> None:
        self._tell("starting")

    def beat(self) -> None:
        self._tell("beat")

    def stopping(self) -> None:
        self._tell("stopping")

    def frozen(self, names: Sequence[str]) -> None:
        self._tell("frozen " + ",".join(names))

    def fault(self, code: str) -> None:
        self._tell(f"fault {code}")

    def _tell(self, line: str) -> None:
        if self._fd is None:
            return
        try:
            os.write(self._fd, f"{line}\n".encode())
        except BlockingIOError:
            pass
        except OSError:
            self.is_alone = True


def inherited_heartbeat() -> Heartbeat:
    """That of this process; to be taken once. Programs that it starts do not inherit the pipe."""
    number = os.environ.pop(VARIABLE, "")
    if not number.isdecimal():
        return Heartbeat()
    fd = int(number)
    try:
        if sys.platform == "win32":
            import msvcrt

            return Heartbeat(msvcrt.open_osfhandle(fd, os.O_WRONLY))
        os.set_inheritable(fd, False)
        os.set_blocking(fd, False)
    except OSError:
        return Heartbeat()
    return Heartbeat(fd)
