"""The feed that kiosks follow: which things changed after a cursor, each with its newest state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import uuid4

import msgpack
from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.bulk import Plain
from kiosk.database.engine import Database
from kiosk.database.feed_records import READERS
from kiosk.database.meta import SqlMeta
from kiosk.database.migrate import HEAD_REVISION
from kiosk.database.photo_records import face_counts
from kiosk.database.sync_tables import ChangeRow, RevisionRow
from kiosk.database.tables import MetaRow
from kiosk.sync.records import Kind
from kiosk.sync.wire import PROTOCOL, pack_page

_HISTORY = "feed_history"
MOST_CHANGES = 2000
MOST_BYTES = 8 * 2**20
_FACE_BYTES = 2200
_PHOTO_BYTES = 600
_OTHER_BYTES = 1500
"""What a change takes at about, so that hardly more is read than a page holds."""


_States = dict[tuple[str, str], Plain]
"""Newest states, by kind and key."""


class _Listed(NamedTuple):
    """A change as it stands in the feed."""

    revision: int
    kind: str
    key: str
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class PackedPage:
    """A page as it goes over the wire (`kiosk.sync.wire.Page`), in parts to be sent one after the other."""

    parts: tuple[bytes, ...]
    cursor: int
    has_more: bool
    changes: int

    @property
    def data(self) -> bytes:
        """The parts in one."""
        return b"".join(self.parts)


class SqlFeed:
    """Reads the feed of a centre. Any thread.

    Revisions become visible in their order (`kiosk.database.changes`), so a reader that asks for what is
    after the last page's cursor passes nothing by. What a page tells of a thing may be newer than the
    revision that it stands at; then it comes once more.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, tenant_id: str, cursor: int, limit: int = MOST_CHANGES, most_bytes: int = MOST_BYTES
    ) -> PackedPage:
        """The changes after a cursor: at most `limit`, and so many that their bytes stay within `most_bytes`,
        but at least one where there is one.

        A cursor that is ahead of the feed is of before the centre was put back to an older backup: the page
        is empty then, its cursor lower than the one asked after, and who asks begins anew at 0.

        Raises KnownError DATABASE_*.
        """
        with self._database.reading() as session:
            last, history = _last_revision(session, tenant_id), feed_history(session)
            if cursor > last:
                return PackedPage((_head(last, False, 0, history),), last, has_more=False, changes=0)
            listed = _changes(session, tenant_id, cursor, limit + 1)
            fitting = listed[: min(limit, _how_many_fit(session, listed, most_bytes))]
            packed = _packed(fitting, _states(session, tenant_id, fitting), most_bytes)
        has_more = len(packed) < len(listed)
        after = fitting[len(packed) - 1].revision if packed else cursor
        head = _head(after, has_more, len(packed), history)
        return PackedPage((head, *packed), after, has_more, len(packed))

    def last_revision(self, tenant_id: str) -> int:
        """The newest revision of a tenant, 0 before the first. Raises KnownError DATABASE_*."""
        with self._database.reading() as session:
            return _last_revision(session, tenant_id)

    def last_revisions(self) -> dict[str, int]:
        """The newest revision of each tenant that has one. Raises KnownError DATABASE_*."""
        with self._database.reading() as session:
            rows = session.execute(select(RevisionRow.tenant_id, RevisionRow.last))
            return {row.tenant_id: row.last for row in rows}


def begin_history(database: Database) -> None:
    """After the centre was put back to a backup: what kiosks heard since is no part of it any more. Each of
    them asks for everything and tells everything anew."""
    SqlMeta(database).set(_HISTORY, uuid4().hex)


def feed_history(session: Session) -> str:
    """The history that cursors are of; empty for the first one."""
    return session.scalar(select(MetaRow.value).where(MetaRow.key == _HISTORY)) or ""


def _last_revision(session: Session, tenant_id: str) -> int:
    return session.scalar(select(RevisionRow.last).where(RevisionRow.tenant_id == tenant_id)) or 0


def _changes(session: Session, tenant_id: str, cursor: int, limit: int) -> list[_Listed]:
    query = (
        select(ChangeRow.revision, ChangeRow.kind, ChangeRow.key, ChangeRow.is_deleted)
        .where(ChangeRow.tenant_id == tenant_id, ChangeRow.revision > cursor)
        .order_by(ChangeRow.revision)
        .limit(limit)
    )
    return [_Listed(*row) for row in session.execute(query)]


def _how_many_fit(session: Session, changes: Sequence[_Listed], most_bytes: int) -> int:
    """By estimate, one at least."""
    faces = face_counts(session, _keys(changes, Kind.PHOTO))
    size, photo = 0, Kind.PHOTO.value
    for place, change in enumerate(changes):
        if change.kind == photo:
            size += _PHOTO_BYTES + _FACE_BYTES * faces.get(change.key, 0)
        else:
            size += _OTHER_BYTES
        if size > most_bytes:
            return max(1, place)
    return len(changes)


def _states(session: Session, tenant_id: str, changes: Sequence[_Listed]) -> _States:
    """The newest state of each thing that is not gone."""
    states: _States = {}
    for kind, read in READERS.items():
        keys = _keys(changes, kind)
        if keys:
            found = read(session, tenant_id, keys)
            states.update(((kind.value, key), record) for key, record in found.items())
    return states


def _keys(changes: Sequence[_Listed], kind: Kind) -> list[str]:
    wanted = kind.value
    return [change.key for change in changes if change.kind == wanted and not change.is_deleted]


def _packed(changes: Sequence[_Listed], states: _States, most_bytes: int) -> list[bytes]:
    """Change after change as long as they fit; the first one in any case."""
    parts: list[bytes] = []
    size = 0
    for revision, kind, key, _ in changes:
        record = states.get((kind, key))
        part = pack_page(
            {"revision": revision, "kind": kind, "key": key, "is_deleted": record is None, "record": record}
        )
        size += len(part)
        if parts and size > most_bytes:
            break
        parts.append(part)
    return parts


def _head(cursor: int, has_more: bool, changes: int, history: str) -> bytes:
    """All of a page but its changes, which follow as they were packed."""
    packer = msgpack.Packer(autoreset=False)
    packer.pack_map_header(6)
    fields = {
        "protocol": PROTOCOL,
        "schema_revision": HEAD_REVISION,
        "history": history,
        "cursor": cursor,
        "has_more": has_more,
    }
    for name, value in fields.items():
        packer.pack(name)
        packer.pack(value)
    packer.pack("changes")
    packer.pack_array_header(changes)
    head: bytes = packer.bytes()
    return head
