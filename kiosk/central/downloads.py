"""How buyers get their originals from the centre: a link for some days and wholes, and the ZIP behind it."""

from __future__ import annotations

import hmac
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.central.centre import Centre
from kiosk.central.shop import Shop
from kiosk.database.forgetting import archive_key
from kiosk.database.links import SqlLinkRepository
from kiosk.delivery.downloads import DownloadCounter, Hold
from kiosk.delivery.file_names import zip_file_name
from kiosk.delivery.links import ZIP_OBJECT, LinkMaker, downloads_used, token_hash
from kiosk.delivery.photo_archive import stream_archive
from kiosk.delivery.purchases import Purchase
from kiosk.delivery.types import DeliveryKind, DeliveryState, DownloadLink
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.language import Language
from kiosk.order_desk import OrderDesk
from kiosk.sales.types import Order, OrderState

_PURPOSE = b"photo-kiosk centre: download links"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the ZIP is to be had. `token` opens it at the centre where the store gives no `url` of its own;
    `good_until` is the address's own end."""

    url: str | None
    token: str
    good_until: datetime
    link: DownloadLink


class Downloads:
    """Links to what was paid. Any thread; links of one process open at all others."""

    def __init__(self, centre: Centre, shop: Shop) -> None:
        rules = centre.settings.downloads
        # One secret in every process, as that of access tokens is.
        secret = hmac.digest(centre.secrets.signing_key(), _PURPOSE, "sha256")
        self._maker = LinkMaker(secret, centre.clock, timedelta(days=rules.link_days), rules.download_limit)
        self._address_for = timedelta(seconds=rules.address_s)
        self._centre = centre
        self._links = SqlLinkRepository(centre.database)
        self._counter = DownloadCounter(self._links)
        self._shop = shop
        self._desk = OrderDesk(centre.archive, shop.own, self._links, self._maker, lambda: "")
        self._zone = ZoneInfo(centre.settings.server.timezone)
        self._making = threading.Lock()

    def address(self, order: Order) -> Address:
        """A fresh address of the order's ZIP. One of the store counts as a download when it is given; one of
        the centre when the last byte is out.

        Raises KnownError: ORDER_UNKNOWN (not paid), PHOTOS_DELETED, LINK_EXPIRED, LINK_EXHAUSTED.
        """
        self._check_paid(order)
        link = self._links.newest_link(order.order_id) or self._new_link(order, None)
        now = self._centre.clock.now()
        if link.expires_at <= now:
            raise _expired(link)
        self._counter.check(link, ZIP_OBJECT)
        tokens = self._maker.tokens_of(link)
        if tokens is None:  # made with a secret that is gone
            link = self._new_link(order, self._left(link))
            tokens = self._maker.tokens_of(link)
        if tokens is None:
            raise BugError("a link that was just made has no tokens")
        store, until = self._centre.archive.store, min(link.expires_at, now + self._address_for)
        key = archive_key(order.event_id, order.order_id)
        url = store.presigned_get(key, (until - now).total_seconds(), self._file_name(order))
        if url is not None:
            self._put_archive(order)
            link = self._links.count_download(link.link_id, ZIP_OBJECT)
        return Address(url, tokens.download, until if url else link.expires_at, link)

    def renew(self, order: Order, *, is_staff: bool) -> DownloadLink:
        """A fresh link in place of the order's others: for buyers with what is left of the limit, from staff
        with the whole of it. Raises KnownError: ORDER_UNKNOWN, PHOTOS_DELETED, LINK_EXHAUSTED."""
        self._check_paid(order)
        last = self._links.newest_link(order.order_id)
        left = None if last is None or is_staff else self._left(last)
        if left == 0:
            self._counter.check(last or self._new_link(order, 0), ZIP_OBJECT)  # says why not
        self._links.expire_links(order.order_id, self._centre.clock.now())
        return self._new_link(order, left)

    def open(self, token: str) -> tuple[str, Iterator[bytes], Hold]:
        """File name and bytes of the ZIP that a token opens, and what counts it.

        Raises KnownError: LINK_UNKNOWN, LINK_EXPIRED, LINK_EXHAUSTED, ORDER_UNKNOWN, PHOTOS_DELETED,
        CENTRE_BUSY (the last downloads of the limit are under way).
        """
        link = self._links.link_by_token_hash(token_hash(token))
        if link is None:
            raise KnownError(ErrorCode.LINK_UNKNOWN, "There is no such link.")
        if link.expires_at <= self._centre.clock.now():
            raise _expired(link)
        purchase = self._desk.purchase(link.order_id)
        self._check_paid(purchase.order)
        hold = self._counter.begin(link, ZIP_OBJECT)
        if hold is None:
            raise KnownError(
                ErrorCode.CENTRE_BUSY, "The last downloads of this link are under way.", "Try again shortly."
            )
        return self._file_name(purchase.order), self._archive(purchase), hold

    # -- the parts --------------------------------------------------------------------------------

    def _new_link(self, order: Order, download_limit: int | None) -> DownloadLink:
        link = self._maker.new_link(order.order_id)
        if download_limit is not None:
            link = replace(link, download_limit=download_limit)
        self._links.add_link(link)
        return link

    def _left(self, link: DownloadLink) -> int:
        return max(0, link.download_limit - downloads_used(self._links.object_downloads(link.link_id)))

    def _check_paid(self, order: Order) -> None:
        if order.state is not OrderState.PAID:
            raise KnownError(ErrorCode.ORDER_UNKNOWN, f"Order {order.code} is not paid.", "Pay it first.")
        if self._is_deleted(order):
            raise KnownError(ErrorCode.PHOTOS_DELETED, "The buyer had the photos deleted.")

    def _is_deleted(self, order: Order) -> bool:
        deliveries = self._shop.own.deliveries(order.order_id)
        return any(
            each.kind is DeliveryKind.PHONE_LINK and each.state is DeliveryState.DONE for each in deliveries
        )

    def _put_archive(self, order: Order) -> None:
        """Makes the ZIP that the store's addresses lead to, once. What is forgotten meanwhile does not stay
        in it: its rows go before the files, so that either they are missed here or the ZIP is found there."""
        store, key = self._centre.archive.store, archive_key(order.event_id, order.order_id)
        with self._making:
            while not store.has(key):
                purchase = self._desk.purchase(order.order_id)
                with tempfile.TemporaryFile() as file:
                    size = sum(file.write(chunk) for chunk in self._archive(purchase))
                    file.seek(0)
                    store.put_stream(key, file, size)
                if not self._is_still(purchase):
                    store.delete(key)
                    self._check_paid(order)

    def _is_still(self, purchase: Purchase) -> bool:
        """Whether its photos may all be handed out now as when they were read."""
        order = purchase.order
        return not self._is_deleted(order) and (
            self._desk.purchase(order.order_id).photos.keys() == purchase.photos.keys()
        )

    def _archive(self, purchase: Purchase) -> Iterator[bytes]:
        language = _language(purchase.order)
        return stream_archive(self._desk, purchase, language, self._zone, self._centre.clock.now())

    def _file_name(self, order: Order) -> str:
        purchase = self._desk.purchase(order.order_id)
        return zip_file_name(purchase.event_name(_language(order)), order.code)


def _language(order: Order) -> Language:
    try:
        return Language(order.language)
    except ValueError:
        return Language.ENGLISH


def _expired(link: DownloadLink) -> KnownError:
    day = link.expires_at.date().isoformat()
    return KnownError(ErrorCode.LINK_EXPIRED, f"The link was good until {day}.", "Ask for a fresh one.")
