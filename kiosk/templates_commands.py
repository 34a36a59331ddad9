"""A fresh secret for all that is kept of faces, and the way on where the secret was lost.

Both need the kiosk to be ended. Both may be killed at any moment and called again: what lies under which
secret is written before each value, a search index is of one secret alone, and the old secret is deleted
last.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from kiosk.archive import Archive, open_archive
from kiosk.at_rest.own_keys import OwnKeys
from kiosk.at_rest.vault import Vault
from kiosk.database.lost_faces import SqlLostFaces
from kiosk.database.sealing import is_sealing_due, seal_pictures
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.decoding import load_upright
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.photos.photo_faces import faces_of
from kiosk.photos.types import key_of_original
from kiosk.runtime.single_instance import SingleInstance
from kiosk.secrets import KeyringSecrets
from kiosk.settings import Settings, load_settings
from kiosk.staff.types import AuditAction
from kiosk.staff_commands import log_command
from kiosk.visits.pictures import FacePictures

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reissued:
    """How many faces are searched under the new secret, and how many pictures of faces lie under it."""

    faces: int
    pictures: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """`photos` whose faces were found anew; `without_faces`: those whose original is not here, which are
    found by time and number only; `people_faces`: of people, who are to be enrolled with new pictures."""

    photos: int
    without_faces: int
    people_faces: int


def reissue(home: Path) -> Reissued:
    """Turns and seals all embeddings and pictures of faces under a new secret, and deletes the old one: what
    leaked of them is worth nothing from then on. Goes on with one that was interrupted.

    Raises KnownError ALREADY_RUNNING, and what `open_archive` raises.
    """
    with SingleInstance(home):
        keys = OwnKeys(home, KeyringSecrets())
        if not keys.older_ids():
            keys.renew()
        with _alone(home, load_settings(home), Vault(keys)) as archive:
            pictures = seal_pictures(archive.database, _pictures(archive), "")
            faces = _index_again(archive)
            detail = {"faces": str(faces), "pictures": str(pictures)}
            log_command(archive.database, AuditAction.TEMPLATES_REISSUED, "", **detail)
        keys.retire()
    return Reissued(faces, pictures)


def recover(home: Path) -> Recovered:
    """Where the secret is gone: finds the faces of photos anew in their originals, and takes away what is of
    no use any more. Harmless where nothing is lost.

    Raises as `reissue`, and KnownError(OBJECT_STORE_UNREACHABLE): an original that cannot be had now is not
    gone, and the next call goes on.
    """
    with SingleInstance(home):
        keys = OwnKeys(home, KeyringSecrets())
        current = keys.current_id()
        if current is not None and keys.find(current) is None:
            keys.renew()
        with _alone(home, load_settings(home), Vault(keys)) as archive:
            lost = SqlLostFaces(archive.database)
            photo_ids = lost.photo_ids()
            found = sum(_find_again(archive, lost, photo_id) for photo_id in photo_ids)
            people_faces = lost.drop_others()
            _index_again(archive)
            detail = {"photos": str(len(photo_ids)), "people_faces": str(people_faces)}
            log_command(archive.database, AuditAction.TEMPLATES_RECOVERED, "", **detail)
        keys.retire()
    return Recovered(found, len(photo_ids) - found, people_faces)


@contextmanager
def _alone(home: Path, settings: Settings, vault: Vault) -> Iterator[Archive]:
    """The archive, with all embeddings sealed under the current key."""
    archive = open_archive(home, settings, vault=vault)
    try:
        if is_sealing_due(archive.database):
            raise KnownError(
                ErrorCode.ALREADY_RUNNING,
                "Another program uses the database.",
                "End every kiosk command on this data folder, then do it again.",
            )
        yield archive
    finally:
        archive.close()


def _pictures(archive: Archive) -> FacePictures:
    return FacePictures(archive.store, "", archive.database.vault)


def _index_again(archive: Archive) -> int:
    count = 0
    for event in archive.photos.events():
        verify_and_rebuild(archive.index, archive.photos, event.event_id)
        count += archive.index.count(event.event_id)
    return count


def _find_again(archive: Archive, lost: SqlLostFaces, photo_id: str) -> bool:
    """False where the original is not there any more: the photo has no faces then."""
    photo = archive.photos.photo(photo_id)
    try:
        data = archive.store.get(key_of_original(photo))
        faces = faces_of(load_upright(data), data, archive.engines.photos)
    except KnownError as gone:
        if gone.code is ErrorCode.OBJECT_STORE_UNREACHABLE:
            raise
        _log.warning("faces_not_found_again", code=gone.code)
        lost.replace(photo_id, [])
        return False
    lost.replace(photo_id, faces)
    return True
