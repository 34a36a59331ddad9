"""The kiosk's money on the command line, beside a running one: payouts and the books of a day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.adapters import open_vault
from kiosk.archive import DATABASE_FILE
from kiosk.clock import SystemClock
from kiosk.database.engine import open_database
from kiosk.database.shares import SqlShareStore
from kiosk.language import Language
from kiosk.revenue.day_book import DayBook
from kiosk.settings import load_settings


@dataclass(frozen=True, slots=True)
class Books:
    """The day book of a kiosk; `today` is the venue's, `language` the screen's."""

    book: DayBook
    today: date
    language: Language


@contextmanager
def books_at(home: Path, folder: Path | None = None) -> Iterator[Books]:
    """The books of the kiosk in `home`; papers go into `folder`, else where the screen puts them. Raises
    KnownError DATABASE_*, SETTING_*."""
    settings, clock = load_settings(home), SystemClock()
    zone = ZoneInfo(settings.kiosk.timezone)
    database = open_database(home / DATABASE_FILE, vault=open_vault(home))
    try:
        store = SqlShareStore(database, clock, zone)
        book = DayBook(store, folder or home / "papers", zone, clock, lambda: settings.revenue)
        yield Books(book, clock.now().astimezone(zone).date(), settings.kiosk.language)
    finally:
        database.close()
