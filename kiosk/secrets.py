"""Secrets, kept by the operating system's keyring and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
import keyring.errors

from kiosk.errors import ErrorCode, KnownError

_SERVICE = "photo-kiosk"
CENTRAL_DEVICE_KEY = "central_device_key"
"""Of this kiosk at its centre; enrolling writes it."""
NAMES = ("paynoi_api_key", "minio_access_key", "minio_secret_key", CENTRAL_DEVICE_KEY)

CENTRAL_NAMES = ("signing_key", "database_password", "redis_password")
"""Those that only a central service asks for."""


def read_secret(name: str) -> str:
    """The secret; raises KnownError(SECRET_MISSING) when there is none or no keyring."""
    with _keyring_errors("read", name):
        found = keyring.get_password(_SERVICE, name)
    if not found:
        raise KnownError(
            ErrorCode.SECRET_MISSING, f"The secret {name} is not set.", f"Set it with: kiosk secret {name}"
        )
    return found


def write_secret(name: str, value: str) -> None:
    """Stores the secret; raises KnownError(SECRET_MISSING) where there is no keyring."""
    with _keyring_errors("written", name):
        keyring.set_password(_SERVICE, name, value)


@contextmanager
def _keyring_errors(what: str, name: str) -> Iterator[None]:
    try:
        yield
    except keyring.errors.KeyringError as failed:
        raise KnownError(
            ErrorCode.SECRET_MISSING,
            f"The keyring of this machine cannot be {what} ({type(failed).__name__}).",
            "Start the kiosk in a desktop session. On a bare Debian or Ubuntu install a keyring: "
            f"sudo apt install gnome-keyring dbus-user-session; log in anew, then: kiosk secret {name}",
        ) from failed
