"""Codes that enrol a kiosk: an admin makes one, somebody types it at the kiosk, and it is used up."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.central.devices import key_hash
from kiosk.central.settings import AccessSection
from kiosk.clock import Clock
from kiosk.database.devices import Device
from kiosk.database.engine import Database
from kiosk.database.enrolment import EnrolmentCode, Newcomer, SqlDeviceEnrolment
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.orders import CODE_ALPHABET, LONGEST_PREFIX, read_symbols

CODE_SYMBOLS = 10
_GROUP = 5
_KEY_BYTES = 32
_PREFIX_LETTERS = "KACDEFGHJMNPQRTVWXY"


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code to be handed over, such as "4Q2MK-7T9XA"; it is shown once and stored only as a hash."""

    code: str
    code_prefix: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewDevice:
    """What an enrolled kiosk is told; its key is stored only as a hash."""

    device: Device
    key: str
    tenant_name: str


class Enrolment:
    """Makes codes and takes them. Any thread."""

    def __init__(self, database: Database, clock: Clock, access: AccessSection) -> None:
        self._enrolment = SqlDeviceEnrolment(database)
        self._clock = clock
        self._valid_for = timedelta(seconds=access.enrolment_s)

    def new_code(self, tenant_id: str, name: str = "", prefix: str = "") -> NewCode:
        """A code of a tenant. `name` is what the kiosk is to be called, empty for its own word; `prefix` is
        what its order codes begin with, a free one where none is given.

        Raises KnownError: TENANT_UNKNOWN, ENROLMENT_INVALID (the prefix is taken, or cannot be one).
        """
        prefixes: Iterable[str] = (_checked_prefix(prefix),) if prefix else _prefixes()
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_SYMBOLS))
        now = self._clock.now()
        stored = EnrolmentCode(_code_hash(code), tenant_id, name, now + self._valid_for)
        chosen = self._enrolment.add_code(stored, prefixes, now)
        return NewCode(f"{code[:_GROUP]}-{code[_GROUP:]}", chosen, stored.expires_at)

    def enrol(self, code: str, kiosk_id: str, name: str, version: str) -> NewDevice | None:
        """The enrolled kiosk; None where the code is none, used or too old. As typed: case, dashes and
        look-alikes do not matter.

        Raises KnownError(ENROLMENT_INVALID) for a kiosk of another tenant.
        """
        key = secrets.token_urlsafe(_KEY_BYTES)
        health = json.dumps({"version": version})
        newcomer = Newcomer(kiosk_id, name, key_hash(key), health)
        enrolled = self._enrolment.enrol(_code_hash(read_symbols(code)), newcomer, self._clock.now())
        return None if enrolled is None else NewDevice(enrolled.device, key, enrolled.tenant_name)


def invalid_code() -> KnownError:
    """That a code enrols nobody."""
    return KnownError(
        ErrorCode.ENROLMENT_INVALID,
        "This code is unknown, used up or too old.",
        "Ask an admin for a new one.",
    )


def _code_hash(symbols: str) -> str:
    return hashlib.sha256(symbols.encode()).hexdigest()


def _checked_prefix(prefix: str) -> str:
    """As it is read back from a code that somebody types: without look-alikes."""
    read = read_symbols(prefix)
    if not 1 <= len(read) <= LONGEST_PREFIX or len(read) != len(prefix):
        raise KnownError(
            ErrorCode.ENROLMENT_INVALID,
            f"{prefix!r} cannot begin order codes.",
            f"Use 1 to {LONGEST_PREFIX} letters and digits, or none: a free one is found.",
        )
    return read


def _prefixes() -> Iterator[str]:
    """K1, K2 … K999, A1 …: more than a tenant has kiosks."""
    for letter in _PREFIX_LETTERS:
        for number in range(1, 1000):
            yield f"{letter}{number}"
