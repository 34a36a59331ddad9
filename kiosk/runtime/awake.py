"""Whether this machine may switch its screen off: told to whatever of the system would do so.

- Linux: systemd-logind by an inhibitor that is held (`systemd-inhibit`), and under X the server itself
  (`xset`). `cage` switches nothing off by itself.
- Windows: SetThreadExecutionState. macOS: `caffeinate`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import structlog

_log = structlog.get_logger(__name__)
_X_TIMEOUT_S = 5.0
_DARK_AFTER_S = "300"
_INHIBIT = ("systemd-inhibit", "--what=idle", "--who=Photo kiosk", "--why=open", "--mode=block", "cat")
_CAFFEINATE = ("caffeinate", "-d", "-i")
_ES_CONTINUOUS, _ES_SYSTEM_REQUIRED, _ES_DISPLAY_REQUIRED = 0x80000000, 0x1, 0x2


class Wakefulness:
    """Keeps the screen awake, or lets it sleep, as often as told. What of the system is not there is passed
    over. One thread; returns at once but for `xset`, which takes a moment."""

    def __init__(self) -> None:
        self._held: subprocess.Popen[bytes] | None = None

    def stay_awake(self) -> None:
        """From now on nothing switches the screen off."""
        if sys.platform == "win32":
            _tell_windows(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED | _ES_DISPLAY_REQUIRED)
            return
        if self._held is None or self._held.poll() is not None:
            # It ends with this process, however that ends: its input is a pipe of ours.
            self._held = _started(_CAFFEINATE if sys.platform == "darwin" else _INHIBIT)
        _tell_x("s", "off", "s", "noblank", "-dpms")

    def may_sleep(self) -> None:
        """From now on the system does as it likes; X goes dark after five minutes without a touch."""
        if sys.platform == "win32":
            _tell_windows(_ES_CONTINUOUS)
            return
        self._let_go()
        _tell_x("+dpms", "dpms", _DARK_AFTER_S, _DARK_AFTER_S, _DARK_AFTER_S)

    def close(self) -> None:
        """Lets go; X stays as it was told last."""
        self._let_go()

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.terminate()
            self._held.wait()
            if self._held.stdin is not None:
                self._held.stdin.close()
            self._held = None


def _started(words: tuple[str, ...]) -> subprocess.Popen[bytes] | None:
    program = shutil.which(words[0])
    if program is None:
        return None
    return subprocess.Popen(
        [program, *words[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _tell_x(*words: str) -> None:
    program = shutil.which("xset")
    if program is None or not os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return
    try:
        subprocess.run([program, *words], capture_output=True, timeout=_X_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as failed:
        _log.warning("x_not_told", kind=type(failed).__name__)


def _tell_windows(state: int) -> None:
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetThreadExecutionState(state)
