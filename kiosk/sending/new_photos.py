"""Looks out for later photos of buyers of every photo who agreed to that, adds them and tells."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from kiosk.clock import Clock
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.gallery.types import Certainty, PhotoMatch
from kiosk.language import Language
from kiosk.photos.types import PhotoRepository
from kiosk.sending.addresses import checked_address, masked
from kiosk.sending.courier import Courier
from kiosk.sending.types import (
    NewPhotosWish,
    OrdersToSend,
    OrderToSend,
    Purpose,
    Sending,
    SendingState,
    Way,
    WishStore,
)
from kiosk.vision.types import Embedding

_log = structlog.get_logger(__name__)

GATHERED_FOR = timedelta(minutes=10)
TOLD_EVERY = timedelta(hours=1)
LONGEST = timedelta(days=30)
_LOOK_EVERY_S = 30.0
_STEP_S = 1.0
_NO_LONGER = frozenset({ErrorCode.ORDER_UNKNOWN, ErrorCode.PHOTOS_DELETED})


class FaceFinder(Protocol):
    """Finds the photos of somebody (`kiosk.photos.face_search.FaceSearch`)."""

    def find(self, event_id: str, probes: Sequence[Embedding]) -> list[PhotoMatch]: ...


class NewPhotos:
    """Keeps the wishes, and looks on one worker (`run`) whenever other photos are on sale; all else from any
    thread.

    Of a later photo only a sure match counts, and none that the buyer had seen and not taken. It is added to
    the order at once; the message waits 10 min for more, and one an hour is the most that anybody gets. The
    face numbers serve nothing else, and are forgotten with the order's link, after 30 days at the latest, or
    when their owner says so.
    """

    def __init__(
        self,
        wishes: WishStore,
        finder: FaceFinder,
        photos: PhotoRepository,
        orders: OrdersToSend,
        courier: Courier,
        clock: Clock,
    ) -> None:
        self._wishes = wishes
        self._finder = finder
        self._photos = photos
        self._orders = orders
        self._courier = courier
        self._clock = clock
        self._seen: dict[str, int] = {}
        self._woken = threading.Event()

    def can_wish(self, order_id: str) -> bool:
        """Whether its buyer bought every photo, and may hear of later ones."""
        return bool(self._courier.ways()) and self._orders.to_send(order_id).has_every_photo

    def until(self, order_id: str) -> datetime:
        """How long a wish would last that is made now. Raises as `OrdersToSend`."""
        return self._until(self._orders.to_send(order_id))

    def wish(
        self,
        order_id: str,
        way: Way,
        address: str,
        embeddings: Sequence[Embedding],
        language: Language,
        consent_version: str,
    ) -> NewPhotosWish:
        """Stores what a buyer agreed to; a second one takes the place of the first. By LINE the address may
        be empty: it comes when the buyer writes to the account.

        Raises KnownError MAIL_ADDRESS_INVALID, ORDER_UNKNOWN, PHOTOS_DELETED, DATABASE_*, DISK_FULL, INDEX_*;
        BugError for an order that is not for every photo.
        """
        order = self._orders.to_send(order_id)
        if not order.has_every_photo:
            raise BugError("only who bought every photo is told of later ones")
        if address or way is not Way.LINE:
            address = checked_address(way, address)
        wish = NewPhotosWish(
            wish_id=secrets.token_hex(16),
            order_id=order_id,
            order_code=order.order_code,
            event_id=order.event_id,
            way=way,
            language=language,
            consent_version=consent_version,
            agreed_at=self._clock.now(),
            until=self._until(order),
            address=address,
            shown_to=masked(way, address),
            embeddings=tuple(embeddings),
            passed_over=self._passed_over(order, embeddings),
        )
        self._wishes.put(wish)
        self._seen.pop(order.event_id, None)
        self.wake()
        return wish

    def withdraw(self, order_id: str) -> None:
        """Forgets face numbers and address now; photos that were added stay. Harmless without a wish."""
        self._wishes.withdraw(order_id)

    def line_known(self, order_id: str, line_user: str) -> None:
        """The buyer wrote to the account: news by LINE go there."""
        if self._wishes.set_address(order_id, Way.LINE, line_user, masked(Way.LINE, line_user)):
            self.wake()

    def line_lost(self, line_user: str) -> None:
        """They blocked the account: what could only be told there is looked for no more."""
        for wish in self._wishes.listed(most=10_000):
            if wish.way is Way.LINE and wish.address == line_user:
                self._wishes.withdraw(wish.order_id)

    def of_order(self, order_id: str) -> NewPhotosWish | None:
        """Without face numbers; None where there is none."""
        return self._wishes.of_order(order_id)

    def listed(self) -> list[NewPhotosWish]:
        """The newest first, without face numbers."""
        return self._wishes.listed()

    # -- the worker ---------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. Raises KnownError DATABASE_*, DISK_FULL, INDEX_*: run it again."""
        waited_s = _LOOK_EVERY_S
        while not stop.is_set():
            if self._woken.is_set() or waited_s >= _LOOK_EVERY_S:
                self._woken.clear()
                waited_s = 0.0
                self.look(stop)
            self._woken.wait(_STEP_S)
            waited_s += _STEP_S

    def wake(self) -> None:
        """There may be photos that were not there before."""
        self._woken.set()

    def look(self, stop: threading.Event | None = None) -> None:
        """Forgets wishes whose time is over, and looks through the events whose photos are others than at the
        last time."""
        now = self._clock.now()
        self._wishes.end_due(now)
        for event_id in self._wishes.events(now):
            on_sale = hash(frozenset(self._photos.ids_on_sale(event_id)))
            if self._seen.get(event_id) == on_sale:
                continue
            self._seen[event_id] = (
                on_sale  # before the wishes are read: one that comes meanwhile takes it away
            )
            try:
                self._look_for_all(event_id, now, stop)
            except BaseException:
                self._seen.pop(event_id, None)
                raise

    def _look_for_all(self, event_id: str, now: datetime, stop: threading.Event | None) -> None:
        for wish in self._wishes.of_event(event_id, now):
            if stop is not None and stop.is_set():
                self._seen.pop(event_id, None)
                return
            self._look_for(wish)

    def _look_for(self, wish: NewPhotosWish) -> None:
        found = [match.photo_id for match in self._sure(wish) if match.photo_id not in wish.passed_over]
        if not found:
            return
        try:
            order = self._orders.to_send(wish.order_id)
        except KnownError as gone:
            if gone.code not in _NO_LONGER:
                raise
            self._wishes.withdraw(wish.order_id)
            return
        new = [photo_id for photo_id in found if photo_id not in order.photo_ids]
        if new:
            now = self._clock.now()
            added = self._wishes.add_photos(wish.order_id, new, now, self._owed(wish, len(new), now))
            _log.info("new_photos_added", order_id=wish.order_id, photos=len(added))

    def _sure(self, wish: NewPhotosWish) -> list[PhotoMatch]:
        """Empty where the face numbers are another engine's: nothing will ever be like them."""
        if not wish.embeddings:
            return []
        try:
            matches = self._finder.find(wish.event_id, wish.embeddings)
        except KnownError as error:
            if error.code is not ErrorCode.CONTRACT_MISMATCH:
                raise
            _log.warning("wish_of_another_engine", order_id=wish.order_id)
            return []
        return [match for match in matches if match.certainty is Certainty.MATCH]

    def _owed(self, wish: NewPhotosWish, photo_count: int, now: datetime) -> Sending | None:
        """A message that gathers; None as long as nobody knows where to."""
        if not wish.address:
            return None
        told = [
            each.sent_at
            for each in self._courier.of_order(wish.order_id)
            if each.purpose is Purpose.NEW_PHOTOS and each.sent_at is not None
        ]
        due_at = max([now + GATHERED_FOR, *(at + TOLD_EVERY for at in told)])
        return Sending(
            sending_id=secrets.token_hex(16),
            order_id=wish.order_id,
            order_code=wish.order_code,
            way=wish.way,
            purpose=Purpose.NEW_PHOTOS,
            language=wish.language,
            state=SendingState.WAITING,
            created_at=now,
            due_at=due_at,
            address=wish.address,
            shown_to=wish.shown_to,
            photo_count=photo_count,
        )

    def _passed_over(self, order: OrderToSend, embeddings: Sequence[Embedding]) -> tuple[str, ...]:
        """What the buyer was shown, or could have been, and did not take."""
        if not embeddings:
            return ()
        found: AbstractSet[str] = {each.photo_id for each in self._finder.find(order.event_id, embeddings)}
        before = self._photos.photos_by_id(found - frozenset(order.photo_ids))
        return tuple(sorted(each for each, photo in before.items() if photo.imported_at <= order.ordered_at))

    def _until(self, order: OrderToSend) -> datetime:
        return min(order.link_until, self._clock.now() + LONGEST)
