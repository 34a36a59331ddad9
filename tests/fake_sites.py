"""Sites in memory, for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

from kiosk.clock import Clock, ManualClock
from kiosk.visits.store_rules import check_site_name, checked_name, site_in_use, site_unknown
from kiosk.visits.types import Site


class FakeSites:
    """`kiosk.visits.ports.Sites`. `is_used` tells which sites have cameras or visits."""

    def __init__(
        self, clock: Clock | None = None, is_used: Callable[[str], bool] = lambda _site_id: False
    ) -> None:
        self._clock = clock or ManualClock()
        self._is_used = is_used
        self._sites: dict[str, Site] = {}

    def sites(self) -> list[Site]:
        return sorted(self._sites.values(), key=lambda one: (one.name, one.site_id))

    def add(self, name: str) -> Site:
        name = checked_name(name)
        check_site_name(name, "", self.sites())
        site = Site(uuid4().hex, name, self._clock.now())
        self._sites[site.site_id] = site
        return site

    def rename(self, site_id: str, name: str) -> None:
        name = checked_name(name)
        site = self._site(site_id)
        check_site_name(name, site_id, self.sites())
        self._sites[site_id] = replace(site, name=name)

    def remove(self, site_id: str) -> None:
        self._site(site_id)
        if self._is_used(site_id):
            raise site_in_use()
        del self._sites[site_id]

    def _site(self, site_id: str) -> Site:
        if site_id not in self._sites:
            raise site_unknown()
        return self._sites[site_id]
