"""What whoever runs a centre does about a chain's sites and cameras at its machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kiosk.database.sites import SqlSites
from kiosk.database.streams import SqlStreams
from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.store_rules import site_named
from kiosk.visits.types import Site, Stream

_LIST_THEM = "List them with: kiosk central stream list --tenant TENANT"


@dataclass(frozen=True, slots=True)
class StoreDesk:
    """One tenant's sites, and the cameras that the centre's camera workers run for it."""

    sites: SqlSites
    streams: SqlStreams

    def site_named(self, name: str) -> Site:
        """The site of this name or id. Raises KnownError(SITE_UNKNOWN)."""
        return site_named(self.sites.sites(), name)

    def stream_named(self, name: str) -> Stream:
        """The camera of this id, or the one of this name: two sites may have one of the same. Raises
        KnownError(STREAM_UNKNOWN)."""
        streams = self.streams.streams()
        found = [one for one in streams if name.strip() == one.stream_id]
        found = found or [one for one in streams if name.strip().casefold() == one.name.casefold()]
        if len(found) != 1:
            which = "no camera" if not found else f"{len(found)} cameras"
            raise KnownError(
                ErrorCode.STREAM_UNKNOWN,
                f"{which.capitalize()} {'is' if not found else 'are'} called {name!r}.",
                f"Name it by its id. {_LIST_THEM}",
            )
        return found[0]

    def listed(self) -> list[dict[str, Any]]:
        """Each camera with its site and who runs it."""
        names = {site.site_id: site.name for site in self.sites.sites()}
        run_by = self.streams.run_by()
        return [
            {
                "stream_id": one.stream_id,
                "site": names.get(one.site_id, ""),
                "name": one.name,
                "source": one.source,
                "user": one.user,
                "is_on": one.is_on,
                "recognises": one.recognises,
                "worker_id": run_by[one.stream_id].worker_id if one.stream_id in run_by else None,
                "since": run_by[one.stream_id].since if one.stream_id in run_by else None,
            }
            for one in self.streams.streams()
        ]
