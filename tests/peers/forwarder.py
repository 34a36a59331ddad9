"""A way to a server that is a process of its own, so that it can be killed while the server remembers all."""

from __future__ import annotations

import multiprocessing
import socket
import threading
from contextlib import suppress
from types import TracebackType

from tests.peers.network import NetworkNamespace, enter
from tests.peers.processes import LOOPBACK, free_ports

_PIECE = 1 << 16


class Forwarder:
    """Forwards connections from `url` to a port of this machine; always at the same port. `kill` and `start`
    are the death of whatever stands before the server, such as a bank's front door, and its return. In a
    `network` its url is on the loopback there, and leads out to this machine."""

    def __init__(self, to_port: int, network: NetworkNamespace | None = None) -> None:
        self._to = (network.gateway if network else LOOPBACK, to_port)
        self._network = network.name if network else ""
        self.port = free_ports(1)[0]
        self._process: multiprocessing.process.BaseProcess | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Takes connections when this returns."""
        context = multiprocessing.get_context("forkserver")
        listening = context.Event()
        self._process = context.Process(
            target=_forward_all, args=(self.port, self._to, listening, self._network)
        )
        self._process.start()
        if not listening.wait(20):
            raise RuntimeError("the forwarder does not start")

    def kill(self) -> None:
        """SIGKILL: connections break."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def __enter__(self) -> Forwarder:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def _forward_all(port: int, to: tuple[str, int], listening: threading.Event, network: str) -> None:
    if network:
        enter(network)
    listener = socket.create_server((LOOPBACK, port), backlog=64)
    listening.set()
    while True:
        client, _ = listener.accept()
        try:
            server = socket.create_connection(to)
        except OSError:
            client.close()
            continue
        for one, other in ((client, server), (server, client)):
            threading.Thread(target=_forward, args=(one, other), daemon=True).start()


def _forward(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
