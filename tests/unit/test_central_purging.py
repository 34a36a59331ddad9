"""The centre deletes what camera workers kept of people when its days are over, tenant by tenant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from kiosk.central.centre import Centre, open_centre
from kiosk.central.purging import Purging
from kiosk.central.settings import CentralSettings
from kiosk.clock import ManualClock
from kiosk.database.central_accounts import SqlTenants
from kiosk.database.people_tables import StayRow, VisitRow
from kiosk.database.retention import SqlRetention
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.pictures import FacePictures
from tests.painted_faces import scene

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    opened = open_centre(tmp_path, CentralSettings(), ManualClock(NOW))
    yield opened
    opened.close()


def a_visit(centre: Centre, tenant_id: str, visit_id: str, age: timedelta) -> str:
    key = FacePictures(centre.archive.store, tenant_id).put_visit(visit_id, scene((40, 40, 60, 80)))
    with TenantDatabase(centre.database, tenant_id).writing() as session:
        session.add(
            VisitRow(
                visit_id=visit_id,
                kiosk_id="",
                site_id="s",
                stream_id="door",
                person_id="p",
                gender="unknown",
                began_at=NOW - age,
                picture_key=key,
            )
        )
    return key


def test_each_tenants_old_pictures_go_and_no_others(centre: Centre) -> None:
    tenants = [SqlTenants(centre.database).add(name, NOW).tenant_id for name in ("One", "Two")]
    old = [a_visit(centre, tenant, f"old-{tenant}", timedelta(days=31)) for tenant in tenants]
    new = [a_visit(centre, tenant, f"new-{tenant}", timedelta(days=2)) for tenant in tenants]
    Purging(centre).once()
    assert [centre.archive.store.has(key) for key in (*old, *new)] == [False, False, True, True]
    for tenant in tenants:
        (proof,) = SqlRetention(TenantDatabase(centre.database, tenant)).proofs()
        assert (proof.ordinal, proof.removed["files"], proof.remaining) == (1, 1, 0)


def test_what_another_tenant_has_not_named_yet_is_left_to_them(centre: Centre) -> None:
    one, two = (SqlTenants(centre.database).add(name, NOW).tenant_id for name in ("One", "Two"))
    of_two = a_visit(centre, two, "v", timedelta(0))
    purging = Purging(centre)
    for _ in range(3):
        purging.once()
        centre.clock.advance(3600)  # type: ignore[attr-defined]
    assert centre.archive.store.has(of_two)
    assert SqlRetention(TenantDatabase(centre.database, one)).proofs() == []


def test_a_stay_ends_though_no_worker_watches_any_more(centre: Centre) -> None:
    tenant_id = SqlTenants(centre.database).add("One", NOW).tenant_id
    tenant = TenantDatabase(centre.database, tenant_id)
    vector = np.random.default_rng(3).standard_normal(512).astype(np.float32)
    with tenant.writing() as session:
        session.add(
            StayRow(
                stay_id="s1",
                site_id="s",
                stream_id="door",
                kind="visitor",
                began_at=NOW - timedelta(hours=2),
                last_seen_at=NOW - timedelta(hours=1),
                contract_id="net-1",
                embedding=vector,
            )
        )
    Purging(centre).once()
    with tenant.reading() as session:
        assert session.get(StayRow, "s1") is None


def test_one_that_fails_keeps_no_other_waiting(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    tenants = [SqlTenants(centre.database).add(name, NOW).tenant_id for name in ("One", "Two")]
    keys = [a_visit(centre, tenant, f"v-{tenant}", timedelta(days=31)) for tenant in tenants]
    delete = centre.archive.store.delete

    def fails(key: str) -> None:
        if key == keys[0]:
            raise KnownError(ErrorCode.OBJECT_STORE_UNREACHABLE, "away")
        delete(key)

    monkeypatch.setattr(centre.archive.store, "delete", fails)
    Purging(centre).once()
    assert [centre.archive.store.has(key) for key in keys] == [True, False]
