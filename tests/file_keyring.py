"""A keyring of a test's own for processes of the command: KEYRING_FOLDER holds a file for each secret."""

from __future__ import annotations

import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """Chosen by PYTHON_KEYRING_BACKEND; see `keyring_in`."""

    priority = -1  # never chosen where it is not named

    def get_password(self, service: str, username: str) -> str | None:
        file = self._file(service, username)
        return file.read_text(encoding="utf-8") if file.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._file(service, username).write_text(password, encoding="utf-8")

    def _file(self, service: str, username: str) -> Path:
        return Path(os.environ["KEYRING_FOLDER"]) / f"{service}-{username}"


def keyring_in(folder: Path) -> dict[str, str]:
    """The variables of a process whose secrets are in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"PYTHON_KEYRING_BACKEND": "tests.file_keyring.FileKeyring", "KEYRING_FOLDER": str(folder)}
