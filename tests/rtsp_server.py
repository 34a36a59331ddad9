"""A real RTSP server in a process of its own: GStreamer's, under the system's Python."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from tests.film import PYTHON, FilmClock, bare_environment

_PROGRAM = Path(__file__).with_name("rtsp_program.py")
_CHECK = (
    'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import Gst, GstRtspServer;'
    'Gst.init(None); assert Gst.ElementFactory.find("x264enc")'
)


@cache
def rtsp_server_is_here() -> bool:
    """Whether the system's Python has gst-rtsp-server and the encoder is installed."""
    if not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", _CHECK], capture_output=True, check=False).returncode == 0


@dataclass(frozen=True, slots=True)
class Served:
    """A film of `tests.film` with `length` pictures, over and over; a number tells when it was sent."""

    file: Path
    fps: int
    length: int


@dataclass(frozen=True, slots=True)
class Guard:
    """Who is let in, and how they have to say it."""

    user: str
    password: str
    is_digest: bool = True


class RtspServer:
    """Streams a moving ball at /stream, and films, from `start` to `stop`; always on one port, so that it can
    come back. Without a guard any user and password will do."""

    def __init__(self, films: Mapping[str, Served] | None = None, guard: Guard | None = None) -> None:
        """`films` by their paths, such as "/door"."""
        self.port = free_port()
        self._films = dict(films or {})
        self._guard = guard
        self._began_s = time.monotonic()
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://visitor:hidden@127.0.0.1:{self.port}/stream"

    def address(self, path: str = "/stream", user: str = "", password: str = "") -> str:
        """Of a stream; user and password as they may stand in an address."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
        return f"rtsp://{login}127.0.0.1:{self.port}{path}"

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def clock(self, path: str) -> FilmClock:
        """When the pictures of a film go out."""
        film = self._films[path]
        return FilmClock(self._began_s, film.fps, film.length)

    def start(self) -> None:
        guard = self._guard or Guard("", "")
        wanted = {
            "port": self.port,
            "began_s": self._began_s,
            "films": {path: {"file": str(film.file), "fps": film.fps} for path, film in self._films.items()},
            "user": guard.user,
            "password": guard.password,
            "is_digest": guard.is_digest,
        }
        self._process = subprocess.Popen(
            [PYTHON, str(_PROGRAM), json.dumps(wanted)],
            stdout=subprocess.PIPE,
            text=True,
            env=bare_environment(),
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == "ready"

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """Dies at once, as with a power cut."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def __enter__(self) -> RtspServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
