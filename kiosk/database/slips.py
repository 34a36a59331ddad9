"""Slips in SQL (`kiosk.staff.ports.SlipBook`): each stands for one payment, whoever shows it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.bulk import among, insert_new
from kiosk.database.engine import Database
from kiosk.database.staff_tables import SlipRow
from kiosk.database.tables import PaymentRow
from kiosk.payments.types import PaymentState
from kiosk.staff.slip_facts import slip_used
from kiosk.staff.types import SlipUse

_COUNTED = frozenset({PaymentState.PAID.value, PaymentState.OVER.value, PaymentState.SHORT.value})


class SqlSlipBook:
    """Each method is one transaction; any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, bank: str, reference: str) -> SlipUse | None:
        with self._database.reading() as session:
            row = session.get(SlipRow, (bank, reference))
            return None if row is None else _slip(session, row)

    def take(self, slip: SlipUse) -> None:
        """What staff took stays theirs when the visitor shows the slip again."""
        with self._database.writing() as session:
            if insert_new(session, SlipRow, _values(slip)):
                return
            row = session.get_one(SlipRow, (slip.bank, slip.reference), with_for_update=True)
            if not _slip(session, row).may_be_of(slip.payment_id):
                raise slip_used()
            if row.staff_name and not slip.staff_name:
                return
            for name, value in _values(slip).items():
                setattr(row, name, value)

    def of_payments(self, payment_ids: Collection[str]) -> dict[str, SlipUse]:
        with self._database.reading() as session:
            query = select(SlipRow).where(among(session, SlipRow.payment_id, payment_ids))
            rows = session.scalars(query.order_by(SlipRow.at))
            return {row.payment_id: _slip(session, row) for row in rows}


def _values(slip: SlipUse) -> dict[str, object]:
    return {
        "bank": slip.bank,
        "reference": slip.reference,
        "order_id": slip.order_id,
        "payment_id": slip.payment_id,
        "amount_satang": slip.amount_satang,
        "is_checked_online": slip.is_checked_online,
        "staff_name": slip.staff_name,
        "at": slip.at,
    }


def _slip(session: Session, row: SlipRow) -> SlipUse:
    payment = session.get(PaymentRow, row.payment_id)
    return SlipUse(
        bank=row.bank,
        reference=row.reference,
        order_id=row.order_id,
        payment_id=row.payment_id,
        amount_satang=row.amount_satang,
        is_checked_online=row.is_checked_online,
        staff_name=row.staff_name,
        at=row.at,
        is_settled=payment is not None and payment.state in _COUNTED,
    )
