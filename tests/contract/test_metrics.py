"""What Prometheus reads: of a kiosk over real HTTP, and of a centre with the kiosks that it knows."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from kiosk import __version__
from kiosk.central.inbox import Inbox
from kiosk.central.metrics import METRICS_TOKEN
from kiosk.central.principal import Principal, Role
from kiosk.central.taking import handlers
from kiosk.checkout.types import GatewayAsked, OrderPaid, PaymentChanged
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.fleet import KioskMetrics, MetricsServer
from kiosk.payments.types import PaymentState
from kiosk.runtime.types import WorkerFailed
from kiosk.sync.records import HealthRecord, Kind
from kiosk.sync.wire import Message
from tests.central_site import NOON
from tests.centre import CentreServer
from tests.peers.processes import free_ports

TOKEN = {"Authorization": "Bearer a-long-token"}
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Every number by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def fact(name: str, /, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"photo_kiosk_{name}", frozenset(labels.items())


# -- a kiosk -----------------------------------------------------------------------------------------


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def address(bus: EventBus) -> Iterator[str]:
    """Where a kiosk's metrics are served."""
    (port,) = free_ports(1)
    facts = {"disk_free_gb": 41.5, "papers_low": 2, "camera": "live", "is_on": True, "nothing": None}
    server, stop = MetricsServer(f"127.0.0.1:{port}", KioskMetrics(bus, lambda: facts)), threading.Event()
    thread = threading.Thread(target=server.run, args=(stop,))
    thread.start()
    yield f"http://127.0.0.1:{port}/metrics"
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def read(address: str) -> Samples:
    for _ in range(50):
        try:
            return samples(requests.get(address, timeout=5).text)
        except requests.ConnectionError:
            threading.Event().wait(0.05)
    raise AssertionError("nothing is served")


def test_a_kiosk_counts_what_happens_and_says_how_it_is(bus: EventBus, address: str) -> None:
    bus.publish(OrderPaid("order"))
    bus.publish(PaymentChanged("order", "payment", PaymentState.PAID))
    bus.publish(GatewayAsked(True))
    bus.publish(GatewayAsked(False))
    bus.publish(WorkerFailed("prints", ErrorCode.DISK_FULL.value, False))
    told = read(address)
    assert told[fact("orders_paid_total")] == 1
    assert told[fact("payments_total", state="paid")] == 1
    assert told[fact("gateway_asked_total", reached="no")] == 1
    assert told[fact("worker_faults_total", worker="prints", code="D-101")] == 1
    assert told[fact("info", version=__version__)] == 1
    assert told[fact("fact", fact="disk_free_gb")] == 41.5
    assert told[fact("fact", fact="is_on")] == 1
    assert told[fact("state", fact="camera", state="live")] == 1


def test_a_taken_address_is_told(bus: EventBus, address: str) -> None:
    read(address)
    server = MetricsServer(address.removeprefix("http://").removesuffix("/metrics"), KioskMetrics(bus, dict))
    with pytest.raises(KnownError) as refused:
        server.run(threading.Event())
    assert refused.value.code is ErrorCode.PORT_TAKEN


def test_without_an_address_nothing_is_served(bus: EventBus) -> None:
    MetricsServer("", KioskMetrics(bus, dict)).run(threading.Event())


# -- a centre ----------------------------------------------------------------------------------------


@pytest.fixture
def server(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CentreServer]:
    folder = tmp_path_factory.mktemp("secrets")
    (folder / METRICS_TOKEN).write_text("a-long-token")
    monkeypatch.setenv("CENTRAL_SECRETS", str(folder))
    with CentreServer(tmp_path_factory.mktemp("centre")) as server:
        yield server


def test_a_centre_tells_of_its_kiosks_and_of_its_answers(server: CentreServer) -> None:
    tenant_id = server.add_tenant("venue")
    device_id, _ = server.enrol_device(tenant_id, "Gate 1")
    facts = {"disk_free_gb": 12.5, "printers_in_trouble": 1, "mode": "event", "camera": "live"}
    record = HealthRecord(at=NOON, version="1.4.0", facts=facts)
    centre = server.centre
    inbox = Inbox(centre, handlers(lambda session, order, at: None))
    message = Message(message_id="m1", kind=Kind.HEALTH, made_at=NOON, record=record.model_dump(mode="json"))
    (taken,) = inbox.take(Principal(device_id, tenant_id, Role.DEVICE), [message])
    assert taken.is_taken
    requests.get(f"{server.url}/healthz", timeout=5)
    requests.get(f"{server.url}/api/events/none", timeout=5)

    refused = requests.get(f"{server.url}/metrics", timeout=5)
    assert refused.status_code == 401
    answer = requests.get(f"{server.url}/metrics", headers=TOKEN, timeout=5)
    assert answer.headers["content-type"].startswith("text/plain")
    told = samples(answer.text)
    kiosk = {"kiosk": device_id, "name": "Gate 1", "tenant": tenant_id}
    assert told[fact("info", **kiosk, version="1.4.0", mode="event")] == 1
    assert told[fact("fact", **kiosk, fact="printers_in_trouble")] == 1
    assert told[fact("centre_answers_total", path="/healthz", method="GET", status="200")] == 1
    assert told[fact("centre_answers_total", path="/metrics", method="GET", status="401")] == 1
    assert not [key for key in told if "none" in str(key)], "an id is no label"


def test_a_kiosk_that_is_revoked_is_told_of_no_more(server: CentreServer) -> None:
    tenant_id = server.add_tenant("venue")
    device_id, _ = server.enrol_device(tenant_id, "Gate 1")
    path = f"{server.url}/api/devices/{device_id}/revoke"
    requests.post(path, headers=server.headers(tenant_id, Role.ADMIN), timeout=5).raise_for_status()
    answer = requests.get(f"{server.url}/metrics", headers=TOKEN, timeout=5)
    assert device_id not in answer.text


def test_without_a_token_there_is_nothing_to_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    with CentreServer(tmp_path_factory.mktemp("centre")) as server:
        assert requests.get(f"{server.url}/metrics", timeout=5).status_code == 404


def test_methods_that_somebody_makes_up_are_one(server: CentreServer) -> None:
    for made_up in ("BREW", "PURGE", "X-1"):
        requests.request(made_up, f"{server.url}/metrics", timeout=5)
    told = samples(requests.get(f"{server.url}/metrics", headers=TOKEN, timeout=5).text)
    methods = {dict(labels)["method"] for name, labels in told if name == "photo_kiosk_centre_answers_total"}
    assert methods <= {"GET", "other"}
    assert "other" in methods
