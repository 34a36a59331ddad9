"""What the staff's pages draw from: snapshots and answers, told on the bus. No face, no PIN, no address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from kiosk.errors import KnownError
from kiosk.events import Event
from kiosk.language import Language
from kiosk.payments.types import Payment
from kiosk.printing.types import PrinterStatus, PrintJob, Supply
from kiosk.sales.types import Order, Voucher
from kiosk.sending.types import NewPhotosWish, Sending
from kiosk.staff.types import AuditEntry, Decision, Refund, Right, StaffMember


@dataclass(frozen=True, slots=True)
class StaffNotice:
    """A sentence for staff; `code` is a known error's, empty when something is done."""

    key: str
    code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_success(self) -> bool:
        return not self.code


def notice_of(error: KnownError) -> StaffNotice:
    """What staff read of something that went wrong: the sentence of its code, with what to do. Each code that
    staff can meet has a sentence `staff.error.<code>`; others read `staff.error.other`."""
    return StaffNotice(
        f"staff.error.{error.code.value}", error.code.value, {**error.params, "code": error.code}
    )


@dataclass(frozen=True, slots=True)
class HourBar:
    """An hour of the day, 0 to 23, and what was paid in it."""

    hour: int
    orders: int
    satang: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The day so far. `satang` is what was paid and not given back, without what waits for a decision."""

    day: date
    satang: int = 0
    orders: int = 0
    delivered: int = 0
    printing: int = 0
    digital: int = 0
    prints: int = 0
    visitors: int = 0
    found: int = 0
    not_found: int = 0
    refunded_satang: int = 0
    hours: tuple[HourBar, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRowCard:
    """A line of a list of orders. `state` is one of "awaiting", "to_decide", "sending", "printing",
    "handed_out", "print_held", "cancelled", "refunded"; `sheets_done` of `sheets` are printed."""

    order_id: str
    code: str
    at: datetime
    photos: int
    sheets: int
    sheets_done: int
    total_satang: int
    package_key: str
    state: str


@dataclass(frozen=True, slots=True)
class OutboxCard:
    """What waits for the centre; `has_centre` False where there is none."""

    has_centre: bool = False
    is_online: bool = False
    since: datetime | None = None
    waiting: int = 0
    oldest_at: datetime | None = None
    parked: int = 0
    notices: int = 0
    messages_waiting: int = 0
    messages_failed: int = 0


@dataclass(frozen=True, slots=True)
class ImportCard:
    """Photos of the event, and the import that runs, if one does. `watch_folder` is the folder whose photos
    come in by themselves, empty where there is none."""

    photos: int = 0
    to_approve: int = 0
    is_running: bool = False
    done: int = 0
    total: int = 0
    unreadable: int = 0
    last_at: datetime | None = None
    watch_folder: str = ""


@dataclass(frozen=True, slots=True)
class StaffView:
    """The staff's pages now. `who` is None while nobody has signed in: then only the keypad is shown, and
    nothing of the rest is filled. `is_set_up` False: nobody works here yet, the wizard begins. Until
    `paced_until` nobody at all comes in; until when one person is locked out stands among `members`."""

    is_open: bool = False
    is_set_up: bool = True
    language: Language = Language.THAI
    timezone: str = "Asia/Bangkok"
    event_name: str = ""
    event_name_th: str = ""
    who: StaffMember | None = None
    rights: frozenset[Right] = frozenset()
    members: tuple[StaffMember, ...] = ()
    paced_until: datetime | None = None
    is_busy: bool = False
    notice: StaffNotice | None = None
    today: DayFigures | None = None
    decisions: tuple[Decision, ...] = ()
    latest: tuple[OrderRowCard, ...] = ()
    printers: tuple[PrinterStatus, ...] = ()
    supplies: tuple[Supply, ...] = ()
    held_prints: tuple[PrintJob, ...] = ()
    outbox: OutboxCard = OutboxCard()
    imports: ImportCard = ImportCard()
    wishes: int = 0
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StaffChanged(Event):
    """The staff's pages are to be drawn anew from `view`."""

    view: StaffView


@dataclass(frozen=True, slots=True)
class OrdersListed(Event):
    """A page of orders, the newest first; `has_more` where there is another after it."""

    text: str
    state: str
    offset: int
    rows: tuple[OrderRowCard, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class OrderShown(Event):
    """All of one order. `can_*` is what the one who is signed in may do with it now."""

    order: Order
    payments: tuple[Payment, ...]
    prints: tuple[PrintJob, ...]
    sendings: tuple[Sending, ...]
    refunds: tuple[Refund, ...]
    link_until: datetime | None
    downloads: int
    can_reprint: bool
    can_resend: bool
    can_refund: bool
    refundable_satang: int
    photo_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VouchersListed(Event):
    """The vouchers, the newest first; `satang` is what each took off paid orders so far."""

    vouchers: tuple[Voucher, ...]
    discounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class VoucherMade(Event):
    """New vouchers; they can be printed."""

    vouchers: tuple[Voucher, ...]


@dataclass(frozen=True, slots=True)
class PhotoCard:
    """A photo that waits for approval."""

    photo_id: str
    number: int
    file_name: str
    taken_at: datetime
    photographer: str
    faces: int


@dataclass(frozen=True, slots=True)
class PhotosListed(Event):
    """Photos that wait for approval, the oldest first, and how many there are in all."""

    photos: tuple[PhotoCard, ...]
    total: int


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A message to the centre that waits or was refused, a notice, or a message to a buyer. `kind` is
    "waiting", "parked", "notice" or "sending"; `entry_id` is what to retry or settle it by."""

    kind: str
    entry_id: str
    at: datetime
    what: str
    code: str = ""
    detail: str = ""
    next_step: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class OutboxListed(Event):
    entries: tuple[OutboxEntry, ...]


@dataclass(frozen=True, slots=True)
class WishesListed(Event):
    """Buyers who hear of new photos of them."""

    wishes: tuple[NewPhotosWish, ...]


@dataclass(frozen=True, slots=True)
class AuditListed(Event):
    entries: tuple[AuditEntry, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class PaperSaved(Event):
    """A report, a payout list, vouchers or a bundle lie in a file."""

    what: str
    path: str


@dataclass(frozen=True, slots=True)
class SlipLooked(Event):
    """What the kiosk's camera sees of a slip: `stage` is "looking", "found", "taken" or "failed".
    For "found" `amount_satang` and `receiver` are what the service tells; None and "" where staff must look
    themselves."""

    stage: str
    payment_id: str = ""
    amount_satang: int | None = None
    receiver: str = ""
    code: str = ""
