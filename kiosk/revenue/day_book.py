"""Closes days and writes payouts: the papers of a kiosk's money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.clock import Clock
from kiosk.language import Language
from kiosk.money import satang
from kiosk.revenue.papers import day_csv, day_pdf, payouts_csv, payouts_pdf, shares_csv
from kiosk.revenue.types import DayReport, Payout, Plan, ShareStore
from kiosk.settings import RevenueSection
from kiosk.visits.report_files import write_file


class DayBook:
    """Before anything is told, whatever was sold since gets its shares. Papers lie in `folder` as PDF, with
    the CSV of the same name beside. Raises KnownError DATABASE_*, DISK_FULL, FOLDER_NOT_WRITABLE,
    SPLIT_INVALID. Any thread."""

    def __init__(
        self,
        store: ShareStore,
        folder: Path,
        zone: ZoneInfo,
        clock: Clock,
        revenue: Callable[[], RevenueSection],
    ) -> None:
        self._store = store
        self._folder = folder
        self._zone = zone
        self._clock = clock
        self._revenue = revenue

    def fix_shares(self) -> int:
        """Splits what was sold or given back since; how many sales."""
        section = self._revenue()
        first, second = section.volume_baht
        return self._store.fix_missing(Plan(section.plan), (satang(first), satang(second)))

    def report(self, day: date) -> DayReport:
        """The books of a day: as it was closed, or of one that is open so far."""
        closed = self._store.closed_day(day)
        if closed is not None:
            return closed
        self.fix_shares()
        return self._store.day_report(day, self._begins(day), self._begins(day + timedelta(days=1)))

    def is_over(self, day: date) -> bool:
        """Whether the day can be closed."""
        return self._clock.now() >= self._begins(day + timedelta(days=1))

    def close(self, day: date, staff_name: str) -> DayReport:
        """Closes a day that is over, for good; of one that is not the books so far."""
        report = self.report(day)
        if report.closed_at is not None or not self.is_over(day):
            return report
        return self._store.close_day(replace(report, closed_by=staff_name))

    def payouts(self, first: date, last: date) -> list[Payout]:
        """What each party gets for the days from `first` to `last`."""
        self.fix_shares()
        return self._store.payouts(*self._span(first, last))

    def close_day(self, day: date, staff_name: str, language: Language) -> Path:
        """As `close`, on paper."""
        report = self.close(day, staff_name)
        name = f"day-{day.isoformat()}{'' if report.closed_at else '-so-far'}"
        write_file(self._folder, f"{name}.csv", day_csv(report))
        return write_file(self._folder, f"{name}.pdf", day_pdf(report, language, self._now()))

    def save_payouts(self, first: date, last: date, language: Language) -> Path:
        """The payouts on paper; beside them as CSV, and another CSV with each share of each sale."""
        payouts = self.payouts(first, last)
        shares = self._store.shares(*self._span(first, last))
        name = f"payouts-{first.isoformat()}-to-{last.isoformat()}"
        write_file(self._folder, f"{name}.csv", payouts_csv(payouts))
        write_file(self._folder, f"{name}-sales.csv", shares_csv(shares, self._zone))
        pdf = payouts_pdf(payouts, first, last, language, self._now())
        return write_file(self._folder, f"{name}.pdf", pdf)

    def _span(self, first: date, last: date) -> tuple[datetime, datetime]:
        return self._begins(first), self._begins(last + timedelta(days=1))

    def _begins(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def _now(self) -> datetime:
        return self._clock.now().astimezone(self._zone)
