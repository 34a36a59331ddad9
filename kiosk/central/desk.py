"""What whoever runs a centre does at its machine: tenants, accounts, codes. Also while it serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.central.accounts import add_account, normal_login
from kiosk.central.catalogue import Catalogue
from kiosk.central.centre import open_central_database
from kiosk.central.devices import Devices
from kiosk.central.enrolment import Enrolment, NewCode
from kiosk.central.passwords import hash_password
from kiosk.central.principal import Role
from kiosk.central.secrets import open_secrets
from kiosk.central.settings import CentralSettings, load_central_settings
from kiosk.central.store_desk import StoreDesk
from kiosk.clock import Clock, SystemClock
from kiosk.database.central_accounts import Account, SqlAccounts, SqlTenants, Tenant
from kiosk.database.devices import Device, SqlDevices
from kiosk.database.engine import Database
from kiosk.database.feed import begin_history
from kiosk.database.leases import CameraWorker, SqlLeases
from kiosk.database.refresh_tokens import SqlRefreshTokens
from kiosk.database.sites import SqlSites
from kiosk.database.streams import SqlStreams
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.types import Voucher
from kiosk.sales.vouchers import new_voucher
from kiosk.sync.records import EventRecord

_LONGEST_NAME = 200
_LONGEST_PLACE = 500


@dataclass(frozen=True, slots=True)
class TenantDevice:
    """A device with the name of its tenant."""

    tenant: str
    device: Device


class Desk:
    """Works on a centre's database alone."""

    def __init__(self, database: Database, clock: Clock, settings: CentralSettings) -> None:
        self._database = database
        self._clock = clock
        self._access = settings.access
        self._tenants = SqlTenants(database)
        self._catalogue = Catalogue(database, clock)

    def add_tenant(self, name: str) -> Tenant:
        """The tenant of this name, made where there is none. Raises KnownError(REQUEST_INVALID)."""
        return self._tenants.add(_checked_name(name), self._clock.now())

    def tenants(self) -> list[Tenant]:
        """Every tenant, by name."""
        return self._tenants.all()

    def rows_of(self, tenant: str) -> TenantDatabase:
        """What is a tenant's and nobody else's. Raises KnownError(TENANT_UNKNOWN)."""
        return TenantDatabase(self._database, self._tenant(tenant).tenant_id, self._clock)

    def has_accounts(self) -> bool:
        """Whether anybody can log in."""
        return not SqlAccounts(self._database).is_empty()

    def add_account(self, tenant: str, login: str, password: str, role: Role) -> Account:
        """A new account. The very first tenant is made by the way, so that one command begins a centre.

        Raises KnownError: TENANT_UNKNOWN, REQUEST_INVALID, ACCOUNT_TAKEN.
        """
        owner = self._tenant(tenant) if self.tenants() else self.add_tenant(tenant)
        return add_account(self._database, self._clock, owner.tenant_id, login, password, role)

    def set_password(self, login: str, password: str) -> Account:
        """Another password, and every login with the one before ends: within `access.access_s`, at which its
        last access token expires. So is shut out who stole one, or who is to come in no more.

        Raises KnownError: ACCOUNT_UNKNOWN, REQUEST_INVALID (too short).
        """
        account = SqlAccounts(self._database).set_password(normal_login(login), hash_password(password))
        SqlRefreshTokens(self._database).end_all_of(account.account_id)
        return account

    def new_code(self, tenant: str, name: str, prefix: str) -> NewCode:
        """A code that enrols a kiosk.

        Raises KnownError: TENANT_UNKNOWN, REQUEST_INVALID (the name), ENROLMENT_INVALID (the prefix).
        """
        owner = self._tenant(tenant)
        enrolment = Enrolment(self._database, self._clock, self._access)
        return enrolment.new_code(owner.tenant_id, _checked_name(name), prefix)

    def devices(self, tenant: str = "") -> Sequence[TenantDevice]:
        """The devices of a tenant, or of all. Raises KnownError(TENANT_UNKNOWN)."""
        owners = [self._tenant(tenant)] if tenant else self.tenants()
        found = SqlDevices(self._database)
        return [
            TenantDevice(owner.name, device)
            for owner in owners
            for device in found.of_tenant(owner.tenant_id)
        ]

    def revoke(self, device_id: str) -> Device:
        """Shuts a device out; a running centre knows it within seconds. Raises KnownError(DEVICE_UNKNOWN)."""
        device = SqlDevices(self._database).find(device_id)
        tenant_id = device.tenant_id if device else ""
        return Devices(self._database, self._clock, self._access).revoke(tenant_id, device_id)

    def add_event(self, tenant: str, name: str, name_th: str = "", place: str = "") -> EventRecord:
        """The tenant's event of this name, made where there is none: every kiosk of the tenant hears of it.

        Raises KnownError: TENANT_UNKNOWN, REQUEST_INVALID.
        """
        owner, name = self._tenant(tenant), _checked_name(name)
        there = self._catalogue.event_named(owner.tenant_id, name)
        if there is not None:
            return there
        name_th = _checked_name(name_th) if name_th.strip() else name
        words = {"name": name, "name_th": name_th, "place": _checked_place(place)}
        return self._catalogue.add_event(owner.tenant_id, words)

    def add_voucher(
        self,
        tenant: str,
        code: str,
        percent: int | None,
        baht: int | None,
        is_free: bool,
        event: str,
        uses: int,
        days: int,
    ) -> Voucher:
        """A new voucher that is good at every kiosk of the tenant that is on line, or at one event only.

        Raises KnownError: TENANT_UNKNOWN, EVENT_UNKNOWN, SETTING_INVALID, VOUCHER_CODE_INVALID,
        VOUCHER_TAKEN.
        """
        owner = self._tenant(tenant)
        event_id = self._event_id(owner, event.strip()) if event.strip() else None
        voucher = new_voucher(code, percent, baht, is_free, uses, self._clock.now(), days, event_id)
        self._catalogue.add_voucher(owner.tenant_id, voucher)
        return voucher

    def store(self, tenant: str) -> StoreDesk:
        """A tenant's sites and cameras. Raises KnownError(TENANT_UNKNOWN)."""
        of_tenant = self.rows_of(tenant)
        return StoreDesk(SqlSites(of_tenant), SqlStreams(of_tenant, ""))

    def camera_workers(self) -> list[CameraWorker]:
        """Those that are there, of all tenants."""
        return SqlLeases(self._database).workers()

    def begin_history(self) -> None:
        """After a backup was put back: every kiosk then pulls and tells everything anew."""
        begin_history(self._database)

    def _event_id(self, owner: Tenant, name: str) -> str:
        found = self._catalogue.event_named(owner.tenant_id, name)
        if found is None:
            raise KnownError(
                ErrorCode.EVENT_UNKNOWN,
                f"{owner.name} has no event {name!r}.",
                "Make it with: kiosk central event NAME --tenant TENANT",
            )
        return found.event_id

    def _tenant(self, name: str) -> Tenant:
        found = self._tenants.by_name(name.strip())
        if found is None:
            raise KnownError(
                ErrorCode.TENANT_UNKNOWN,
                f"There is no tenant {name!r}.",
                "List them with: kiosk central tenant list",
            )
        return found


@contextmanager
def desk_at(home: Path, clock: Clock | None = None) -> Iterator[Desk]:
    """The desk of the centre whose data is in `home`. Raises KnownError: SETTING_*, DATABASE_*."""
    clock = clock or SystemClock()
    settings = load_central_settings(home)
    secrets = open_secrets(home, is_embedded=not settings.database.url)
    database = open_central_database(home, settings, secrets, clock)
    try:
        yield Desk(database, clock, settings)
    finally:
        database.close()


def _checked_name(name: str) -> str:
    checked = name.strip()
    if not 1 <= len(checked) <= _LONGEST_NAME or not checked.isprintable():
        raise KnownError(
            ErrorCode.REQUEST_INVALID,
            f"A name has 1 to {_LONGEST_NAME} letters.",
            "Choose another name.",
        )
    return checked


def _checked_place(place: str) -> str:
    checked = place.strip()
    if len(checked) > _LONGEST_PLACE or (checked and not checked.isprintable()):
        raise KnownError(
            ErrorCode.REQUEST_INVALID,
            f"A place has at most {_LONGEST_PLACE} letters, on one line.",
            "Write a shorter one.",
        )
    return checked
