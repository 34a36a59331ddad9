"""What a backup says of itself, and of each of its parts."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.backup.sealed_stream import damaged
from kiosk.errors import ErrorCode, KnownError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "kiosk.db"
SETTINGS = "kiosk.toml"
_FOLDERS = ("objects", "papers", "files")
_SEGMENT = r"[^./\\:\x00-\x1f][^/\\:\x00-\x1f]{0,199}"
_NAME = re.compile(
    rf"{re.escape(DATABASE)}|{re.escape(SETTINGS)}|(?:{'|'.join(_FOLDERS)})(?:/{_SEGMENT}){{1,12}}"
)


class PartRecord(BaseModel):
    """A file of the backup."""

    model_config = ConfigDict(frozen=True)

    name: str
    size: int = Field(ge=0)
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """`machine` tells the machine that the backup was made on from others. `secrets` are names only;
    `face_keys` are those under which faces lie in it, in hex, which nobody could type in again: they are as
    safe as the passphrase, as all that is in it. `faces_under` are their ids, and those of keys that could
    not be read."""

    model_config = ConfigDict(frozen=True)

    format: int
    made_at: datetime
    program: str
    revision: str
    kiosk_id: str
    machine: str
    code_prefix: str = ""
    tenant: str = ""
    has_photos: bool = True
    secrets: tuple[str, ...] = ()
    faces_under: tuple[str, ...] = ()
    face_keys: Annotated[tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...], Field(repr=False)] = ()
    parts: tuple[PartRecord, ...] = ()


def check_name(name: str) -> str:
    """The name of a part. Raises KnownError(BACKUP_INVALID) for one that would lead elsewhere."""
    if not _NAME.fullmatch(name):
        raise damaged()
    return name


def read_manifest(data: bytes) -> Manifest:
    """Raises KnownError(BACKUP_INVALID), also for one that a newer program made."""
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as broken:
        raise damaged() from broken
    if manifest.format > FORMAT:
        raise KnownError(
            ErrorCode.BACKUP_INVALID,
            f"The backup is of a newer program ({manifest.program}).",
            "Install that version, then restore.",
        )
    return manifest
