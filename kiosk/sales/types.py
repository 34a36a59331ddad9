"""Packages, basket, quotes and orders: the words of the shop. All amounts are integer satang."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Package:
    """So many digital photos for so much; `photo_count` None means every photo of the visitor at the event.
    `name_key` is a translation key (`package.starter`), or a plain name set by the owner."""

    package_id: str
    name_key: str
    photo_count: int | None
    price_satang: int


class PrintSize(StrEnum):
    """Width x height in centimetres."""

    S10X15 = "10x15"
    S13X18 = "13x18"
    S20X25 = "20x25"


class Finish(StrEnum):
    GLOSSY = "glossy"
    MATTE = "matte"


@dataclass(frozen=True, slots=True)
class PrintItem:
    """Copies of one photo on one paper."""

    photo_id: str
    size: PrintSize
    finish: Finish
    copies: int


@dataclass(frozen=True, slots=True)
class Basket:
    """What the visitor has chosen; immutable, changed by making a new one (see `kiosk.sales.basket`)."""

    digital: tuple[str, ...] = ()
    prints: tuple[PrintItem, ...] = ()
    voucher_code: str | None = None

    @property
    def is_empty(self) -> bool:
        return not self.digital and not self.prints


@dataclass(frozen=True, slots=True)
class PackageUse:
    """How often a package is in the cheapest combination."""

    package: Package
    times: int


@dataclass(frozen=True, slots=True)
class Hint:
    """An honest hint: `extra_photos` more and the price for `photo_count` photos is `price_satang`
    (`more_satang` more than now in all; 0 = at no extra cost)."""

    extra_photos: int
    photo_count: int
    price_satang: int
    more_satang: int


class VoucherKind(StrEnum):
    PERCENT = "percent"
    AMOUNT = "amount"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Voucher:
    """`value` is percent (1..100) for PERCENT, satang for AMOUNT, ignored for FREE. One with a
    `home_kiosk_id` is used at that kiosk only, and there without asking the centre."""

    code: str
    kind: VoucherKind
    value: int
    event_id: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    use_limit: int | None = 1
    used: int = 0
    minimum_satang: int = 0
    home_kiosk_id: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What a basket costs. total = digital + prints - discount, never below 0.

    `singly_satang` is what the digital photos would cost one by one. `hint` is None when nothing is worth
    saying."""

    digital_count: int
    packages: tuple[PackageUse, ...]
    digital_satang: int
    singly_satang: int
    prints_satang: int
    discount_satang: int
    total_satang: int
    hint: Hint | None
    voucher_code: str | None = None


class OrderState(StrEnum):
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class LineKind(StrEnum):
    DIGITAL = "digital"
    PRINT = "print"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One photo of an order, digital or printed; `amount_satang` of prints only (digital is a priced set)."""

    line_id: str
    kind: LineKind
    photo_id: str
    amount_satang: int = 0
    print_size: PrintSize | None = None
    finish: Finish | None = None
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """A sale. `code` is what people read and type, such as "K7-4Q2M"; `kiosk_id` is the kiosk that made it.
    Holds no face."""

    order_id: str
    code: str
    event_id: str
    language: str
    state: OrderState
    lines: tuple[OrderLine, ...]
    total_satang: int
    discount_satang: int
    created_at: datetime
    paid_at: datetime | None = None
    voucher_code: str | None = None
    packages: tuple[PackageUse, ...] = field(default=())
    kiosk_id: str = ""

    @property
    def digital_photo_ids(self) -> tuple[str, ...]:
        return tuple(line.photo_id for line in self.lines if line.kind is LineKind.DIGITAL)
