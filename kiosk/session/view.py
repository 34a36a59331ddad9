"""What the screens show: one immutable snapshot of the journey. No face, no embedding, no pixels in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.capture.types import CameraState
from kiosk.events import Event
from kiosk.gallery.types import Certainty, FaceKey, GroupRule
from kiosk.language import Language
from kiosk.sales.packages import PackageSet
from kiosk.sales.types import Basket, Finish, Package, PrintSize, Quote
from kiosk.sending.types import SendingState, Way
from kiosk.session.states import Screen


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence on the present page: a translation key and its values. `is_success` shows a check."""

    key: str
    params: tuple[tuple[str, str], ...] = ()
    is_success: bool = False


@dataclass(frozen=True, slots=True)
class EventCard:
    """The event on the screens. `packages` are its own price list; None: that of the settings."""

    event_id: str
    name: str
    name_th: str
    photo_count: int
    latest_import: datetime | None
    public_photo_ids: tuple[str, ...]
    times: tuple[datetime, ...] = ()
    places: tuple[str, ...] = ()
    photographers: tuple[str, ...] = ()
    blurs_bystanders: bool = True
    reads_numbers: bool = False
    packages: PackageSet | None = None


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody who searches; `holds_face` while picture and numbers are there."""

    person_id: str
    holds_face: bool


@dataclass(frozen=True, slots=True)
class GroupView:
    """Who searches: one visitor or several, and who is about to. `is_adding` while somebody is asked, or
    looked at, to join, the others waiting; `is_again` where that one is of the group already and only takes a
    new picture.
    """

    people: tuple[PersonView, ...] = ()
    can_add: bool = False
    is_adding: bool = False
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class PhotoTile:
    """A photo in a grid; `certainty` is None for photos found by time, place or photo number. Where the time
    is not known, `taken_at` is for the order of photos only."""

    photo_id: str
    number: int
    taken_at: datetime
    place: str
    photographer: str
    width: int
    height: int
    certainty: Certainty | None
    is_chosen: bool = False
    is_favourite: bool = False
    is_bought: bool = False
    is_time_known: bool = True


@dataclass(frozen=True, slots=True)
class ResultsView:
    """What was found: `sure` in time order, filtered; `maybe` by similarity. `total` is unfiltered.

    `people` have been searched for, by `rule`, and `faces` taken for theirs; `is_blurred` where others' are.
    """

    sure: tuple[PhotoTile, ...]
    maybe: tuple[PhotoTile, ...]
    total: int
    by_face: bool
    people: tuple[str, ...] = ()
    faces: tuple[FaceKey, ...] = ()
    rule: GroupRule = GroupRule.ANY
    is_blurred: bool = False
    filter_since: datetime | None = None
    filter_until: datetime | None = None
    filter_place: str | None = None
    filter_photographer: str | None = None
    favourites_only: bool = False
    places: tuple[str, ...] = ()
    photographers: tuple[str, ...] = ()
    times: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintOffer:
    """A paper size on the price list, and the papers of it that there are now; none: it is out of paper."""

    size: PrintSize
    price_satang: int
    finishes: tuple[Finish, ...] = tuple(Finish)


@dataclass(frozen=True, slots=True)
class ShopView:
    """The basket and what it costs. `amounts_vary`: the payment code may ask for some satang more.
    `sharp_sizes` names the photos that are not sharp on every paper: up to which they are, None on none.
    `print_minutes` is about how long prints take that are bought now; 0 where nobody can say.
    """

    basket: Basket
    quote: Quote
    packages: tuple[Package, ...]
    print_offers: tuple[PrintOffer, ...]
    amounts_vary: bool = True
    sharp_sizes: Mapping[str, PrintSize | None] = field(default_factory=dict)
    print_minutes: int = 0


class PayStage(StrEnum):
    """What the payment page says."""

    PREPARING = "preparing"
    WAITING = "waiting"
    CHECKING = "checking"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    STAFF = "staff"
    PAID = "paid"


class Problem(StrEnum):
    """Why the problem page is shown."""

    SHORT = "short"
    LATE = "late"
    OVER = "over"
    TWICE = "twice"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PayView:
    """The payment page and the problem page. The QR is drawn from `qr_payload` or `qr_png`."""

    order_code: str
    stage: PayStage
    due_satang: int
    price_satang: int
    received_satang: int
    received_at: datetime | None
    expires_at: datetime | None
    is_last_quarter: bool
    qr_payload: str | None
    qr_png: bytes | None
    receiver_name: str
    confirms_by_itself: bool
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class DeliverView:
    """The delivery page."""

    order_code: str
    url: str
    receipt_url: str
    photo_count: int
    photo_ids: tuple[str, ...]
    expires_at: datetime
    download_limit: int
    downloads: int
    wifi_name: str
    print_copies: int
    paid_satang: int
    paid_at: datetime | None
    over_satang: int = 0


@dataclass(frozen=True, slots=True)
class PrintsView:
    """How the prints of the order stand: `done` of `sheets`. `state` is "printing", "waiting", "held" or
    "done"; `reason_key` is the sentence of what is in the way, empty for none. `tray` is where they lie."""

    sheets: int
    done: int
    state: str
    reason_key: str = ""
    tray: str = ""


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message that the visitor asked for. `shown_to` is what may be seen of its address; `is_tried`: it has
    not left at the first attempt; `reason_key` is the sentence of why it never will."""

    way: Way
    state: SendingState
    shown_to: str = ""
    is_tried: bool = False
    reason_key: str = ""


