"""What the centre's feed tells of each kind of thing: its newest state, for many things in few queries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Select, select
from sqlalchemy.orm import DeclarativeBase, Session

from kiosk.database.bulk import Plain, among, columns_of, table_of
from kiosk.database.central_tables import ChargeRow
from kiosk.database.person_records import person_records
from kiosk.database.photo_records import photo_records
from kiosk.database.records import event_records
from kiosk.database.site_records import site_records
from kiosk.database.sync_tables import DeletionRow, NoticeRow
from kiosk.database.tables import (
    DeliveryRow,
    OrderLineRow,
    OrderPackageRow,
    OrderRow,
    PaymentRow,
    VoucherRow,
)
from kiosk.sync.records import (
    ChargeRecord,
    DeletionRecord,
    DeliveryRecord,
    Kind,
    LineRecord,
    NoticeRecord,
    OrderRecord,
    PackageUseRecord,
    PaymentRecord,
    VoucherRecord,
)

Reader = Callable[[Session, str, Iterable[str]], dict[str, Plain]]
"""Those of a kind's things by key that are the tenant's; others are left out, as are those that are gone."""


def voucher_records(session: Session, tenant_id: str, codes: Iterable[str]) -> dict[str, Plain]:
    """The tenant's vouchers of these codes."""
    query = _select(VoucherRow, VoucherRecord).where(
        among(session, VoucherRow.code, codes), VoucherRow.tenant_id == tenant_id
    )
    return {row["code"]: dict(row) for row in session.execute(query).mappings()}


def order_records(session: Session, tenant_id: str, order_ids: Iterable[str]) -> dict[str, Plain]:
    """The tenant's orders with all that hangs on them."""
    query = _select(OrderRow, OrderRecord).where(
        among(session, OrderRow.order_id, order_ids), OrderRow.tenant_id == tenant_id
    )
    found = {row["order_id"]: dict(row) for row in session.execute(query).mappings()}
    _add_parts(session, found, "lines", OrderLineRow, LineRecord, ("position",))
    _add_parts(session, found, "packages", OrderPackageRow, PackageUseRecord, ("position",))
    _add_parts(session, found, "payments", PaymentRow, PaymentRecord, ("ordinal", "payment_id"))
    _add_parts(session, found, "deliveries", DeliveryRow, DeliveryRecord, ("delivery_id",))
    return found


def charge_records(session: Session, tenant_id: str, charge_ids: Iterable[str]) -> dict[str, Plain]:
    """The tenant's charges."""
    query = _select(ChargeRow, ChargeRecord).where(
        among(session, ChargeRow.charge_id, charge_ids), ChargeRow.tenant_id == tenant_id
    )
    return {row["charge_id"]: dict(row) for row in session.execute(query).mappings()}


def notice_records(session: Session, tenant_id: str, notice_ids: Iterable[str]) -> dict[str, Plain]:
    """The tenant's notices that nobody has settled."""
    query = _select(NoticeRow, NoticeRecord).where(
        among(session, NoticeRow.notice_id, notice_ids),
        NoticeRow.tenant_id == tenant_id,
        NoticeRow.settled_at.is_(None),
    )
    return {row["notice_id"]: dict(row) for row in session.execute(query).mappings()}


def deletion_records(session: Session, tenant_id: str, deletion_ids: Iterable[str]) -> dict[str, Plain]:
    """The tenant's deletions."""
    query = _select(DeletionRow, DeletionRecord).where(
        among(session, DeletionRow.deletion_id, deletion_ids), DeletionRow.tenant_id == tenant_id
    )
    return {
        row["deletion_id"]: {
            **row,
            "photo_ids": json.loads(row["photo_ids"]),
            "faces": json.loads(row["faces"]),
        }
        for row in session.execute(query).mappings()
    }


READERS: Mapping[Kind, Reader] = {
    Kind.EVENT: event_records,
    Kind.PHOTO: photo_records,
    Kind.VOUCHER: voucher_records,
    Kind.SITE: site_records,
    Kind.PERSON: person_records,
    Kind.ORDER: order_records,
    Kind.CHARGE: charge_records,
    Kind.NOTICE: notice_records,
    Kind.DELETION: deletion_records,
}
"""The kinds that go down to kiosks. What kiosks alone tell (consents, visits, crossed lines, feedback,
health) does not."""


def _select(rows: type[DeclarativeBase], record: type[BaseModel]) -> Select[Any]:
    return select(*columns_of(rows, record.model_fields))


def _add_parts(
    session: Session,
    orders: dict[str, Plain],
    name: str,
    rows: type[DeclarativeBase],
    record: type[BaseModel],
    sorting: tuple[str, ...],
) -> None:
    table = table_of(rows)
    for order in orders.values():
        order[name] = []
    query = select(table).where(among(session, table.c.order_id, orders))
    fields = [field for field in record.model_fields if field in table.c]
    for row in session.execute(query.order_by(*(table.c[column] for column in sorting))).mappings():
        orders[row["order_id"]][name].append({field: row[field] for field in fields})
