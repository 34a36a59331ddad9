"""The one way to the centre: who asks for the client here gets that of the enrolment which is valid now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from kiosk.clock import Clock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.secrets import CENTRAL_DEVICE_KEY, read_secret
from kiosk.sync.client import CentralClient
from kiosk.sync.login import Credentials

_LOOKS_AGAIN_S = 1.0


class Enrolment(Protocol):
    """When this kiosk was enrolled at its centre."""

    @property
    def at(self) -> datetime: ...


class Enrolments(Protocol):
    """Whether this kiosk is enrolled. Raises KnownError DATABASE_*."""

    @property
    def kiosk_id(self) -> str: ...

    def enrolled(self) -> Enrolment | None: ...


class CentreDoor:
    """Opens once the kiosk is enrolled, also while it runs, and anew when it is enrolled anew. Any thread."""

    def __init__(
        self,
        url: str,
        enrolments: Enrolments,
        clock: Clock | None = None,
        secret: Callable[[str], str] = read_secret,
    ) -> None:
        self.url = url
        self._enrolments = enrolments
        self._clock = clock or SystemClock()
        self._secret = secret
        self._lock = threading.Lock()
        self._client: CentralClient | None = None
        self._made_for: datetime | None = None
        self._looked_s = float("-inf")
        self._is_closed = False

    def client(self) -> CentralClient:
        """Raises KnownError: NOT_ENROLLED, SECRET_MISSING (its key is gone), SETTING_INVALID (the address),
        CENTRE_UNREACHABLE (the kiosk is being ended), DATABASE_*."""
        with self._lock:
            if self._is_closed:
                raise KnownError(ErrorCode.CENTRE_UNREACHABLE, "The kiosk is being ended.")
            now_s = self._clock.monotonic_s()
            if self._client is None or now_s - self._looked_s >= _LOOKS_AGAIN_S:
                self._client = self._valid_client()
                self._looked_s = now_s
            return self._client

    def close(self) -> None:
        """Ends every call under way, for good."""
        with self._lock:
            self._is_closed = True
            client = self._client
        if client is not None:
            client.close()

    def _valid_client(self) -> CentralClient:
        enrolled = self._enrolments.enrolled()
        if enrolled is None:
            raise not_enrolled()
        if self._client is not None and enrolled.at == self._made_for:
            return self._client
        credentials = Credentials(self._enrolments.kiosk_id, self._secret(CENTRAL_DEVICE_KEY))
        client = CentralClient(self.url, credentials, self._clock)
        if self._client is not None:
            self._client.close()
        self._made_for = enrolled.at
        return client


def not_enrolled() -> KnownError:
    """That the centre does not know this kiosk."""
    return KnownError(
        ErrorCode.NOT_ENROLLED,
        "This kiosk is not enrolled at its centre.",
        "Ask an admin of the centre for a code, and type it here: kiosk sync enrol CODE",
    )
