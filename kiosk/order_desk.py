"""What the phone page and the screens ask about orders: their photos, their links, what is held."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO, Protocol

import structlog

from kiosk.archive import Archive
from kiosk.checkout.checkout import Checkout
from kiosk.database.deletions import SqlDeletions, ask_centre_to_forget, deletion_id_for
from kiosk.database.forgetting import DELETED_BY_THE_BUYER
from kiosk.database.links import SqlLinkRepository
from kiosk.database.meta import SqlMeta
from kiosk.database.sendings import SqlSendings
from kiosk.database.wishes import SqlWishes
from kiosk.delivery.links import (
    LinkMaker,
    deletion_token,
    downloads_used,
    receipt_url_for,
    token_hash,
    url_for,
)
from kiosk.delivery.purchases import DataKind, DataReceipt, DeletedData, DeletionShown, KeptData, Purchase
from kiosk.delivery.types import Delivery, DeliveryKind, DeliveryState, DownloadLink
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.photos.types import Photo, PreviewSize, key_of_original, preview_key
from kiosk.sales.orders import normalise_code
from kiosk.sales.types import OrderState
from kiosk.sending.courier import GIVES_UP_WAITING
from kiosk.sending.types import OrderToSend, Sending, SendingState
from kiosk.session.journey import CONSENT_KEPT
from kiosk.session.types import ShownLink
from kiosk.sync.records import DeletionRecord

_log = structlog.get_logger(__name__)


class Originals(Protocol):
    """The originals that lie elsewhere (`kiosk.sync.kept_originals.KeptOriginals`)."""

    def keep(self, photos: Sequence[Photo], until: datetime) -> None:
        """These are to be here until then. Returns at once. Raises KnownError DISK_FULL,
        FOLDER_NOT_WRITABLE."""
        ...

    def can_have(self, photo: Photo) -> bool:
        """Whether it is here, or can be fetched when it is asked for."""
        ...


class OrderDesk:
    """Fills the ports of the phone page (`PaidOrders`, `PrivacyDesk`), of the journey (`OrderLinks`) and of
    messages to buyers (`OrdersToSend`).

    Safe to call from several threads. `base_url` tells where phones find the page at the moment.
    """

    def __init__(
        self,
        archive: Archive,
        checkout: Checkout,
        links: SqlLinkRepository,
        maker: LinkMaker,
        base_url: Callable[[], str],
        centre_url: Callable[[], str] = str,
        originals: Originals | None = None,
    ) -> None:
        """`centre_url` is where phones reach the kiosk's centre; empty for none. `originals` of photos that
        the archive's store would have to fetch; None where it has them all."""
        self._archive = archive
        self._checkout = checkout
        self._links = links
        self._maker = maker
        self._base_url = base_url
        self._centre_url = centre_url
        self._originals = originals
        self._deletions = SqlDeletions(archive.database)
        self._wishes = SqlWishes(archive.database)
        self._sendings = SqlSendings(archive.database)
        self._kiosk_id = SqlMeta(archive.database).kiosk_id()
        self._making = threading.Lock()

    # -- links ------------------------------------------------------------------------------------

    def link_of(self, order_id: str) -> ShownLink:
        """The order's valid link; made with the first call. Marks the phone delivery as ready.

        Raises KnownError ORDER_UNKNOWN for an order that is not paid: photos never go out before;
        PHOTOS_DELETED once its buyer had them deleted: no code brings them back.
        """
        if self._checkout.order(order_id).state is not OrderState.PAID:
            raise KnownError(ErrorCode.ORDER_UNKNOWN, "The order is not paid.")
        deliveries = self._phone_deliveries(order_id)
        if self._is_deleted(order_id):
            raise KnownError(ErrorCode.PHOTOS_DELETED, "The buyer had the photos of this order deleted.")
        with self._making:
            link = self._valid_link(order_id) or self._new_link(order_id)
        for delivery in deliveries:
            if delivery.state is DeliveryState.PENDING:
                self._checkout.set_delivery(delivery.delivery_id, DeliveryState.READY)
        self._keep_originals(link)
        tokens = self._maker.tokens_of(link)
        if tokens is None:
            raise KnownError(ErrorCode.LINK_UNKNOWN, "The link was made with another secret.")
        return ShownLink(
            url=url_for(self._base_url(), tokens.download),
            receipt_url=receipt_url_for(self._base_url(), tokens.receipt),
            expires_at=link.expires_at,
            download_limit=link.download_limit,
            downloads=downloads_used(self._links.object_downloads(link.link_id)),
        )

    def renew(self, order_id: str) -> ShownLink:
        """A fresh link with all its downloads; those before end. Raises as `link_of`."""
        with self._making:
            if self._checkout.order(order_id).state is OrderState.PAID and not self._is_deleted(order_id):
                self._links.expire_links(order_id, self._archive.clock.now())
        return self.link_of(order_id)

    def shown(self, order_id: str) -> tuple[datetime, int] | None:
        """Until when the newest link of an order is good, and its downloads so far; None without one."""
        link = self._links.newest_link(order_id)
        return None if link is None else (link.expires_at, link.downloads)

    def keep_originals(self) -> None:
        """Of all that valid links give: who keeps them may have lost what was wanted. Harmless when repeated.
        Raises KnownError DATABASE_*."""
        if self._originals is None:
            return
        for link in self._links.valid_links(self._archive.clock.now()):
            self._keep_originals(link)

    def _keep_originals(self, link: DownloadLink) -> None:
        """A full disk keeps nobody from their link: what is not here is fetched when it is asked for."""
        if self._originals is None:
            return
        try:
            self._originals.keep(list(self.purchase(link.order_id).photos.values()), link.expires_at)
        except KnownError as error:
            _log.warning("originals_not_kept", order_id=link.order_id, code=error.code)

    def _phone_deliveries(self, order_id: str) -> list[Delivery]:
        return [each for each in self._checkout.deliveries(order_id) if each.kind is DeliveryKind.PHONE_LINK]

    def _valid_link(self, order_id: str) -> DownloadLink | None:
        link = self._links.newest_link(order_id)
        if link is None or link.expires_at <= self._archive.clock.now():
            return None
        return link if self._maker.tokens_of(link) is not None else None

    def _new_link(self, order_id: str) -> DownloadLink:
        link = self._maker.new_link(order_id)
        self._links.add_link(link)
        return link

    # -- messages to buyers -----------------------------------------------------------------------

    def to_send(self, order_id: str) -> OrderToSend:
        """As `kiosk.sending.types.OrdersToSend`."""
        link = self.link_of(order_id)
        purchase = self.purchase(order_id)
        language = Language(purchase.order.language)
        return OrderToSend(
            order_id=order_id,
            order_code=purchase.order.code,
            event_id=purchase.event.event_id,
            event_name=purchase.event_name(language),
            language=language,
            ordered_at=purchase.order.created_at,
            photo_ids=purchase.photo_ids,
            has_every_photo=any(use.package.photo_count is None for use in purchase.order.packages),
            link_url=link.url,
            receipt_url=link.receipt_url,
            link_until=link.expires_at,
        )

    def to_send_by_code(self, text: str) -> OrderToSend:
        """As `kiosk.sending.types.OrdersToSend`."""
        code = normalise_code(text, self._archive.settings.kiosk.code_prefix)
        return self.to_send(self._checkout.order_by_code(code).order_id)

    # -- the phone page ---------------------------------------------------------------------------

    def purchase(self, order_id: str) -> Purchase:
        """The order with its event and the rows of its photos, also of those withdrawn from sale since. At a
        centre an order is what a kiosk told: a photo of another event, which may be another tenant's, is none
        of its."""
        order = self._checkout.order(order_id)
        added = self._wishes.added_photos(order_id)
        bought = order.digital_photo_ids
        photos = self._archive.photos.photos_by_id((*bought, *added))  # at each request: one query
        for photo_id in (*bought, *added):
            if photo_id not in photos:
                photos.update(self._withdrawn(photo_id))
        theirs = {each: photo for each, photo in photos.items() if photo.event_id == order.event_id}
        event = self._archive.photos.event(order.event_id)
        still_there = tuple(photo_id for photo_id in added if photo_id in theirs)
        return Purchase(order, event, theirs, self._is_deleted(order_id), still_there)

    def _is_deleted(self, order_id: str) -> bool:
        return any(each.state is DeliveryState.DONE for each in self._phone_deliveries(order_id))

    def _withdrawn(self, photo_id: str) -> dict[str, Photo]:
        """A photo that is not on sale any more; none where its row is gone."""
        try:
            return {photo_id: self._archive.photos.photo(photo_id)}
        except KnownError as gone:
            if gone.code is not ErrorCode.PHOTO_UNKNOWN:
                raise
            return {}

    def has_original(self, photo: Photo) -> bool:
        """Whether the original can be handed out."""
        if self._originals is not None:
            return self._originals.can_have(photo)
        return self._archive.store.has(key_of_original(photo))

    def open_original(self, photo: Photo) -> BinaryIO:
        """The original, seekable. Raises KnownError(OBJECT_MISSING)."""
        return io.BytesIO(self._archive.store.get(key_of_original(photo)))

    def preview(self, photo: Photo, size: PreviewSize) -> bytes:
        """A JPEG thumbnail. Raises KnownError(OBJECT_MISSING)."""
        return self._archive.store.get(preview_key(photo.event_id, photo.photo_id, size))

    # -- the privacy receipt ----------------------------------------------------------------------

    def receipt(self, link: DownloadLink) -> DataReceipt:
        """What is held of the buyer of this order now. No face is, and nothing ties the order to one but the
        wish to hear of new photos."""
        order = self._checkout.order(link.order_id)
        now = self._archive.clock.now()
        deleted: list[DeletedData] = []
        kept = [
            KeptData(DataKind.PAYMENT, None, is_deletable=False),
            KeptData(DataKind.CONSENT, order.created_at + CONSENT_KEPT, is_deletable=False),
        ]
        kept = [*self._kept_for_messages(link.order_id), *kept]
        if link.expires_at > now:
            kept.insert(0, KeptData(DataKind.PHOTOS, link.expires_at, is_deletable=True))
        else:
            deleted.append(DeletedData(DataKind.PHOTOS, link.expires_at))
        return DataReceipt(tuple(deleted), tuple(kept), self._deletion_of(link))

    def _kept_for_messages(self, order_id: str) -> list[KeptData]:
        """The numbers of a face that new photos are looked for by, and where messages go."""
        wish = self._wishes.of_order(order_id)
        written_to = [each.created_at + GIVES_UP_WAITING for each in self._addressed(order_id)]
        if wish is None and not written_to:
            return []
        kept = [KeptData(DataKind.FACE_NUMBERS, wish.until, is_deletable=True)] if wish else []
        if wish is not None and wish.address:
            written_to.append(wish.until)
        if written_to:
            kept.append(KeptData(DataKind.ADDRESS, max(written_to), is_deletable=True))
        return kept

    def _addressed(self, order_id: str) -> list[Sending]:
        """The messages of which it is known where they go."""
        return [each for each in self._sendings.of_order(order_id) if each.address]

    def _deletion_of(self, link: DownloadLink) -> DeletionShown | None:
        asked = self._deletions.find(deletion_id_for("order", link.order_id))
        if asked is None:
            return None
        url, is_done = self._proof_url(link), asked.done_at is not None
        return DeletionShown(is_done, url, asked.proof_number, asked.done_at)

    def _proof_url(self, link: DownloadLink) -> str:
        centre, tokens = self._centre_url(), self._maker.tokens_of(link)
        if not centre or tokens is None:
            return ""
        deletion_id = deletion_id_for("order", link.order_id)
        path = f"/api/deletions/{deletion_id}/proof?token={deletion_token(tokens.receipt)}"
        return centre.rstrip("/") + path

    def _ask_to_forget(self, link: DownloadLink) -> None:
        """Written down before anything is done, so that what a power cut leaves is done later; the centre
        and its other kiosks hear of it. No consent is named: none is tied to an order."""
        now, tokens = self._archive.clock.now(), self._maker.tokens_of(link)
        record = DeletionRecord(
            deletion_id=deletion_id_for("order", link.order_id),
            requested_at=now,
            requested_by="buyer",
            event_id=None,
            photo_ids=(),
            faces=(),
            order_id=link.order_id,
            consent_id=None,
            person_id=None,
        )
        hashed = token_hash(deletion_token(tokens.receipt)) if tokens else None
        with self._archive.database.writing() as session:
            ask_centre_to_forget(session, record, self._kiosk_id, now, hashed)

    def delete_rest(self, link: DownloadLink) -> DataReceipt:
        """Ends every link to the order's photos, for good, here and at every other kiosk; doing it again is
        harmless. What else there is of the order's files goes a moment later (`kiosk.sync.forgetting`)."""
        now = self._archive.clock.now()
        self._ask_to_forget(link)
        for delivery in self._phone_deliveries(link.order_id):
            self._checkout.set_delivery(delivery.delivery_id, DeliveryState.DONE, DELETED_BY_THE_BUYER)
        self._wishes.withdraw(link.order_id)
        for sending in self._addressed(link.order_id):
            self._sendings.update(replace(sending, state=SendingState.CANCELLED), sending.state)
        self._links.expire_links(link.order_id, now)
        return self.receipt(replace(link, expires_at=min(link.expires_at, now)))

    def stop_new_photos(self, link: DownloadLink) -> DataReceipt:
        """Forgets the wish to hear of new photos, with its face numbers; photos that were added stay."""
        self._wishes.withdraw(link.order_id)
        return self.receipt(link)
