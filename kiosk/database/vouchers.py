"""Vouchers in SQL. What they are worth is the business of `kiosk.sales.vouchers`."""

from __future__ import annotations

from sqlalchemy import select

from kiosk.database.engine import Database
from kiosk.database.tables import VoucherRow
from kiosk.sales.types import Voucher, VoucherKind


class SqlVoucherRepository:
    """Each method is one transaction. Uses are counted by the checkout store, when an order is paid."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_voucher(self, voucher: Voucher) -> None:
        """Stores a voucher under its normalised code; one that is there keeps its count of uses."""
        with self._database.writing() as session:
            row = session.get(VoucherRow, voucher.code)
            if row is None:
                row = VoucherRow(code=voucher.code, used=voucher.used)
                session.add(row)
            row.kind = voucher.kind.value
            row.value = voucher.value
            row.event_id = voucher.event_id
            row.valid_from = voucher.valid_from
            row.valid_until = voucher.valid_until
            row.use_limit = voucher.use_limit
            row.minimum_satang = voucher.minimum_satang

    def voucher(self, code: str) -> Voucher | None:
        """The voucher of a normalised code; None if there is none."""
        with self._database.reading() as session:
            row = session.get(VoucherRow, code)
            return None if row is None else _voucher(row)

    def vouchers(self) -> list[Voucher]:
        """All, by code."""
        with self._database.reading() as session:
            return [_voucher(row) for row in session.scalars(select(VoucherRow).order_by(VoucherRow.code))]


def _voucher(row: VoucherRow) -> Voucher:
    return Voucher(
        code=row.code,
        kind=VoucherKind(row.kind),
        value=row.value,
        event_id=row.event_id,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        use_limit=row.use_limit,
        used=row.used,
        minimum_satang=row.minimum_satang,
    )
