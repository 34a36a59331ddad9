"""Secrets, kept by the operating system's keyring; where it has none, in a file that is sealed for this
machine (`kiosk.at_rest.secret_file`); and nowhere else.

A keyring that somebody chose by name (PYTHON_KEYRING_BACKEND) is used as it is, also when that is none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import keyring
import keyring.errors
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from kiosk.at_rest.secret_file import SecretFileKeyring
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import home_folder

_SERVICE = "photo-kiosk"
_CHOSEN_BY_NAME = "PYTHON_KEYRING_BACKEND"
_FOLDER = "keyring"
CENTRAL_DEVICE_KEY = "central_device_key"
"""Of a kiosk at its centre; enrolling writes it, under the name that `device_key_name` gives."""
ENROL_AGAIN = "Ask an admin for a code and enrol again: kiosk sync enrol CODE"
"""What helps a kiosk whose key is gone or wrong."""
NAMES = (
    "paynoi_api_key",
    "minio_access_key",
    "minio_secret_key",
    "slip_check_key",
    "mail_password",
    "line_token",
    "line_secret",
    CENTRAL_DEVICE_KEY,
)

CENTRAL_NAMES = (
    "signing_key",
    "proof_key",
    "database_password",
    "redis_password",
    "at_rest_key",
    "at_rest_key_before",
)
"""Those that only a central service asks for."""


def device_key_name(kiosk_id: str) -> str:
    """What a kiosk's key is called in the keyring: that is one for each user of the machine, who may have
    several kiosks."""
    return f"{CENTRAL_DEVICE_KEY}.{kiosk_id}"


def read_secret(name: str) -> str:
    """The secret; raises KnownError(SECRET_MISSING) when there is none or no keyring."""
    found = find_secret(name)
    if found is None:
        next_step = ENROL_AGAIN if _is_device_key(name) else f"Set it with: kiosk secret {name}"
        raise KnownError(ErrorCode.SECRET_MISSING, f"The secret {name} is not set.", next_step)
    return found


def find_secret(name: str) -> str | None:
    """The secret; None where there is none. Raises KnownError(SECRET_MISSING) where there is no keyring."""
    then = "start the kiosk anew" if _is_device_key(name) else f"then: kiosk secret {name}"
    with _keyring_errors("read", then):
        return _ring().get_password(_SERVICE, name) or None


def write_secret(name: str, value: str) -> None:
    """Stores the secret; raises KnownError(SECRET_MISSING) where there is no keyring."""
    again = "then enrol again with the same code: kiosk sync enrol CODE"
    _write(name, value, again if _is_device_key(name) else f"then: kiosk secret {name}")


def delete_secret(name: str) -> None:
    """Takes the secret away; harmless where there is none. Raises KnownError(SECRET_MISSING) where there
    is no keyring."""
    with _keyring_errors("written", "then do it again"), suppress(keyring.errors.PasswordDeleteError):
        _ring().delete_password(_SERVICE, name)


def where_kept() -> str:
    """Where this machine keeps secrets, in words for a technician."""
    ring = _ring()
    if isinstance(ring, NoKeyring):
        return "nowhere: there is no keyring"
    if not isinstance(ring, SecretFileKeyring):
        return f"in the keyring of the system ({ring.name})"
    bound = "bound to this machine" if ring.is_bound else "not bound to this machine: it has no machine-id"
    return f"in a file of this kiosk, encrypted, {bound}"


def _ring() -> KeyringBackend:
    """The keyring that is used. A session without a desktop has none of its own."""
    with _keyring_errors("used", "then start the kiosk anew"):
        found = keyring.get_keyring()
    if isinstance(found, NoKeyring) and _CHOSEN_BY_NAME not in os.environ:
        return SecretFileKeyring(home_folder() / _FOLDER)
    return found


class KeyringSecrets:
    """The passwords of cameras. Raises KnownError(SECRET_MISSING) where there is no keyring."""

    def read(self, name: str) -> str:
        """Raises KnownError(SECRET_MISSING) also where there is none."""
        return read_secret(name)

    def find(self, name: str) -> str | None:
        """None where there is none."""
        return find_secret(name)

    def write(self, name: str, value: str) -> None:
        # Without its password a camera is neither added nor changed.
        _write(name, value, "then add or change the camera again")

    def delete(self, name: str) -> None:
        """Harmless where there is none."""
        delete_secret(name)


def _write(name: str, value: str, then: str) -> None:
    with _keyring_errors("written", then):
        _ring().set_password(_SERVICE, name, value)


def _is_device_key(name: str) -> bool:
    return name.partition(".")[0] == CENTRAL_DEVICE_KEY


@contextmanager
def _keyring_errors(what: str, then: str) -> Iterator[None]:
    try:
        yield
    except keyring.errors.KeyringError as failed:
        raise KnownError(
            ErrorCode.SECRET_MISSING,
            f"The keyring of this machine cannot be {what} ({type(failed).__name__}).",
            "Start the kiosk in a desktop session. On a bare Debian or Ubuntu install a keyring: "
            f"sudo apt install gnome-keyring dbus-user-session; log in anew, {then}",
        ) from failed
