"""What the whole chain counted where its centre can be asked, and what this machine knows where it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.ports import Reports, VisitQuery
from kiosk.visits.reports import Report, ReportQuery
from kiosk.visits.types import Visit

_log = structlog.get_logger(__name__)

_MOST_AT_ONCE = 1000
_TICK = timedelta(microseconds=1)


class ListsVisits(Protocol):
    """A part of `kiosk.visits.ports.VisitBook`."""

    def visits(self, query: VisitQuery) -> list[Visit]: ...


class ChainVisits(Reports, ListsVisits, Protocol):
    """The visits of the chain, asked from its centre; pictures are not there."""


@dataclass(frozen=True, slots=True)
class AnsweredVisits:
    """Visits, and whether they are of the whole chain."""

    visits: list[Visit]
    covers_chain: bool


class ChainElseOwn:
    """Asks the chain, and where it cannot be asked this machine, whose answers say that they do not cover the
    chain. Without a chain this machine is all there is. Any thread."""

    def __init__(self, chain: ChainVisits | None, own: Reports, book: ListsVisits) -> None:
        self._chain = chain
        self._own = own
        self._book = book

    def report(self, query: ReportQuery) -> Report:
        """As `Reports.report`."""
        if self._chain is None:
            return self._own.report(query)
        try:
            return self._chain.report(query)
        except KnownError as error:
            _pass_over(error)
        return replace(self._own.report(query), covers_chain=False)

    def visits(self, query: VisitQuery) -> AnsweredVisits:
        """The newest first. What was seen here bears its picture."""
        if self._chain is None:
            return AnsweredVisits(self._book.visits(query), covers_chain=True)
        try:
            told = self._chain.visits(query)
        except KnownError as error:
            _pass_over(error)
            return AnsweredVisits(self._book.visits(query), covers_chain=False)
        return AnsweredVisits(self._with_pictures(told, query.site_ids), covers_chain=True)

    def _with_pictures(self, told: Sequence[Visit], site_ids: tuple[str, ...]) -> list[Visit]:
        if not told:
            return []
        since, until = told[-1].began_at, told[0].began_at + _TICK
        here = self._book.visits(VisitQuery(since, until, site_ids, limit=_MOST_AT_ONCE))
        known = {visit.visit_id: visit for visit in here}
        return [known.get(visit.visit_id, visit) for visit in told]


def _pass_over(error: KnownError) -> None:
    """That a question makes no sense is no reason to ask somebody else."""
    if error.code is ErrorCode.REPORT_SPAN:
        raise error
    _log.info("chain_not_asked", code=error.code)
