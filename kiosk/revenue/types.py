"""Who gets what of each sale: the words, and the port of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Protocol


class Plan(StrEnum):
    """How a sale is split; `kiosk.revenue.split.PERCENT` has the figures."""

    STANDARD = "standard"
    PREMIUM = "premium"
    VOLUME = "volume"


class Kind(StrEnum):
    """A party to a sale, in the order in which ties of a remainder are decided."""

    PHOTOGRAPHER = "photographer"
    ORGANISER = "organiser"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Sale:
    """What is split: the satang of a paid order, and by how much each photographer is in it (`weights`:
    satang of list prices or counts of photos; only their ratio matters). The empty name is a photographer
    who is not known. `at` is when it was paid."""

    order_id: str
    at: datetime
    amount_satang: int
    weights: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Share:
    """What a party gets of a sale; below zero of money that was given back. `party` is the photographer's
    name, else empty."""

    kind: Kind
    party: str
    amount_satang: int


@dataclass(frozen=True, slots=True)
class Carry:
    """What the parties are owed beyond the whole satang they got so far, in satang: less than one each, and
    zero in all. With it nothing drifts, however many sales there are."""

    kinds: Mapping[Kind, Fraction] = field(default_factory=dict)
    photographers: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredShare:
    """A share as it was fixed."""

    order_id: str
    order_code: str
    refund_id: str
    share: Share
    plan: Plan
    at: datetime


@dataclass(frozen=True, slots=True)
class Payout:
    """What a party gets for a span, and from how many sales; given back money is taken off."""

    kind: Kind
    party: str
    sales: int
    sold_satang: int
    given_back_satang: int

    @property
    def amount_satang(self) -> int:
        return self.sold_satang + self.given_back_satang


@dataclass(frozen=True, slots=True)
class DayReport:
    """The books of a day, frozen when it is closed; money in satang. `paid_satang` are the prices of the
    orders that were paid; `code_satang` what payment codes asked for beyond them, to tell payers apart;
    `extra_satang` what came too much, twice, late or short besides, which is to be given back.
    `given_back_satang` went back on this day of the price of any day's orders, and
    `extra_given_back_satang` of what was extra."""

    day: date
    orders: int
    paid_satang: int
    discounts_satang: int
    code_satang: int
    extra_satang: int
    given_back_satang: int
    extra_given_back_satang: int
    photos: int
    sheets: int
    vouchers: int
    by_gateway: Mapping[str, int]
    by_staff_satang: int
    payouts: tuple[Payout, ...]
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def kept_satang(self) -> int:
        """What is left of the day's business."""
        came = self.paid_satang + self.code_satang + self.extra_satang
        return came - self.given_back_satang - self.extra_given_back_satang


class ShareStore(Protocol):
    """The rows of shares and closed days. Raises KnownError DATABASE_*, DAY_CLOSED."""

    def fix_missing(self, plan: Plan, thresholds_satang: tuple[int, int]) -> int:
        """Splits what was paid or given back and has no shares yet, in the order of its time; returns how
        many. Once each, whoever asks and however often."""
        ...

    def shares(self, since: datetime, until: datetime) -> list[StoredShare]: ...

    def payouts(self, since: datetime, until: datetime) -> list[Payout]: ...

    def day_report(self, day: date, since: datetime, until: datetime) -> DayReport: ...

    def close_day(self, report: DayReport) -> DayReport:
        """Freezes it. A day that is closed stays as it was closed: that report is returned."""
        ...

    def closed_day(self, day: date) -> DayReport | None: ...
