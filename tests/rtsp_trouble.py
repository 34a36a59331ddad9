"""What can stand where an RTSP server should: one that never answers, one that talks nonsense, a bad line."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=nonsense\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1;"
    "sprop-parameter-sets=Z2QAH6y0AoAt2AtQICAUAAADAAQAAAMAyjxgyoA=,aO88sA==\r\n"
    "a=control:stream=0\r\n"
)


class _Peer:
    """Listens on a port of its own and serves each caller on a thread, from the beginning to the end of the
    block; nothing of it is left then."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"rtsp://127.0.0.1:{self.port}/stream"
        self._is_over = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> _Peer:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self._is_over.is_set():
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(caller)
            self._run(self._serve_quietly, caller)

    def _run(self, work: Callable[[socket.socket], None], with_whom: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(with_whom,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve_quietly(self, caller: socket.socket) -> None:
        with suppress(OSError), caller:
            self._serve(caller)

    def _serve(self, caller: socket.socket) -> None:
        raise NotImplementedError


class SilentServer(_Peer):
    """Takes every call and never answers."""

    def _serve(self, caller: socket.socket) -> None:
        while caller.recv(65536):
            pass


class RawNonsense(_Peer):
    """Answers every call with bytes that mean nothing, without end."""

    def _serve(self, caller: socket.socket) -> None:
        chance = random.Random(3)
        while not self._is_over.is_set():
            caller.sendall(chance.randbytes(4096))
            time.sleep(0.01)


class NonsenseStream(_Peer):
    """Speaks RTSP like a camera until the stream plays; then its packets hold anything but pictures, and
    with `breaks_frames` are none either."""

    def __init__(self, *, breaks_frames: bool) -> None:
        super().__init__()
        self._breaks_frames = breaks_frames

    def _serve(self, caller: socket.socket) -> None:
        lines = caller.makefile("rb")
        while (request := lines.readline()) and not self._is_over.is_set():
            number = b"1"
            while (line := lines.readline().strip()) != b"":
                if line.lower().startswith(b"cseq:"):
                    number = line.partition(b":")[2].strip()
            kind = request.partition(b" ")[0].decode("latin-1")
            caller.sendall(self._answer(kind, number.decode("latin-1")))
            if kind == "PLAY":
                self._play(caller)

    def _answer(self, kind: str, number: str) -> bytes:
        head = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n"
        if kind == "DESCRIBE":
            return (
                f"{head}Content-Type: application/sdp\r\nContent-Length: {len(_SDP)}\r\n\r\n{_SDP}".encode()
            )
        if kind == "OPTIONS":
            head += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        if kind == "SETUP":
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        return f"{head}Session: 1\r\n\r\n".encode()

    def _play(self, caller: socket.socket) -> None:
        chance, number = random.Random(4), 0
        while not self._is_over.is_set():
            number += 1
            packet = (
                b"\x80\xe0"
                + (number & 0xFFFF).to_bytes(2, "big")
                + (number * 9000).to_bytes(4, "big")
                + b"nons"
                + chance.randbytes(900)
            )
            frame = b"$\x00" + len(packet).to_bytes(2, "big") + packet
            caller.sendall(chance.randbytes(len(frame)) if self._breaks_frames else frame)
            time.sleep(0.02)


class BadLine(_Peer):
    """Stands between a client and the server at `port`, and passes everything on; until told to spoil bits of
    what comes from the server, to let through only so many bytes a second, or to hold all back."""

    def __init__(self, port: int, path: str = "/stream") -> None:
        super().__init__()
        self._server_port = port
        self.url = f"rtsp://127.0.0.1:{self.port}{path}"
        self.spoils = threading.Event()
        self.holds_back = threading.Event()
        self.bytes_per_s: float | None = None

    def _serve(self, caller: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._server_port), 5) as server:
            # Small buffers, so that what is held back waits at the server too.
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            self._sockets.append(server)
            self._run(lambda _: self._pass_on(caller, server), caller)
            self._pass_back(server, caller)

    def _pass_on(self, caller: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := caller.recv(65536):
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _pass_back(self, server: socket.socket, caller: socket.socket) -> None:
        chance = random.Random(6)
        while data := server.recv(1024 if self.bytes_per_s else 16384):
            while self.holds_back.is_set() and not self._is_over.wait(0.01):
                pass
            if self.bytes_per_s:
                self._is_over.wait(len(data) / self.bytes_per_s)
            if self.spoils.is_set():
                spoilt = bytearray(data)
                for _ in range(max(1, len(data) // 400)):
                    spoilt[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
                data = bytes(spoilt)
            caller.sendall(data)
