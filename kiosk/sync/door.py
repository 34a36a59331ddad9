"""The one way to the centre: who asks for the client here gets that of the enrolment which is valid now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.clock import Clock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.secrets import device_key_name, read_secret
from kiosk.sync.client import CentralClient
from kiosk.sync.connection import Timeouts
from kiosk.sync.login import Credentials

_LOOKS_AGAIN_S = 1.0
_PROMPT = Timeouts(connect_s=2.0, read_s=5.0, whole_s=8.0)
"""For what a visitor waits for: the ports of payments and vouchers promise 10 s."""


class Enrolment(Protocol):
    """When this kiosk was enrolled at its centre."""

    @property
    def at(self) -> datetime: ...


class Enrolments(Protocol):
    """Whether this kiosk is enrolled. Raises KnownError DATABASE_*."""

    @property
    def kiosk_id(self) -> str: ...

    def enrolled(self) -> Enrolment | None: ...


@dataclass(frozen=True, slots=True)
class _Clients:
    usual: CentralClient
    prompt: CentralClient

    def close(self) -> None:
        self.usual.close()
        self.prompt.close()


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
        self._clients: _Clients | None = None
        self._made_for: datetime | None = None
        self._looked_s = float("-inf")
        self._is_closed = False

    def client(self) -> CentralClient:
        """Raises KnownError: NOT_ENROLLED, SECRET_MISSING (its key is gone), SETTING_INVALID (the address),
        CENTRE_UNREACHABLE (the kiosk is being ended), DATABASE_*."""
        return self._valid().usual

    def prompt_client(self) -> CentralClient:
        """As `client`, for what a visitor waits for: each of its calls ends within 10 s."""
        return self._valid().prompt

    def close(self) -> None:
        """Ends every call under way, for good."""
        with self._lock:
            self._is_closed = True
            clients = self._clients
        if clients is not None:
            clients.close()

    def _valid(self) -> _Clients:
        with self._lock:
            if self._is_closed:
                raise KnownError(ErrorCode.CENTRE_UNREACHABLE, "The kiosk is being ended.")
            now_s = self._clock.monotonic_s()
            if self._clients is None or now_s - self._looked_s >= _LOOKS_AGAIN_S:
                self._clients = self._of_enrolment()
                self._looked_s = now_s
            return self._clients

    def _of_enrolment(self) -> _Clients:
        enrolled = self._enrolments.enrolled()
        if enrolled is None:
            raise not_enrolled()
        if self._clients is not None and enrolled.at == self._made_for:
            return self._clients
        kiosk_id = self._enrolments.kiosk_id
        credentials = Credentials(kiosk_id, self._secret(device_key_name(kiosk_id)))
        clients = _Clients(
            CentralClient(self.url, credentials, self._clock),
            CentralClient(self.url, credentials, self._clock, _PROMPT),
        )
        if self._clients is not None:
            self._clients.close()
        self._made_for = enrolled.at
        return clients


def not_enrolled() -> KnownError:
    """That the centre does not know this kiosk."""
    return KnownError(
        ErrorCode.NOT_ENROLLED,
        "This kiosk is not enrolled at its centre.",
        "Ask an admin of the centre for a code, and type it here: kiosk sync enrol CODE",
    )
