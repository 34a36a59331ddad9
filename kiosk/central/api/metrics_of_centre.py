"""What Prometheus reads of the centre, for whoever has its token."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Header, Response
from prometheus_client import CONTENT_TYPE_LATEST

from kiosk.central.centre import Centre
from kiosk.central.metrics import METRICS_TOKEN, CentreMetrics


def router(centre: Centre, metrics: CentreMetrics) -> APIRouter:
    """`GET /metrics` with `Authorization: Bearer` and the secret `metrics_token`; where that is not set there
    is nothing here."""
    routes = APIRouter(tags=["system"], include_in_schema=False)

    @routes.get("/metrics")
    def read(authorization: Annotated[str, Header()] = "") -> Response:
        token = centre.secrets.find(METRICS_TOKEN)
        if token is None:
            return Response(status_code=404)
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes
