"""Logging in at the centre, and staying so: tokens for minutes, renewed by one that is good once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from kiosk.central.accounts import Accounts
from kiosk.central.devices import Devices
from kiosk.central.principal import Principal, Role
from kiosk.central.tokens import AccessTokens, refused
from kiosk.clock import Clock
from kiosk.database.engine import Database
from kiosk.database.refresh_tokens import SqlRefreshTokens, StoredToken

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Login:
    """Who was let in, and the tokens that prove it. Never stored, never logged."""

    principal: Principal
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


class Logins:
    """Lets people and devices in. Any thread. `refresh_s` is how long a refresh token lasts.

    Each refresh gives a new refresh token and uses the old one up. One that comes twice is known to two, of
    whom one stole it: every token that grew out of that login ends.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tokens: AccessTokens,
        accounts: Accounts,
        devices: Devices,
        refresh_s: float,
    ) -> None:
        self._stored = SqlRefreshTokens(database)
        self._clock = clock
        self._tokens = tokens
        self._accounts = accounts
        self._devices = devices
        self._valid_for = timedelta(seconds=refresh_s)

    def of_person(self, login: str, password: str) -> Login:
        """Raises KnownError as `Accounts.log_in`."""
        return self._begin(self._accounts.log_in(login, password))

    def of_device(self, device_id: str, key: str) -> Login:
        """Raises KnownError as `Devices.log_in`."""
        return self._begin(self._devices.log_in(device_id, key))

    def refresh(self, token: str) -> Login:
        """New tokens for a refresh token. Raises KnownError: CENTRE_LOGIN_REFUSED, DEVICE_REVOKED."""
        now = self._clock.now()
        fresh = secrets.token_urlsafe(_TOKEN_BYTES)
        stored = self._stored.use(_hash(token), _hash(fresh), now + self._valid_for, now)
        if stored is None:
            raise refused("The refresh token is unknown, expired or used already.")
        principal = self._principal(stored)
        return Login(principal, self._tokens.issue(principal), fresh)

    def _begin(self, principal: Principal) -> Login:
        now = self._clock.now()
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        family = secrets.token_hex(16)
        stored = StoredToken(
            _hash(token), family, principal.subject, principal.role.value, now + self._valid_for
        )
        self._stored.add(stored, now)
        return Login(principal, self._tokens.issue(principal), token)

    def _principal(self, stored: StoredToken) -> Principal:
        """As they are now: a role may have changed, a device have been revoked."""
        if stored.role == Role.DEVICE:
            return self._devices.principal(stored.subject)
        principal = self._accounts.principal(stored.subject)
        if principal is None:
            raise refused("The account is gone.")
        return principal


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
