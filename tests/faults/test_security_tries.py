"""Tries to get at what is somebody else's, over real HTTP and as no well-behaved client would ask.

What else is tried stands beside what it is about: forged and repeated webhooks in `unit/test_line_webhook`,
`unit/test_paynoi_signature` and `contract/test_central_orders`, other tenants' ids in
`contract/test_tenants_apart` and `contract/test_no_reach_across`, guessed codes in `unit/test_visit_buying`.
"""

from __future__ import annotations

import math
import socket
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests

from kiosk.central.principal import Role
from kiosk.payments.paynoi_signature import sign
from tests.central_kiosk import add_event
from tests.money_centre import MoneyCentre, money_centre
from tests.phone_shop import PhoneShop, open_shop

_SECRET = b"nobody outside may read this"
_UP = ("..", "%2e%2e", "%252e%252e", "..%2f..", "%2e%2e%5c", "..;", ".%00.", "%c0%ae%c0%ae", "....//")
_TIMEOUT_S = 20
_TOKEN_BITS = 160
"""As the tokens of links are made."""
_MOST_MISSES = 30


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PhoneShop]:
    """Whose files lie beside one that nobody outside may have."""
    (tmp_path / "secret").write_bytes(_SECRET)
    (tmp_path / "shop").mkdir()
    opened = open_shop(tmp_path / "shop", photo_count=1, width=200)
    yield opened
    opened.server.stop()


@pytest.fixture(scope="module")
def centre() -> Iterator[MoneyCentre]:
    with money_centre() as made:
        add_event(made, made.server.centre.clock)
        (made.server.home / "secret").write_bytes(_SECRET)
        yield made


def asked_raw(url: str, target: str, method: str = "GET") -> bytes:
    """The whole answer to a request whose target goes over the wire as it is written here."""
    where = urlsplit(url)
    assert where.hostname
    assert where.port
    with socket.create_connection((where.hostname, where.port), timeout=_TIMEOUT_S) as wire:
        wire.sendall(f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"))
        answer = b""
        while piece := wire.recv(65536):
            answer += piece
    return answer


@pytest.mark.parametrize("up", _UP)
def test_no_path_leads_out_of_what_a_phone_may_have(up: str, shop: PhoneShop) -> None:
    token, photo = shop.tokens.download, shop.photos[0].photo_id
    for begin in ("/static/", "/static/fonts/", f"/d/{token}/", f"/d/{token}/photo/{photo}/", "/d/"):
        for depth in (1, 2, 5):
            answer = asked_raw(shop.url, begin + f"{up}/" * depth + "secret")
            status = int(answer.split()[1])
            assert status in (400, 404, 429), (begin, up)
            assert _SECRET not in answer
            assert b"Traceback" not in answer


def test_links_are_beyond_guessing_and_guesses_are_slowed(shop: PhoneShop) -> None:
    maker_tokens = [shop.tokens.download, shop.tokens.receipt]
    letters = len(string.ascii_letters + string.digits + "-_")
    assert all(len(token) * math.log2(letters) >= _TOKEN_BITS for token in maker_tokens)
    good = shop.tokens.download
    guesses = [f"{good[:-2]}{one}{two}" for one in "abcdefgh" for two in "ABCDEFGH"]
    statuses = Counter(
        requests.get(shop.url.replace(good, guess), timeout=_TIMEOUT_S).status_code
        for guess in guesses
        if guess != good
    )
    assert set(statuses) == {404, 429}
    assert statuses[404] == _MOST_MISSES
    assert requests.get(shop.url, timeout=_TIMEOUT_S).status_code == 429


def test_a_repeated_notice_of_the_bank_brings_no_second_money(centre: MoneyCentre) -> None:
    ask = {"idempotency_key": "repeated-notice-0001", "amount_satang": 7900, "order_code": "K1-4Q2M"}
    headers = centre.server.headers(centre.tenant_id, Role.DEVICE, centre.device_id)
    url = f"{centre.server.url}/api/payment"
    charge = requests.post(f"{url}/create", json=ask, headers=headers, timeout=_TIMEOUT_S).json()
    data = f'{{"trans_id": "{centre.reference(charge["charge_id"])}"}}'.encode()

    def tell(key: str) -> int:
        body = b'{"data": ' + data + b', "signature": "' + sign(data, key).encode("ascii") + b'"}'
        return requests.post(f"{url}/webhook", data=body, timeout=_TIMEOUT_S).status_code

    centre.pay(charge["charge_id"])
    assert tell("guessed") == 401
    assert [tell(centre.bank.api_key) for _ in range(5)] == [200] * 5
    seen = requests.get(f"{url}/{charge['charge_id']}/status", headers=headers, timeout=_TIMEOUT_S).json()
    assert (seen["status"], seen["received_satang"]) == ("completed", charge["due_satang"])


@pytest.mark.parametrize("up", _UP)
def test_no_path_leads_out_of_what_a_centre_gives(up: str, centre: MoneyCentre) -> None:
    for begin in ("/api/photos/", "/api/events/", "/api/uploads/", "/d/", "/static/"):
        answer = asked_raw(centre.server.url, f"{begin}{up}/{up}/secret")
        assert int(answer.split()[1]) in (400, 401, 404, 405, 422), (begin, up)
        assert _SECRET not in answer


@pytest.mark.parametrize("name", ["../../../secret", "/etc/cron.d/x", "..\\..\\secret", "a/../../b.jpg"])
def test_the_name_of_an_upload_writes_nowhere_else(name: str, centre: MoneyCentre) -> None:
    home = centre.server.home
    outside = {path for path in home.parent.iterdir() if path != home}
    headers = centre.server.headers(centre.tenant_id, Role.PHOTOGRAPHER)
    part = "--b\r\nContent-Disposition: form-data; name="
    body = f'{part}"event_id"\r\n\r\nrun\r\n{part}"files"; filename="{name}"\r\n\r\nnone\r\n--b--\r\n'
    answer = requests.post(
        f"{centre.server.url}/api/photos/batch-upload",
        data=body.encode(),
        headers={**headers, "Content-Type": "multipart/form-data; boundary=b"},
        timeout=_TIMEOUT_S,
    )
    assert answer.status_code < 500
    assert {path for path in home.parent.iterdir() if path != home} == outside
    assert (home / "secret").read_bytes() == _SECRET
    assert not list(home.rglob(quote(name, safe="")))
