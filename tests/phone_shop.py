"""A small paid order behind a real phone server: drawn photos in a folder, links in memory."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from kiosk.clock import ManualClock
from kiosk.delivery.links import LinkMaker, LinkTokens, downloads_used, receipt_url_for, url_for
from kiosk.delivery.phone_app import make_phone_app
from kiosk.delivery.phone_server import PhoneServer
from kiosk.delivery.purchases import (
    DataKind,
    DataReceipt,
    DeletedData,
    DeletionShown,
    KeptData,
    Purchase,
)
from kiosk.delivery.types import DownloadLink
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import Photo, PhotoEvent, PreviewSize, original_key, preview_key
from kiosk.sales.types import LineKind, Order, OrderLine, OrderState

ZONE = ZoneInfo("Asia/Bangkok")
TAKEN = datetime(2026, 11, 19, 23, 4, tzinfo=UTC)
EVENT = PhotoEvent("ev1", "Riverside Run 2026", "งานวิ่งริมน้ำ 2569", TAKEN, place="Bangkok")
SKIES = [(92, 84, 120), (70, 128, 140), (120, 160, 110), (150, 160, 175), (196, 120, 90), (90, 110, 160)]


class MemoryLinks:
    """Links in memory, with the counting that the port asks for."""

    def __init__(self) -> None:
        self._links: dict[str, DownloadLink] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._lock = threading.Lock()

    def add_link(self, link: DownloadLink) -> None:
        with self._lock:
            self._links[link.link_id] = link
            self._counts[link.link_id] = Counter()

    def link_by_token_hash(self, token_hash: str) -> DownloadLink | None:
        return next((link for link in self._links.values() if link.token_hash == token_hash), None)

    def object_downloads(self, link_id: str) -> Mapping[str, int]:
        with self._lock:
            return dict(self._counts[link_id])

    def count_download(self, link_id: str, object_name: str) -> DownloadLink:
        with self._lock:
            counts, link = self._counts[link_id], self._links[link_id]
            if downloads_used(counts, object_name) >= link.download_limit:
                raise KnownError(ErrorCode.LINK_EXHAUSTED, "limit reached")
            counts[object_name] += 1
            self._links[link_id] = replace(link, downloads=downloads_used(counts))
            return self._links[link_id]

    def expire(self, link_id: str, at: datetime) -> None:
        with self._lock:
            self._links[link_id] = replace(self._links[link_id], expires_at=at)


class FolderOrders:
    """One order whose files lie in a folder."""

    def __init__(self, folder: Path, purchase: Purchase) -> None:
        self.folder = folder
        self.current = purchase

    def purchase(self, order_id: str) -> Purchase:
        if order_id != self.current.order.order_id:
            raise KnownError(ErrorCode.ORDER_UNKNOWN, "no such order")
        return self.current

    def set_state(self, state: OrderState) -> None:
        self.current = replace(self.current, order=replace(self.current.order, state=state))

    def delete(self) -> None:
        """As the buyer wished."""
        self.current = replace(self.current, is_deleted=True)

    def original_path(self, photo: Photo) -> Path:
        return self.folder / original_key(photo.event_id, photo.photo_id)

    def has_original(self, photo: Photo) -> bool:
        return self.original_path(photo).exists()

    def open_original(self, photo: Photo) -> BinaryIO:
        try:
            return self.original_path(photo).open("rb")
        except FileNotFoundError as missing:
            raise KnownError(ErrorCode.OBJECT_MISSING, "no original") from missing

    def preview(self, photo: Photo, size: PreviewSize) -> bytes:
        try:
            return (self.folder / preview_key(photo.event_id, photo.photo_id, size)).read_bytes()
        except FileNotFoundError as missing:
            raise KnownError(ErrorCode.OBJECT_MISSING, "no preview") from missing


class MemoryDesk:
    """Deletes what is deletable of one buyer."""

    def __init__(self, links: MemoryLinks, clock: ManualClock) -> None:
        self._links = links
        self._clock = clock
        self._deleted_at: datetime | None = None
        self.looks_until: datetime | None = None
        self.deletion: DeletionShown | None = None

    @property
    def is_deleted(self) -> bool:
        return self._deleted_at is not None

    def receipt(self, link: DownloadLink) -> DataReceipt:
        gone = [DeletedData(kind, TAKEN) for kind in (DataKind.FACE, DataKind.TEMPLATE, DataKind.SCREEN)]
        kept = [KeptData(DataKind.PAYMENT, None, is_deletable=False)]
        rest = [DataKind.PHOTOS, DataKind.CONSENT]
        if self._deleted_at is not None:
            gone += [DeletedData(kind, self._deleted_at) for kind in rest]
        else:
            kept = [KeptData(kind, link.expires_at, is_deletable=True) for kind in rest] + kept
        if self.looks_until is not None:
            kept += [
                KeptData(kind, self.looks_until, is_deletable=True)
                for kind in (DataKind.FACE_NUMBERS, DataKind.ADDRESS)
            ]
        return DataReceipt(tuple(gone), tuple(kept), self.deletion)

    def stop_new_photos(self, link: DownloadLink) -> DataReceipt:
        self.looks_until = None
        return self.receipt(link)

    def delete_rest(self, link: DownloadLink) -> DataReceipt:
        self._deleted_at = self._clock.now()
        self.looks_until = None
        self._links.expire(link.link_id, self._clock.now())
        return self.receipt(link)


@dataclass
class PhoneShop:
    """A running phone server with one paid order, and what stands behind it."""

    server: PhoneServer
    links: MemoryLinks
    orders: FolderOrders
    desk: MemoryDesk
    clock: ManualClock
    link: DownloadLink
    tokens: LinkTokens

    @property
    def url(self) -> str:
        return url_for(self.server.base_url, self.tokens.download)

    @property
    def receipt_url(self) -> str:
        return receipt_url_for(self.server.base_url, self.tokens.receipt)

    @property
    def photos(self) -> list[Photo]:
        return list(self.orders.current.photos.values())

    def counts(self) -> Mapping[str, int]:
        return self.links.object_downloads(self.link.link_id)

    def original(self, index: int) -> Path:
        """The file of the photo that the page numbers `index`."""
        return self.orders.original_path(self.photos[index - 1])


def open_shop(
    folder: Path,
    photo_count: int = 5,
    language: str = "th",
    limit: int = 10,
    event: PhotoEvent = EVENT,
    width: int = 1200,
) -> PhoneShop:
    """Draws the photos, makes the order and starts the server on a free port of the loopback."""
    clock = ManualClock(datetime(2026, 11, 20, 1, 21, tzinfo=UTC))
    photos = [_draw(folder, event, index, width) for index in range(photo_count)]
    lines = tuple(OrderLine(f"l{n}", LineKind.DIGITAL, photo.photo_id) for n, photo in enumerate(photos))
    order = Order(
        "o1", "K7-4Q2M", event.event_id, language, OrderState.PAID, lines, 29900, 0, clock.now(), clock.now()
    )
    orders = FolderOrders(folder, Purchase(order, event, {photo.photo_id: photo for photo in photos}))
    links = MemoryLinks()
    maker = LinkMaker(b"s" * 32, clock, timedelta(days=30), limit)
    link = maker.new_link("o1")
    links.add_link(link)
    tokens = maker.tokens_of(link)
    assert tokens is not None
    desk = MemoryDesk(links, clock)
    server = PhoneServer(make_phone_app(links, orders, desk, clock, ZONE), "127.0.0.1", 0)
    server.start()
    return PhoneShop(server, links, orders, desk, clock, link, tokens)


def _draw(folder: Path, event: PhotoEvent, index: int, width: int) -> Photo:
    """A runner before a sky, upright, so that pages look like the real thing."""
    picture = _runner(SKIES[index % len(SKIES)], index, width)
    photo_id = f"photo{index + 1}"
    data = _jpeg(picture, 92)
    _write(folder / original_key(event.event_id, photo_id), data)
    for size, most in ((PreviewSize.MEDIUM, (300, 300)), (PreviewSize.LARGE, (800, 600))):
        small = picture.copy()
        small.thumbnail(most)
        _write(folder / preview_key(event.event_id, photo_id, size), _jpeg(small, 85))
    return Photo(
        photo_id=photo_id,
        event_id=event.event_id,
        number=41 + index,
        file_name=f"DSC_{index:04d}.JPG",
        content_hash=hashlib.sha256(data).hexdigest(),
        width=picture.width,
        height=picture.height,
        taken_at=TAKEN + timedelta(minutes=17 * index),
        imported_at=TAKEN + timedelta(hours=1),
        photographer="Nok",
        place="Finish",
    )


def _runner(sky: tuple[int, int, int], index: int, width: int) -> Image.Image:
    height = width * 5 // 4
    picture = Image.new("RGB", (width, height), sky)
    pen = ImageDraw.Draw(picture)
    for y in range(height):
        shade = 1.25 - 0.6 * y / height
        pen.line((0, y, width, y), tuple(min(255, int(part * shade)) for part in sky))
    u = width / 100
    pen.ellipse((20 * u, 14 * u, 46 * u, 40 * u), fill=(250, 226, 190))
    pen.polygon([(0, 125 * u), (40 * u, 70 * u), (60 * u, 70 * u), (100 * u, 125 * u)], fill=(58, 60, 66))
    x = (42 + 6 * (index % 4)) * u
    pen.line((x, 82 * u, x - 14 * u, 104 * u), fill=(226, 172, 128), width=int(6 * u))
    pen.line((x, 82 * u, x + 14 * u, 100 * u), fill=(226, 172, 128), width=int(6 * u))
    pen.rounded_rectangle((x - 10 * u, 48 * u, x + 10 * u, 84 * u), 6 * u, fill=(34, 140, 134))
    pen.rectangle((x - 6 * u, 58 * u, x + 6 * u, 67 * u), fill=(250, 250, 246))
    pen.ellipse((x - 8 * u, 28 * u, x + 8 * u, 47 * u), fill=(234, 184, 140))
    pen.pieslice((x - 8 * u, 27 * u, x + 8 * u, 46 * u), 180, 360, fill=(52, 38, 34))
    return picture


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
