"""A display that nobody sees, with real keys and pictures; and `kiosk session` on it, bare or in cage."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import ImageGrab

from kiosk.paths import program_root
from kiosk.vision.types import Pixels
from tests.command_line import command, environment
from tests.watching import wait_until

SCRIPT = program_root() / "installer" / "package" / "linux" / "photo-kiosk-session.sh"
NEEDED = ("Xvfb", "xdotool")
NEEDED_BY_CAGE = (*NEEDED, "cage", "Xwayland")
START_S = 100
_CAGE = """#!/bin/sh
export DISPLAY={display} WLR_BACKENDS=x11
exec {around}{cage} "$@"
"""
_NO_ROOT = "unshare --user --map-user=1000 --map-group=1000 "
"""Cage does not run as root: it is let think that it is somebody else."""
_KIOSK = """#!/bin/sh
cd {root} && exec {python} -m ui "$@"
"""


def missing_of(programs: tuple[str, ...]) -> str:
    """The first of these programs that is not here; empty where all are."""
    return next((name for name in programs if shutil.which(name) is None), "")


class VirtualDisplay:
    """An X server of its own without a window manager."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        reading, writing = os.pipe()
        screen = f"{size[0]}x{size[1]}x24"
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp"],
            pass_fds=(writing,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as number:
            self.name = f":{number.readline().strip()}"

    def picture(self) -> Pixels:
        """What is on it now."""
        return np.asarray(ImageGrab.grab(xdisplay=self.name))[:, :, :3]

    def do(self, *words: str) -> str:
        """What `xdotool` says."""
        done = subprocess.run(
            ["xdotool", *words],
            env={**os.environ, "DISPLAY": self.name},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout.strip()

    def windows(self) -> list[str]:
        """The windows that can be seen, from the bottom up, and how each lies: "12 0,0 1080x1920"."""
        found, root = [], self.do("search", "--maxdepth", "0", "--name", "")
        for number in self.do("search", "--onlyvisible", "--maxdepth", "1", "--name", "").split():
            if number == root:
                continue
            told = dict(
                line.split("=", 1)
                for line in self.do("getwindowgeometry", "--shell", number).splitlines()
                if "=" in line
            )
            if told:
                found.append(f"{number} {told['X']},{told['Y']} {told['WIDTH']}x{told['HEIGHT']}")
        return found

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(30)


class RunningSession:
    """`kiosk session` of the data folder `home`, started on a display: by itself, or as the package starts
    it, in cage. `folder` is for what it writes; `more` are environment variables."""

    def __init__(
        self, home: Path, display: VirtualDisplay, folder: Path, *, in_cage: bool = False, **more: str
    ) -> None:
        self.home = home
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.setblocking(False)
        self._said: list[str] = []
        self._log = folder / "session.log"
        environ = environment(
            home,
            KIOSK_SOFTWARE="1",
            NOTIFY_SOCKET=str(folder / "notify"),
            KIOSK_PAYMENT__PROMPTPAY_ID="0801234567",
            KIOSK_DELIVERY__PORT="0",
            **more,
        )
        if in_cage:
            words, ours = [str(SCRIPT)], _of_cage(display, folder)
        else:
            words, ours = command("session"), {"DISPLAY": display.name, "QT_QPA_PLATFORM": "xcb"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                words,
                cwd=program_root(),
                env={**environ, **ours},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def notes(self) -> list[str]:
        """All that systemd was told."""
        while True:
            try:
                self._said.append(self._socket.recv(1000).decode())
            except BlockingIOError:
                return self._said

    def status_line(self) -> str:
        return next((note[7:] for note in reversed(self.notes()) if note.startswith("STATUS=")), "")

    def wait_served(self) -> None:
        wait_until(lambda: self.status_line() == "serves", START_S)

    def pids(self) -> list[int]:
        """Of the screens so far, the newest last."""
        words = [line.split() for line in self.told().splitlines() if "screen_started" in line]
        return [int(word[4:]) for line in words for word in line if word.startswith("pid=")]

    def told(self) -> str:
        """What it wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def is_over(self) -> bool:
        return self._process.poll() is not None

    def end(self) -> int:
        """As systemd ends it; the exit status."""
        if not self.is_over():
            self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(60)
        self._socket.close()
        return status


def _of_cage(display: VirtualDisplay, folder: Path) -> Mapping[str, str]:
    """The package's script finds cage as one that shows itself in a window of the display, and this very
    kiosk. It runs as the session of no user and without a graphics card."""
    programs, runtime = folder / "bin", folder / "run"
    for each in (programs, runtime):
        each.mkdir()
    runtime.chmod(0o700)
    texts = {
        "cage": _CAGE.format(
            display=display.name,
            around=_NO_ROOT if os.geteuid() == 0 else "",
            cage=shutil.which("cage"),
        ),
        "kiosk": _KIOSK.format(root=program_root(), python=sys.executable),
    }
    for name, text in texts.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "KIOSK_PROGRAM": str(programs / "kiosk"),
        "RUNTIME_DIRECTORY": str(runtime),
        "XDG_RUNTIME_DIR": str(runtime),
    }
