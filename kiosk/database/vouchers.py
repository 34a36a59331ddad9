"""Vouchers in SQL. What they are worth is the business of `kiosk.sales.vouchers`."""

from __future__ import annotations

from sqlalchemy import select

from kiosk.database.engine import Database
from kiosk.database.tables import VoucherRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.types import Voucher, VoucherKind


class SqlVoucherRepository:
    """Each method is one transaction. Uses are counted by the checkout store, when an order is paid."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_voucher(self, voucher: Voucher) -> None:
        """Stores a new voucher under its normalised code.

        Raises KnownError(VOUCHER_TAKEN) where there is one of this code, used up or not: what it is worth was
        promised to whoever holds it.
        """
        with self._database.writing() as session:
            if session.get(VoucherRow, voucher.code) is not None:
                raise KnownError(
                    ErrorCode.VOUCHER_TAKEN,
                    f"There is a voucher {voucher.code} already.",
                    "Choose another code.",
                )
            session.add(_row(voucher))

    def voucher(self, code: str) -> Voucher | None:
        """The voucher of a normalised code; None if there is none."""
        with self._database.reading() as session:
            row = session.get(VoucherRow, code)
            return None if row is None else _voucher(row)

    def vouchers(self) -> list[Voucher]:
        """All, by code."""
        with self._database.reading() as session:
            return [_voucher(row) for row in session.scalars(select(VoucherRow).order_by(VoucherRow.code))]


def _row(voucher: Voucher) -> VoucherRow:
    return VoucherRow(
        code=voucher.code,
        kind=voucher.kind.value,
        value=voucher.value,
        event_id=voucher.event_id,
        valid_from=voucher.valid_from,
        valid_until=voucher.valid_until,
        use_limit=voucher.use_limit,
        used=voucher.used,
        minimum_satang=voucher.minimum_satang,
    )


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
