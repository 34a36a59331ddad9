"""The centre, fuzzed: whatever comes is no error of the centre, and answered as its schema says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
import requests
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kiosk.central.principal import Role
from kiosk.central.secrets import FOLDER_VARIABLE
from kiosk.central.settings import CentralSettings, DatabaseSection
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.sites import SqlSites
from kiosk.database.streams import SqlStreams
from kiosk.database.tenant import TenantDatabase
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.payments.simulator.server import DEFAULT_API_KEY
from kiosk.visits.types import StreamDraft
from tests.centre import SIGNING_KEY, UNHURRIED, CentreServer
from tests.money_centre import paynoi_at
from tests.peers.postgres import PostgresServer
from tests.sync_kiosk import add_photos, make_event, make_order, make_payment

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = "/api/sync/stream"
ROLES = (Role.ADMIN, Role.DEVICE, Role.CUSTOMER)
TIMEOUT_S = 20
Known = dict[str, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("openapi")


@pytest.fixture(scope="module")
def centre(folder: Path, postgres_server: PostgresServer, weights: Path) -> Iterator[CentreServer]:
    """On PostgreSQL, which takes less than SQLite does; with a bank."""
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "signing_key").write_text(SIGNING_KEY, encoding="ascii")
    (secrets / "paynoi_api_key").write_text(DEFAULT_API_KEY, encoding="ascii")
    proof_key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (secrets / "proof_key").write_bytes(proof_key)
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, {FOLDER_VARIABLE: str(secrets)}))
        bank = stack.enter_context(PayNoiSimulator())
        chosen = CentralSettings(
            access=UNHURRIED,
            payment=paynoi_at(bank),
            database=DatabaseSection(url=postgres_server.new_database("openapi")),
        )
        yield stack.enter_context(CentreServer(folder / "centre", chosen))


@pytest.fixture(scope="module")
def tenant(centre: CentreServer) -> str:
    return centre.add_tenant("Fuzz")


@pytest.fixture(scope="module")
def known(centre: CentreServer, tenant: str) -> Known:
    """Things that are there, by the names under which they are asked for."""
    photos = SqlPhotoRepository(centre.centre.database)
    photos.add_event(make_event("run", tenant))
    [photo] = add_photos(photos, "run", range(1, 2))
    as_admin = centre.headers(tenant, Role.ADMIN)
    voucher = {"code": "FUZZ", "kind": "percent", "value": 10, "use_limit": 5}
    requests.post(f"{centre.url}/api/vouchers", json=voucher, headers=as_admin, timeout=TIMEOUT_S)
    device_id, _ = centre.enrol_device(tenant)
    as_device = centre.headers(tenant, Role.DEVICE, device_id)
    asked = {"idempotency_key": uuid4().hex[:20], "amount_satang": 7900, "order_code": "K1-4Q2M"}
    charge = requests.post(
        f"{centre.url}/api/payment/create", json=asked, headers=as_device, timeout=TIMEOUT_S
    ).json()
    order = make_order(device_id, 1, "run", photo.photo_id)
    store = SqlCheckoutStore(centre.centre.database, tenant_id=tenant)
    store.open_order(order, make_payment(order))
    shop = TenantDatabase(centre.centre.database, tenant)
    site = SqlSites(shop).add("Siam")
    stream = SqlStreams(shop, "").add(StreamDraft(site.site_id, "Door", "rtsp://192.0.2.7/door"))
    return {
        "site_id": site.site_id,
        "stream_id": stream.stream_id,
        "event_id": "run",
        "photo_id": photo.photo_id,
        "order_id": order.order_id,
        "charge_id": charge["charge_id"],
        "code": "FUZZ",
        "upload_id": "none",
        "size": "small",
    }


def attack(
    centre: CentreServer, headers: dict[str, str], known: Known, examples: int, start: int
) -> list[str]:
    """What is wrong with the answers, over all paths: so many examples as the schema has it, and as many as
    it has it not."""
    schema = schemathesis.openapi.from_url(f"{centre.url}/openapi.json")
    wrong: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path == ENDLESS:
            continue
        for mode in GenerationMode:
            _fuzz(operation.as_strategy(generation_mode=mode), headers, known, examples, start, wrong.append)
    return wrong


def _fuzz(
    cases: st.SearchStrategy[Case],
    headers: dict[str, str],
    known: Known,
    examples: int,
    start: int,
    report: Callable[[str], None],
) -> None:
    @seed(start)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, hits=st.booleans())
    def one(case: Case, hits: bool) -> None:
        if hits:
            _aim(case, known)
        try:
            response = case.call(headers=headers, timeout=TIMEOUT_S)
            case.validate_response(response, checks=CHECKS)
        except (FailureGroup, Failure) as failed:
            report(f"{case.method} {case.path}: {_words(failed)}")
        except requests.RequestException as broken:
            report(f"{case.method} {case.path}: {type(broken).__name__}")

    with suppress(Unsatisfiable):  # of what takes nothing, nothing can be wrong
        one()


def _aim(case: Case, known: Known) -> None:
    """At things that are there."""
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            for name in known.keys() & place.keys():
                place[name] = known[name]


def _words(failed: FailureGroup | Failure) -> str:
    each: Any = failed.exceptions if isinstance(failed, FailureGroup) else [failed]
    return "; ".join(f"{type(one).__name__} {one!s}"[:300] for one in each)


@pytest.mark.parametrize("role", ROLES)
def test_no_request_breaks_the_centre_and_every_answer_is_as_the_schema_says(
    role: Role, centre: CentreServer, tenant: str, known: Known
) -> None:
    wrong = attack(centre, centre.headers(tenant, role), known, examples=2, start=1)
    assert not wrong, "\n".join(sorted(set(wrong)))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", [*ROLES, Role.PHOTOGRAPHER])
def test_many_more_requests_do_not_break_it_either(
    role: Role, centre: CentreServer, tenant: str, known: Known
) -> None:
    wrong = attack(centre, centre.headers(tenant, role), known, examples=60, start=2)
    assert not wrong, "\n".join(sorted(set(wrong)))
