"""The phone goes away, the store goes away, the kiosk stops: nothing is counted that did not arrive."""

from __future__ import annotations

import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
import requests

from kiosk.delivery.purchases import Purchase
from kiosk.delivery.types import DownloadLink
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.photos.types import Photo
from tests.phone_shop import PhoneShop, open_shop

BIG_BYTES = 24_000_000
TIMEOUT_S = 20


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PhoneShop]:
    opened = open_shop(tmp_path, photo_count=3, limit=2, width=400)
    yield opened
    assert opened.server.stop()


def make_big(shop: PhoneShop, index: int) -> None:
    """A file larger than all buffers between kiosk and phone."""
    with shop.original(index).open("r+b") as file:
        file.truncate(BIG_BYTES)


def begin_download(shop: PhoneShop, path: str) -> socket.socket:
    """A phone that has taken the first bytes and then takes no more."""
    host, port = shop.server.base_url.removeprefix("http://").split(":")
    phone = socket.socket()
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    phone.settimeout(TIMEOUT_S)
    phone.connect((host, int(port)))
    phone.sendall(f"GET /d/{shop.tokens.download}{path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert phone.recv(12) == b"HTTP/1.1 200"
    return phone


def eventually(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.02)


@pytest.mark.parametrize("path", ["/photo/1", "/all.zip"])
def test_transfer_that_broke_off_is_not_counted_and_can_be_started_again(shop: PhoneShop, path: str) -> None:
    make_big(shop, 1)

    def is_let_in() -> bool:
        with requests.get(shop.url + path, timeout=TIMEOUT_S, stream=True) as answer:
            return answer.status_code == 200

    for _ in range(4):  # more often than the limit allows; one given up is soon not held against it
        eventually(is_let_in)
    assert shop.counts() == {}
    eventually(lambda: len(requests.get(shop.url + path, timeout=TIMEOUT_S).content) >= BIG_BYTES)
    eventually(lambda: list(shop.counts().values()) == [1])


def test_transfers_under_way_are_held_against_the_limit(shop: PhoneShop) -> None:
    make_big(shop, 1)
    phones = [begin_download(shop, "/photo/1") for _ in range(2)]
    busy = requests.get(shop.url + "/photo/1", timeout=TIMEOUT_S, headers={"Range": "bytes=0-"})
    assert busy.status_code == 429
    assert busy.headers["Retry-After"] == "60"
    assert requests.get(shop.url + "/photo/2", timeout=TIMEOUT_S).status_code == 200
    for phone in phones:
        phone.close()


@pytest.mark.parametrize("path", ["/photo/1", "/all.zip"])
def test_server_stops_in_time_while_a_phone_is_downloading(tmp_path: Path, path: str) -> None:
    shop = open_shop(tmp_path, photo_count=3, width=400)
    make_big(shop, 1)
    with begin_download(shop, path) as phone:
        assert shop.server.stop(timeout_s=8)
        received = 0
        try:
            while data := phone.recv(1 << 20):
                received += len(data)
        except ConnectionResetError:
            pass
    assert received < BIG_BYTES
    assert shop.counts() == {}
    assert "phone-server" not in {thread.name for thread in threading.enumerate()}


def test_one_slow_phone_does_not_hold_up_the_others(shop: PhoneShop) -> None:
    make_big(shop, 1)
    phones = [begin_download(shop, "/photo/1") for _ in range(2)]
    assert requests.get(shop.url, timeout=TIMEOUT_S).status_code == 200
    assert requests.get(shop.url + "/photo/3", timeout=TIMEOUT_S).content == shop.original(3).read_bytes()
    for phone in phones:
        phone.close()


def test_phones_that_say_nothing_do_not_hold_up_the_others(shop: PhoneShop) -> None:
    host, port = shop.server.base_url.removeprefix("http://").split(":")
    silent = [socket.create_connection((host, int(port)), TIMEOUT_S) for _ in range(50)]
    assert requests.get(shop.url, timeout=TIMEOUT_S).status_code == 200
    for phone in silent:
        phone.close()


class _ShrinkingFile(BytesIO):
    """A file that gets shorter after its length was read."""

    def read(self, size: int | None = -1, /) -> bytes:
        return b""


def test_file_that_shrinks_under_way_breaks_off_and_is_not_counted(
    shop: PhoneShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_shrinking(photo: Photo) -> BinaryIO:
        return _ShrinkingFile(b"x" * 1000)

    monkeypatch.setattr(shop.orders, "open_original", open_shrinking)
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(shop.url + "/photo/1", timeout=TIMEOUT_S)
    assert shop.counts() == {}


def test_store_that_goes_away_under_way_never_leaves_a_zip_that_looks_whole(
    shop: PhoneShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_original = shop.orders.open_original

    def open_first_only(photo: Photo) -> BinaryIO:
        if photo.photo_id == "photo2":
            raise KnownError(ErrorCode.OBJECT_STORE_UNREACHABLE, "away")
        return open_original(photo)

    monkeypatch.setattr(shop.orders, "open_original", open_first_only)
    parts: list[bytes] = []
    answer = requests.get(shop.url + "/all.zip", timeout=TIMEOUT_S, stream=True)
    with answer, pytest.raises(requests.exceptions.ChunkedEncodingError):
        parts.extend(answer.iter_content(4096))
    received = b"".join(parts)
    assert len(received) > 1000
    assert not zipfile.is_zipfile(BytesIO(received))
    assert shop.counts() == {}


@pytest.mark.parametrize("path", ["", "/photo/1", "/all.zip"])
def test_database_that_is_away_is_a_calm_page_and_over_when_it_is_back(
    shop: PhoneShop, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def away(order_id: str) -> Purchase:
        raise KnownError(ErrorCode.DATABASE_UNREACHABLE, "secret detail of the database")

    with monkeypatch.context() as fault:
        fault.setattr(shop.orders, "purchase", away)
        answer = requests.get(shop.url + path, timeout=TIMEOUT_S, headers={"Accept-Language": "en"})
        assert answer.status_code == 503
        assert "Nothing is lost." in answer.text
        assert "secret detail" not in answer.text
    assert requests.get(shop.url + path, timeout=TIMEOUT_S).status_code == 200


def test_link_whose_order_is_gone_is_an_unknown_link(
    shop: PhoneShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(order_id: str) -> Purchase:
        raise KnownError(ErrorCode.ORDER_UNKNOWN, "gone")

    monkeypatch.setattr(shop.orders, "purchase", gone)
    assert requests.get(shop.url, timeout=TIMEOUT_S).status_code == 404


def test_bug_shows_no_detail_and_the_next_request_works(
    shop: PhoneShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(order_id: str) -> Purchase:
        raise BugError("inner detail")

    with monkeypatch.context() as fault:
        fault.setattr(shop.orders, "purchase", broken)
        answer = requests.get(shop.url, timeout=TIMEOUT_S)
        assert answer.status_code == 500
        assert "inner detail" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert requests.get(shop.url, timeout=TIMEOUT_S).status_code == 200


def test_count_that_fails_does_not_break_a_transfer(shop: PhoneShop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(link_id: str, object_name: str) -> DownloadLink:
        raise KnownError(ErrorCode.DISK_FULL, "full")

    monkeypatch.setattr(shop.links, "count_download", full)
    for path in ("/photo/1", "/all.zip"):
        assert requests.get(shop.url + path, timeout=TIMEOUT_S).status_code == 200


def test_no_token_is_ever_logged(
    shop: PhoneShop, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    shop.original(1).unlink()
    for url in (shop.url, shop.url + "/photo/1", shop.url + "/all.zip", shop.receipt_url, shop.url + "x"):
        requests.get(url, timeout=TIMEOUT_S)
    logged = "".join(capfd.readouterr()) + caplog.text
    assert "original_missing" in logged
    assert shop.tokens.download not in logged
    assert shop.tokens.receipt not in logged
