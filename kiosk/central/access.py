"""Everything about who may ask a centre, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.central.accounts import Accounts, lock_rule
from kiosk.central.centre import Centre
from kiosk.central.devices import Devices
from kiosk.central.enrolment import Enrolment
from kiosk.central.logins import Logins
from kiosk.central.rate_limits import RateLimits
from kiosk.central.tokens import AccessTokens
from kiosk.database.login_tries import SqlLoginTries


@dataclass(frozen=True, slots=True)
class Access:
    """The parts that let callers in. Any thread."""

    tokens: AccessTokens
    limits: RateLimits
    logins: Logins
    devices: Devices
    enrolment: Enrolment


def open_access(centre: Centre) -> Access:
    """Of an open centre. Raises KnownError: SECRET_MISSING, SETTING_INVALID (no signing key), DATABASE_*."""
    rules, database, clock = centre.settings.access, centre.database, centre.clock
    redis_url = centre.settings.queue.redis_url
    password = centre.secrets.find("redis_password") if redis_url else None
    tokens = AccessTokens(centre.secrets.signing_key(), clock, rules.access_s)
    accounts = Accounts(database, clock, rules)
    devices = Devices(database, clock, rules)
    SqlLoginTries(database, lock_rule(rules)).sweep(clock.now())
    return Access(
        tokens=tokens,
        limits=RateLimits(rules, redis_url, password),
        logins=Logins(database, clock, tokens, accounts, devices, rules.refresh_s),
        devices=devices,
        enrolment=Enrolment(database, clock, rules),
    )
