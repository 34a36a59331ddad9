"""A real Redis in a process of its own: Debian's redis-server."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from types import TracebackType

from tests.peers.network import NetworkNamespace
from tests.peers.processes import LOOPBACK, PeerMissingError, ServerProcess, free_ports

_READY_TIMEOUT_S = 20


class RedisServer:
    """Runs on loopback, or in a network namespace whose link can be cut; always on the same port.

    Nothing outlives a `kill` unless it is `persistent`: then a write is on the disk before it is answered.
    """

    def __init__(
        self, folder: Path, persistent: bool = False, network: NetworkNamespace | None = None
    ) -> None:
        self._folder = folder
        self._persistent = persistent
        self._network = network
        self._process = ServerProcess(folder / "redis.log")
        self.host = network.host if network else LOOPBACK
        self.port = free_ports(1)[0]

    @property
    def url(self) -> str:
        return f"redis://{self.host}:{self.port}/0"

    def __enter__(self) -> RedisServer:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Starts it, or starts it again after `kill`."""
        settings = {
            "bind": self.host,
            "port": self.port,
            "protected-mode": "no",  # it asks for a password on any address but loopback
            "dir": self._folder,
            "save": "",
            "appendonly": "yes" if self._persistent else "no",
            "appendfsync": "always",
        }
        command = [
            _program(),
            *(word for name, value in settings.items() for word in (f"--{name}", f"{value}")),
        ]
        self._process.start(self._network.command(command) if self._network else command)
        self._process.wait_until(self._is_ready, _READY_TIMEOUT_S)

    def kill(self) -> None:
        """Dies at once, as with a power cut."""
        self._process.kill()

    def _is_ready(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _program() -> str:
    found = shutil.which("redis-server")
    if found is None:
        raise PeerMissingError("no Redis here: redis-server is not on the path")
    return found
