"""What a buyer is shown of an order: all that was paid for, also what was withdrawn from sale since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.app import Kiosk, open_kiosk
from kiosk.checkout.types import Refund
from kiosk.database.deletions import SqlDeletions
from kiosk.database.links import SqlLinkRepository
from kiosk.database.sync_tables import OutboxRow
from kiosk.delivery.links import LinkMaker, load_link_secret, token_hash
from kiosk.erasing import forgetting_of
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.order_desk import OrderDesk
from kiosk.photos.types import Photo, PhotoEvent, PhotoState
from kiosk.sales.basket import add
from kiosk.sales.pricing import quote
from kiosk.sales.types import Basket, Order
from kiosk.settings import DeliverySection, PaymentSection, Settings
from kiosk.sync.records import DeletionRecord, Kind
from tests.visit import EVENT_ID, START, photo

CENTRE = "https://centre.test"


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    settings = Settings(
        payment=PaymentSection(promptpay_id="0800000000"),
        delivery=DeliverySection(public_url="http://kiosk.test"),
    )
    kiosk = open_kiosk(tmp_path, settings)
    kiosk.archive.photos.add_event(PhotoEvent(EVENT_ID, "Run", "", START))
    for number in (1, 2):
        kiosk.archive.photos.add_photo(photo(number), [])
    yield kiosk
    kiosk.stop()


def order(kiosk: Kiosk) -> Order:
    basket = add(Basket(), f"{2:032x}", f"{1:032x}", f"{9:032x}")
    price = quote(basket, kiosk.session.packages, {})
    return kiosk.checkout.place(basket, price, EVENT_ID, Language.THAI)[0]


def test_a_withdrawn_photo_stays_with_its_buyer_and_a_lost_one_is_left_out(kiosk: Kiosk) -> None:
    placed = order(kiosk)
    kiosk.archive.photos.set_state(f"{1:032x}", PhotoState.WITHDRAWN)
    purchase = kiosk.desk.purchase(placed.order_id)
    assert set(purchase.photos) == {f"{1:032x}", f"{2:032x}"}
    assert purchase.photo_ids == placed.digital_photo_ids


def test_no_link_before_the_money_and_the_same_link_after_it(kiosk: Kiosk) -> None:
    placed = order(kiosk)
    with pytest.raises(KnownError) as refused:
        kiosk.desk.link_of(placed.order_id)
    assert refused.value.code is ErrorCode.ORDER_UNKNOWN
    payment = kiosk.checkout.payments(placed.order_id)[-1]
    kiosk.checkout.request_payment(payment.payment_id)
    kiosk.checkout.confirm_by_staff(payment.payment_id, placed.total_satang, "Nok")
    link = kiosk.desk.link_of(placed.order_id)
    assert link.url.startswith("http://kiosk.test/d/")
    assert kiosk.desk.link_of(placed.order_id) == link


def test_a_renewed_link_ends_the_one_before_and_a_refund_ends_all(kiosk: Kiosk) -> None:
    placed = order(kiosk)
    payment = kiosk.checkout.payments(placed.order_id)[-1]
    kiosk.checkout.request_payment(payment.payment_id)
    assert kiosk.desk.shown(placed.order_id) is None
    with pytest.raises(KnownError):
        kiosk.desk.renew(placed.order_id)
    kiosk.checkout.confirm_by_staff(payment.payment_id, placed.total_satang, "Nok")
    links, clock = SqlLinkRepository(kiosk.archive.database), kiosk.archive.clock
    before, after = kiosk.desk.link_of(placed.order_id), kiosk.desk.renew(placed.order_id)
    assert before.url != after.url
    assert len(links.valid_links(clock.now())) == 1
    assert kiosk.desk.shown(placed.order_id) == (after.expires_at, 0)
    whole = Refund("r1", placed.order_id, "", placed.total_satang, "no prints", "Malee", clock.now())
    kiosk.checkout.give_back(whole)
    assert links.valid_links(clock.now()) == []
    with pytest.raises(KnownError) as refused:
        kiosk.desk.link_of(placed.order_id)
    assert refused.value.code is ErrorCode.ORDER_UNKNOWN


def test_what_a_buyer_deleted_no_order_code_brings_back(kiosk: Kiosk) -> None:
    placed = order(kiosk)
    payment = kiosk.checkout.payments(placed.order_id)[-1]
    kiosk.checkout.request_payment(payment.payment_id)
    kiosk.checkout.confirm_by_staff(payment.payment_id, placed.total_satang, "Nok")
    kiosk.desk.link_of(placed.order_id)
    link = SqlLinkRepository(kiosk.archive.database).newest_link(placed.order_id)
    assert link is not None
    for _ in range(2):
        assert not any(kept.is_deletable for kept in kiosk.desk.delete_rest(link).kept)
        with pytest.raises(KnownError) as refused:
            kiosk.desk.link_of(placed.order_id)
        assert refused.value.code is ErrorCode.PHOTOS_DELETED


def test_a_kiosk_alone_proves_a_deletion_by_a_number_that_staff_find_again(kiosk: Kiosk) -> None:
    placed = order(kiosk)
    payment = kiosk.checkout.payments(placed.order_id)[-1]
    kiosk.checkout.request_payment(payment.payment_id)
    kiosk.checkout.confirm_by_staff(payment.payment_id, placed.total_satang, "Nok")
    kiosk.desk.link_of(placed.order_id)
    link = SqlLinkRepository(kiosk.archive.database).newest_link(placed.order_id)
    assert link is not None
    asked = kiosk.desk.delete_rest(link).deletion
    assert asked is not None
    assert (asked.is_done_here, asked.number) == (False, "")
    forgetting_of(kiosk.archive, lambda _: None).once()
    done = kiosk.desk.receipt(link).deletion
    assert done is not None
    assert done.is_done_here
    assert re.fullmatch(r"([0-9A-F]{4}-){3}[0-9A-F]{4}", done.number)
    (state,) = SqlDeletions(kiosk.archive.database).states()
    assert (state.proof_number, state.done_at) == (done.number, done.done_at)


class Keeper:
    """Notes what it is to keep."""

    def __init__(self) -> None:
        self.kept: list[tuple[set[str], datetime]] = []

    def keep(self, photos: Sequence[Photo], until: datetime) -> None:
        self.kept.append(({photo.photo_id for photo in photos}, until))

    def can_have(self, photo: Photo) -> bool:
        return photo.photo_id != ""


def test_the_originals_of_all_valid_links_are_wanted_anew_and_no_others(kiosk: Kiosk) -> None:
    keeper = Keeper()
    maker = LinkMaker(load_link_secret(kiosk.archive.home), kiosk.archive.clock)
    links = SqlLinkRepository(kiosk.archive.database)
    desk = OrderDesk(
        kiosk.archive, kiosk.checkout, links, maker, lambda: "http://kiosk.test", originals=keeper
    )
    for is_deleted in (True, False):
        placed = order(kiosk)
        payment = kiosk.checkout.payments(placed.order_id)[-1]
        kiosk.checkout.request_payment(payment.payment_id)
        kiosk.checkout.confirm_by_staff(payment.payment_id, placed.total_satang, "Nok")
        until = desk.link_of(placed.order_id).expires_at
        link = links.newest_link(placed.order_id)
        if is_deleted and link is not None:
            desk.delete_rest(link)
    keeper.kept.clear()
    desk.keep_originals()
    assert keeper.kept == [({f"{1:032x}", f"{2:032x}"}, until)]


def test_deleting_at_the_phone_is_told_to_the_centre_once_and_the_receipt_links_to_its_proof(
    kiosk: Kiosk,
) -> None:
    placed = order(kiosk)
    payment = kiosk.checkout.payments(placed.order_id)[-1]
    kiosk.checkout.request_payment(payment.payment_id)
    kiosk.checkout.confirm_by_staff(payment.payment_id, placed.total_satang, "Nok")
    maker = LinkMaker(load_link_secret(kiosk.archive.home), kiosk.archive.clock)
    links = SqlLinkRepository(kiosk.archive.database)
    desk = OrderDesk(kiosk.archive, kiosk.checkout, links, maker, lambda: "http://kiosk.test", lambda: CENTRE)
    desk.link_of(placed.order_id)
    link = links.newest_link(placed.order_id)
    assert link is not None
    assert desk.receipt(link).deletion is None
    for _ in range(2):
        shown = desk.delete_rest(link).deletion
        assert shown is not None
        assert not shown.is_done_here
    with kiosk.archive.database.reading() as session:
        (told,) = session.scalars(select(OutboxRow).where(OutboxRow.kind == Kind.DELETION.value))
    record = DeletionRecord.model_validate_json(told.payload)
    token = shown.proof_url.partition("?token=")[2]
    assert shown.proof_url == f"{CENTRE}/api/deletions/{record.deletion_id}/proof?token={token}"
    assert record.order_id == placed.order_id
    assert record.token_hash == token_hash(token)
    assert token not in told.payload
    kiosk_alone = kiosk.desk.receipt(link).deletion
    assert kiosk_alone is not None
    assert kiosk_alone.proof_url == ""
