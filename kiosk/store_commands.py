"""What staff do about cameras, sites and old pictures on the command line, beside a running shop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters import choose_store, open_vault
from kiosk.archive import DATABASE_FILE
from kiosk.clock import SystemClock
from kiosk.database.engine import open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.people import SqlPeople
from kiosk.database.retention import SqlRetention
from kiosk.database.sites import SqlSites
from kiosk.database.stays_over import StaysOver
from kiosk.database.streams import SqlStreams
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode, KnownError
from kiosk.secrets import KeyringSecrets
from kiosk.settings import Settings, load_settings
from kiosk.streams.stream_care import StreamCare
from kiosk.visits.pictures import FacePictures
from kiosk.visits.retention import KeepRules, Retention
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.store_rules import own_site, site_named
from kiosk.visits.types import Site, Stream


@dataclass(frozen=True, slots=True)
class Shop:
    """The rows of a shop, open. Any command beside a running one works on these alone: that notices."""

    home: Path
    settings: Settings
    tenant: TenantDatabase
    sites: SqlSites
    streams: SqlStreams
    kept: SqlRetention

    @property
    def people(self) -> SqlPeople:
        """Whoever is known, with their pictures. Raises what opening the object store raises."""
        pictures = FacePictures(choose_store(self.home, self.settings.photos), "", self.tenant.database.vault)
        return SqlPeople(self.tenant, SqlMeta(self.tenant.database).kiosk_id(), pictures)

    def site_named(self, name: str) -> Site:
        """The site of this name; of an empty one that of this machine. Raises KnownError(SITE_UNKNOWN)."""
        if not name:
            return own_site(self.sites, self.settings.store.site or self.settings.kiosk.operator)
        return site_named(self.sites.sites(), name)

    def stream_named(self, name: str) -> Stream:
        """The stream of this name or id. Raises KnownError(STREAM_UNKNOWN)."""
        for stream in self.streams.streams():
            if name.casefold() in (stream.name.casefold(), stream.stream_id):
                return stream
        raise KnownError(
            ErrorCode.STREAM_UNKNOWN, f"There is no camera {name!r}.", "List them with: kiosk streams list"
        )


@contextmanager
def shop_at(home: Path, settings: Settings | None = None) -> Iterator[Shop]:
    """Opens the rows of the shop in a data folder, with other settings than its own where some are given.
    Raises KnownError DATABASE_*, SETTING_*."""
    settings, clock = settings or load_settings(home), SystemClock()
    database = open_database(home / DATABASE_FILE, clock, vault=open_vault(home))
    try:
        tenant = TenantDatabase(database, "", clock)
        streams = SqlStreams(tenant, SqlMeta(database).kiosk_id())
        yield Shop(home, settings, tenant, SqlSites(tenant), streams, SqlRetention(tenant))
    finally:
        database.close()


def retention_of(shop: Shop) -> Retention:
    """What purges the pictures of this machine. Raises what opening its object store raises."""
    pictures = FacePictures(choose_store(shop.home, shop.settings.photos), "", shop.tenant.database.vault)
    database, rules = shop.tenant.database, KeepRules.of(shop.settings.store)
    return Retention(shop.kept, pictures, database.keep_no_traces, rules, shop.tenant.clock)


def stays_over_of(shop: Shop) -> StaysOver:
    """What ends the stays of whoever has gone since this machine was switched off. Raises what opening its
    object store raises."""
    pictures = FacePictures(choose_store(shop.home, shop.settings.photos), "", shop.tenant.database.vault)
    return StaysOver(shop.tenant, pictures, StayRules.of(shop.settings.store))


def care_of(shop: Shop) -> StreamCare:
    """What adds, changes and removes cameras with their passwords."""
    return StreamCare(shop.streams, KeyringSecrets())
