"""The visits of the whole chain, as its centre knows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError

from kiosk.sync.connection import nonsense
from kiosk.sync.report_answer import ReportAnswer, VisitListAnswer, report_in, visit_in
from kiosk.visits.ports import VisitQuery
from kiosk.visits.reports import Report, ReportQuery
from kiosk.visits.types import Visit

REPORT_PATH = "/api/visits/report"
VISITS_PATH = "/api/visits"

Model = TypeVar("Model", bound=BaseModel)


class CentreAsked(Protocol):
    """What the centre is asked through (`kiosk.sync.client.CentralClient`)."""

    def get_json(self, path: str) -> dict[str, Any]: ...


class ChainReports:
    """The `ChainVisits` port over a centre: reports by its calendar, visits without pictures. Any thread.

    `client` gives whom to ask (`kiosk.sync.door.CentreDoor.prompt_client`). Raises what it and the client
    raise, CENTRE_NONSENSE, and what the centre answers: REPORT_SPAN, SITE_UNKNOWN.
    """

    def __init__(self, client: Callable[[], CentreAsked]) -> None:
        self._client = client

    def report(self, query: ReportQuery) -> Report:
        """As `kiosk.visits.ports.Reports.report`."""
        asked = {
            "by": query.by.value,
            "since": query.since.isoformat(),
            "until": query.until.isoformat(),
            "site": query.site_ids,
        }
        return report_in(self._ask(REPORT_PATH, asked, ReportAnswer))

    def visits(self, query: VisitQuery) -> list[Visit]:
        """As `kiosk.visits.ports.VisitBook.visits`; of one person only is not asked here."""
        asked = {
            "since": query.since.isoformat(),
            "until": query.until.isoformat(),
            "site": query.site_ids,
            "limit": query.limit,
            "offset": query.offset,
        }
        return [visit_in(visit) for visit in self._ask(VISITS_PATH, asked, VisitListAnswer).visits]

    def _ask(self, path: str, asked: dict[str, Any], kind: type[Model]) -> Model:
        answer = self._client().get_json(f"{path}?{urlencode(asked, doseq=True)}")
        try:
            return kind.model_validate(answer)
        except ValidationError as invalid:
            where = ".".join(str(part) for part in invalid.errors()[0]["loc"])
            raise nonsense(f"{where} of {path} cannot be read") from None
