"""A real RTSP server in a process of its own: GStreamer's, under the system's Python."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from functools import cache
from types import TracebackType

_SCRIPT = """
import sys, gi
gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer, GLib
Gst.init(None)
server = GstRtspServer.RTSPServer(); server.set_address("127.0.0.1"); server.set_service(sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory(); factory.set_shared(True)
factory.set_launch("( videotestsrc is-live=true pattern=ball"
                   " ! video/x-raw,width=320,height=240,framerate=25/1"
                   " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10"
                   " ! rtph264pay name=pay0 )")
server.get_mount_points().add_factory("/stream", factory)
server.attach(None); print("ready", flush=True); GLib.MainLoop().run()
"""
_PYTHON = "/usr/bin/python3"


@cache
def rtsp_server_is_here() -> bool:
    """Whether the system's Python has gst-rtsp-server and the encoder is installed."""
    if not shutil.which(_PYTHON):
        return False
    check = (
        'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import Gst, GstRtspServer;'
        'Gst.init(None); assert Gst.ElementFactory.find("x264enc")'
    )
    return subprocess.run([_PYTHON, "-c", check], capture_output=True, check=False).returncode == 0


class RtspServer:
    """Streams a moving ball from `start` to `stop`; always on the same port, so that it can come back."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://visitor:hidden@127.0.0.1:{self._port}/stream"

    def start(self) -> None:
        # Not the environment of the tests: OpenCV leads other programs to libraries of its own.
        environment = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
        self._process = subprocess.Popen(
            [_PYTHON, "-c", _SCRIPT, str(self._port)], stdout=subprocess.PIPE, text=True, env=environment
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
