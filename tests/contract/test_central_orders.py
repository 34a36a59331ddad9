"""Orders, downloads, receipts, refunds and notices at a centre, over real HTTP."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, BinaryIO
from uuid import uuid4

import pytest
import requests

from kiosk.central.principal import Role
from kiosk.central.shop import Shop
from kiosk.clock import ManualClock
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.payments.paynoi_signature import sign
from kiosk.photos.types import Photo, PhotoEvent, PhotoState, original_key
from kiosk.sales.types import Voucher, VoucherKind
from tests.money_centre import MoneyCentre, money_centre
from tests.peers.s3 import S3Server

EVENT = "run"


@dataclass
class Site:
    """A centre with an event of photos, and a buyer with an account."""

    money: MoneyCentre
    clock: ManualClock
    photo_ids: list[str]

    def call(
        self, method: str, path: str, body: object = None, role: Role = Role.CUSTOMER, subject: str = "nok"
    ) -> requests.Response:
        server = self.money.server
        tenant = self.money.tenant_id
        named = self.money.device_id if role is Role.DEVICE else subject
        return requests.request(
            method, server.url + path, json=body, headers=server.headers(tenant, role, named), timeout=30
        )

    def order(self, count: int = 2, **more: object) -> dict[str, Any]:
        body = {"event_id": EVENT, "photo_ids": self.photo_ids[:count], **more}
        made = self.call("POST", "/api/orders", body)
        assert made.status_code == 201, made.text
        order: dict[str, Any] = made.json()
        return order

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        answer = self.call("POST", "/api/payment/create", {"order_id": order["order_id"]})
        assert answer.status_code == 200, answer.text
        charge: dict[str, Any] = answer.json()
        return charge

    def paid(self, **more: object) -> dict[str, Any]:
        order = self.order(**more)
        self.money.pay(self.ask(order)["charge_id"])
        return self.show(order)

    def show(self, order: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"/api/orders/{order['order_id']}").json()
        return found

    def of(self, order: dict[str, Any], what: str, method: str = "GET", **more: Any) -> requests.Response:
        return self.call(method, f"/api/orders/{order['order_id']}/{what}", **more)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.real_server)])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    url = ""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_server").new_database("orders")
    with site_on(url, None) as made:
        yield made


@pytest.fixture
def bucket_site(s3_server: S3Server) -> Iterator[Site]:
    """One whose files are in an S3."""
    with site_on("", s3_server) as made:
        yield made


@contextmanager
def site_on(database_url: str, s3: S3Server | None) -> Iterator[Site]:
    clock = ManualClock(datetime.now(UTC))  # an S3 looks at the time, too
    with money_centre(clock, database_url, has_webhook=True, s3=s3) as money:
        centre = money.server.centre
        photos = SqlPhotoRepository(centre.database)
        photos.add_event(PhotoEvent(EVENT, "Riverside Run", "วิ่งริมน้ำ", clock.now(), tenant_id=money.tenant_id))
        ids = []
        for number in (1, 2, 3):
            data = f"picture {number}".encode()
            photo_id = uuid4().hex
            photos.add_photo(a_photo(photo_id, number, data, clock), [])
            centre.archive.store.put(original_key(EVENT, photo_id), data)
            ids.append(photo_id)
        yield Site(money, clock, ids)


def a_photo(photo_id: str, number: int, data: bytes, clock: ManualClock) -> Photo:
    return Photo(
        photo_id,
        EVENT,
        number,
        f"P{number}.jpg",
        sha256(data).hexdigest(),
        100,
        100,
        clock.now(),
        clock.now(),
        PhotoState.ON_SALE,
    )


def test_an_order_is_priced_paid_and_downloaded(site: Site) -> None:
    order = site.order()
    assert (order["state"], order["total_satang"]) == ("awaiting_payment", 2 * 7900)
    assert site.of(order, "download").status_code == 404
    charge = site.ask(order)
    assert (charge["status"], charge["amount_satang"]) == ("pending", 15800)
    site.money.pay(charge["charge_id"])  # the bank's notice settles it
    assert site.show(order)["state"] == "paid"
    address = site.of(order, "download").json()
    whole = requests.get(address["url"], timeout=30)
    assert whole.status_code == 200
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert sorted(archive.read(n) for n in archive.namelist() if n.endswith(".jpg")) == [
            b"picture 1",
            b"picture 2",
        ]
        assert json.loads(archive.read("metadata.json"))["order_code"] == order["code"]
    assert site.of(order, "download").json()["downloads_left"] == 9


def test_asking_to_pay_again_gives_the_same_code_until_it_is_over(site: Site) -> None:
    order = site.order()
    first = site.ask(order)
    assert site.ask(order)["charge_id"] == first["charge_id"]
    assert len(site.money.bank.transactions) == 1
    site.clock.advance(16 * 60)
    later = site.ask(order)
    assert later["charge_id"] != first["charge_id"]
    assert later["status"] == "pending"


def test_a_paid_order_asks_for_no_more_money(site: Site) -> None:
    order = site.paid()
    again = site.ask(order)
    assert (again["status"], again["charge_id"]) == ("completed", order["payment"]["charge_id"])
    assert len(site.money.bank.transactions) == 1


def test_a_customer_sees_nothing_of_another_one(site: Site) -> None:
    order = site.paid()
    charge = order["payment"]["charge_id"]
    for method, path in (
        ("GET", f"/api/orders/{order['order_id']}"),
        ("GET", f"/api/orders/{order['order_id']}/download"),
        ("POST", f"/api/orders/{order['order_id']}/redownload"),
        ("GET", f"/api/orders/{order['order_id']}/invoice"),
        ("GET", f"/api/payment/{charge}/status"),
        ("POST", f"/api/payment/{charge}/cancel"),
    ):
        answer = site.call(method, path, subject="somebody-else")
        assert answer.status_code == 404, path


def test_the_limit_of_a_link_holds_and_staff_open_it_again(site: Site) -> None:
    order = site.paid()
    url = site.of(order, "download").json()["url"]
    for _ in range(10):
        assert requests.get(url, timeout=30).status_code == 200
    assert requests.get(url, timeout=30).status_code == 410
    assert site.of(order, "download").status_code == 410
    assert site.of(order, "redownload", "POST").status_code == 410
    site.clock.advance(60)
    assert site.of(order, "redownload", "POST", role=Role.ADMIN).json()["download_limit"] == 10
    fresh = site.of(order, "download").json()
    assert fresh["downloads_left"] == 10
    assert requests.get(url, timeout=30).status_code == 410
    assert requests.get(fresh["url"], timeout=30).status_code == 200


def test_a_fresh_link_of_the_buyer_has_what_is_left_of_the_last_one(site: Site) -> None:
    order = site.paid()
    requests.get(site.of(order, "download").json()["url"], timeout=30)
    site.clock.advance(timedelta(days=31).total_seconds())
    assert site.of(order, "download").status_code == 410
    assert site.of(order, "redownload", "POST").json()["download_limit"] == 9
    assert site.of(order, "download").status_code == 200


def test_a_receipt_says_exactly_what_was_paid_in_both_languages(site: Site) -> None:
    order = site.paid()
    thai = site.of(order, "invoice").text
    english = site.of(order, "invoice?lang=en").text
    for page in (thai, english):
        assert "158.00" in page
        assert order["code"] in page
    assert "ใบเสร็จรับเงิน" in thai
    assert "วิ่งริมน้ำ" in thai
    assert "Receipt" in english
    assert "Riverside Run" in english
    assert site.of(site.order(), "invoice").status_code == 404


def test_a_refund_ends_the_links_and_says_that_staff_give_the_money_back(site: Site) -> None:
    order = site.paid()
    url = site.of(order, "download").json()["url"]
    wish = {"order_id": order["order_id"], "reason": "blurred"}
    assert site.call("POST", "/api/payment/refund", wish).status_code == 403
    for _ in range(2):
        done = site.call("POST", "/api/payment/refund", wish, Role.ADMIN).json()
        assert done["amount_satang"] == order["payment"]["due_satang"]
        assert "by hand" in done["next_step"]
    assert site.show(order)["state"] == "refunded"
    assert requests.get(url, timeout=30).status_code == 410
    assert site.of(order, "invoice").status_code == 200


def test_an_order_that_nobody_paid_is_not_refunded(site: Site) -> None:
    wish = {"order_id": site.order()["order_id"], "reason": "by mistake"}
    assert site.call("POST", "/api/payment/refund", wish, Role.ADMIN).status_code == 422


def test_a_voucher_of_one_use_pays_one_order_at_the_centre(site: Site) -> None:
    centre = site.money.server.centre
    vouchers = SqlVoucherRepository(centre.database, site.clock, site.money.tenant_id)
    vouchers.add_voucher(Voucher("ONCE", VoucherKind.FREE, 0, use_limit=1))
    order = site.order(voucher="on-ce")
    assert (order["state"], order["total_satang"], order["voucher"]) == ("paid", 0, "ONCE")
    body = {"event_id": EVENT, "photo_ids": site.photo_ids[:1], "voucher": "ONCE"}
    second = site.call("POST", "/api/orders", body)
    assert (second.status_code, second.json()["error"]["code"]) == (409, "S-102")
    found = vouchers.voucher("ONCE")
    assert found is not None
    assert found.used == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"event_id": "nowhere", "photo_ids": ["x"]}, 404),
        ({"event_id": EVENT, "photo_ids": ["nothing"]}, 404),
        ({"event_id": EVENT, "photo_ids": []}, 422),
        ({"event_id": EVENT, "photo_ids": ["x"], "voucher": "NONE"}, 404),
    ],
)
def test_what_cannot_be_ordered_is_refused_by_name(site: Site, body: dict[str, object], status: int) -> None:
    assert site.call("POST", "/api/orders", body).status_code == status


def test_a_notice_counts_only_signed_and_only_as_the_bank_confirms_it(site: Site) -> None:
    charge = site.ask(site.order())
    url = site.money.server.url + "/api/payment/webhook"
    data = json.dumps({"trans_id": site.money.reference(charge["charge_id"])})

    def post(key: str, text: str = data) -> requests.Response:
        body = f'{{"data": {text}, "signature": "{sign(text.encode(), key)}"}}'
        return requests.post(url, data=body, timeout=30)

    assert post("forged").status_code == 401
    assert requests.post(url, data=b"\xff\x00", timeout=30).status_code == 422
    for _ in range(2):
        answer = post(site.money.bank.api_key)
        assert (answer.status_code, answer.json()) == (200, {"status": 1})
    assert post(site.money.bank.api_key, '{"trans_id": "unknown"}').json() == {"status": 1}
    status = site.call("GET", f"/api/payment/{charge['charge_id']}/status").json()
    assert (status["status"], status["received_satang"]) == ("pending", 0)


def test_the_sweep_finds_money_that_no_notice_told_of(site: Site) -> None:
    order = site.order()
    charge = site.ask(order)
    site.money.bank.pay(site.money.reference(charge["charge_id"]), webhooks=0)
    Shop(site.money.server.centre).sweep()
    assert site.show(order)["state"] == "paid"


def test_an_s3_gives_the_zip_at_an_address_of_its_own_which_counts_when_it_is_given(
    bucket_site: Site,
) -> None:
    order = bucket_site.paid()
    for left in (9, 8):
        address = bucket_site.of(order, "download").json()
        assert not address["url"].startswith(bucket_site.money.server.url)
        assert address["downloads_left"] == left
        assert address["url_expires_at"] < address["expires_at"]
        with zipfile.ZipFile(io.BytesIO(requests.get(address["url"], timeout=30).content)) as archive:
            assert len(archive.namelist()) == 3
    store = bucket_site.money.server.centre.archive.store
    assert store.has(f"events/{EVENT}/downloads/{order['order_id']}.zip")


def test_a_photo_that_is_forgotten_while_the_zip_is_made_does_not_stay_in_it(
    bucket_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = bucket_site.paid(count=2)
    store = bucket_site.money.server.centre.archive.store
    put, asked = store.put_stream, []

    def put_later(key: str, file: BinaryIO, size: int) -> None:
        if not asked:
            wish = {"photo_ids": order["photo_ids"][:1]}
            asked.append(bucket_site.call("POST", "/api/deletions", wish, Role.ADMIN).json()["deletion_id"])
            until = time.monotonic() + 20
            while (
                bucket_site.call("GET", f"/api/deletions/{asked[0]}", role=Role.ADMIN).json()["waiting"] > 1
            ):
                assert time.monotonic() < until, "the centre does not forget"
                time.sleep(0.05)
        put(key, file, size)

    monkeypatch.setattr(store, "put_stream", put_later)
    given = bucket_site.of(order, "download")
    assert given.status_code == 200, given.text
    got = requests.get(given.json()["url"], timeout=30)
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert [archive.read(name) for name in archive.namelist() if name.endswith(".jpg")] == [b"picture 2"]