@dataclass(frozen=True, slots=True)
class HandingView:
    """What else the delivery page offers, and how it goes. `ways` are those that messages can be sent by;
    `line_url` opens a chat in the visitor's LINE. `prints` is None where nothing of the order is printed
    here. `can_keep`: it may be offered to keep face numbers for new photos, until `keeps_until`; `is_kept`:
    they are."""

    prints: PrintsView | None = None
    ways: frozenset[Way] = frozenset()
    messages: tuple[MessageView, ...] = ()
    line_url: str = ""
    can_keep: bool = False
    keeps_until: datetime | None = None
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class SlipView:
    """The sheet on which a bank's slip is held before the camera. `stage` is "looking", "noted" or "failed",
    then `reason_key` says why; empty while nobody looks."""

    is_offered: bool = False
    stage: str = ""
    reason_key: str = ""


@dataclass(frozen=True, slots=True)
class PrivacyReceipt:
    """What was deleted when, and what is kept until when. `numbers_until`: face numbers are kept for new
    photos; `owes_message`: an address is kept until the message has left. `can_print`: it can be had on
    paper."""

    made_at: datetime
    face_deleted_at: datetime | None
    had_consent: bool
    photo_count: int
    photos_until: datetime | None
    order_code: str | None
    consent_until: datetime | None
    url: str | None
    face_count: int = 1
    numbers_until: datetime | None = None
    owes_message: bool = False
    can_print: bool = False


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """What the consent page promises: version of its text, minutes until the face is deleted without a touch,
    who asks, and where to reach them."""

    version: str = "3"
    keep_minutes: int = 2
    operator: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class SessionView:
    """Everything that the screens draw from. A new one is published at every change."""

    screen: Screen
    language: Language
    event: EventCard | None
    camera: CameraState
    holds_face: bool
    can_go_back: bool
    single_price_satang: int
    notice: Notice | None = None
    is_idle_warning: bool = False
    group: GroupView = GroupView()
    results: ResultsView | None = None
    lightbox_photo_id: str | None = None
    shop: ShopView | None = None
    pay: PayView | None = None
    deliver: DeliverView | None = None
    handing: HandingView = HandingView()
    slip: SlipView = SlipView()
    receipt: PrivacyReceipt | None = None
    order_code: str | None = None
    is_search_slow: bool = False
    failure_code: str = ""
    terms: ConsentTerms = ConsentTerms()
    timezone: str = "Asia/Bangkok"
    """Of the venue: dates and times are shown in it."""


@dataclass(frozen=True, slots=True)
class SessionChanged(Event):
    """The screens are to be drawn anew from `view`."""

    view: SessionView
