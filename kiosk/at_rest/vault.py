"""The keys of one data folder: what is encrypted on its disk, and how its index is turned.

Everything is derived from one secret of 32 bytes by HKDF-SHA256 (RFC 5869): the key that encrypts
(AES-256-GCM with random nonces of 96 bits, good for 2**32 messages a key), a rotation for each tenant, and
the id that names the secret without telling anything of it. The id stands before everything that is sealed,
so what lies under an older secret is known as such and never mistaken, whatever was interrupted.

    sealed = "PKS" | id of the key (8 bytes) | nonce (12) | ciphertext and tag (16 longer than what is in it)
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.at_rest.rotation import Rotation
from kiosk.errors import ErrorCode, KnownError

MAGIC = b"PKS"
ROOT_BYTES = 32
ID_BYTES = 8
_NONCE_BYTES, _TAG_BYTES = 12, 16
HEADER_BYTES = len(MAGIC) + ID_BYTES
OVERHEAD_BYTES = HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES
"""By how much sealed bytes are longer. No multiple of 4: rows of float32 numbers never look sealed."""


class KeySource(Protocol):
    """Where the secrets that keys are made of come from. Raises KnownError SECRET_*, SECRETS_*."""

    def current_id(self) -> bytes | None:
        """Names the secret that is used for what is written now; None as long as none was needed."""
        ...

    def current(self) -> bytes:
        """That secret, made where there was none."""
        ...

    def find(self, key_id: bytes) -> bytes | None:
        """A secret by its id, current or older; None where it is gone."""
        ...

    def older_ids(self) -> list[bytes]:
        """Of secrets that are being replaced."""
        ...


@dataclass(frozen=True, slots=True)
class _Keys:
    key_id: bytes
    root: bytes = field(repr=False)
    cipher: AESGCM = field(repr=False)

    @property
    def header(self) -> bytes:
        return MAGIC + self.key_id


class Vault:
    """Seals and opens, and turns. Keys are read at first use and stay in memory. Any thread.

    Raises KnownError: KEY_LOST (what is sealed is under a secret that is gone), SEALED_DAMAGED, and what its
    source raises.
    """

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._current: _Keys | None = None
        self._known: dict[bytes, _Keys] = {}
        self._rotations: dict[str, Rotation] = {}

    def current_id(self) -> bytes | None:
        """As `KeySource.current_id`."""
        return self._source.current_id()

    def older_ids(self) -> list[bytes]:
        """As `KeySource.older_ids`."""
        return self._source.older_ids()

    def key_id(self) -> bytes:
        """Of the current secret, made where there was none."""
        return self._now().key_id

    def seal(self, plain: bytes, purpose: bytes) -> bytes:
        """Encrypts under the current key. It opens for the same purpose only."""
        keys = self._now()
        nonce = os.urandom(_NONCE_BYTES)
        return keys.header + nonce + keys.cipher.encrypt(nonce, plain, keys.header + purpose)

    def unseal(self, sealed: bytes, purpose: bytes) -> bytes:
        """What was sealed, under whichever key."""
        header, nonce = sealed[:HEADER_BYTES], sealed[HEADER_BYTES : HEADER_BYTES + _NONCE_BYTES]
        keys = self._keys_of(header[len(MAGIC) :])
        try:
            return keys.cipher.decrypt(nonce, sealed[HEADER_BYTES + _NONCE_BYTES :], header + purpose)
        except (InvalidTag, ValueError) as broken:
            raise KnownError(
                ErrorCode.SEALED_DAMAGED,
                "Something that is kept encrypted is not what was written.",
                "Take it from a backup, or make it anew: import the photos again, enrol the person again.",
            ) from broken

    def header(self) -> bytes:
        """What everything begins with that is sealed under the current key."""
        return self._now().header

    def rotation(self, tenant_id: str) -> Rotation:
        """How a tenant's embeddings are turned in an index, under the current secret."""
        root = self._now().root
        with self._lock:
            if tenant_id not in self._rotations:
                seed = _derived(root, b"rotation of " + tenant_id.encode())
                self._rotations[tenant_id] = Rotation(seed)
            return self._rotations[tenant_id]

    def forget_keys(self) -> None:
        """Reads them anew at the next use: after the secret was replaced."""
        with self._lock:
            self._current = None
            self._known.clear()
            self._rotations.clear()

    def _now(self) -> _Keys:
        with self._lock:
            if self._current is None:
                self._current = _keys(self._source.current())
                self._known[self._current.key_id] = self._current
            return self._current

    def _keys_of(self, key_id: bytes) -> _Keys:
        with self._lock:
            known = self._known.get(key_id)
            if known is None:
                root = self._source.find(key_id)
                if root is None:
                    raise KnownError(
                        ErrorCode.KEY_LOST,
                        f"Faces on this disk are under the secret {key_id.hex()}, which is gone.",
                        "Put the secret back, or go on without them: kiosk templates recover",
                    )
                known = self._known[key_id] = _keys(root)
            return known


def is_sealed(data: bytes) -> bool:
    """Whether bytes are sealed, under whichever key."""
    return data[: len(MAGIC)] == MAGIC and len(data) >= OVERHEAD_BYTES


def id_of(root: bytes) -> bytes:
    """The id of a secret: 8 bytes."""
    return _derived(root, b"id")[:ID_BYTES]


class GivenKeys:
    """Secrets that somebody hands in, the same to every process of a centre on servers: `at_rest_key`, and
    while one is being replaced the one before as `at_rest_key_before`; 64 hex digits each."""

    CURRENT, BEFORE = "at_rest_key", "at_rest_key_before"

    def __init__(self, read: Callable[[str], str], find: Callable[[str], str | None]) -> None:
        self._read = read
        self._find = find

    def current_id(self) -> bytes | None:
        told = self._find(self.CURRENT)
        return id_of(_root_of(self.CURRENT, told)) if told else None

    def current(self) -> bytes:
        return _root_of(self.CURRENT, self._read(self.CURRENT))

    def find(self, key_id: bytes) -> bytes | None:
        before = self._find(self.BEFORE)
        roots = [self.current(), *([_root_of(self.BEFORE, before)] if before else ())]
        return next((root for root in roots if id_of(root) == key_id), None)

    def older_ids(self) -> list[bytes]:
        before = self._find(self.BEFORE)
        return [id_of(_root_of(self.BEFORE, before))] if before else []


class PassingKeys:
    """A secret of this process alone, for a data folder that is thrown away with it."""

    def __init__(self) -> None:
        self._root = os.urandom(ROOT_BYTES)

    def current_id(self) -> bytes:
        return id_of(self._root)

    def current(self) -> bytes:
        return self._root

    def find(self, key_id: bytes) -> bytes | None:
        return self._root if id_of(self._root) == key_id else None

    def older_ids(self) -> list[bytes]:
        return []


def _root_of(name: str, told: str) -> bytes:
    try:
        root = bytes.fromhex(told.strip())
    except ValueError:
        root = b""
    if len(root) != ROOT_BYTES:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            f"The secret {name} is not {2 * ROOT_BYTES} hex digits.",
            f"Make one with: openssl rand -hex {ROOT_BYTES}",
        )
    return root


def _keys(root: bytes) -> _Keys:
    return _Keys(id_of(root), root, AESGCM(_derived(root, b"sealing")))


def _derived(root: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"photo-kiosk at rest 1: " + purpose).derive(root)
