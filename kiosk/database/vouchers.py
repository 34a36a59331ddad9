"""Vouchers in SQL. What they are worth is the business of `kiosk.sales.vouchers`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exc, select
from sqlalchemy.orm import Session

from kiosk.clock import Clock, SystemClock
from kiosk.database.changes import note_change
from kiosk.database.engine import Database
from kiosk.database.outbox import add_to_outbox
from kiosk.database.tables import VoucherRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.types import Voucher, VoucherKind
from kiosk.sync.records import Kind, VoucherRecord


class SqlVoucherRepository:
    """Each method is one transaction. Uses are counted by the checkout store, when an order is paid."""

    def __init__(self, database: Database, clock: Clock | None = None, tenant_id: str = "") -> None:
        """`tenant_id` is whose vouchers they are at a centre; a kiosk has its own only."""
        self._database = database
        self._clock = clock or SystemClock()
        self._tenant_id = tenant_id

    def add_voucher(self, voucher: Voucher) -> None:
        """Stores a new voucher under its normalised code.

        Raises KnownError(VOUCHER_TAKEN) where there is one of this code, used up or not: what it is worth was
        promised to whoever holds it.
        """
        try:
            with self._database.writing() as session:
                row = _row(voucher, self._tenant_id)
                session.add(row)
                session.flush()
                tell_voucher(session, row, self._clock.now())
        except exc.IntegrityError as taken:
            raise KnownError(
                ErrorCode.VOUCHER_TAKEN, f"There is a voucher {voucher.code} already.", "Choose another code."
            ) from taken

    def voucher(self, code: str) -> Voucher | None:
        """The voucher of a normalised code; None if there is none."""
        with self._database.reading() as session:
            row = session.get(VoucherRow, (self._tenant_id, code))
            return None if row is None else voucher_of(row)

    def vouchers(self) -> list[Voucher]:
        """All, by code."""
        query = select(VoucherRow).where(VoucherRow.tenant_id == self._tenant_id).order_by(VoucherRow.code)
        with self._database.reading() as session:
            return [voucher_of(row) for row in session.scalars(query)]


def tell_voucher(session: Session, row: VoucherRow, at: datetime) -> None:
    """Tells the centre, or at the centre the kiosks, how a voucher stands now."""
    add_to_outbox(session, Kind.VOUCHER, voucher_record(row), at)
    note_change(session, Kind.VOUCHER, row.code, row.tenant_id)


def voucher_record(row: VoucherRow) -> VoucherRecord:
    """A voucher as it goes over the wire."""
    return VoucherRecord.model_validate(row)


def _row(voucher: Voucher, tenant_id: str) -> VoucherRow:
    return VoucherRow(
        tenant_id=tenant_id,
        code=voucher.code,
        kind=voucher.kind.value,
        value=voucher.value,
        event_id=voucher.event_id,
        valid_from=voucher.valid_from,
        valid_until=voucher.valid_until,
        use_limit=voucher.use_limit,
        used=voucher.used,
        minimum_satang=voucher.minimum_satang,
        home_kiosk_id=voucher.home_kiosk_id,
    )


def voucher_of(row: VoucherRow) -> Voucher:
    """The voucher of a row."""
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
        home_kiosk_id=row.home_kiosk_id,
    )
