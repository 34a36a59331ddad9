"""The sites of a chain, and which kiosks stand in each: its kiosks read them, its admins write them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from kiosk.central.api.fields import Body, Word
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.database.devices import SqlDevices
from kiosk.database.sites import SqlSites
from kiosk.database.tenant import TenantDatabase
from kiosk.visits.store_rules import site_unknown
from kiosk.visits.types import Site

SiteId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class SiteName(Body):
    """What a site is called; no other site of the chain is."""

    name: Word


class SiteBody(BaseModel):
    """A site; `device_ids` are the kiosks that told last that they stand there."""

    site_id: str
    name: str
    created_at: datetime
    device_ids: list[str]


class SiteList(BaseModel):
    """The sites of a chain, by name."""

    sites: list[SiteBody]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/sites", tags=["sites"])
    admin, device = guard.allow(Role.ADMIN), guard.allow(Role.DEVICE)

    def sites_of(who: Principal) -> SqlSites:
        return SqlSites(TenantDatabase(centre.database, who.tenant_id, centre.clock))

    def listed(who: Principal) -> list[SiteBody]:
        devices = [one for one in SqlDevices(centre.database).of_tenant(who.tenant_id) if not one.revoked_at]
        return [
            _body(site, [one.device_id for one in devices if one.site_id == site.site_id])
            for site in sites_of(who).sites()
        ]

    @routes.get("")
    def list_sites(who: Principal = Depends(device)) -> SiteList:
        """The sites of the caller's chain."""
        return SiteList(sites=listed(who))

    @routes.post("", status_code=201)
    def add(body: SiteName, who: Principal = Depends(admin)) -> SiteBody:
        """Adds a site; every kiosk of the chain hears of it."""
        return _body(sites_of(who).add(body.name), [])

    @routes.patch("/{site_id}")
    def rename(site_id: SiteId, body: SiteName, who: Principal = Depends(admin)) -> SiteBody:
        """Gives a site another name."""
        sites_of(who).rename(site_id, body.name)
        for one in listed(who):
            if one.site_id == site_id:
                return one
        raise site_unknown()  # removed in the same moment

    @routes.delete("/{site_id}", status_code=204)
    def remove(site_id: SiteId, who: Principal = Depends(admin)) -> Response:
        """Removes a site that has neither cameras nor visits."""
        sites_of(who).remove(site_id)
        return Response(status_code=204)

    return routes


def _body(site: Site, device_ids: list[str]) -> SiteBody:
    return SiteBody(site_id=site.site_id, name=site.name, created_at=site.created_at, device_ids=device_ids)
