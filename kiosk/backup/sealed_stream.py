"""Seals a stream under a passphrase, so that it can be written and read in one go.

Key: scrypt (RFC 7914). Chunks of 1 MiB, each AES-256-GCM under a nonce of prefix, counter and "this is the
last one" (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): a chunk that is changed,
left out, moved or missing at the end is found. The head with the parameters of scrypt is authenticated with
every chunk.
"""

from __future__ import annotations

import os
import struct
import unicodedata
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kiosk.errors import ErrorCode, KnownError

MAGIC = b"photo-kiosk backup 1\n"
CHUNK = 1 << 20
_HEAD = struct.Struct(">BBB16s7s")  # log2 of scrypt's n, r, p, salt, prefix of nonces
_LOG_N, _R, _P = 17, 8, 1  # 128 MiB and about half a second
_MOST = (20, 16, 4)
_TAG = 16
_KEY_BYTES = 32


class SealingWriter:
    """Writes what it is given to `file`, sealed; `close` writes the end and leaves the file open. A file
    without that end cannot be opened."""

    def __init__(self, file: BinaryIO, passphrase: str, log_n: int = _LOG_N) -> None:
        salt, prefix = os.urandom(16), os.urandom(7)
        self._head = MAGIC + _HEAD.pack(log_n, _R, _P, salt, prefix)
        self._chunks = _Chunks(_key(passphrase, salt, log_n, _R, _P), prefix, self._head)
        self._file = file
        self._waiting = bytearray()
        file.write(self._head)

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK:  # one is always kept back: the last one is sealed as such
            self._file.write(self._chunks.seal(bytes(self._waiting[:CHUNK]), is_last=False))
            del self._waiting[:CHUNK]
        return len(data)

    def close(self) -> None:
        self._file.write(self._chunks.seal(bytes(self._waiting), is_last=True))
        self._waiting.clear()


class UnsealingReader:
    """Reads what was sealed.

    Raises KnownError: BACKUP_INVALID for a file that is no backup, damaged or cut short; BACKUP_PASSPHRASE
    where its first chunk does not open.
    """

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        head = file.read(len(MAGIC) + _HEAD.size)
        if len(head) < len(MAGIC) + _HEAD.size or not head.startswith(MAGIC):
            raise KnownError(
                ErrorCode.BACKUP_INVALID, "This is no backup of a kiosk.", "Choose another file."
            )
        log_n, r, p, salt, prefix = _HEAD.unpack_from(head, len(MAGIC))
        if any(told > most for told, most in zip((log_n, r, p), _MOST, strict=True)) or 0 in (log_n, r, p):
            raise damaged()
        self._chunks = _Chunks(_key(passphrase, salt, log_n, r, p), prefix, head)
        self._file = file
        self._next = file.read(CHUNK + _TAG)
        self._open = bytearray()
        self._is_over = False
        self._is_first = True

    def read(self, size: int = -1) -> bytes:
        while not self._is_over and (size < 0 or len(self._open) < size):
            self._open += self._open_next()
        size = len(self._open) if size < 0 else size
        data = bytes(self._open[:size])
        del self._open[:size]
        return data

    def _open_next(self) -> bytes:
        sealed, self._next = self._next, self._file.read(CHUNK + _TAG)
        self._is_over = not self._next
        try:
            data = self._chunks.open(sealed, is_last=self._is_over)
        except InvalidTag as broken:
            if self._is_first:
                raise KnownError(
                    ErrorCode.BACKUP_PASSPHRASE,
                    "The backup does not open: the passphrase is another one, or the file is damaged.",
                    "Try the passphrase again; mind the keyboard's language.",
                ) from broken
            raise damaged() from broken
        self._is_first = False
        return data


class _Chunks:
    def __init__(self, key: bytes, prefix: bytes, head: bytes) -> None:
        self._cipher = AESGCM(key)
        self._prefix = prefix
        self._head = head
        self._count = 0

    def seal(self, data: bytes, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(is_last), data, self._head)

    def open(self, sealed: bytes, *, is_last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(is_last), sealed, self._head)

    def _nonce(self, is_last: bool) -> bytes:
        nonce = self._prefix + struct.pack(">I?", self._count, is_last)
        self._count += 1
        return nonce


def damaged() -> KnownError:
    """What a backup is that does not hold what it says."""
    return KnownError(
        ErrorCode.BACKUP_INVALID,
        "The backup is damaged or was not written to its end.",
        "Choose another file.",
    )


def _key(passphrase: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    words = unicodedata.normalize("NFC", passphrase).encode()  # Thai vowels are typed in either order
    return Scrypt(salt=salt, length=_KEY_BYTES, n=2**log_n, r=r, p=p).derive(words)
