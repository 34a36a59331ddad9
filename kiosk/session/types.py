"""What the journey needs of the rest: consents, links to paid orders, feedback, prints, messages; and their
ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.errors import KnownError
from kiosk.gallery.types import FaceKey, GroupRule, PhotoMatch
from kiosk.language import Language
from kiosk.payments.slip import Slip
from kiosk.printing.types import Paper
from kiosk.sales.types import Voucher
from kiosk.sending.types import Sending, Way
from kiosk.session.view import PrivacyReceipt
from kiosk.vision.types import Embedding


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """That somebody agreed, or took it back: text version, time, language. Holds no face."""

    consent_id: str
    event_id: str
    text_version: str
    language: Language
    agreed_at: datetime
    withdrawn_at: datetime | None = None
    face_deleted_at: datetime | None = None


class ConsentRepository(Protocol):
    """The rows of consents."""

    def add_consent(self, consent: ConsentRecord) -> None: ...

    def set_withdrawn(self, consent_id: str, at: datetime) -> None: ...

    def set_face_deleted(self, consent_id: str, at: datetime) -> None:
        """Again after each picture that was taken under this consent: the last time counts."""
        ...


class PhotoSearch(Protocol):
    """Finds people's photos in an event; `kiosk.photos.face_search.FaceSearch`. Slow: for workers."""

    def find(
        self,
        event_id: str,
        probes: Sequence[Embedding],
        rule: GroupRule = GroupRule.ANY,
        rejected: Sequence[AbstractSet[FaceKey]] = (),
    ) -> Sequence[PhotoMatch]: ...

    def kind_of(self, event_id: str, rejected: FaceKey, among: Sequence[PhotoMatch]) -> frozenset[str]: ...

    def is_same_person(self, event_id: str, one: Embedding, other: Embedding) -> bool: ...


class FeedbackRepository(Protocol):
    """Remembers that a face in a photo was not the visitor's; no visitor in it. Taking back is by the same
    values."""

    def add_not_me(self, event_id: str, photo_id: str, ordinal: int, at: datetime) -> None: ...

    def take_back_not_me(self, event_id: str, photo_id: str, ordinal: int, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class ShownLink:
    """The link to a paid order's photos as the screens show it; both addresses are secrets of the buyer."""

    url: str
    receipt_url: str
    expires_at: datetime
    download_limit: int
    downloads: int


class OrderLinks(Protocol):
    """Gives the link of a paid order: the same one at every call as long as it is valid."""

    def link_of(self, order_id: str) -> ShownLink: ...


class Vouchers(Protocol):
    """The vouchers that this kiosk knows."""

    def voucher(self, code: str) -> Voucher | None:
        """By its code as `kiosk.sales.vouchers.normalise_voucher_code` gives it."""
        ...


class OpenOrder(Protocol):
    """Remembers across a power cut which order a visitor was standing at the kiosk with."""

    def remember(self, order_id: str, at: datetime) -> None: ...

    def forget(self) -> None: ...

    def remembered(self) -> tuple[str, datetime] | None:
        """The order and when it was remembered; None when the last visit came to its end."""
        ...


class PrintProgress(Protocol):
    """How the prints of an order stand (`kiosk.printing.rules.PrintProgress`). `state` is "printing",
    "waiting", "held" or "done"; `code` is a known error's and says why it does not go on."""

    @property
    def sheets(self) -> int: ...

    @property
    def done(self) -> int: ...

    @property
    def state(self) -> str: ...

    @property
    def code(self) -> str: ...


class Prints(Protocol):
    """What is printed here; `kiosk.printing.print_desk.PrintDesk`. Raises KnownError DATABASE_*."""

    def progress(self, order_id: str) -> PrintProgress | None:
        """None, or no sheets, for an order without prints."""
        ...

    def printed(self) -> frozenset[Paper]:
        """The papers that are printed here at all. Cheap."""
        ...

    def offered(self) -> frozenset[Paper]:
        """The papers that prints are sold on at the moment. Cheap."""
        ...


class Messages(Protocol):
    """Messages to buyers; `kiosk.sending.courier.Courier`. For workers."""

    def ways(self) -> frozenset[Way]:
        """Those that are set up here. Cheap."""
        ...

    def ask(self, order_id: str, way: Way, address: str) -> Sending:
        """One for each order, way and address, however often it is asked for. Raises KnownError
        MAIL_ADDRESS_INVALID, DATABASE_*."""
        ...

    def of_order(self, order_id: str) -> Sequence[Sending]: ...

    def line_entry_url(self, order_code: str) -> str | None:
        """What opens a chat with the kiosk's LINE account, the order's code typed already."""
        ...


class LaterPhotos(Protocol):
    """Looks out for new photos of buyers who agreed; `kiosk.sending.new_photos.NewPhotos`. For workers."""

    def can_wish(self, order_id: str) -> bool:
        """Whether its buyer bought every photo, and can be told of later ones. Raises KnownError
        ORDER_UNKNOWN, PHOTOS_DELETED, DATABASE_*."""
        ...

    def until(self, order_id: str) -> datetime:
        """How long a wish would last that is made now. Raises as `can_wish`."""
        ...

    def wish(
        self,
        order_id: str,
        way: Way,
        address: str,
        embeddings: Sequence[Embedding],
        language: Language,
        consent_version: str,
    ) -> object:
        """Keeps the face numbers for that. By LINE the address may be empty: it comes when the buyer writes
        to the account. Raises KnownError MAIL_ADDRESS_INVALID, DATABASE_*, and as `can_wish`."""
        ...

    def withdraw(self, order_id: str) -> None:
        """Forgets face numbers and address at once; harmless without a wish."""
        ...


class SlipScanner(Protocol):
    """Reads the code of a bank's slip with the kiosk's camera; no face is looked for. One look at a time;
    `kiosk.staff.slip_scan.SlipScan`."""

    def look(self, found: Callable[[Slip], bool], failed: Callable[[KnownError], None]) -> None:
        """Returns at once. Calls `found` with each slip until that returns True; `failed` hears of a code
        that is no slip's, and of what `found` raises. Both on the scanner's thread."""
        ...

    def stop(self) -> None:
        """Lets go of the camera; harmless when it does not look. Returns at once."""
        ...


class SlipNotes(Protocol):
    """Puts slips beside payments, for staff."""

    def note(self, slip: Slip, order_id: str, payment_id: str) -> None:
        """Raises KnownError SLIP_USED (it is another order's), DATABASE_*."""
        ...


class ReceiptPrinter(Protocol):
    """Puts privacy receipts on paper; `kiosk.receipt_paper.ReceiptPaper`. For workers."""

    def print_receipt(self, receipt: PrivacyReceipt, language: Language) -> None:
        """Raises KnownError PRINTER_UNREACHABLE, PRINTER_UNKNOWN, PRINT_REFUSED."""
        ...
