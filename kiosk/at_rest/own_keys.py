"""The secrets that one machine makes for itself, in its keyring, and a file in the data folder that names
them.

The file `at_rest.ids` holds ids only: in its first line the secret that is used now, below it those that are
on their way out, whose last things are being sealed anew.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import structlog

from kiosk.at_rest.vault import ID_BYTES, ROOT_BYTES, id_of
from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.whole_file import write_whole

_log = structlog.get_logger(__name__)
IDS_FILE = "at_rest.ids"


class KeptSecrets(Protocol):
    """A keyring. Raises KnownError SECRET_MISSING where there is none."""

    def find(self, name: str) -> str | None:
        """None where there is no such secret."""
        ...

    def write(self, name: str, value: str) -> None: ...

    def delete(self, name: str) -> None:
        """Harmless where there is none."""
        ...


class OwnKeys:
    """Fills `kiosk.at_rest.vault.KeySource` for the data folder `home`. Several processes may ask at once: of
    those that make the first secret one is first, and the others take its.

    Raises KnownError: KEY_LOST, FOLDER_NOT_WRITABLE, and what the keyring raises.
    """

    def __init__(self, home: Path, kept: KeptSecrets) -> None:
        self._file = home / IDS_FILE
        self._kept = kept

    def current_id(self) -> bytes | None:
        ids = self._ids()
        return ids[0] if ids else None

    def current(self) -> bytes:
        key_id = self.current_id()
        if key_id is None:
            key_id = self._make_first()
        root = self.find(key_id)
        if root is None:
            raise KnownError(
                ErrorCode.KEY_LOST,
                f"The secret {key_id.hex()}, under which faces are kept here, is gone.",
                "Take it out of a backup: kiosk templates bring-back FILE. Without: kiosk templates recover",
            )
        return root

    def find(self, key_id: bytes) -> bytes | None:
        told = self._kept.find(_name(key_id))
        try:
            root = bytes.fromhex(told or "")
        except ValueError:
            return None
        return root if len(root) == ROOT_BYTES and id_of(root) == key_id else None

    def older_ids(self) -> list[bytes]:
        """Not empty: a re-issue did not come to its end."""
        return self._ids()[1:]

    def all_ids(self) -> list[bytes]:
        """Of every secret that something may lie under, the current one first."""
        return self._ids()

    def all_there_are(self) -> list[bytes]:
        """The secrets themselves, the current one first, without those that are gone: for a backup that is
        itself sealed."""
        return [root for key_id in self._ids() if (root := self.find(key_id))]

    def take_over(self, roots: Sequence[bytes]) -> None:
        """Secrets of a backup: what lies in it opens from now on. The current one here stays that, if it is
        still there; the others are on their way out."""
        if not roots:
            return
        for root in roots:
            self._kept.write(_name(id_of(root)), root.hex())
        ids = list(dict.fromkeys([*self._ids(), *map(id_of, roots)]))
        self._write(sorted(ids, key=lambda key_id: self.find(key_id) is None))  # last those that are gone

    def renew(self) -> None:
        """A fresh secret for all that is written from now on. The one before stays until `retire`."""
        ids = self._ids()
        self._write([self._make(), *ids])

    def retire(self) -> None:
        """Nothing is sealed under older secrets any more: they are deleted."""
        ids = self._ids()
        for key_id in ids[1:]:
            self._kept.delete(_name(key_id))
        self._write(ids[:1])

    def _make(self) -> bytes:
        root = secrets.token_bytes(ROOT_BYTES)
        key_id = id_of(root)
        self._kept.write(_name(key_id), root.hex())
        return key_id

    def _make_first(self) -> bytes:
        made = self._make()
        draft = self._file.with_name(f".{IDS_FILE}.{uuid4().hex[:8]}")
        write_whole(draft, made.hex().encode())
        try:
            with suppress(FileExistsError):
                os.link(draft, self._file)
            if not self._ids():  # what is there is damaged
                draft.replace(self._file)
        except OSError:  # a disk that knows no links
            draft.replace(self._file)
        finally:
            draft.unlink(missing_ok=True)
        first = self._ids()[0]
        if first != made:
            self._kept.delete(_name(made))
        return first

    def _ids(self) -> list[bytes]:
        """None where the file is damaged: what is sealed says itself under which secret, and the secrets are
        in the keyring, so that it is only sealed anew under a fresh one."""
        try:
            ids = [bytes.fromhex(line) for line in self._file.read_text(encoding="ascii").split()]
        except FileNotFoundError:
            return []
        except ValueError:
            ids = []
        except OSError as unreadable:
            raise KnownError(
                ErrorCode.FOLDER_NOT_WRITABLE,
                f"{IDS_FILE} in the data folder cannot be read ({type(unreadable).__name__}).",
                "Give the kiosk's user the right to read and write there.",
            ) from unreadable
        if not ids or any(len(one) != ID_BYTES for one in ids):
            _log.warning("at_rest_ids_damaged")
            return []
        return ids

    def _write(self, ids: list[bytes]) -> None:
        write_whole(self._file, "\n".join(one.hex() for one in ids).encode())


def _name(key_id: bytes) -> str:
    return f"at_rest_key.{key_id.hex()}"
