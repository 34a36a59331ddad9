"""The server that phones reach: its address, its port, its end."""

from __future__ import annotations

import ipaddress
import socket

import pytest
import requests
from starlette.responses import PlainTextResponse

from kiosk.delivery.phone_server import PhoneServer, local_address
from kiosk.errors import BugError, ErrorCode, KnownError

APP = PlainTextResponse("here")


def test_local_address_is_one_that_this_machine_has() -> None:
    address = local_address()
    assert ipaddress.ip_address(address).version == 4
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((address, 0))


def test_serves_on_the_local_network_until_stopped() -> None:
    server = PhoneServer(APP)
    server.start()
    assert server.base_url.startswith(f"http://{local_address()}:")
    assert requests.get(server.base_url, timeout=10).text == "here"
    assert server.stop()
    assert server.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(server.base_url, timeout=10)


def test_every_interface_is_told_by_the_address_of_the_network() -> None:
    server = PhoneServer(APP, "0.0.0.0")
    server.start()
    assert server.base_url.startswith(f"http://{local_address()}:")
    assert requests.get(server.base_url, timeout=10).text == "here"
    assert server.stop()


def test_taken_port_is_told_by_code() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(KnownError) as caught:
            PhoneServer(APP, "127.0.0.1", other.getsockname()[1]).start()
    assert caught.value.code is ErrorCode.PORT_TAKEN


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_address_of_another_machine_is_told_by_code(host: str) -> None:
    with pytest.raises(KnownError) as caught:
        PhoneServer(APP, host, 0).start()
    assert caught.value.code is ErrorCode.SETTING_INVALID


def test_port_is_free_again_at_once_after_the_stop() -> None:
    first = PhoneServer(APP, "127.0.0.1")
    first.start()
    port = int(first.base_url.rsplit(":", 1)[1])
    requests.get(first.base_url, timeout=10)
    assert first.stop()
    second = PhoneServer(APP, "127.0.0.1", port)
    second.start()
    assert second.stop()


def test_address_before_the_start_is_a_bug_and_stopping_then_is_harmless() -> None:
    server = PhoneServer(APP)
    with pytest.raises(BugError):
        _ = server.base_url
    assert server.stop()
