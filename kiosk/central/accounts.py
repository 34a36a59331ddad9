"""People who log in at the centre: a few wrong passwords lock an account for a while."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

from kiosk.central.passwords import hash_password, is_password
from kiosk.central.principal import Principal, Role
from kiosk.central.settings import AccessSection
from kiosk.central.tokens import refused
from kiosk.clock import Clock
from kiosk.database.central_accounts import Account, SqlAccounts
from kiosk.database.engine import Database
from kiosk.database.login_tries import LockRule, SqlLoginTries
from kiosk.errors import ErrorCode, KnownError

PEOPLE = frozenset({Role.ADMIN, Role.PHOTOGRAPHER, Role.CUSTOMER})
_KIND = "account"
_LOGIN = re.compile(r"[^\s\x00-\x1f\x7f]{1,200}")


class Accounts:
    """Makes accounts and logs people in. Any thread.

    Whoever does not exist is answered, and locked, as one who does.
    """

    def __init__(self, database: Database, clock: Clock, access: AccessSection) -> None:
        self._accounts = SqlAccounts(database)
        self._tries = SqlLoginTries(database, lock_rule(access))
        self._clock = clock

    def log_in(self, login: str, password: str) -> Principal:
        """Who it is. Raises KnownError: CENTRE_LOGIN_REFUSED, LOGIN_LOCKED, CENTRE_BUSY."""
        known_as = normal_login(login)
        self._tries.begin(_KIND, known_as, self._clock.now())
        account = self._accounts.by_login(known_as)
        if not is_password(password, account.password_hash if account else None) or account is None:
            raise refused("Login or password is wrong.")
        self._tries.forget(_KIND, known_as)
        return principal_of(account)

    def principal(self, account_id: str) -> Principal | None:
        """Who an account is now; None where it is gone."""
        account = self._accounts.find(account_id)
        return None if account is None else principal_of(account)


def add_account(
    database: Database, clock: Clock, tenant_id: str, login: str, password: str, role: Role
) -> Account:
    """A new account. Raises KnownError: REQUEST_INVALID (login, password or role cannot be used),
    ACCOUNT_TAKEN."""
    known_as = normal_login(login)
    if role not in PEOPLE or _LOGIN.fullmatch(known_as) is None:
        raise KnownError(
            ErrorCode.REQUEST_INVALID,
            "An account has a login of up to 200 letters without blanks, and the role of a person.",
            "Choose another login, or enrol a kiosk with: kiosk central enrol",
        )
    account = Account(uuid4().hex, tenant_id, known_as, hash_password(password), role.value)
    SqlAccounts(database).add(account, clock.now())
    return account


def normal_login(login: str) -> str:
    """A login as it is stored: neither case nor blanks around it matter."""
    return login.strip().casefold()


def principal_of(account: Account) -> Principal:
    """Who an account lets in."""
    return Principal(account.account_id, account.tenant_id, Role(account.role))


def lock_rule(access: AccessSection) -> LockRule:
    """When logins are locked, by the settings."""
    return LockRule(access.most_failed_logins, timedelta(seconds=access.locked_s))
