"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import DateTime, Dialect, Engine, LargeBinary, Text, TypeDecorator

from kiosk.at_rest.vault import MAGIC, Vault, is_sealed
from kiosk.errors import BugError

EMBEDDING = b"embedding"
"""What vectors are sealed for."""
_NUMBER_BYTES = 4
_VAULTS: WeakKeyDictionary[Dialect, Vault] = WeakKeyDictionary()


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, aware on both sides. SQLite keeps no zone, so it is taken off and put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise BugError("a time without a zone cannot be stored")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def seal_with(engine: Engine, vault: Vault) -> None:
    """From now on vectors that this engine writes are sealed, and those that it reads opened. Without it they
    are written as they are: for databases in which nobody's faces are."""
    _VAULTS[engine.dialect] = vault


def sealed(vector: bytes, dialect: Dialect) -> bytes:
    """A vector as it is stored. Raises what `Vault.seal` raises."""
    vault = _VAULTS.get(dialect)
    return vector if vault is None else vault.seal(vector, EMBEDDING)


def unsealed(stored: bytes, dialect: Dialect) -> bytes:
    """A vector as it was given; of before there were keys it lies there as it is. Raises what `Vault.unseal`
    raises."""
    if not is_sealed(stored) or len(stored) % _NUMBER_BYTES == 0:
        return stored
    vault = _VAULTS.get(dialect)
    if vault is None:
        raise BugError("a database with sealed vectors was opened without its vault")
    return vault.unseal(stored, EMBEDDING)


class VectorBytes(TypeDecorator[bytes]):
    """A vector as the little-endian bytes of its float32 numbers; encrypted on the disk (`seal_with`)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else sealed(value, dialect)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else unsealed(bytes(value), dialect)


class Float32Vector(TypeDecorator[NDArray[np.float32]]):
    """A vector as float32 numbers, little endian on every machine; encrypted on the disk (`seal_with`)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: NDArray[np.float32] | None, dialect: Dialect) -> bytes | None:
        return None if value is None else sealed(np.ascontiguousarray(value, dtype="<f4").tobytes(), dialect)

    def process_result_value(self, value: Any, dialect: Dialect) -> NDArray[np.float32] | None:
        if value is None:
            return None
        return np.frombuffer(unsealed(value, dialect), dtype="<f4").astype(np.float32, copy=False)


class MessageText(TypeDecorator[str]):
    """A message as JSON. The embeddings in it, base64 under the name `embedding`, are encrypted on the disk;
    the rest of it can be searched."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _IN_MESSAGE.sub(lambda found: _sealed_in(found, dialect), value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else unsealed_message(value, dialect)


def unsealed_message(stored: str, dialect: Dialect) -> str:
    """A message as it was given. Raises what `Vault.unseal` raises."""
    return _IN_MESSAGE.sub(lambda found: _unsealed_in(found, dialect), stored)


_IN_MESSAGE = re.compile(r'("embedding"\s*:\s*")([^"\\]+)(")')


def _sealed_in(found: re.Match[str], dialect: Dialect) -> str:
    before, vector, after = found.groups()
    if dialect not in _VAULTS:
        return found[0]
    return before + b64encode(sealed(vector.encode(), dialect)).decode() + after


def _unsealed_in(found: re.Match[str], dialect: Dialect) -> str:
    before, stored, after = found.groups()
    if not stored.startswith(_SEALED_BASE64) or len(data := b64decode(stored)) % _NUMBER_BYTES == 0:
        return found[0]
    return before + unsealed(data, dialect).decode() + after


_SEALED_BASE64 = b64encode(MAGIC).decode()
