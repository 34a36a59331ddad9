"""Secrets where the operating system has no keyring: a file that only this machine's kiosk can read.

`secrets.sealed` holds all of them, encrypted with AES-256-GCM under a key made by HKDF-SHA256 (RFC 5869) of
`secrets.key`, 32 random bytes beside it, and of the id of the machine. Both files are their owner's alone and
in no backup and no bundle. Whoever copies one of them, or takes both to another machine, has nothing; whoever
takes the whole disk, with the machine's id on it, has all: against that the disk itself is to be encrypted.

    secrets.sealed = magic (8) | mark of the machine (8) | nonce (12) | ciphertext and tag
    mark           = HMAC-SHA256(secrets.key, id of the machine), its first 8 bytes
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import keyring.errors
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from keyring.backend import KeyringBackend

from kiosk.at_rest.machine import machine_id
from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.file_lock import FileLock
from kiosk.runtime.whole_file import write_whole

SEALED_FILE, KEY_FILE, LOCK_FILE = "secrets.sealed", "secrets.key", "secrets.lock"
_MAGIC = b"PKSECR1\n"
_KEY_BYTES, _MARK_BYTES, _NONCE_BYTES = 32, 8, 12
_INFO = b"photo-kiosk secrets 1"
_OTHERS = 0o077
_LOCK_WAIT_S = 10.0


class SecretFileKeyring(KeyringBackend):
    """A keyring in a folder. Safe for several threads and processes: whoever writes waits for the others, and
    a reader sees the file before or after, never between.

    Raises KnownError: SECRETS_EXPOSED (others may read the files; they are not used then), SECRETS_UNREADABLE
    (made on another machine, or damaged), FOLDER_NOT_WRITABLE.
    """

    priority = -1  # never chosen by keyring itself: `kiosk.secrets` does, where there is no other

    def __init__(self, folder: Path, this_machine: Callable[[], str] = machine_id) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._folder = folder
        self._this_machine = this_machine

    @property
    def is_bound(self) -> bool:
        """Whether the machine has an id to bind to."""
        return bool(self._this_machine())

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(service, {}).get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        with self._writing() as kept:
            kept.setdefault(service, {})[username] = password

    def delete_password(self, service: str, username: str) -> None:
        with self._writing() as kept:
            if kept.get(service, {}).pop(username, None) is None:
                raise keyring.errors.PasswordDeleteError("there is no such secret")

    @contextmanager
    def _writing(self) -> Iterator[dict[str, dict[str, str]]]:
        """What is kept, to be changed, and written whole in the end."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = _lock(self._folder / LOCK_FILE)
        except OSError as refused:
            raise _not_writable(self._folder, refused) from refused
        try:
            kept = self._read()
            yield kept
            self._write(kept)
        except OSError as refused:
            raise _not_writable(self._folder, refused) from refused
        finally:
            lock.release()

    def _read(self) -> dict[str, dict[str, str]]:
        sealed_file = self._folder / SEALED_FILE
        if not sealed_file.exists():
            return {}
        self._refuse_if_exposed()
        try:
            sealed = sealed_file.read_bytes()
            key = (self._folder / KEY_FILE).read_bytes()
        except OSError as gone:
            raise _unreadable(f"its key cannot be read ({type(gone).__name__})") from gone
        if sealed[: len(_MAGIC)] != _MAGIC or len(key) != _KEY_BYTES:
            raise _unreadable("it is damaged")
        mark, nonce, text = _parts(sealed)
        for machine in (self._this_machine(), ""):  # "": kept before the machine had an id
            if hmac.compare_digest(mark, _mark(key, machine)):
                return _opened(key, machine, nonce, text)
        raise _unreadable("it was made on another machine")

    def _write(self, kept: dict[str, dict[str, str]]) -> None:
        for draft in self._folder.glob(f".{SEALED_FILE}.*"):  # of a writer that was killed
            draft.unlink(missing_ok=True)
        key_file = self._folder / KEY_FILE
        if not key_file.exists():
            write_whole(key_file, secrets.token_bytes(_KEY_BYTES), is_private=True)
        self._refuse_if_exposed()
        key, machine = key_file.read_bytes(), self._this_machine()
        head = _MAGIC + _mark(key, machine)
        nonce = os.urandom(_NONCE_BYTES)
        text = AESGCM(_file_key(key, machine)).encrypt(nonce, json.dumps(kept).encode(), head)
        write_whole(self._folder / SEALED_FILE, head + nonce + text, is_private=True)

    def _refuse_if_exposed(self) -> None:
        """Where rights are the system's affair (Windows) they are those of the user's folder."""
        if os.name != "posix":
            return
        for path in (self._folder, self._folder / KEY_FILE, self._folder / SEALED_FILE):
            with suppress(FileNotFoundError):
                found = path.stat()
                if found.st_uid not in (os.getuid(), 0):
                    raise KnownError(
                        ErrorCode.SECRETS_EXPOSED,
                        f"{path.name} belongs to another user, so its secrets are not used.",
                        "Do it as the user whom the data folder belongs to; on an installed kiosk: "
                        "sudo -Hu kiosk KIOSK_HOME=/var/lib/photo-kiosk kiosk …",
                    )
                if found.st_mode & _OTHERS:
                    raise KnownError(
                        ErrorCode.SECRETS_EXPOSED,
                        f"Others than this kiosk's user can read {path.name}, so its secrets are not used.",
                        f"Take the right away: chmod -R go= {self._folder}; give fresh keys where somebody "
                        "may have read them: kiosk secret NAME",
                    )


def _lock(path: Path) -> FileLock:
    until = time.monotonic() + _LOCK_WAIT_S
    while (lock := FileLock.take(path)) is None:
        if time.monotonic() > until:
            raise TimeoutError("another program holds the secrets")
        time.sleep(0.02)
    return lock


def _parts(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    after_mark = len(_MAGIC) + _MARK_BYTES
    after_nonce = after_mark + _NONCE_BYTES
    return sealed[len(_MAGIC) : after_mark], sealed[after_mark:after_nonce], sealed[after_nonce:]


def _opened(key: bytes, machine: str, nonce: bytes, text: bytes) -> dict[str, dict[str, str]]:
    try:
        plain = AESGCM(_file_key(key, machine)).decrypt(nonce, text, _MAGIC + _mark(key, machine))
    except (InvalidTag, ValueError) as broken:
        raise _unreadable("it is damaged") from broken
    kept: dict[str, dict[str, str]] = json.loads(plain)
    return kept


def _mark(key: bytes, machine: str) -> bytes:
    return hmac.digest(key, machine.encode(), "sha256")[:_MARK_BYTES]


def _file_key(key: bytes, machine: str) -> bytes:
    salt = hashlib.sha256(machine.encode()).digest()
    return HKDF(SHA256(), 32, salt, _INFO).derive(key)


def _unreadable(why: str) -> KnownError:
    return KnownError(
        ErrorCode.SECRETS_UNREADABLE,
        f"The file of this kiosk's secrets cannot be read: {why}.",
        f"Move {SEALED_FILE} and {KEY_FILE} out of the folder keyring and set each secret again: "
        "kiosk secret NAME, kiosk sync enrol CODE",
    )


def _not_writable(folder: Path, refused: OSError) -> KnownError:
    return KnownError(
        ErrorCode.FOLDER_NOT_WRITABLE,
        f"Secrets cannot be kept in {folder} ({type(refused).__name__}).",
        "Give the kiosk's user the right to write there, and free some space.",
    )
