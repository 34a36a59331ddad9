"""A proxy between a kiosk and its centre that loses answers: the request arrives, its answer never does."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

from tests.peers.processes import LOOPBACK

_PIECE = 1 << 16
_LOOK_EVERY_S = 0.2
_CONNECT_S = 2.0


class LossyProxy:
    """Forwards bytes both ways at `url`. `lose_answers(n)`: of the next `n` answers not a byte gets through,
    and the connection breaks, once the centre has begun to answer. `lost` counts them."""

    def __init__(self, host: str, port: int) -> None:
        """Where the centre is."""
        self._target = (host, port)
        self._to_lose = 0
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._listener = socket.create_server((LOOPBACK, 0), backlog=128)
        self._listener.settimeout(_LOOK_EVERY_S)
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, name="lossy-proxy", daemon=True)
        self.lost = 0
        self.url = f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"

    def lose_answers(self, count: int) -> None:
        """From now on, instead of what was still to be lost."""
        with self._lock:
            self._to_lose = count

    def __enter__(self) -> LossyProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()
        self._listener.close()
        with self._lock:
            still_open = list(self._open)
        for each in still_open:
            _break(each)

    def _accept(self) -> None:
        while not self._is_over.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            client.settimeout(None)
            threading.Thread(target=self._serve, args=(client,), name="lossy-link", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            centre = socket.create_connection(self._target, timeout=_CONNECT_S)
        except OSError:
            _break(client)
            client.close()
            return
        centre.settimeout(None)
        with self._lock:
            self._open |= {client, centre}
        there = threading.Thread(target=_forward, args=(client, centre), name="lossy-up", daemon=True)
        there.start()
        self._answer(centre, client)
        _break(client)
        _break(centre)
        there.join()
        with self._lock:
            self._open -= {client, centre}
        client.close()
        centre.close()

    def _answer(self, centre: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while piece := centre.recv(_PIECE):
                if self._is_lost():
                    return
                client.sendall(piece)

    def _is_lost(self) -> bool:
        with self._lock:
            if self._to_lose == 0:
                return False
            self._to_lose -= 1
            self.lost += 1
            return True


def _forward(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    _break(target)


def _break(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
