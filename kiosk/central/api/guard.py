"""Who may do what: the one place where the interface asks for a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.central.tokens import AccessTokens, refused
from kiosk.errors import ErrorCode, KnownError

_BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="From POST /api/auth/login.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class Guard:
    """Lets callers in by their access token. Any thread.

    `allow` makes a dependency for a handler; so is `searches`, which a handler that searches faces asks too.
    """

    def __init__(self, centre: Centre) -> None:
        self.tokens = AccessTokens(
            centre.secrets.signing_key(), centre.clock, centre.settings.access.access_s
        )

    def allow(self, *roles: Role) -> Callable[..., Principal]:
        """A dependency that gives the caller, who is in one of the roles or an admin; without roles anybody
        who is logged in.

        It raises KnownError: CENTRE_LOGIN_REFUSED, CLOCK_OFF, DEVICE_REVOKED, RIGHTS_MISSING.
        """
        allowed = frozenset(roles or Role) | {Role.ADMIN}

        def enter(request: Request, credentials: Credentials) -> Principal:
            if credentials is None:
                raise refused("This needs an access token.")
            principal = self.tokens.read(credentials.credentials)
            if principal.role not in allowed:
                raise KnownError(
                    ErrorCode.RIGHTS_MISSING,
                    f"The role {principal.role} may not do this.",
                    "Log in as somebody who may.",
                )
            return principal

        return enter

    def searches(self, request: Request) -> None:
        """A dependency that counts a face search of the caller. Raises KnownError(CENTRE_BUSY)."""
