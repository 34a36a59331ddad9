"""Access tokens: who asks, in which role, signed by the centre and good for minutes.

They are JSON web tokens (RFC 7519) under HMAC-SHA256. Times in them are the centre's own, held against the
centre's clock and not the caller's.
"""

from __future__ import annotations

from datetime import UTC, datetime

import jwt

from kiosk.central.principal import Principal, Role
from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError

LEEWAY_S = 60
"""How far the clocks of a centre's processes may be apart."""

_ALGORITHM = "HS256"
_ISSUER = "photo-kiosk"
_CLAIMS = ["iss", "sub", "ten", "rol", "nbf", "exp"]
_LONGEST = 4096


class AccessTokens:
    """Signs and reads access tokens. Immutable; any thread. `valid_s` is how long new ones last."""

    def __init__(self, key: bytes, clock: Clock, valid_s: float) -> None:
        self._key = key
        self._clock = clock
        self.valid_s = valid_s

    def issue(self, principal: Principal) -> str:
        """A fresh token."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": _ISSUER,
            "sub": principal.subject,
            "ten": principal.tenant_id,
            "rol": principal.role.value,
            "nbf": now,
            "exp": now + int(self.valid_s),
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def read(self, token: str) -> Principal:
        """Who the token was signed for.

        Raises KnownError: CENTRE_LOGIN_REFUSED (forged, broken or expired), CLOCK_OFF (signed in the future:
        the clocks of the centre's machines disagree, or this one was put back).
        """
        try:
            if len(token) > _LONGEST:
                raise jwt.InvalidTokenError("too long")
            # Times are checked below: the library would ask the system's clock.
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                issuer=_ISSUER,
                options={"require": _CLAIMS, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
            principal = Principal(str(claims["sub"]), str(claims["ten"]), Role(claims["rol"]))
            begins, ends = int(claims["nbf"]), int(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError) as broken:
            raise refused("The access token is not one of this centre.") from broken
        self._check_times(begins, ends)
        return principal

    def _check_times(self, begins: int, ends: int) -> None:
        now = self._clock.now().timestamp()
        if begins > now + LEEWAY_S:
            told = datetime.fromtimestamp(begins, UTC)
            raise KnownError(
                ErrorCode.CLOCK_OFF,
                f"The access token is not yet valid: it is of {told:%Y-%m-%d %H:%M} UTC, and this machine's "
                f"clock says {self._clock.now():%Y-%m-%d %H:%M} UTC.",
                "Set the clocks of the centre's machines; they should follow a time server.",
            )
        if ends < now - LEEWAY_S:
            raise refused("The access token has expired.")


def refused(detail: str) -> KnownError:
    """That somebody is not let in."""
    return KnownError(ErrorCode.CENTRE_LOGIN_REFUSED, detail, "Log in again.")
