"""A keyring of a test's own for processes of the command: KEYRING_FOLDER holds a file for each secret."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class FileKeyring(KeyringBackend):
    """Chosen by PYTHON_KEYRING_BACKEND; see `keyring_in`."""

    priority = -1  # never chosen where it is not named

    def get_password(self, service: str, username: str) -> str | None:
        file = self._file(service, username)
        return file.read_text(encoding="utf-8") if file.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        file = self._file(service, username)
        draft = file.with_name(f"{file.name}.{uuid4().hex}")  # other processes read beside this one
        draft.write_text(password, encoding="utf-8")
        draft.replace(file)

    def delete_password(self, service: str, username: str) -> None:
        try:
            self._file(service, username).unlink()
        except FileNotFoundError as none:
            raise PasswordDeleteError from none

    def _file(self, service: str, username: str) -> Path:
        return Path(os.environ["KEYRING_FOLDER"]) / f"{service}-{username}"


class FolderSecrets:
    """What the keyring in a folder keeps for the kiosk, whatever keyring this process has; fills
    `kiosk.at_rest.own_keys.KeptSecrets`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def find(self, name: str) -> str | None:
        file = self._folder / f"photo-kiosk-{name}"
        return file.read_text(encoding="utf-8") if file.exists() else None

    def write(self, name: str, value: str) -> None:
        (self._folder / f"photo-kiosk-{name}").write_text(value, encoding="utf-8")

    def delete(self, name: str) -> None:
        (self._folder / f"photo-kiosk-{name}").unlink(missing_ok=True)


@contextmanager
def this_process_has(folder: Path) -> Iterator[None]:
    """The keyring in a folder is that of this process inside the `with` block."""
    before, environ = keyring.get_keyring(), dict(os.environ)
    os.environ.update(keyring_in(folder))
    keyring.set_keyring(FileKeyring())
    try:
        yield
    finally:
        keyring.set_keyring(before)
        for name in keyring_in(folder):
            os.environ.pop(name)
            os.environ.update({name: environ[name]} if name in environ else {})


def keyring_in(folder: Path) -> dict[str, str]:
    """The variables of a process whose secrets are in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"PYTHON_KEYRING_BACKEND": "tests.file_keyring.FileKeyring", "KEYRING_FOLDER": str(folder)}
