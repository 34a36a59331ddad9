"""A kiosk for the screens alone: shows hand-made views, notes every command, draws its own photos."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from kiosk.camera.types import Frame
from kiosk.capture.types import CameraState, CaptureChecks, FacesSeen, LivenessSeen
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import Event, EventBus
from kiosk.gallery.types import Certainty
from kiosk.language import Language
from kiosk.payments.promptpay import transfer_payload
from kiosk.photos.types import PreviewSize
from kiosk.sales.packages import STANDARD_PACKAGES
from kiosk.sales.pricing import quote
from kiosk.sales.types import Basket, Finish, PrintItem, PrintSize, Voucher, VoucherKind
from kiosk.sending.types import Way
from kiosk.session.buying import Buying
from kiosk.session.corrections import Corrections
from kiosk.session.finding import Finding
from kiosk.session.handing_over import HandingOver
from kiosk.session.journey import Journey
from kiosk.session.states import Screen
from kiosk.session.together import Together
from kiosk.session.view import (
    DeliverView,
    EventCard,
    GroupView,
    HandingView,
    PayStage,
    PayView,
    PersonView,
    PhotoTile,
    PrintOffer,
    PrintsView,
    PrivacyReceipt,
    Problem,
    ResultsView,
    SessionChanged,
    SessionView,
    ShopView,
)
from kiosk.sync.status import SyncState, SyncStatus, SyncStatusChanged
from kiosk.vision.types import Box, RejectionReason
from tests.gui.fake_staff import FakeStaff
from tests.gui.fake_technician import FakeTechnician

_SIDES = {
    PreviewSize.SMALL: (150, 150),
    PreviewSize.MEDIUM: (300, 380),
    PreviewSize.LARGE: (600, 800),
    PreviewSize.WATERMARKED: (1080, 1400),
}
_SKIES = ["#5a6a8f", "#4f8a92", "#8fae7a", "#a9b2b8", "#c9825c", "#5b4570"]
_SHIRTS = ["#2a9088", "#b5543c", "#d3a23a", "#5862a8", "#c06a86"]


def draw_photo(seed: int, width: int, height: int) -> Image.Image:
    """A drawn runner in a landscape; the same seed draws the same picture."""
    sky = Image.new("RGB", (width, height), _SKIES[seed % len(_SKIES)])
    pen = ImageDraw.Draw(sky)
    glow_x, glow_y = width * (0.3 + 0.07 * (seed % 6)), height * 0.24
    for step in range(24, 0, -1):
        reach = step * min(width, height) * 0.018
        light = 235 - step * 5
        pen.ellipse(
            (glow_x - reach, glow_y - reach, glow_x + reach, glow_y + reach),
            fill=(light, light - 14, light - 40),
        )
    sky = sky.filter(ImageFilter.GaussianBlur(max(2, width // 30)))
    pen = ImageDraw.Draw(sky)
    pen.rectangle((0, height * 0.62, width, height), fill="#4b4853")
    pen.polygon(
        [
            (width * 0.46, height * 0.62),
            (width * 0.54, height * 0.62),
            (width * 0.9, height),
            (width * 0.1, height),
        ],
        fill="#403d47",
    )
    unit = min(width, height) / 10
    x, y = width * 0.5, height * 0.42
    pen.rounded_rectangle((x - unit, y - unit, x + unit, y + 1.6 * unit), unit * 0.5, fill=_SHIRTS[seed % 5])
    pen.ellipse((x - 0.75 * unit, y - 3 * unit, x + 0.75 * unit, y - 1.1 * unit), fill="#e2b48c")
    pen.pieslice((x - 0.8 * unit, y - 3.2 * unit, x + 0.8 * unit, y - 1.4 * unit), 180, 360, fill="#33261f")
    pen.line(
        (x - 0.4 * unit, y + 1.6 * unit, x - 1.2 * unit, y + 3.6 * unit),
        fill="#e2b48c",
        width=int(0.5 * unit),
    )
    pen.line(
        (x + 0.4 * unit, y + 1.6 * unit, x + 1.1 * unit, y + 3.6 * unit),
        fill="#e2b48c",
        width=int(0.5 * unit),
    )
    return sky


@cache
def _photo_pixels(seed: int, size: PreviewSize) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.asarray(draw_photo(seed, *_SIDES[size]))[:, :, ::-1])


@cache
def draw_visitor() -> NDArray[np.uint8]:
    """A drawn visitor before the camera: 720 x 1280 x 3, BGR."""
    picture = Image.new("RGB", (1280, 720), "#8d867b")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((860, 160, 1280, 720), fill="#5c4b44")
    pen.rectangle((0, 200, 260, 720), fill="#6c716e")
    picture = picture.filter(ImageFilter.GaussianBlur(40))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((420, 480, 860, 900), 160, fill="#2a7d76")
    pen.rectangle((590, 420, 690, 520), fill="#d2a581")
    pen.ellipse((530, 160, 750, 470), fill="#e5bd97")
    pen.pieslice((520, 130, 760, 400), 180, 360, fill="#4a3d38")
    pen.arc((570, 280, 620, 320), 200, 340, fill="#7b5c48", width=8)
    pen.arc((660, 280, 710, 320), 200, 340, fill="#7b5c48", width=8)
    pen.arc((590, 330, 690, 410), 20, 160, fill="#7b5c48", width=8)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


FACE = Box(525, 150, 755, 470)

EVENT = EventCard(
    event_id="run",
    name="Riverside Run 2026",
    name_th="งานวิ่งริมน้ำ 2569",
    photo_count=12480,
    latest_import=datetime(2026, 11, 20, 1, 10, tzinfo=UTC),
    public_photo_ids=tuple(f"photo-{number}" for number in range(12)),
    times=(datetime(2026, 11, 19, 23, 0, tzinfo=UTC), datetime(2026, 11, 20, 1, 0, tzinfo=UTC)),
    places=("Start", "Bridge", "Finish line"),
    photographers=("Nok", "Somchai"),
)


_SHOPPING = (Screen.RESULTS, Screen.LIGHTBOX, Screen.BASKET, Screen.PAYMENT)
_FACED = (Screen.SEARCHING, Screen.RESULTS, Screen.NO_MATCH, Screen.LIGHTBOX, Screen.BASKET)
_ORDERED = (Screen.PAYMENT, Screen.PROBLEM, Screen.DELIVERY, Screen.THANKS)
TILES = tuple(
    PhotoTile(
        photo_id=f"photo-{number}",
        number=1200 + number,
        taken_at=datetime(2026, 11, 19, 23, 4, tzinfo=UTC) + timedelta(minutes=9 * number),
        place=EVENT.places[number // 4 % 3],
        photographer=EVENT.photographers[number % 2],
        width=1600,
        height=2000,
        certainty=Certainty.MATCH,
    )
    for number in range(1, 13)
)
MAYBE = tuple(
    replace(TILES[0], photo_id=f"photo-{number}", number=number, certainty=Certainty.MAYBE)
    for number in range(20, 24)
)
PACKAGES = STANDARD_PACKAGES


def some_results(chosen: tuple[str, ...] = (), **changes: Any) -> ResultsView:
    """Twelve sure photos and four that may be; `chosen` are in the basket."""
    tiles = tuple(replace(tile, is_chosen=tile.photo_id in chosen) for tile in TILES)
    hours = tuple(sorted({tile.taken_at.replace(minute=0) for tile in TILES}))
    usual = ResultsView(
        sure=tiles,
        maybe=MAYBE,
        total=len(tiles),
        by_face=True,
        people=("person-1",),
        is_blurred=True,
        places=EVENT.places,
        photographers=EVENT.photographers,
        times=hours,
    )
    return replace(usual, **changes)


def a_group(count: int, **changes: Any) -> GroupView:
    """So many people, their faces in memory."""
    people = tuple(PersonView(f"person-{number + 1}", holds_face=True) for number in range(count))
    return replace(GroupView(people, can_add=0 < count < 8), **changes)


def a_shop(*chosen: str, prints: bool = False, voucher: Voucher | None = None) -> ShopView:
    """A basket with these photos, priced as the kiosk prices it."""
    prices = {PrintSize.S10X15: 5000, PrintSize.S13X18: 8000} if prints else {}
    items = (PrintItem(chosen[0], PrintSize.S10X15, Finish.GLOSSY, 2),) if prints and chosen else ()
    basket = Basket(chosen, items, voucher.code if voucher else None)
    return ShopView(
        basket=basket,
        quote=quote(basket, PACKAGES, prices, voucher, 12),
        packages=PACKAGES.packages,
        print_offers=tuple(PrintOffer(size, price) for size, price in prices.items()),
    )


def a_small_shop() -> ShopView:
    """A basket whose photos are sharp up to 10 x 15, and no matte paper of the larger size."""
    shop = a_shop(*FIVE, prints=True)
    small, large = shop.print_offers
    return replace(
        shop,
        print_offers=(small, replace(large, finishes=(Finish.GLOSSY,))),
        sharp_sizes=dict.fromkeys(FIVE, PrintSize.S10X15),
        print_minutes=2,
    )


CHOSEN = ("photo-2", "photo-3", "photo-6")
FIVE = ("photo-2", "photo-3", "photo-6", "photo-9", "photo-10")
PAYLOAD = transfer_payload("0891234567", 39924)
PAYING = PayView(
    order_code="K7-4Q2M",
    stage=PayStage.WAITING,
    due_satang=39924,
    price_satang=39900,
    received_satang=0,
    received_at=None,
    expires_at=datetime(2026, 11, 20, 7, 52, tzinfo=UTC),
    is_last_quarter=False,
    qr_payload=PAYLOAD,
    qr_png=None,
    receiver_name="RIVERSIDE RUN PHOTO",
    confirms_by_itself=True,
)
SYNCED = SyncStatus(SyncState.ONLINE, datetime(2026, 11, 20, 1, 0, tzinfo=UTC))
VOUCHER = Voucher("RUN50", VoucherKind.AMOUNT, 5000)


def a_problem(problem: Problem) -> PayView:
    """The payment of 399.24 baht gone another way: 300.00 came, 500.00, or nothing yet."""
    received = {Problem.SHORT: 30000, Problem.OVER: 50000, Problem.UNKNOWN: 0}.get(problem, 39924)
    return replace(
        PAYING,
        stage=PayStage.CHECKING,
        problem=problem,
        received_satang=received,
        received_at=datetime(2026, 11, 20, 1, 16, tzinfo=UTC) if received else None,
    )


DELIVERING = DeliverView(
    order_code="K7-4Q2M",
    url="http://192.168.1.20:8000/p/7Yk2mQx9ZtR4",
    receipt_url="http://192.168.1.20:8000/r/7Yk2mQx9ZtR4",
    photo_count=5,
    photo_ids=FIVE,
    expires_at=datetime(2026, 12, 20, 1, 0, tzinfo=UTC),
    download_limit=10,
    downloads=0,
    wifi_name="PhotoKiosk",
    print_copies=0,
    paid_satang=39924,
    paid_at=datetime(2026, 11, 20, 1, 16, tzinfo=UTC),
)
HANDING = HandingView(
    prints=PrintsView(sheets=2, done=1, state="printing", tray="right"),
    ways=frozenset(Way),
    line_url="https://line.me/R/oaMessage/%40photos/?K7-4Q2M",
)
RECEIPT = PrivacyReceipt(
    made_at=datetime(2026, 11, 20, 1, 21, tzinfo=UTC),
    face_deleted_at=datetime(2026, 11, 20, 1, 21, tzinfo=UTC),
    had_consent=True,
    photo_count=5,
    photos_until=datetime(2026, 12, 20, 1, 0, tzinfo=UTC),
    order_code="K7-4Q2M",
    consent_until=datetime(2027, 11, 20, 1, 0, tzinfo=UTC),
    url="http://192.168.1.20:8000/r/7Yk2mQx9ZtR4",
)


def a_view(screen: Screen, **changes: Any) -> SessionView:
    """A snapshot of `screen` as it usually is; `changes` are fields of SessionView."""
    usual = SessionView(
        screen=screen,
        language=Language.ENGLISH,
        event=EVENT,
        camera=CameraState.LIVE if screen is Screen.CAPTURE else CameraState.OFF,
        holds_face=screen in (Screen.SEARCHING, Screen.RESULTS, Screen.LIGHTBOX, Screen.BASKET),
        can_go_back=screen not in (Screen.ATTRACT, Screen.OUT_OF_SERVICE, Screen.THANKS, Screen.DELIVERY),
        single_price_satang=7900,
        group=a_group(1) if screen in _FACED else GroupView(),
        results=some_results(CHOSEN) if screen in _SHOPPING else None,
        lightbox_photo_id="photo-9" if screen is Screen.LIGHTBOX else None,
        shop=a_shop(*(FIVE if screen in (Screen.BASKET, Screen.PAYMENT) else CHOSEN))
        if screen in _SHOPPING
        else a_shop(),
        pay={Screen.PAYMENT: PAYING, Screen.PROBLEM: a_problem(Problem.SHORT)}.get(screen),
        deliver=DELIVERING if screen is Screen.DELIVERY else None,
        receipt=RECEIPT if screen is Screen.THANKS else None,
        order_code="K7-4Q2M" if screen in _ORDERED else None,
        failure_code="C-204" if screen is Screen.OUT_OF_SERVICE else "",
    )
    return replace(usual, **changes)


class FakeKiosk:
    """Obeys ui.facade.KioskFacade; `calls` holds (command, arguments) in order. Photos that are `missing`
    raise, and so do those that are `away`, at a centre which cannot be reached."""

    def __init__(self, view: SessionView | None = None) -> None:
        self.bus = EventBus()
        self.view = view or a_view(Screen.ATTRACT)
        self.sync_status: SyncStatus | None = None
        self.calls: list[tuple[Any, ...]] = []
        self.missing: set[str] = set()
        self.away: set[str] = set()
        self.ends_warning_when_touched = False
        self.frame: Frame | None = Frame(1, monotonic(), draw_visitor())
        self.journey = Group(Journey, self)
        self.finding = Group(Finding, self)
        self.corrections = Group(Corrections, self)
        self.together = Group(Together, self)
        self.buying = Group(Buying, self)
        self.handing_over = Group(HandingOver, self)
        self.pictures = DrawnPictures(self)
        self.staff = FakeStaff(bus=self.bus)
        self.technician = FakeTechnician(bus=self.bus)

    def publish(self, event: Event) -> None:
        """As if a room of the kiosk had published it."""
        self.bus.publish(event)

    def show(self, view: SessionView) -> None:
        """The journey is there now."""
        self.view = view
        self.bus.publish(SessionChanged(view))

    def sync(self, status: SyncStatus) -> None:
        """It stands like this with the centre now."""
        self.sync_status = status
        self.bus.publish(SyncStatusChanged(status))

    def see(
        self,
        sequence: int,
        reason: RejectionReason | None = None,
        age_s: float = 0.0,
        stillness: float = 0.0,
        liveness: LivenessSeen | None = None,
    ) -> None:
        """The drawn visitor's face in frame `sequence`."""
        is_far = reason is RejectionReason.TOO_SMALL
        checks = CaptureChecks(is_near=not is_far, is_lit=True, is_facing=True, stillness=stillness)
        at_s = monotonic() - age_s
        self.bus.publish(FacesSeen(sequence, at_s, 1280, 720, (FACE,), 0, checks, reason, liveness))


