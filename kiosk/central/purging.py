"""What camera workers keep of people goes when its days are over: every tenant's, by the hour.

A stay ends here also where no worker watches any more that would end it: its throw-away embedding goes with
it.
"""

from __future__ import annotations

import threading

import structlog

from kiosk.archive import thresholds_of
from kiosk.central.camera_posts import AT_THE_CENTRE
from kiosk.central.centre import Centre
from kiosk.database.central_accounts import SqlTenants
from kiosk.database.retention import SqlRetention
from kiosk.database.sealing import seal_pictures
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_book import SqlVisitBook
from kiosk.errors import KnownError
from kiosk.visits.pictures import FacePictures
from kiosk.visits.retention import PURGE_EVERY, KeepRules, Retention
from kiosk.visits.stay_rules import StayRules

_log = structlog.get_logger(__name__)


class Purging:
    """Purges one tenant after the other; what fails for one keeps no other waiting, and is tried again.
    Several processes may do so at once."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._retentions: dict[str, Retention] = {}
        self._thresholds = thresholds_of(
            centre.database, centre.settings.vision, centre.archive.index.contract_id
        )

    def run(self, stop: threading.Event) -> None:
        """At start and every hour until `stop` is set. Raises KnownError DATABASE_*; it may be run again."""
        while not stop.is_set():
            self.once()
            stop.wait(PURGE_EVERY.total_seconds())

    def once(self) -> None:
        """Every tenant. Raises KnownError DATABASE_* (the list of tenants cannot be read)."""
        for tenant in SqlTenants(self._centre.database).all():
            tenant_id = tenant.tenant_id
            if tenant_id not in self._retentions:
                self._retentions[tenant_id] = self._retention(tenant_id)
            try:
                seal_pictures(self._centre.database, self._pictures(tenant_id), tenant_id)
                self._book(tenant_id).end_due(self._centre.clock.now())
                self._retentions[tenant_id].purge()
            except KnownError as failed:
                _log.warning("tenant_not_purged", tenant_id=tenant_id, code=failed.code)

    def _pictures(self, tenant_id: str) -> FacePictures:
        return FacePictures(self._centre.archive.store, tenant_id, self._centre.database.vault)

    def _book(self, tenant_id: str) -> SqlVisitBook:
        centre = self._centre
        return SqlVisitBook(
            TenantDatabase(centre.database, tenant_id, centre.clock),
            AT_THE_CENTRE,
            self._pictures(tenant_id),
            StayRules.of(centre.settings.store),
            self._thresholds,
        )

    def _retention(self, tenant_id: str) -> Retention:
        centre = self._centre
        return Retention(
            SqlRetention(TenantDatabase(centre.database, tenant_id, centre.clock)),
            self._pictures(tenant_id),
            centre.database.keep_no_traces,
            KeepRules.of(centre.settings.store),
            centre.clock,
        )
