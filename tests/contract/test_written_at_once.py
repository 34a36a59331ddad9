"""Several who write the same thing at a centre at once, on a server: one after the other, without a 500."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests

from kiosk.central.index_check import check_index
from kiosk.central.principal import Role
from kiosk.gallery.types import VectorIndex
from kiosk.photos.index_sync import IndexRepair, verify_and_rebuild
from kiosk.photos.types import PhotoRepository
from tests.central_site import Site, site_at
from tests.centre import CentreServer, on_postgres
from tests.peers.postgres import PostgresServer
from tests.sync_records import NOW

AT_ONCE = 8


@pytest.fixture(scope="module")
def site(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = on_postgres(postgres_server.new_database("at_once"))
    with CentreServer(tmp_path_factory.mktemp("centre"), settings) as server:
        yield site_at(server)


def statuses(ask: Callable[[], requests.Response]) -> Counter[int]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(answer.status_code for answer in pool.map(lambda _: ask(), range(AT_ONCE)))


def test_of_admins_who_write_one_person_at_once_all_are_heard(site: Site) -> None:
    person = {
        "kind": "staff",
        "name": "Malee",
        "consent_version": "1",
        "consented_at": NOW.isoformat(),
        "faces": [],
    }
    for _ in range(3):
        path = f"/api/people/{uuid4().hex}"
        assert statuses(lambda path=path: site.call("PUT", path, Role.ADMIN, json=person)) == {200: AT_ONCE}


def test_of_admins_who_issue_one_voucher_at_once_one_does(site: Site) -> None:
    for _ in range(3):
        voucher = {"code": uuid4().hex[:10], "kind": "free"}
        told = statuses(lambda voucher=voucher: site.call("POST", "/api/vouchers", Role.ADMIN, json=voucher))
        assert told == {201: 1, 422: AT_ONCE - 1}


def test_an_index_that_is_checked_keeps_no_photographer_waiting(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []

    def upload_meanwhile(index: VectorIndex, photos: PhotoRepository, event_id: str) -> IndexRepair:
        sent.append(site.send({f"{uuid4().hex}.jpg": b"no picture"}).status_code)
        return verify_and_rebuild(index, photos, event_id)

    monkeypatch.setattr("kiosk.central.index_check.verify_and_rebuild", upload_meanwhile)
    monkeypatch.setattr("tests.central_site.TIMEOUT_S", 5)
    check_index(site.server.centre, threading.Event())
    assert sent == [200]
