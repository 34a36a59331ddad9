"""Secrets, kept by the operating system's keyring and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
import keyring.errors

from kiosk.errors import ErrorCode, KnownError

_SERVICE = "photo-kiosk"
CENTRAL_DEVICE_KEY = "central_device_key"
"""Of a kiosk at its centre; enrolling writes it, under the name that `device_key_name` gives."""
ENROL_AGAIN = "Ask an admin for a code and enrol again: kiosk sync enrol CODE"
"""What helps a kiosk whose key is gone or wrong."""
NAMES = ("paynoi_api_key", "minio_access_key", "minio_secret_key", CENTRAL_DEVICE_KEY)

CENTRAL_NAMES = ("signing_key", "proof_key", "database_password", "redis_password")
"""Those that only a central service asks for."""


def device_key_name(kiosk_id: str) -> str:
    """What a kiosk's key is called in the keyring: that is one for each user of the machine, who may have
    several kiosks."""
    return f"{CENTRAL_DEVICE_KEY}.{kiosk_id}"


def read_secret(name: str) -> str:
    """The secret; raises KnownError(SECRET_MISSING) when there is none or no keyring."""
    then = "start the kiosk anew" if _is_device_key(name) else f"then: kiosk secret {name}"
    with _keyring_errors("read", then):
        found = keyring.get_password(_SERVICE, name)
    if not found:
        next_step = ENROL_AGAIN if _is_device_key(name) else f"Set it with: kiosk secret {name}"
        raise KnownError(ErrorCode.SECRET_MISSING, f"The secret {name} is not set.", next_step)
    return found


def write_secret(name: str, value: str) -> None:
    """Stores the secret; raises KnownError(SECRET_MISSING) where there is no keyring."""
    again = "then enrol again with the same code: kiosk sync enrol CODE"
    with _keyring_errors("written", again if _is_device_key(name) else f"then: kiosk secret {name}"):
        keyring.set_password(_SERVICE, name, value)


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
