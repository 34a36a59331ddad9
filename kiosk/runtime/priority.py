"""Work that must not be felt by whoever stands at the kiosk."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

_NICE = 3


def work_in_the_background() -> None:
    """This thread, and those that it starts, yield to all others from now on. Only Linux has a priority for
    each thread; elsewhere nothing changes."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
