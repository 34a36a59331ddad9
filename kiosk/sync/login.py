"""Logging in to the centre: a device's key becomes a token for minutes, renewed before it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel, Field, ValidationError

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.secrets import ENROL_AGAIN
from kiosk.sync.connection import nonsense

LOGIN_PATH = "/api/auth/login"
REFRESH_PATH = "/api/auth/refresh"
_RENEWED_AT = 0.8
"""Of its life a token is used so much; the rest is for slow networks."""

Post = Callable[[str, dict[str, object]], dict[str, object]]
"""Posts a body to a path, without a token, and gives the answer's object."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a device proves itself."""

    device_id: str
    key: str = field(repr=False)


class _Tokens(BaseModel):
    access_token: str = Field(min_length=1, repr=False)
    refresh_token: str = Field(min_length=1, repr=False)
    expires_in: float = Field(gt=0)


class Login:
    """Holds the tokens of a device. Any thread; one logs in at a time and the others wait for it.

    The age of a token is counted on the monotonic clock: a wall clock that is wrong, or put right, neither
    ends nor prolongs one.
    """

    def __init__(self, credentials: Credentials, post: Post, clock: Clock) -> None:
        self._credentials = credentials
        self._post = post
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: _Tokens | None = None
        self._taken_s = 0.0

    def token(self) -> str:
        """A token that is good now. Raises KnownError: what the centre's answers mean."""
        with self._lock:
            tokens = self._tokens
            if tokens is None:
                tokens = self._log_in()
            elif self._clock.monotonic_s() - self._taken_s >= tokens.expires_in * _RENEWED_AT:
                tokens = self._refresh(tokens)
            return tokens.access_token

    def forget(self, token: str) -> None:
        """The centre does not take this token any more; one that another thread has taken since stays."""
        with self._lock:
            if self._tokens is not None and self._tokens.access_token == token:
                self._tokens = None

    def _log_in(self) -> _Tokens:
        asked: dict[str, object] = {
            "device_id": self._credentials.device_id,
            "device_key": self._credentials.key,
        }
        try:
            return self._take(LOGIN_PATH, asked)
        except KnownError as refused:
            if refused.code is not ErrorCode.CENTRE_LOGIN_REFUSED:
                raise
            raise KnownError(refused.code, refused.detail, ENROL_AGAIN, refused.params) from refused

    def _refresh(self, tokens: _Tokens) -> _Tokens:
        """A refresh token is good once: where the answer to it was lost, the key logs in anew."""
        try:
            return self._take(REFRESH_PATH, {"refresh_token": tokens.refresh_token})
        except KnownError as refused:
            if refused.code is not ErrorCode.CENTRE_LOGIN_REFUSED:
                raise
            return self._log_in()

    def _take(self, path: str, body: dict[str, object]) -> _Tokens:
        self._tokens = None
        asked_s = self._clock.monotonic_s()
        answer = self._post(path, body)
        try:
            tokens = _Tokens.model_validate(answer)
        except ValidationError:
            raise nonsense("it holds no tokens") from None
        self._tokens, self._taken_s = tokens, asked_s
        return tokens
