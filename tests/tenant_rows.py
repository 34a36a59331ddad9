"""Tenants that look alike: each has one of everything that store mode keeps, and nothing tells them apart but
ids."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select

from kiosk.database.bulk import table_of
from kiosk.database.central_tables import TenantRow
from kiosk.database.engine import Database
from kiosk.database.people_tables import (
    LineCountRow,
    PersonFaceRow,
    PersonRow,
    PurgeRow,
    SiteRow,
    StayRow,
    StreamRow,
    TenantOwned,
    VisitFaceRow,
    VisitRow,
    VoidVisitRow,
)
from kiosk.database.tenant_guard import owned_rows
from tests.photo_fakes import FAKE_CONTRACT

MORNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CONTRACT = FAKE_CONTRACT


@dataclass(frozen=True)
class TenantIds:
    """The names of a tenant's things."""

    tenant_id: str

    def __getattr__(self, thing: str) -> str:
        return f"{thing}-{self.tenant_id}"


def face(seed: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """An embedding that is the same for every tenant."""
    vector = np.random.default_rng(seed).normal(size=512).astype(np.float32)
    return vector / np.linalg.norm(vector)


def fill(database: Database, tenant_id: str, kiosk_id: str = "") -> TenantIds:
    """One of everything. Refuses to leave a kind of row out."""
    ids = TenantIds(tenant_id)
    rows: list[TenantOwned] = [*_places(ids, kiosk_id), *_people(ids), *_visits(ids, kiosk_id)]
    missing = {one.__name__ for one in owned_rows()} - {type(row).__name__ for row in rows}
    assert not missing, f"a tenant without {missing} proves nothing about them"
    with database.writing() as session:
        session.add(TenantRow(tenant_id=tenant_id, name=tenant_id, created_at=MORNING))
        for row in rows:
            row.tenant_id = tenant_id
            session.add(row)
            session.flush()
    return ids


def everything_of(database: Database, tenant_id: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a tenant as they are stored, and in tables that know no tenants all that name something of
    the tenant's."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with database.reading() as session:
        for table in table_of(SiteRow).metadata.sorted_tables:
            rows = [tuple(map(_plain, row)) for row in session.execute(_rows_of(table, tenant_id))]
            if "tenant_id" not in table.c:
                rows = [row for row in rows if is_named(row, tenant_id)]
            found[table.name] = sorted(rows, key=repr)
    return found


def is_named(value: object, tenant_id: str) -> bool:
    """Whether something of the tenant's is named anywhere in a value of plain parts."""
    return re.search(rf"\w-{tenant_id}\b|tenants/{tenant_id}/|'{tenant_id}'", repr(value)) is not None


def _rows_of(table: Any, tenant_id: str) -> Any:
    query = select(table)
    return query.where(table.c.tenant_id == tenant_id) if "tenant_id" in table.c else query


def _plain(value: object) -> object:
    return value.tobytes() if isinstance(value, np.ndarray) else value


def _places(ids: TenantIds, kiosk_id: str) -> list[TenantOwned]:
    return [
        SiteRow(site_id=ids.site, name="Siam", created_at=MORNING),
        SiteRow(site_id=ids.other_site, name="Ari", created_at=MORNING),
        StreamRow(
            stream_id=ids.stream,
            site_id=ids.site,
            kiosk_id=kiosk_id,
            name="Door",
            source="rtsp://192.0.2.7/live",
            user="view",
            is_on=True,
            recognises=True,
            created_at=MORNING,
        ),
    ]


def _people(ids: TenantIds) -> list[TenantOwned]:
    kinds = {ids.staff: "staff", ids.customer: "customer", ids.other_customer: "customer", ids.guest: "guest"}
    people: list[TenantOwned] = [
        PersonRow(
            person_id=person_id,
            kind=kind,
            name="" if kind == "guest" else f"Nok {place}",
            gender="female",
            birth_year=1990,
            phone="0801234567",
            email="nok@example.com",
            consent_version="1",
            consented_at=MORNING,
            created_at=MORNING,
        )
        for place, (person_id, kind) in enumerate(kinds.items())
    ]
    faces: list[TenantOwned] = [
        PersonFaceRow(
            person_id=person_id,
            ordinal=ordinal,
            face_id=f"{person_id}-{ordinal}",
            contract_id=CONTRACT,
            embedding=face(10 * place + ordinal),
            added_at=MORNING,
            picture_key=f"tenants/{ids.tenant_id}/people/{person_id}/{ordinal}.jpg",
        )
        for place, person_id in enumerate(kinds)
        for ordinal in range(3)
    ]
    return people + faces


def _visits(ids: TenantIds, kiosk_id: str) -> list[TenantOwned]:
    place = {"site_id": ids.site, "stream_id": ids.stream}
    of_kiosk = {**place, "kiosk_id": kiosk_id or "kiosk"}
    visits: list[TenantOwned] = [
        VisitRow(
            visit_id=visit_id,
            **of_kiosk,
            person_id=person_id,
            gender="female",
            is_returning=person_id is not None,
            number=None if person_id is None else 2,
            began_at=MORNING,
            ended_at=ended_at,
            picture_key=None if person_id is None else f"tenants/{ids.tenant_id}/visits/{visit_id}.jpg",
        )
        for visit_id, person_id, ended_at in (
            (ids.visit, ids.customer, MORNING + timedelta(minutes=5)),
            (ids.stay, None, None),
            (ids.guest_visit, ids.guest, MORNING + timedelta(minutes=5)),
        )
    ]
    return [
        *visits,
        VisitFaceRow(visit_id=ids.visit, contract_id=CONTRACT, embedding=face(1)),
        VoidVisitRow(visit_id=ids.void, at=MORNING),
        StayRow(
            stay_id=ids.stay,
            **place,
            kind="visitor",
            person_id=None,
            began_at=MORNING,
            last_seen_at=MORNING,
            contract_id=CONTRACT,
            embedding=face(99),
        ),
        LineCountRow(hour=MORNING, **of_kiosk, came_in=3, went_out=2),
        PurgeRow(
            purge_id=ids.purge,
            ordinal=ord(ids.tenant_id[0]),
            at=MORNING,
            older_than=MORNING,
            removed=json.dumps({"pictures": 1}),
            remaining=1,
            previous_hash="",
            hash="0" * 64,
        ),
    ]
