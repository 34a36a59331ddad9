"""The price lists that events have of their own."""

from __future__ import annotations

from sqlalchemy import select

from kiosk.database.engine import Database
from kiosk.database.tables import EventPackageRow
from kiosk.sales.packages import PackageSet
from kiosk.sales.types import Package


class SqlPriceLists:
    """Reads price lists; each method is one look. Any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_event(self, event_id: str) -> PackageSet | None:
        """The event's own; None where it has none, and the kiosk's settings hold.

        Raises KnownError: SETTING_INVALID for packages that no price can be made of; DATABASE_*.
        """
        query = select(EventPackageRow).where(EventPackageRow.event_id == event_id)
        with self._database.reading() as session:
            listed = tuple(
                Package(row.package_id, row.name_key, row.photo_count, row.price_satang)
                for row in session.scalars(query.order_by(EventPackageRow.position))
            )
        return PackageSet(listed) if listed else None
