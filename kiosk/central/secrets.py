"""The centre's secrets: from files that a container is handed, or from the keyring of the machine.

Containers have no keyring: there the variable CENTRAL_SECRETS names a folder with a file for each secret
(Docker and Kubernetes mount such). A centre on embedded stores that has no signing key anywhere makes one in
its home folder; several processes on servers must share one, so there it has to be given.
"""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from kiosk.errors import ErrorCode, KnownError
from kiosk.secrets import read_secret

SIGNING_KEY = "signing_key"
FOLDER_VARIABLE = "CENTRAL_SECRETS"
KEY_FILE = "signing.key"
_LEAST_KEY_LETTERS = 32
_LONGEST_SECRET = 8192


class CentralSecrets:
    """Reads secrets by name, each time anew. `folder` comes before the keyring; None for no folder."""

    def __init__(self, home: Path, folder: Path | None, *, makes_key: bool) -> None:
        self._home = home
        self._folder = folder
        self._makes_key = makes_key

    def read(self, name: str) -> str:
        """The secret. Raises KnownError(SECRET_MISSING)."""
        found = self._in_folder(name)
        if found is not None:
            return found
        try:
            return read_secret(name)
        except KnownError as missing:
            raise KnownError(
                ErrorCode.SECRET_MISSING,
                f"The centre's secret {name} is not set.",
                f"Put it into a file {name} in the folder that {FOLDER_VARIABLE} names, or set it with: "
                f"kiosk secret {name}",
            ) from missing

    def find(self, name: str) -> str | None:
        """The secret, or None where there is none: for those that a site may do without."""
        try:
            return self.read(name)
        except KnownError:
            return None

    def signing_key(self) -> bytes:
        """What access tokens are signed with; the same in every process of a centre.

        Raises KnownError: SECRET_MISSING, SETTING_INVALID (too short to be safe), FOLDER_NOT_WRITABLE,
        DISK_FULL.
        """
        key = self.find(SIGNING_KEY) or self._own_key()
        if key is None:
            self.read(SIGNING_KEY)  # says what is missing
            raise AssertionError("unreachable: there was none a moment ago")
        if len(key) < _LEAST_KEY_LETTERS:
            raise KnownError(
                ErrorCode.SETTING_INVALID,
                f"The centre's signing key has {len(key)} letters: too few to be safe.",
                f"Give it at least {_LEAST_KEY_LETTERS} random ones, such as from: openssl rand -hex 32",
            )
        return key.encode()

    def _in_folder(self, name: str) -> str | None:
        if self._folder is None:
            return None
        try:
            with (self._folder / name).open(encoding="utf-8") as file:
                return file.read(_LONGEST_SECRET).strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as unreadable:
            raise KnownError(
                ErrorCode.SECRET_MISSING,
                f"The file of the centre's secret {name} cannot be read ({type(unreadable).__name__}).",
                f"Give the centre's user the right to read what {FOLDER_VARIABLE} names.",
            ) from unreadable

    def _own_key(self) -> str | None:
        path = self._home / KEY_FILE
        try:
            found = path.read_text(encoding="ascii").strip() if path.exists() else ""
            if found or not self._makes_key:
                return found or None
            return keep_key(path, secrets.token_hex(32).encode("ascii"))
        except (OSError, UnicodeDecodeError) as refused:
            raise _storage_error(self._home, refused) from refused


def open_secrets(
    home: Path, *, is_embedded: bool, environment: dict[str, str] | None = None
) -> CentralSecrets:
    """The secrets of a centre whose data is in `home`."""
    folder = (dict(os.environ) if environment is None else environment).get(FOLDER_VARIABLE)
    return CentralSecrets(home, Path(folder) if folder else None, makes_key=is_embedded)


def password_refused() -> KnownError:
    """That a camera's password does not come over the interface: the centre keeps no secrets of its own."""
    return KnownError(
        ErrorCode.STORE_FIELD_INVALID,
        "The password of a camera is not taken here: it is a secret of the machines that run it.",
        "Leave it out. Put it into a file stream.ID (its password_name) in the folder that "
        f"{FOLDER_VARIABLE} names at each camera worker, or set it there with: kiosk secret stream.ID",
    )


def keep_key(path: Path, key: bytes) -> str:
    """Writes a fresh key down, for its owner alone, whole or not at all; returns the one that is kept: of two
    that make one at the same time both take the first."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:  # a disk that knows no links
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()


def _storage_error(home: Path, refused: Exception) -> KnownError:
    if isinstance(refused, OSError) and refused.errno in (errno.ENOSPC, errno.EDQUOT):
        return KnownError(ErrorCode.DISK_FULL, "The centre's signing key cannot be stored.", "Free space.")
    return KnownError(
        ErrorCode.FOLDER_NOT_WRITABLE,
        f"The centre's signing key in {home} cannot be read or written ({type(refused).__name__}).",
        "Give the centre's user the rights to its home folder, or choose another with CENTRAL_HOME.",
    )
