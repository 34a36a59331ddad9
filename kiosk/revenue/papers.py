"""Payouts and the books of a day as files: CSV for programs, PDF for people.

Money in a CSV is baht with two decimals; its headers are stable and English.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.csv_file import csv_bytes
from kiosk.language import Language, sentence
from kiosk.money import decimal_baht
from kiosk.revenue.types import DayReport, Kind, Payout, StoredShare
from kiosk.visits.report_words import date_in, period_in

if TYPE_CHECKING:
    from kiosk.sheet import Sheet

_PAYOUT_HEADER = ("party", "name", "sales", "sold_baht", "given_back_baht", "payout_baht")
_SHARE_HEADER = ("at", "order", "party", "name", "share_baht", "plan", "is_given_back")
_DAY_HEADER = ("day", "what", "value")
_MONEY_MM = 30.0
_COUNT_MM = 20.0


def payouts_csv(payouts: Sequence[Payout]) -> bytes:
    """A line for each party."""
    return csv_bytes(
        _PAYOUT_HEADER,
        [
            (
                payout.kind.value,
                payout.party,
                payout.sales,
                _Baht(payout.sold_satang),
                _Baht(payout.given_back_satang),
                _Baht(payout.amount_satang),
            )
            for payout in payouts
        ],
    )


def shares_csv(shares: Sequence[StoredShare], zone: ZoneInfo) -> bytes:
    """A line for each share of each sale, so that a payout can be followed to its sales."""
    return csv_bytes(
        _SHARE_HEADER,
        [
            (
                f"{stored.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                stored.order_code,
                stored.share.kind.value,
                stored.share.party,
                _Baht(stored.share.amount_satang),
                stored.plan.value,
                "yes" if stored.refund_id else "no",
            )
            for stored in shares
        ],
    )


def day_csv(report: DayReport) -> bytes:
    """A line for each figure of the day."""
    money = {
        "paid_baht": report.paid_satang,
        "code_baht": report.code_satang,
        "extra_baht": report.extra_satang,
        "given_back_baht": report.given_back_satang,
        "extra_given_back_baht": report.extra_given_back_satang,
        "kept_baht": report.kept_satang,
        "discounts_baht": report.discounts_satang,
        "confirmed_by_staff_baht": report.by_staff_satang,
        **{f"paid_by_{name}_baht": amount for name, amount in report.by_gateway.items()},
    }
    counts = {
        "orders": report.orders,
        "photos": report.photos,
        "sheets": report.sheets,
        "vouchers": report.vouchers,
    }
    day = report.day.isoformat()
    lines: list[tuple[object, ...]] = [(day, name, count) for name, count in counts.items()]
    lines += [(day, name, _Baht(amount)) for name, amount in money.items()]
    return csv_bytes(_DAY_HEADER, lines)


def payouts_pdf(
    payouts: Sequence[Payout], first: date, last: date, language: Language, made_at: datetime
) -> bytes:
    """What each party gets for the days from `first` to `last`. `made_at` in the venue's time."""
    from kiosk.sheet import SECOND, Sheet

    title = sentence(language, "revenue.payouts")
    sheet = Sheet(language, title, _made(language, made_at))
    sheet.write_lines([title], 20, style="B")
    sheet.write_lines([period_in(language, first, last)], 13)
    sheet.write_lines([sheet.say("revenue.payouts.note")], 9.5, SECOND)
    sheet.ln(5)
    _payout_table(sheet, payouts)
    return bytes(sheet.output())


def day_pdf(report: DayReport, language: Language, made_at: datetime) -> bytes:
    """The books of a day on one sheet. `made_at` in the venue's time."""
    from kiosk.sheet import SECOND, Sheet

    title = sentence(language, "revenue.day")
    sheet = Sheet(language, title, _made(language, made_at))
    sheet.write_lines([title], 20, style="B")
    sheet.write_lines([date_in(language, report.day)], 13)
    closed = "revenue.day.closed" if report.closed_at else "revenue.day.open"
    sheet.write_lines([sheet.say(closed, name=report.closed_by)], 9.5, SECOND)
    sheet.ln(5)
    money = [
        ("paid", report.paid_satang),
        ("code", report.code_satang),
        ("extra", report.extra_satang),
        ("given_back", -report.given_back_satang),
        ("extra_given_back", -report.extra_given_back_satang),
        ("kept", report.kept_satang),
    ]
    rows = [(sheet.say(f"revenue.day.{name}"), decimal_baht(amount)) for name, amount in money]
    sheet.write_table((sheet.say("revenue.money"), sheet.say("revenue.baht")), rows, (_MONEY_MM,), True)
    ways = [
        (sheet.say(f"revenue.way.{name}"), decimal_baht(paid)) for name, paid in report.by_gateway.items()
    ]
    if ways:
        sheet.write_table((sheet.say("revenue.ways"), sheet.say("revenue.baht")), ways, (_MONEY_MM,), False)
    counts = [
        (sheet.say(f"revenue.day.{name}"), f"{getattr(report, name):,}")
        for name in ("orders", "photos", "sheets", "vouchers")
    ]
    sheet.write_table((sheet.say("revenue.sold"), sheet.say("revenue.count")), counts, (_COUNT_MM,), False)
    _payout_table(sheet, report.payouts)
    return bytes(sheet.output())


def _payout_table(sheet: Sheet, payouts: Sequence[Payout]) -> None:
    rows = [
        (
            _party(sheet.language, payout),
            f"{payout.sales:,}",
            decimal_baht(payout.sold_satang),
            decimal_baht(payout.given_back_satang),
            decimal_baht(payout.amount_satang),
        )
        for payout in payouts
    ]
    total = sum(payout.amount_satang for payout in payouts)
    rows.append((sheet.say("revenue.total"), "", "", "", decimal_baht(total)))
    head = [
        sheet.say(f"revenue.column.{name}") for name in ("party", "sales", "sold", "given_back", "payout")
    ]
    sheet.write_table(head, rows, (_COUNT_MM, _MONEY_MM, _MONEY_MM, _MONEY_MM), True)


def _party(language: Language, payout: Payout) -> str:
    if payout.kind is not Kind.PHOTOGRAPHER:
        return sentence(language, f"revenue.party.{payout.kind.value}")
    return payout.party or sentence(language, "revenue.party.unknown")


def _made(language: Language, made_at: datetime) -> str:
    return sentence(language, "revenue.made", date=date_in(language, made_at.date()), time=f"{made_at:%H:%M}")


class _Baht:
    """An amount in a CSV: a number to a spreadsheet, also below zero."""

    def __init__(self, satang: int) -> None:
        self._satang = satang

    def __str__(self) -> str:
        return decimal_baht(self._satang)
