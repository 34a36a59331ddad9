"""What an RTSP server says of a stream, asked of a real one and of peers that answer by the letter."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import md5

import pytest

from kiosk.camera.rtsp_answer import describe
from tests.rtsp_server import Guard, RtspServer, rtsp_server_is_here
from tests.rtsp_trouble import RawNonsense, SilentServer

USER, PASSWORD = "the guard", "p@ss:/%ü word"
PATIENCE_S = 5.0


@pytest.fixture(params=[True, False], ids=["digest", "basic"])
def guarded(request: pytest.FixtureRequest) -> Iterator[RtspServer]:
    if not rtsp_server_is_here():
        pytest.skip("no gst-rtsp-server under the system's Python")
    with RtspServer(guard=Guard(USER, PASSWORD, is_digest=request.param)) as server:
        yield server


@pytest.mark.real_server
def test_a_server_tells_who_may_in_and_what_there_is(guarded: RtspServer) -> None:
    assert describe(guarded.address("/stream", USER, PASSWORD), PATIENCE_S) == 200
    assert describe(guarded.address("/stream", USER, "wrong"), PATIENCE_S) == 401
    assert describe(guarded.address("/stream"), PATIENCE_S) == 401
    assert describe(guarded.address("/other", USER, PASSWORD), PATIENCE_S) == 404


class DigestPeer:
    """Asks for a digest of the newer kind (RFC 2617 with qop) and checks it by the letter."""

    CHALLENGE = 'Digest realm="door", qop="auth", nonce="n0nce", opaque="0paque", algorithm=MD5'

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsp://guard:hidden@127.0.0.1:{self._listener.getsockname()[1]}/door?track=1"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.close()
        self._thread.join(PATIENCE_S)

    def _serve(self) -> None:
        caller, _ = self._listener.accept()
        with caller, caller.makefile("rb") as lines:
            for _ in range(2):
                request = b"".join(iter(lines.readline, b"\r\n")).decode()
                self.asked.append(request)
                status = "200 OK" if self._is_right(request) else "401 Unauthorized"
                caller.sendall(f"RTSP/1.0 {status}\r\nWWW-Authenticate: {self.CHALLENGE}\r\n\r\n".encode())

    def _is_right(self, request: str) -> bool:
        line = next((one for one in request.splitlines() if one.startswith("Authorization: Digest ")), "")
        words = dict(part.strip().split("=", 1) for part in line.partition("Digest ")[2].split(",") if part)
        said = {name: value.strip('"') for name, value in words.items()}
        secret, asked = hashed("guard:door:hidden"), hashed(f"DESCRIBE:{said.get('uri', '')}")
        wanted = hashed(f"{secret}:n0nce:{said.get('nc', '')}:{said.get('cnonce', '')}:auth:{asked}")
        return said.get("response") == wanted and said.get("opaque") == "0paque" and said.get("qop") == "auth"


def hashed(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def test_a_digest_of_the_newer_kind_is_answered_and_no_request_holds_the_password() -> None:
    peer = DigestPeer()
    assert describe(peer.url, PATIENCE_S) == 200
    peer.close()
    assert len(peer.asked) == 2
    assert "hidden" not in "".join(peer.asked)
    assert "/door?track=1 RTSP/1.0" in peer.asked[0]


def test_no_answer_and_no_sense_are_none() -> None:
    with SilentServer() as silent, RawNonsense() as raw:
        assert describe(silent.url, 0.3) is None
        assert describe(raw.url, 0.3) is None
    assert describe(silent.url, 0.3) is None


class SlowPeer:
    """Answers in RTSP, byte by byte, over more than a second."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}/door"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.close()
        self._thread.join(PATIENCE_S)

    def _serve(self) -> None:
        caller, _ = self._listener.accept()
        with caller, suppress(OSError):
            for letter in f"RTSP/1.0 200 OK\r\nServer: {'x' * 500}\r\n\r\n":
                caller.sendall(letter.encode())
                time.sleep(0.003)


def test_one_that_answers_byte_by_byte_is_waited_for_no_longer_than_any_other() -> None:
    peer = SlowPeer()
    assert describe(peer.url, 0.2) is None
    peer.close()
