"""What a buyer is written about an order, and that nothing of it outlives its reason: on the receipt, in the
database and in its copies."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import requests

from kiosk.app import Kiosk, open_kiosk
from kiosk.clock import ManualClock
from kiosk.database.deletions import ask_centre_to_forget
from kiosk.database.links import SqlLinkRepository
from kiosk.database.meta import SqlMeta
from kiosk.database.sendings import SqlSendings
from kiosk.database.wishes import SqlWishes
from kiosk.delivery.phone_app import make_phone_app
from kiosk.delivery.phone_server import PhoneServer
from kiosk.delivery.purchases import DataKind
from kiosk.delivery.types import DownloadLink
from kiosk.erasing import forgetting_of
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import FaceKey
from kiosk.language import Language
from kiosk.photos.types import Face, Photo, PhotoEvent, key_of_original
from kiosk.sales.basket import add
from kiosk.sales.pricing import quote
from kiosk.sales.types import Basket, Order
from kiosk.sending.courier import Courier
from kiosk.sending.new_photos import NewPhotos
from kiosk.sending.types import Purpose, SendingState, Way
from kiosk.settings import DeliverySection, PackageEntry, PaymentSection, SalesSection, Settings
from kiosk.vision.types import EMBEDDING_SIZE, Box, Embedding
from tests.fake_sending import FakeCarrier
from tests.forgetting_machine import record_of, traces
from tests.phone_shop import ZONE, open_shop
from tests.visit import EVENT_ID, START, photo

TO = "somchai.the.runner@example.com"
TIMEOUT_S = 10


class Shop:
    """A kiosk with an event of three photos, its messages and its wishes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        settings = Settings(
            payment=PaymentSection(promptpay_id="0800000000"),
            delivery=DeliverySection(public_url="https://kiosk.example"),
            sales=SalesSection(packages=(PackageEntry(name="package.all", baht=1499),)),
        )
        self.kiosk: Kiosk = open_kiosk(home, settings)
        archive = self.kiosk.archive
        archive.photos.add_event(PhotoEvent(EVENT_ID, "Riverside Run", "งานวิ่งริมน้ำ", START))
        for number in (1, 2, 3):
            self.add_photo(number)
        self.sendings, self.wishes = SqlSendings(archive.database), SqlWishes(archive.database)
        self.links = SqlLinkRepository(archive.database)
        self.mail = FakeCarrier()
        self.courier = Courier(
            self.sendings,
            self.kiosk.desk,
            self.kiosk.bus,
            archive.clock,
            b"secret",
            ZONE,
        )
        self.courier.use({Way.MAIL: self.mail})
        self.new = NewPhotos(
            self.wishes, archive.search, archive.photos, self.kiosk.desk, self.courier, archive.clock
        )
        numbers = np.random.default_rng(7).normal(size=EMBEDDING_SIZE).astype(np.float32)
        self.face = Embedding(numbers / np.linalg.norm(numbers), archive.index.contract_id)

    def add_photo(self, number: int) -> Photo:
        made = photo(number)
        self.kiosk.archive.photos.add_photo(made, [])
        self.kiosk.archive.store.put(key_of_original(made), f"original {number}".encode())
        return made

    def order(self) -> Order:
        basket = add(Basket(), f"{2:032x}", f"{1:032x}")
        price = quote(basket, self.kiosk.session.packages, {})
        return self.kiosk.checkout.place(basket, price, EVENT_ID, Language.THAI)[0]

    def paid(self) -> Order:
        placed = self.order()
        payment = self.kiosk.checkout.payments(placed.order_id)[-1]
        self.kiosk.checkout.request_payment(payment.payment_id)
        self.kiosk.checkout.confirm_by_staff(payment.payment_id, placed.total_satang, "Nok")
        return placed

    def link(self, order: Order) -> DownloadLink:
        self.kiosk.desk.link_of(order.order_id)
        found = self.links.newest_link(order.order_id)
        assert found is not None
        return found

    def wish(self, order: Order) -> None:
        self.new.wish(order.order_id, Way.MAIL, TO, [self.face], Language.THAI, "1")

    def kinds(self, link: DownloadLink) -> set[DataKind]:
        return {kept.kind for kept in self.kiosk.desk.receipt(link).kept}

    def pieces(self) -> list[bytes]:
        """Parts of what must be in no file any more."""
        data = self.face.vector.astype("<f4").tobytes()
        return [data[place : place + 64] for place in range(0, len(data) - 64, 448)] + [TO.encode()]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One for all: each test has an order of its own."""
    made = Shop(tmp_path_factory.mktemp("shop") / "home")
    yield made
    made.kiosk.stop()


@pytest.fixture
def shop(opened: Shop) -> Shop:
    """Without what other tests left behind."""
    for wish in opened.wishes.listed():
        opened.wishes.withdraw(wish.order_id)
    for sending in opened.sendings.listed([SendingState.WAITING, SendingState.FAILED]):
        opened.courier.cancel(sending.sending_id)
    forgetting_of(opened.kiosk.archive, lambda _: None).once()
    opened.mail.sent.clear()
    return opened


def test_what_is_told_of_a_paid_order(shop: Shop) -> None:
    placed = shop.paid()
    told = shop.kiosk.desk.to_send(placed.order_id)
    assert told.link_url.startswith("https://kiosk.example/d/")
    assert told.receipt_url.startswith("https://kiosk.example/r/")
    assert told.event_name == "งานวิ่งริมน้ำ"
    assert told.photo_ids == placed.digital_photo_ids
    assert told.has_every_photo
    assert shop.kiosk.desk.to_send_by_code(f" {placed.code.lower()} ") == told
    assert "https" not in repr(told)


def test_nothing_is_told_of_an_order_that_is_not_paid_or_not_there(shop: Shop) -> None:
    placed = shop.order()
    for text in (placed.code, "K1-9999", "hello", ""):
        with pytest.raises(KnownError) as error:
            shop.kiosk.desk.to_send_by_code(text)
        assert error.value.code is ErrorCode.ORDER_UNKNOWN


def test_a_later_photo_is_on_the_page_in_the_zip_and_can_be_fetched_though_the_limit_was_used_up(
    shop: Shop,
) -> None:
    placed = shop.paid()
    link = shop.link(placed)
    for _ in range(link.download_limit):
        shop.links.count_download(link.link_id, "zip")
    shop.wishes.add_photos(placed.order_id, [f"{3:032x}"], shop.kiosk.archive.clock.now(), None)
    purchase = shop.kiosk.desk.purchase(placed.order_id)
    assert purchase.photo_ids == (*placed.digital_photo_ids, f"{3:032x}")
    desk = shop.kiosk.desk
    server = PhoneServer(
        make_phone_app(shop.links, desk, desk, shop.kiosk.archive.clock, ZONE), "127.0.0.1", 0
    )
    server.start()
    page = desk.to_send(placed.order_id).link_url.replace("https://kiosk.example", server.base_url)
    assert requests.get(page, timeout=TIMEOUT_S).text.count("<img") >= 3
    answer = requests.get(f"{page}/all.zip", timeout=TIMEOUT_S)
    is_used_up = requests.get(f"{page}/all.zip", timeout=TIMEOUT_S).status_code == 410
    server.stop()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        originals = [name for name in archive.namelist() if name.lower().endswith(".jpg")]
    assert len(originals) == 3
    assert is_used_up


def test_a_later_photo_is_found_by_the_real_search_and_told_of(shop: Shop) -> None:
    placed = shop.paid()
    shop.wish(placed)
    archive = shop.kiosk.archive
    arrived = replace(photo(4), imported_at=archive.clock.now())
    other = shop.face.vector + np.random.default_rng(8).normal(0, 0.01, EMBEDDING_SIZE)
    seen = Embedding((other / np.linalg.norm(other)).astype(np.float32), shop.face.contract_id)
    archive.photos.add_photo(arrived, [Face(0, Box(10, 10, 90, 90), 0.9, seen)])
    archive.index.add(EVENT_ID, [FaceKey(arrived.photo_id, 0)], [seen])
    shop.new.look()
    assert shop.kiosk.desk.purchase(placed.order_id).added_ids == (arrived.photo_id,)
    (owed,) = shop.sendings.of_order(placed.order_id)
    assert (owed.purpose, owed.photo_count, owed.state) == (Purpose.NEW_PHOTOS, 1, SendingState.WAITING)


def test_a_photo_of_another_event_is_none_of_an_order(shop: Shop) -> None:
    placed = shop.paid()
    shop.wishes.add_photos(placed.order_id, ["f" * 32], shop.kiosk.archive.clock.now(), None)
    assert shop.kiosk.desk.purchase(placed.order_id).photo_ids == placed.digital_photo_ids


def test_the_receipt_tells_of_face_numbers_and_address_until_they_are_gone(shop: Shop) -> None:
    placed = shop.paid()
    link = shop.link(placed)
    assert not shop.kinds(link) & {DataKind.FACE_NUMBERS, DataKind.ADDRESS}
    asked = shop.courier.ask(placed.order_id, Way.MAIL, TO)
    (held,) = (kept for kept in shop.kiosk.desk.receipt(link).kept if kept.kind is DataKind.ADDRESS)
    assert held.is_deletable
    assert held.until == asked.created_at + timedelta(days=14)
    shop.courier.send_due()
    assert DataKind.ADDRESS not in shop.kinds(link)
    shop.wish(placed)
    (numbers,) = (kept for kept in shop.kiosk.desk.receipt(link).kept if kept.kind is DataKind.FACE_NUMBERS)
    assert numbers.is_deletable
    assert numbers.until == link.expires_at
    assert DataKind.ADDRESS in shop.kinds(link)


def test_new_photos_can_be_stopped_without_losing_the_photos(shop: Shop) -> None:
    placed = shop.paid()
    link = shop.link(placed)
    shop.wish(placed)
    receipt = shop.kiosk.desk.stop_new_photos(link)
    kinds = {kept.kind for kept in receipt.kept}
    assert DataKind.PHOTOS in kinds
    assert not kinds & {DataKind.FACE_NUMBERS, DataKind.ADDRESS}
    assert shop.new.of_order(placed.order_id) is None


def test_deleting_the_rest_takes_wish_and_messages_with_it_at_once(shop: Shop) -> None:
    placed = shop.paid()
    link = shop.link(placed)
    shop.courier.ask(placed.order_id, Way.MAIL, TO)
    shop.wish(placed)
    receipt = shop.kiosk.desk.delete_rest(link)
    assert not any(kept.is_deletable for kept in receipt.kept)
    shop.courier.send_due()
    assert shop.mail.sent == []
    assert [each.state for each in shop.sendings.of_order(placed.order_id)] == [SendingState.CANCELLED]


def test_what_a_buyer_deletes_is_in_no_file_any_more(shop: Shop) -> None:
    placed = shop.paid()
    link = shop.link(placed)
    database = shop.kiosk.archive.database
    sending = shop.courier.ask(placed.order_id, Way.MAIL, TO)
    failed = replace(sending, state=SendingState.FAILED)
    shop.sendings.update(failed, SendingState.WAITING)
    shop.wish(placed)
    now = shop.kiosk.archive.clock.now()
    news = replace(sending, sending_id="e" * 32, purpose=Purpose.NEW_PHOTOS)
    shop.wishes.add_photos(placed.order_id, [f"{3:032x}"], now, news)
    assert traces(shop.home, *shop.pieces())
    shop.kiosk.desk.delete_rest(link)
    assert forgetting_of(shop.kiosk.archive, lambda _: None).once() == 1
    assert traces(shop.home, *shop.pieces()) == []
    assert shop.wishes.added_photos(placed.order_id) == ()
    assert {each.shown_to for each in shop.sendings.of_order(placed.order_id)} == {""}
    assert database.back_up() is not None


def test_a_backup_holds_neither_face_numbers_nor_addresses(shop: Shop) -> None:
    placed = shop.paid()
    shop.courier.ask(placed.order_id, Way.MAIL, TO)
    shop.wish(placed)
    backup = shop.kiosk.archive.database.back_up()
    assert backup is not None
    assert [name for name in traces(shop.home, *shop.pieces()) if "backup" in name] == []
    assert [each.address for each in shop.sendings.of_order(placed.order_id)] == [TO]
    assert len(shop.wishes.of_event(EVENT_ID, shop.kiosk.archive.clock.now())) == 1


def test_numbers_whose_time_is_over_are_in_no_file_any_more(shop: Shop) -> None:
    placed = shop.paid()
    shop.wish(placed)
    assert shop.wishes.end_due(shop.kiosk.archive.clock.now() + timedelta(days=31)) == 1
    assert traces(shop.home, *shop.pieces()) == []


def test_an_address_is_in_no_file_any_more_once_its_message_is_out(shop: Shop) -> None:
    placed = shop.paid()
    shop.courier.ask(placed.order_id, Way.MAIL, TO)
    shop.courier.send_due()
    shop.sendings.forget_failed(START)  # as the courier does each hour
    assert traces(shop.home, TO.encode()) == []


def test_a_photo_that_is_forgotten_leaves_the_orders_that_it_was_added_to(shop: Shop) -> None:
    placed = shop.paid()
    shop.wishes.add_photos(placed.order_id, [f"{3:032x}"], shop.kiosk.archive.clock.now(), None)
    archive = shop.kiosk.archive
    record = record_of(ManualClock(archive.clock.now()), event_id=EVENT_ID, photo_ids=(f"{3:032x}",))
    with archive.database.writing() as session:
        ask_centre_to_forget(session, record, SqlMeta(archive.database).kiosk_id(), archive.clock.now())
    assert forgetting_of(archive, lambda _: None).once() == 1
    assert shop.wishes.added_photos(placed.order_id) == ()


def test_the_phone_page_says_what_is_kept_and_stops_it_with_one_button(tmp_path: Path) -> None:
    phone = open_shop(tmp_path)
    try:
        phone.desk.looks_until = phone.clock.now() + timedelta(days=30)
        page = requests.get(phone.receipt_url + "?lang=en", timeout=TIMEOUT_S).text
        assert "Numbers of your face<" in page
        assert "until 20 Dec 2026" in page
        assert "Your address for messages" in page
        assert "Stop looking for new photos" in page
        assert requests.get(phone.receipt_url + "/stop", timeout=TIMEOUT_S).status_code == 404
        stopped = requests.post(phone.receipt_url + "/stop?lang=en", timeout=TIMEOUT_S).text
        assert "Your face numbers are deleted. Your photos stay." in stopped
        assert "Numbers of your face<" not in stopped
        assert "Stop looking" not in stopped
        assert requests.get(phone.url, timeout=TIMEOUT_S).status_code == 200
        thai = requests.get(phone.receipt_url + "?lang=th", timeout=TIMEOUT_S).text
        assert "เลิกหารูปใหม่" not in thai
    finally:
        phone.server.stop()
