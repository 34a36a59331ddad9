"""A whole kiosk and a real centre: photos that lie there are seen, sold and handed out here."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.app import Kiosk
from kiosk.archive import open_archive
from kiosk.clock import SystemClock
from kiosk.database.meta import SqlMeta
from kiosk.database.sync_state import SqlEnrolment
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.photos.types import Photo, PhotoEvent, PreviewSize, key_of_original, preview_key
from kiosk.sales.basket import add
from kiosk.sales.pricing import quote
from kiosk.sales.types import Basket
from kiosk.secrets import device_key_name
from kiosk.settings import CentralSection, DeliverySection, PaymentSection, Settings
from kiosk.sync.fetched_store import FetchedObjectStore
from kiosk.sync.status import SyncState
from tests.centre import CentreServer
from tests.sync_kiosk import make_event, make_photo
from tests.watching import wait_until

EVENT = "run"


@dataclass
class Venue:
    """A centre with an event of three photos, and a kiosk that is enrolled there and knows their rows."""

    centre: CentreServer
    tenant_id: str
    kiosk: Kiosk
    photos: list[Photo]
    originals: dict[str, bytes]

    @property
    def store(self) -> FetchedObjectStore:
        store = self.kiosk.archive.store
        assert isinstance(store, FetchedObjectStore)
        return store

    def here(self, photo: Photo) -> set[PreviewSize]:
        return {size for size in PreviewSize if self.store.has(preview_key(EVENT, photo.photo_id, size))}


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    with CentreServer(tmp_path / "centre") as centre:
        tenant_id = centre.add_tenant("Fotos")
        photos, originals = _fill(centre, make_event(EVENT, tenant_id))
        kiosk = _open_kiosk(tmp_path / "kiosk", centre, tenant_id)
        kiosk.archive.photos.add_event(make_event(EVENT))
        for photo in photos:
            kiosk.archive.photos.add_photo(photo, [])
        yield Venue(centre, tenant_id, kiosk, photos, originals)
        kiosk.stop()


def _fill(centre: CentreServer, event: PhotoEvent) -> tuple[list[Photo], dict[str, bytes]]:
    archive = centre.centre.archive
    archive.photos.add_event(event)
    photos, originals = [], {}
    for number in (1, 2, 3):
        original = os.urandom(200_000)
        photo = replace(make_photo(event.event_id, number), content_hash=hashlib.sha256(original).hexdigest())
        archive.photos.add_photo(photo, [])
        archive.store.put(key_of_original(photo), original)
        for size in PreviewSize:
            archive.store.put(preview_key(event.event_id, photo.photo_id, size), _jpeg(number))
        photos.append(photo)
        originals[photo.photo_id] = original
    return photos, originals


def _jpeg(number: int) -> bytes:
    return cv2.imencode(".jpg", np.full((90, 120, 3), 40 * number, np.uint8))[1].tobytes()


def _open_kiosk(home: Path, centre: CentreServer, tenant_id: str) -> Kiosk:
    settings = Settings(
        payment=PaymentSection(promptpay_id="0800000000"),
        delivery=DeliverySection(public_url="http://kiosk.test", host="127.0.0.1", port=0),
        central=CentralSection(url=centre.url, poll_s=1),
    )
    secrets: dict[str, str] = {}
    archive = open_archive(home, settings, read_secret=lambda name: secrets[name])
    kiosk_id = SqlMeta(archive.database).kiosk_id()
    _, secrets[device_key_name(kiosk_id)] = centre.enrol_device(tenant_id, device_id=kiosk_id)
    SqlEnrolment(archive.database, SystemClock()).enrol("Fotos", "K1")
    return Kiosk(archive)


def _pay(venue: Venue) -> str:
    kiosk = venue.kiosk
    basket = add(Basket(), *(photo.photo_id for photo in venue.photos))
    order, _ = kiosk.checkout.place(basket, quote(basket, kiosk.session.packages, {}), EVENT, Language.THAI)
    payment = kiosk.checkout.payments(order.order_id)[-1]
    kiosk.checkout.request_payment(payment.payment_id)
    kiosk.checkout.confirm_by_staff(payment.payment_id, order.total_satang, "Nok")
    return order.order_id


def test_a_photo_of_the_centre_is_shown_when_somebody_looks_at_it(venue: Venue) -> None:
    photo = venue.photos[1]
    pixels = venue.kiosk.archive.previews.preview(photo.photo_id, PreviewSize.LARGE)
    assert pixels.shape == (90, 120, 3)
    assert venue.here(photo) == {PreviewSize.LARGE}


def test_a_running_kiosk_brings_the_previews_of_its_event_by_itself(venue: Venue) -> None:
    venue.kiosk.start()
    wanted = {PreviewSize.MEDIUM, PreviewSize.LARGE, PreviewSize.WATERMARKED}
    wait_until(lambda: all(wanted <= venue.here(photo) for photo in venue.photos), 20)
    wait_until(lambda: getattr(venue.kiosk.sync_status, "state", None) is SyncState.ONLINE, 10)


def test_what_is_paid_for_is_handed_out_off_line_too(venue: Venue) -> None:
    venue.kiosk.start()
    order_id = _pay(venue)
    venue.kiosk.desk.link_of(order_id)
    keys = [key_of_original(photo) for photo in venue.photos]
    wait_until(lambda: all(venue.store.has(key) for key in keys), 20)
    venue.centre.stop()
    purchase = venue.kiosk.desk.purchase(order_id)
    for photo_id, photo in purchase.photos.items():
        assert venue.kiosk.desk.has_original(photo)
        assert venue.kiosk.desk.open_original(photo).read() == venue.originals[photo_id]


def test_an_original_can_be_asked_for_before_it_is_here(venue: Venue) -> None:
    order_id = _pay(venue)
    photo = venue.kiosk.desk.purchase(order_id).photos[venue.photos[0].photo_id]
    assert not venue.store.has(key_of_original(photo))
    assert venue.kiosk.desk.has_original(photo)
    read = io.BytesIO(venue.kiosk.desk.open_original(photo).read()).getvalue()
    assert read == venue.originals[photo.photo_id]


def test_the_photos_of_another_tenant_are_like_unknown_ones(venue: Venue) -> None:
    stranger = venue.centre.add_tenant("Others")
    photos, _ = _fill(venue.centre, make_event("theirs", stranger))
    for key in (
        preview_key("theirs", photos[0].photo_id, PreviewSize.LARGE),
        key_of_original(photos[0]),
        preview_key(EVENT, uuid.uuid4().hex, PreviewSize.LARGE),
    ):
        with pytest.raises(KnownError) as missing:
            venue.store.get(key)
        assert missing.value.code is ErrorCode.OBJECT_MISSING


def test_off_line_the_kiosk_shows_what_it_has_and_the_rest_when_it_is_back(venue: Venue) -> None:
    previews = venue.kiosk.archive.previews
    seen, unseen = venue.photos[0].photo_id, venue.photos[1].photo_id
    previews.preview(seen, PreviewSize.MEDIUM)
    venue.centre.stop()
    assert previews.preview(seen, PreviewSize.MEDIUM).shape == (90, 120, 3)
    with pytest.raises(KnownError) as away:
        previews.preview(unseen, PreviewSize.MEDIUM)
    assert away.value.code is ErrorCode.OBJECT_STORE_UNREACHABLE
    venue.centre.start()
    wait_until(lambda: venue.store.silent_for_s() == 0, 10)
    assert previews.preview(unseen, PreviewSize.MEDIUM).shape == (90, 120, 3)
