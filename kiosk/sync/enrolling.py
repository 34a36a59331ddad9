"""Making a kiosk known to its centre: a code that is good once becomes a key that lasts."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, Field, ValidationError

from kiosk import __version__
from kiosk.errors import KnownError
from kiosk.secrets import device_key_name, read_secret, write_secret
from kiosk.sync.connection import nonsense

ENROL_PATH = "/api/devices/enrol"
_NO_KEY_YET = "none yet"
_LONGEST_NAME = 60


class EnrolmentStore(Protocol):
    """Where the kiosk keeps who it is. Raises KnownError DATABASE_*."""

    @property
    def kiosk_id(self) -> str: ...

    def enrol(self, tenant: str, code_prefix: str, url: str = "") -> None:
        """Who it is from now on, and where its centre is; everything is told and asked for anew."""
        ...


class Asker(Protocol):
    """Who asks the centre (`kiosk.sync.client.CentralClient` without credentials)."""

    def post_json(self, path: str, body: object) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """Whose the kiosk is now, and what its order codes begin with: no other kiosk's there do."""

    tenant: str
    code_prefix: str


class _Told(BaseModel):
    device_id: str
    device_key: str = Field(min_length=16, repr=False)
    tenant: str
    code_prefix: str = Field(pattern=r"^[0-9A-Z]{1,4}$")


def enrol(
    centre: Asker,
    code: str,
    store: EnrolmentStore,
    read: Callable[[str], str] = read_secret,
    keep: Callable[[str, str], None] = write_secret,
    name: str = "",
    url: str = "",
) -> NewEnrolment:
    """Enrols this kiosk, also one that is enrolled already: it gets a new key then. `url` is the address that
    is asked, which is kept.

    Raises KnownError: ENROLMENT_INVALID (the code), SECRET_MISSING (no keyring; the code stays good), what
    the client raises, DATABASE_*.
    """
    key_name = device_key_name(store.kiosk_id)
    _check_keyring(key_name, read, keep)
    asked = {
        "code": code.strip(),
        "kiosk_id": store.kiosk_id,
        "name": (name or platform.node() or "kiosk")[:_LONGEST_NAME],
        "version": __version__,
    }
    answer = centre.post_json(ENROL_PATH, asked)
    try:
        told = _Told.model_validate(answer)
    except ValidationError:
        raise nonsense("it enrols nobody") from None
    if told.device_id != store.kiosk_id:
        raise nonsense("it enrols another kiosk")
    keep(key_name, told.device_key)
    store.enrol(told.tenant, told.code_prefix, url)
    return NewEnrolment(told.tenant, told.code_prefix)


def _check_keyring(name: str, read: Callable[[str], str], keep: Callable[[str, str], None]) -> None:
    """A code must not be used up for a key that cannot be kept. Raises KnownError(SECRET_MISSING)."""
    try:
        held = read(name)
    except KnownError:
        held = _NO_KEY_YET
    keep(name, held)
