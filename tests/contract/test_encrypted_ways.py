"""Whoever the kiosk or a centre speaks to over TLS proves who they are: one that nobody vouches for hears
nothing, nor one that is vouched for as somebody else; who is proven hears what there is to say."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError
from pyipp.enums import IppOperation

from kiosk.camera.rtsp_camera import RtspCamera, capture_options
from kiosk.central.celery_app import make_celery
from kiosk.central.centre import open_central_database
from kiosk.central.rate_limits import RateLimits
from kiosk.central.secrets import CentralSecrets
from kiosk.central.settings import AccessSection, CentralSettings, DatabaseSection
from kiosk.clock import SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.milvus_index import MilvusIndex
from kiosk.payments.paynoi_http import PayNoiConnection
from kiosk.payments.slip_check import HttpSlipChecker
from kiosk.photos.minio_store import MinioObjectStore
from kiosk.printing.ipp import IppServer
from kiosk.sending.line import LineCarrier
from kiosk.sync.client import CentralClient
from tests.peers.mail import make_certificates

_POSTGRES_WANTS_TLS = (80877103).to_bytes(4, "big")


@dataclass
class Impostor:
    """Listens with a certificate; `heard` is what was said to it. Speaks TLS at once, or as PostgreSQL does
    once it was asked for it."""

    certificate: Path
    key: Path
    port: int = 0
    met: int = 0
    heard: bytes = b""
    _listener: socket.socket = field(default_factory=socket.socket)

    def __enter__(self) -> Impostor:
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(16)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificate, self.key)
        tls.set_alpn_protocols(["h2", "http/1.1", "postgresql"])
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.met += 1
            peer.settimeout(2)
            try:
                if peer.recv(8, socket.MSG_PEEK)[4:8] == _POSTGRES_WANTS_TLS:
                    peer.recv(8)
                    peer.sendall(b"S")
                with tls.wrap_socket(peer, server_side=True) as open_peer:
                    self.heard += open_peer.recv(4096)
            except OSError:
                peer.close()


def _centre(port: int, _folder: Path) -> None:
    CentralClient(f"https://localhost:{port}", None).get_json("/readyz")


def _paynoi(port: int, _folder: Path) -> None:
    PayNoiConnection(f"https://localhost:{port}", 3.0).post({"api_key": "key"})


def _line(port: int, _folder: Path) -> None:
    LineCarrier(f"https://localhost:{port}", "token").check()


def _slip_check(port: int, _folder: Path) -> None:
    HttpSlipChecker(f"https://localhost:{port}", "key", 3.0).check("014", "0001")


def _s3(port: int, _folder: Path) -> None:
    MinioObjectStore(
        endpoint=f"localhost:{port}", bucket="photos", access_key="access", secret_key="secret"
    ).has("x")


def _milvus(port: int, _folder: Path) -> None:
    MilvusIndex(f"https://localhost:{port}", "recogniser-1", token="user:password")


def _redis(port: int, _folder: Path) -> None:
    limits = RateLimits(AccessSection(), f"rediss://localhost:{port}/0", "password")
    limits.count_request("10.0.0.1", None)  # where Redis is away it counts by itself


def _postgres(port: int, folder: Path) -> None:
    url = f"postgresql+psycopg://centre:password@kiosk.localhost:{port}/centre"
    settings = CentralSettings(database=DatabaseSection(url=f"{url}?hostaddr=127.0.0.1&connect_timeout=3"))
    open_central_database(folder, settings, CentralSecrets(folder, None, makes_key=False), SystemClock())


def _import_queue(port: int, _folder: Path) -> None:
    app = make_celery(f"rediss://:password@localhost:{port}/0")
    with suppress(OperationalError), app.connection_for_write() as connection:
        connection.default_channel.client.llen("imports")


def _print_server(port: int, _folder: Path) -> None:
    server = IppServer(f"https://localhost:{port}", "kiosk")
    server.call(IppOperation.CUPS_GET_PRINTERS, "photos", {}, time.monotonic() + 3)


def _camera(port: int, _folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", capture_options())  # of this test's authorities
        camera = RtspCamera(f"rtsps://user:password@localhost:{port}/live")
        try:
            camera.open()
        finally:
            camera.close()


Way = Callable[[int, Path], None]
WAYS: list[Way] = [
    _camera,
    _centre,
    _import_queue,
    _line,
    _paynoi,
    _postgres,
    _print_server,
    _redis,
    _s3,
    _slip_check,
]


def named(way: Way) -> str:
    return way.__name__.strip("_")


def told_to_a_peer(way: Way, folder: Path, *, host: str) -> bytes:
    """What somebody hears whose certificate is for `host`."""
    made = make_certificates(folder / "certificates", host)
    with Impostor(made.server, made.key) as peer:
        with suppress(KnownError):  # limits of requests go on without Redis
            way(peer.port, folder)
        assert peer.met >= 1, "it was asked at all"
    return peer.heard


@pytest.mark.parametrize("way", [*WAYS, _milvus], ids=named)
def test_a_peer_that_nobody_vouches_for_hears_nothing(tmp_path: Path, way: Way) -> None:
    assert told_to_a_peer(way, tmp_path, host=_host_of(way)) == b""


@pytest.fixture
def is_vouched_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates of the authority in `tmp_path` are good on this machine."""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "certificates" / "authority.pem"))


@pytest.mark.usefixtures("is_vouched_for")
@pytest.mark.parametrize("way", WAYS, ids=named)
def test_a_peer_that_is_somebody_else_hears_nothing(tmp_path: Path, way: Way) -> None:
    assert told_to_a_peer(way, tmp_path, host="other.example") == b""


@pytest.mark.usefixtures("is_vouched_for")
@pytest.mark.parametrize("way", WAYS, ids=named)
def test_a_peer_that_proves_who_it_is_hears_what_there_is_to_say(tmp_path: Path, way: Way) -> None:
    assert told_to_a_peer(way, tmp_path, host=_host_of(way)) != b""


def _host_of(way: Way) -> str:
    return "kiosk.localhost" if way is _postgres else "localhost"


@pytest.mark.parametrize(
    "send",
    [
        lambda url: PayNoiConnection(url, 3.0),
        lambda url: HttpSlipChecker(url, "key", 3.0),
        lambda url: LineCarrier(url, "token"),
    ],
    ids=["paynoi", "slip_check", "line"],
)
def test_a_key_goes_to_no_other_machine_in_the_clear(send: Callable[[str], object]) -> None:
    for url in ("http://bank.example", "http://192.168.1.20:8080", "ftp://bank.example", "bank.example"):
        with pytest.raises(KnownError) as refused:
            send(url)
        assert refused.value.code is ErrorCode.SETTING_INVALID
    send("http://127.0.0.1:8080")
    send("https://bank.example")
