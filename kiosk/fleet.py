"""How a kiosk tells the owner of many how it is: to the centre, and to Prometheus. Words and numbers only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, start_http_server
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from kiosk import __version__
from kiosk.checkout.types import GatewayAsked, OrderPaid, PaymentChanged
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.printing.print_desk import PrintDesk
from kiosk.printing.types import PrinterState
from kiosk.runtime.types import WorkerFailed
from kiosk.sending.types import SendingState, SendingStore

Fact = str | int | float | bool | None
Facts = Mapping[str, Fact]

_PREFIX = "photo_kiosk"
_FINE = frozenset({PrinterState.READY, PrinterState.PRINTING})


@dataclass(frozen=True, slots=True)
class ToTell:
    """What facts are taken from. `to_decide` counts payments that wait for staff."""

    prints: PrintDesk
    sendings: SendingStore
    to_decide: Callable[[], int]


def facts_of(to_tell: ToTell) -> dict[str, Fact]:
    """Of printers, paper, messages and decisions. Raises KnownError DATABASE_*."""
    statuses, supplies = to_tell.prints.statuses(), to_tell.prints.supplies()
    failed = to_tell.sendings.listed({SendingState.FAILED})
    return {
        "printers": len(statuses),
        "printers_in_trouble": sum(status.state not in _FINE for status in statuses),
        "printer_state": ", ".join(sorted({status.state.value for status in statuses})),
        "prints_held": len(to_tell.prints.held()),
        "papers_low": sum(supply.is_low for supply in supplies),
        "papers_out": sum(supply.is_out for supply in supplies),
        "messages_failed": len(failed),
        "to_decide": to_tell.to_decide(),
    }


class KioskMetrics:
    """Counts what happens on the bus, and asks for `facts` when it is read. Any thread."""

    def __init__(self, bus: EventBus, facts: Callable[[], Facts]) -> None:
        self.registry = CollectorRegistry()
        paid = self._counter("orders_paid", "Orders that were paid")
        payments = self._counter("payments", "Payments by the state they came to", "state")
        asked = self._counter("gateway_asked", "Times the gateway was asked", "reached")
        faults = self._counter("worker_faults", "Faults of workers by worker and code", "worker", "code")
        self.registry.register(_FactsCollector(facts))
        bus.subscribe(OrderPaid, lambda _: paid.inc())
        bus.subscribe(PaymentChanged, lambda event: payments.labels(event.state.value).inc())
        bus.subscribe(GatewayAsked, lambda event: asked.labels("yes" if event.is_reached else "no").inc())
        bus.subscribe(WorkerFailed, lambda event: faults.labels(event.worker, event.code or "bug").inc())

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"{_PREFIX}_{name}", told, labels, registry=self.registry)


class _FactsCollector(Collector):
    """Numbers become gauges, the version an info."""

    def __init__(self, facts: Callable[[], Facts]) -> None:
        self._facts = facts

    def collect(self) -> Iterable[Any]:
        info = InfoMetricFamily(_PREFIX, "Version of the kiosk")
        info.add_metric((), {"version": __version__})
        numbers = GaugeMetricFamily(f"{_PREFIX}_fact", "What the kiosk knows of itself", labels=("fact",))
        words = GaugeMetricFamily(f"{_PREFIX}_state", "1 for the state that holds", labels=("fact", "state"))
        for name, value in self._facts().items():
            if isinstance(value, bool | int | float):
                numbers.add_metric((name,), float(value))
            elif isinstance(value, str) and value:
                words.add_metric((name, value), 1.0)
        yield from (info, numbers, words)


class MetricsServer:
    """`http://{address}/metrics` for Prometheus; a worker of the kiosk."""

    name = "metrics"

    def __init__(self, address: str, metrics: KioskMetrics) -> None:
        """`address` is "host:port"; empty: nothing is served."""
        self._address = address
        self._metrics = metrics

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. Raises KnownError(PORT_TAKEN)."""
        if not self._address:
            return
        host, _, port = self._address.rpartition(":")
        try:
            server, thread = start_http_server(int(port), host, self._metrics.registry)
        except OSError as taken:
            raise KnownError(
                ErrorCode.PORT_TAKEN,
                f"The address {self._address} of kiosk.metrics is not to be had: {taken.strerror}.",
                "Choose another port.",
            ) from taken
        stop.wait()
        server.shutdown()
        server.server_close()
        thread.join()
