"""Secrets, kept by the operating system's keyring and nowhere else."""

from __future__ import annotations

import keyring
import keyring.errors

from kiosk.errors import ErrorCode, KnownError

_SERVICE = "photo-kiosk"
NAMES = ("paynoi_api_key", "minio_access_key", "minio_secret_key")


def read_secret(name: str) -> str:
    """The secret; raises KnownError(GATEWAY_NOT_CONFIGURED) when there is none or no keyring."""
    try:
        found = keyring.get_password(_SERVICE, name)
    except keyring.errors.KeyringError as failed:
        raise KnownError(
            ErrorCode.GATEWAY_NOT_CONFIGURED,
            f"The keyring of this machine cannot be read ({type(failed).__name__}).",
            "Log in to a desktop session, or install a keyring service.",
        ) from failed
    if not found:
        raise KnownError(
            ErrorCode.GATEWAY_NOT_CONFIGURED,
            f"The secret {name} is not set.",
            f"Set it with: kiosk secret {name}",
        )
    return found


def write_secret(name: str, value: str) -> None:
    """Stores the secret; raises KnownError(GATEWAY_NOT_CONFIGURED) where there is no keyring."""
    try:
        keyring.set_password(_SERVICE, name, value)
    except keyring.errors.KeyringError as failed:
        raise KnownError(
            ErrorCode.GATEWAY_NOT_CONFIGURED,
            f"The keyring of this machine cannot be written ({type(failed).__name__}).",
            "Log in to a desktop session, or install a keyring service.",
        ) from failed
