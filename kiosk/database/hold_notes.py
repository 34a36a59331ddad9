"""Which uses of vouchers this kiosk has asked for and not settled (`kiosk.sync.voucher_desk.HoldNotes`)."""

from __future__ import annotations

from sqlalchemy import delete, select

from kiosk.database.engine import Database
from kiosk.database.tables import MetaRow

_PREFIX = "voucher_hold:"


class SqlHoldNotes:
    """Each method is one transaction; any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, order_id: str, code: str) -> None:
        """From now on, until `forget`."""
        with self._database.writing() as session:
            session.merge(MetaRow(key=_PREFIX + order_id, value=code))

    def forget(self, order_id: str) -> None:
        """It is settled; harmless when it was already."""
        with self._database.writing() as session:
            session.execute(delete(MetaRow).where(MetaRow.key == _PREFIX + order_id))

    def remembered(self) -> dict[str, str]:
        """Codes by order."""
        query = select(MetaRow).where(MetaRow.key.startswith(_PREFIX, autoescape=True))
        with self._database.reading() as session:
            return {row.key.removeprefix(_PREFIX): row.value for row in session.scalars(query)}
