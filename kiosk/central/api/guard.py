"""Who may do what: the one place where the interface asks for a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from kiosk.central.access import Access
from kiosk.central.api.doorkeeper import address_of
from kiosk.central.principal import Principal, Role
from kiosk.central.tokens import refused
from kiosk.errors import ErrorCode, KnownError

_BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="From POST /api/auth/login.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class Guard:
    """Lets callers in by their access token. Any thread.

    `Depends(guard.allow(Role.DEVICE))` gives a handler the caller; `Depends(guard.searches)` beside it counts
    a search of faces.
    """

    def __init__(self, access: Access, *, trusts_proxy: bool = False) -> None:
        self.access = access
        self._trusts_proxy = trusts_proxy

    def allow(self, *roles: Role) -> Callable[..., Principal]:
        """A dependency that gives the caller, who is in one of the roles or an admin; without roles anybody
        who is logged in.

        It raises KnownError: CENTRE_LOGIN_REFUSED, CLOCK_OFF, DEVICE_REVOKED, RIGHTS_MISSING.
        """
        allowed = frozenset(roles or Role) | {Role.ADMIN}

        def enter(credentials: Credentials) -> Principal:
            principal = self._caller(credentials)
            if principal.role not in allowed:
                raise KnownError(
                    ErrorCode.RIGHTS_MISSING,
                    f"The role {principal.role} may not do this.",
                    "Log in as somebody who may.",
                )
            return principal

        return enter

    def searches(self, request: Request, credentials: Credentials) -> None:
        """A dependency that counts a face search: of who is logged in, else of the address.

        Raises KnownError: CENTRE_BUSY, and those of a token that is not good.
        """
        caller = f"address {self.address(request)}"
        if credentials is not None:
            principal = self.access.tokens.read(credentials.credentials)
            caller = f"{principal.role} {principal.subject}"
        self.access.limits.count_search(caller)

    def address(self, request: Request) -> str:
        """Where a request comes from."""
        return address_of(request.scope, trusts_proxy=self._trusts_proxy)

    def _caller(self, credentials: HTTPAuthorizationCredentials | None) -> Principal:
        if credentials is None:
            raise refused("This needs an access token.")
        principal = self.access.tokens.read(credentials.credentials)
        if principal.role is Role.DEVICE:
            self.access.devices.admit(principal.subject, principal.tenant_id)
        return principal
