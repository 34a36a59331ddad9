"""What staff do with reports at the screen: asking, saving as a file, listing visits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.visits.ports import Reports, VisitQuery
from kiosk.visits.report_csv import report_csv
from kiosk.visits.report_fallback import ChainElseOwn, ChainVisits, ListsVisits
from kiosk.visits.report_files import file_name, write_file
from kiosk.visits.reports import Report, ReportQuery
from kiosk.visits.told import ReportReady, ReportSaved, StoreNotice, VisitsListed, notice_of

Submit = Callable[[Callable[[], None]], None]

PAGE = 50
"""Visits listed at once."""
ENDINGS = ("csv", "pdf")


class ReportDesk:
    """The `ReportCommands` of the screens. Any thread; the work is done behind `submit`, on a thread of its
    own, since asking the centre may take seconds. Of several wishes only the newest is answered."""

    def __init__(
        self,
        local: Reports,
        chain: ChainVisits | None,
        book: ListsVisits,
        folder: Path,
        submit: Submit,
        bus: EventBus,
        tell: Callable[[StoreNotice], None],
        language: Callable[[], Language],
    ) -> None:
        """`chain` None: this machine stands alone. Files go into `folder`; `tell` hears what went wrong."""
        self._known = ChainElseOwn(chain, local, book)
        self._folder = folder
        self._submit = submit
        self._bus = bus
        self._tell = tell
        self._language = language
        self._reports, self._lists = _Wishes(), _Wishes()
        self._report: Report | None = None

    def ask(self, query: ReportQuery) -> None:
        """ReportReady follows."""
        self._submit(partial(self._answer, self._reports.add(), query))

    def save(self, ending: str) -> None:
        """ReportSaved follows: of the report asked for last, in the language of the screen."""
        if ending not in ENDINGS:
            raise BugError(f"a report has no ending {ending!r}")
        self._submit(partial(self._save, ending))

    def list_visits(self, since: datetime, until: datetime, site_id: str = "", offset: int = 0) -> None:
        """VisitsListed follows."""
        site_ids = (site_id,) if site_id else ()
        query = VisitQuery(since, until, site_ids, limit=PAGE + 1, offset=offset)
        self._submit(partial(self._list, self._lists.add(), query))

    def _answer(self, wish: int, query: ReportQuery) -> None:
        if not self._reports.is_newest(wish):
            return
        self._report = None
        try:
            report = self._known.report(query)
        except KnownError as error:
            if self._reports.is_newest(wish):
                self._tell(notice_of(error))
            return
        if self._reports.is_newest(wish):
            self._report = report
            self._bus.publish(ReportReady(report))

    def _save(self, ending: str) -> None:
        try:
            report = self._report
            if report is None:
                raise KnownError(
                    ErrorCode.REPORT_SPAN, "There is no report to be saved.", "Ask for one first."
                )
            path = write_file(self._folder, file_name(report, ending), self._file(report, ending))
        except KnownError as error:
            self._tell(notice_of(error))
            return
        self._bus.publish(ReportSaved(path))

    def _file(self, report: Report, ending: str) -> bytes:
        if ending == "csv":
            return report_csv(report)
        from kiosk.visits.report_pdf import report_pdf  # takes a while, and is seldom asked for

        return report_pdf(report, self._language())

    def _list(self, wish: int, query: VisitQuery) -> None:
        if not self._lists.is_newest(wish):
            return
        try:
            listed = self._known.visits(query)
        except KnownError as error:
            if self._lists.is_newest(wish):
                self._tell(notice_of(error))
            return
        if self._lists.is_newest(wish):
            shown, has_more = tuple(listed.visits[:PAGE]), len(listed.visits) > PAGE
            self._bus.publish(VisitsListed(shown, query.offset, has_more, listed.covers_chain))


class _Wishes:
    """Numbers wishes, so that an older one knows that it is none any more. Any thread."""

    def __init__(self) -> None:
        self._newest = 0
        self._lock = threading.Lock()

    def add(self) -> int:
        with self._lock:
            self._newest += 1
            return self._newest

    def is_newest(self, wish: int) -> bool:
        with self._lock:
            return wish == self._newest
