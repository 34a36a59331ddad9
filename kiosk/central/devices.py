"""Enrolled kiosks at the centre: they log in by their key, until somebody revokes them."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import structlog

from kiosk.central.accounts import lock_rule
from kiosk.central.principal import Principal, Role
from kiosk.central.settings import AccessSection
from kiosk.central.tokens import refused
from kiosk.clock import Clock
from kiosk.database.devices import Device, SqlDevices
from kiosk.database.engine import Database
from kiosk.database.login_tries import SqlLoginTries
from kiosk.database.refresh_tokens import SqlRefreshTokens
from kiosk.errors import ErrorCode, KnownError

_log = structlog.get_logger(__name__)
_KNOWN_FOR_S = 2.0
_SEEN_EVERY = timedelta(minutes=1)
_MOST_KNOWN = 10_000
_KIND = "device"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Known:
    device: Device | None
    looked_s: float


class Devices:
    """Logs devices in, and says whether one may still ask. Any thread.

    What it says of a device may be two seconds old, so that a revoked one is out that soon in every process.
    """

    def __init__(self, database: Database, clock: Clock, access: AccessSection) -> None:
        self._devices = SqlDevices(database)
        self._refresh_tokens = SqlRefreshTokens(database)
        self._clock = clock
        self._tries = SqlLoginTries(database, lock_rule(access))
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._seen_s: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def log_in(self, device_id: str, key: str) -> Principal:
        """Which device it is. Raises KnownError: CENTRE_LOGIN_REFUSED, LOGIN_LOCKED, DEVICE_REVOKED."""
        self._tries.begin(_KIND, device_id, self._clock.now())
        device = self._devices.find(device_id)
        stored = device.key_hash if device else ""
        if not hmac.compare_digest(stored, key_hash(key)):
            raise refused("Device or key is wrong.")
        self._tries.forget(_KIND, device_id)
        return _admitted(device)

    def principal(self, device_id: str) -> Principal:
        """Who a device is now. Raises KnownError: DEVICE_REVOKED, CENTRE_LOGIN_REFUSED (gone)."""
        return _admitted(self._devices.find(device_id))

    def admit(self, device_id: str, tenant_id: str) -> None:
        """Lets a device in that showed its token, and notes that it was here. Raises as `principal`."""
        device = self._lately_known(device_id)
        if _admitted(device).tenant_id != tenant_id:
            raise refused("The device belongs to another tenant now.")
        self._note_seen(device_id)

    def revoke(self, tenant_id: str, device_id: str) -> Device:
        """Shuts a device out, here at once. Raises KnownError(DEVICE_UNKNOWN)."""
        device = self._devices.revoke(tenant_id, device_id, self._clock.now())
        if device is None:
            raise KnownError(ErrorCode.DEVICE_UNKNOWN, "There is no such device.", "List the devices.")
        self._refresh_tokens.end_all_of(device_id)
        self.forget(device_id)
        return device

    def forget(self, device_id: str) -> None:
        """Looks the device up anew when it asks again."""
        with self._lock:
            self._known.pop(device_id, None)

    def of_tenant(self, tenant_id: str) -> list[Device]:
        """A tenant's devices, by name."""
        return self._devices.of_tenant(tenant_id)

    def _lately_known(self, device_id: str) -> Device | None:
        now_s = self._clock.monotonic_s()
        with self._lock:
            known = self._known.get(device_id)
        if known is None or now_s - known.looked_s >= _KNOWN_FOR_S:
            known = _Known(self._devices.find(device_id), now_s)
            with self._lock:
                _put(self._known, device_id, known)
        return known.device

    def _note_seen(self, device_id: str) -> None:
        now_s = self._clock.monotonic_s()
        with self._lock:
            if (
                now_s - self._seen_s.get(device_id, -_SEEN_EVERY.total_seconds())
                < _SEEN_EVERY.total_seconds()
            ):
                return
            _put(self._seen_s, device_id, now_s)
        try:
            self._devices.seen(device_id, self._clock.now(), _SEEN_EVERY)
        except KnownError as error:  # it must not keep a kiosk from what it came for
            _log.warning("device_not_noted", code=error.code)


def key_hash(key: str) -> str:
    """What is stored of a device's key, which is random and long: its sha256 in hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def _admitted(device: Device | None) -> Principal:
    if device is None:
        raise refused("There is no such device.")
    if device.revoked_at is not None:
        raise KnownError(
            ErrorCode.DEVICE_REVOKED,
            "This kiosk was shut out from the centre.",
            "Ask an admin for a new code, and enrol it anew.",
        )
    return Principal(device.device_id, device.tenant_id, Role.DEVICE)


def _put(known: OrderedDict[str, Value], key: str, value: Value) -> None:
    known[key] = value
    known.move_to_end(key)
    while len(known) > _MOST_KNOWN:
        known.popitem(last=False)
