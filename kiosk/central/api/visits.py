"""Visits of the whole chain: counted, and listed; its admins and its kiosks may ask."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from kiosk.central.api.events import Limit, Offset
from kiosk.central.api.fields import DeviceId
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_list import SqlVisitList
from kiosk.database.visit_reports import SqlVisitReports
from kiosk.sync.record_parts import Moment
from kiosk.sync.report_answer import (
    ReportAnswer,
    VisitListAnswer,
    answer_of,
    visit_answer,
)
from kiosk.visits.ports import VisitQuery
from kiosk.visits.reports import ReportQuery, Span

_MOST_SITES = 100

Sites = Annotated[
    list[DeviceId],
    Query(alias="site", max_length=_MOST_SITES, description="Ids of sites; none: all of the chain."),
]
Since = Annotated[date, Query(description="The first day at the venue.")]
Until = Annotated[date, Query(description="The last day at the venue.")]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/visits", tags=["visits"])
    zone = ZoneInfo(centre.settings.server.timezone)
    device = guard.allow(Role.DEVICE)

    def of_tenant(who: Principal) -> TenantDatabase:
        return TenantDatabase(centre.database, who.tenant_id, centre.clock)

    @routes.get("/report", response_model=ReportAnswer)
    def report(
        by: Span,
        since: Since,
        until: Until,
        site_ids: Sites = [],  # noqa: B006 - FastAPI copies it
        who: Principal = Depends(device),
    ) -> Response:
        """Counts visits by span and site, by the calendar of the centre's time zone."""
        query = ReportQuery(by, since, until, tuple(dict.fromkeys(site_ids)))
        answer = answer_of(SqlVisitReports(of_tenant(who), zone).report(query))
        # Thousands of rows: FastAPI would look through each of them once more.
        return Response(answer.model_dump_json(), media_type="application/json")

    @routes.get("")
    def list_visits(
        since: Moment,
        until: Moment,
        site_ids: Sites = [],  # noqa: B006 - FastAPI copies it
        limit: Limit = 100,
        offset: Offset = 0,
        who: Principal = Depends(device),
    ) -> VisitListAnswer:
        """Visits that began within a span, the newest first, without pictures."""
        query = VisitQuery(since, until, tuple(dict.fromkeys(site_ids)), limit=limit + 1, offset=offset)
        visits = SqlVisitList(of_tenant(who)).visits(query)
        return VisitListAnswer(
            visits=[visit_answer(visit) for visit in visits[:limit]], has_more=len(visits) > limit
        )

    return routes