class Group:
    """One group of the kiosk's commands: notes each call, refuses what the real `kind` would not take."""

    def __init__(self, kind: type, kiosk: FakeKiosk) -> None:
        self._kind = kind
        self._kiosk = kiosk

    def __getattr__(self, command: str) -> Callable[..., None]:
        real = inspect.signature(getattr(self._kind, command))

        def note(*arguments: Any, **named: Any) -> None:
            real.bind(self, *arguments, **named)
            self._kiosk.calls.append((command, *arguments, *named.items()))
            if command == "keep_alive" and self._kiosk.ends_warning_when_touched:
                self._kiosk.show(replace(self._kiosk.view, is_idle_warning=False))
            if command == "set_language":
                self._kiosk.show(replace(self._kiosk.view, language=arguments[0]))

        return note


class DrawnPictures:
    """Draws what the real `Pictures` would read."""

    def __init__(self, kiosk: FakeKiosk) -> None:
        self._kiosk = kiosk

    def photo_pixels(self, photo_id: str, size: PreviewSize) -> NDArray[np.uint8]:
        if photo_id in self._kiosk.missing:
            raise KnownError(ErrorCode.OBJECT_MISSING, f"{photo_id} is not there.")
        if photo_id in self._kiosk.away:
            raise KnownError(ErrorCode.OBJECT_STORE_UNREACHABLE, f"{photo_id} is elsewhere.")
        return _photo_pixels(int(photo_id.rpartition("-")[2]) % 30, size)

    def newest_frame(self) -> Frame | None:
        return self._kiosk.frame

    def shot_still(self) -> NDArray[np.uint8] | None:
        return np.ascontiguousarray(draw_visitor()[80:640, 360:920])

    def face_of(self, person_id: str) -> NDArray[np.uint8] | None:
        return np.ascontiguousarray(draw_visitor()[120:520, 440:840])
