"""A chain in one process: kiosks with people of their own and the centre between them, without HTTP.

What goes up and down goes through the real outbox, inbox and feed. A kiosk is off line until it `meets`.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import select

from kiosk.central.centre import Centre
from kiosk.central.deletions import with_deletions
from kiosk.central.inbox import Inbox
from kiosk.central.principal import Principal, Role
from kiosk.central.taking import handlers
from kiosk.clock import ManualClock
from kiosk.database.central_tables import DeviceRow, TenantRow
from kiosk.database.deletions import DATABASE, SqlDeletions, holder_of_kiosk
from kiosk.database.engine import Database, open_database
from kiosk.database.feed import SqlFeed
from kiosk.database.forgetting import SqlForgetting
from kiosk.database.people_tables import PersonRow, VisitRow
from kiosk.database.person_records import person_records
from kiosk.database.pulled import SqlPulled
from kiosk.database.sync_state import SqlOutbox
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.sync.push import MOST_MESSAGES
from kiosk.sync.records import Kind
from kiosk.sync.wire import unpack_page
from tests.people_worlds import CONTRACT, MORNING, SqlPeopleWorld

TENANT = "chain"
_MOST_ROUNDS = 20


class ChainKiosk(SqlPeopleWorld):
    """A shop of the chain."""

    def __init__(self, folder: Path, centre: ChainCentre, empty_file: Path | None = None) -> None:
        """`empty_file` is a database with its tables, to begin with."""
        self.home = folder
        if empty_file is not None:
            folder.mkdir()
            shutil.copyfile(empty_file, folder / "kiosk.db")
        database = open_database(folder / "kiosk.db", centre.clock)
        super().__init__(database, FolderObjectStore(folder / "objects"), clock=centre.clock)
        self.outbox = SqlOutbox(database, centre.clock)
        self.pulled = SqlPulled(database, CONTRACT, centre.clock)
        self.principal = Principal(self.kiosk_id, TENANT, Role.DEVICE)
        self._centre = centre
        self._forgetting = SqlForgetting(database, centre.clock)
        self._deletions = SqlDeletions(database)
        centre.enlist(self.kiosk_id)

    def meets(self, *, pushes: bool = True, pulls: bool = True) -> None:
        """Pulls what is new, then tells what waits, as a kiosk does that comes back; again till nothing is
        left."""
        for _ in range(_MOST_ROUNDS):
            has_news = (pulls and self._pull()) | (pushes and self._push())
            if not has_news:
                return
        raise AssertionError("kiosk and centre go on telling each other")

    def _pull(self) -> bool:
        cursor = self.pulled.cursor()
        page = unpack_page(self._centre.feed.page(TENANT, cursor).data)
        list(self.pulled.apply(page, cursor))
        for deletion in self._deletions.pending():
            holder = holder_of_kiosk(self.kiosk_id)
            self._forgetting.forget(deletion, holder)
            self._deletions.confirm_to_centre(deletion.deletion_id, holder, self.clock.now())
        return bool(page.changes)

    def _push(self) -> bool:
        waiting = self.outbox.waiting(MOST_MESSAGES)
        if not waiting:
            return False
        answers = self._centre.inbox.take(self.principal, [one.message for one in waiting])
        assert [answer.detail for answer in answers if not answer.is_taken] == []
        self.outbox.taken([answer.message_id for answer in answers], {})
        self._centre.forget()
        return True

    def known(self) -> dict[str, Any]:
        return everybody(self.database, "")


class ChainCentre:
    """Where the kiosks meet."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock(MORNING)
        self.database = database
        self.feed = SqlFeed(database)
        centre = SimpleNamespace(database=database, clock=self.clock)
        self.inbox = Inbox(cast(Centre, centre), with_deletions(handlers(lambda *_: None)))
        self._prefixes = itertools.count()
        with database.writing() as session:
            session.add(TenantRow(tenant_id=TENANT, name="Chain", created_at=MORNING))

    def enlist(self, kiosk_id: str) -> None:
        with self.database.writing() as session:
            session.add(
                DeviceRow(
                    device_id=kiosk_id,
                    tenant_id=TENANT,
                    name=kiosk_id,
                    code_prefix=f"K{next(self._prefixes)}",
                    key_hash="",
                    enrolled_at=MORNING,
                    health="{}",
                )
            )

    def forget(self) -> None:
        """What its worker does in the background."""
        deletions = SqlDeletions(self.database)
        for deletion in deletions.pending():
            SqlForgetting(self.database, self.clock).forget(deletion, DATABASE)
            deletions.finish(deletion.deletion_id, self.clock.now())

    def known(self) -> dict[str, Any]:
        return everybody(self.database, TENANT)

    def visits(self) -> dict[str, str | None]:
        with self.database.reading() as session:
            return {row.visit_id: row.person_id for row in session.scalars(select(VisitRow))}


def all_meet(kiosks: Iterable[ChainKiosk]) -> None:
    """Till everybody has heard of everything."""
    for _ in range(3):
        for kiosk in kiosks:
            kiosk.meets()


def everybody(database: Database, tenant_id: str) -> dict[str, Any]:
    """What two machines must agree on, of each person: all but the places of faces."""
    with database.reading() as session:
        ids = session.scalars(select(PersonRow.person_id)).all()
        records = person_records(session, tenant_id, ids)
    return {person_id: _comparable(record) for person_id, record in records.items()}


def _comparable(record: dict[str, Any]) -> dict[str, Any]:
    faces = {face["face_id"]: face["embedding"] for face in record["faces"]}
    assert len(faces) == len(record["faces"])
    moments = {name: _moment(value) for name, value in record.items() if isinstance(value, datetime)}
    return {**record, **moments, "faces": faces, "gone_faces": sorted(record["gone_faces"])}


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


def messages_of(kiosk: ChainKiosk, *kinds: Kind) -> list[dict[str, Any]]:
    """What waits to be told, of these kinds, or of all."""
    waiting = [one.message for one in kiosk.outbox.waiting(1000)]
    return [dict(one.record) for one in waiting if not kinds or one.kind in kinds]
