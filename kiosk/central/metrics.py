"""What Prometheus reads of a centre: every kiosk as it told last, and the centre's own answers.

Prometheus text format 0.0.4, by the client library of the project. A name or a label never tells of a person.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.clock import Clock
from kiosk.database.devices import Device

METRICS_TOKEN = "metrics_token"  # noqa: S105 - its name among the secrets
_PREFIX = "photo_kiosk"
_OTHER = "other"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Whoever calls makes up others: each would be counted for ever."""
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_OF_KIOSK = ("kiosk", "name", "tenant")


class CentreMetrics:
    """Counts what this process answers, and tells of the kiosks when it is read. Any thread."""

    def __init__(self, devices: Callable[[], Iterable[Device]], clock: Clock) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            f"{_PREFIX}_centre_answers",
            "Answers of this process by path, method and status",
            ("path", "method", "status"),
            registry=self.registry,
        )
        self._took = Histogram(
            f"{_PREFIX}_centre_answer_seconds",
            "How long answers of this process took, streams left out",
            ("path",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(_Kiosks(devices, clock))

    def note(self, path: str, method: str, status: int, took_s: float) -> None:
        """An answer was given; `path` is the route's, without ids."""
        self._answers.labels(path, method, str(status)).inc()
        self._took.labels(path).observe(took_s)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)


class CountedAnswers:
    """Counts each answer of the application behind it."""

    def __init__(self, app: ASGIApp, metrics: CentreMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s, status = time.monotonic(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            route = scope.get("route")
            path = str(getattr(route, "path", _OTHER))
            method = scope["method"] if scope["method"] in _METHODS else _OTHER
            self._metrics.note(path, method, status, time.monotonic() - began_s)


class _Kiosks(Collector):
    """Each kiosk as it told last: numbers become gauges, words an info."""

    def __init__(self, devices: Callable[[], Iterable[Device]], clock: Clock) -> None:
        self._devices = devices
        self._clock = clock

    def collect(self) -> Iterable[Any]:
        seen = GaugeMetricFamily(
            f"{_PREFIX}_seen_seconds_ago", "Since a kiosk was heard of last", labels=_OF_KIOSK
        )
        info = InfoMetricFamily(_PREFIX, "Version and mode of a kiosk", labels=_OF_KIOSK)
        facts = GaugeMetricFamily(
            f"{_PREFIX}_fact", "What a kiosk told of itself in numbers", labels=(*_OF_KIOSK, "fact")
        )
        now = self._clock.now()
        for device in self._devices():
            if device.revoked_at is not None:
                continue
            labels = (device.device_id, device.name, device.tenant_id)
            if device.last_seen_at is not None:
                seen.add_metric(labels, max(0.0, (now - device.last_seen_at).total_seconds()))
            told = {name: value for name, value in device.facts.items() if isinstance(value, str)}
            info.add_metric(labels, {"version": device.version, "mode": told.get("mode", "event")})
            for name, value in device.facts.items():
                if isinstance(value, int | float):
                    facts.add_metric((*labels, name), float(value))
        yield from (seen, info, facts)
