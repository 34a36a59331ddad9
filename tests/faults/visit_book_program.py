"""A visit book in processes that are killed: run by test_visit_book_killed.

Usage: python -m tests.faults.visit_book_program FOLDER

Forks a child that writes an hour of a shop into its book, once for every step at which the power can fail:
before each SQL statement that writes, each commit and each change of a file. The child kills itself there
with SIGKILL. A second child, a program that starts and whose cameras see the same people, goes on till all
have gone. Writes to FOLDER/runs.json for each step what is in the book then.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from kiosk.clock import ManualClock
from kiosk.database import files
from kiosk.database.engine import open_database
from kiosk.database.people_tables import StayRow, VisitFaceRow, VoidVisitRow
from kiosk.database.sync_tables import OutboxRow
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.sync.records import Kind
from kiosk.visits.pictures import FacePictures
from kiosk.visits.types import PersonKind
from tests.forgetting_machine import traces
from tests.visit_worlds import DOOR, MORNING, SqlWorld, all_visits, sighting, view_of

_MOST_STEPS = 300
_STRANGER, _NOK, _LEK = 1, 2, 3
_VIEWS = [view_of(seed) for seed in (_STRANGER, _NOK, _LEK)]


def main(folder: Path, every: int) -> None:
    """Dies at each step, or only at every so manyth one."""
    base = folder / "base"
    _in_child(lambda: _prepare(base))
    runs: list[dict[str, Any]] = []
    for step in range(1, _MOST_STEPS, every):
        home = folder / f"step-{step}"
        shutil.copytree(base, home)
        died = _in_child(lambda home=home, step=step: _until(home, step)) != 0  # type: ignore[misc]
        _in_child(lambda home=home, folder=folder: _go_on(home, folder))  # type: ignore[misc]
        runs.append({"step": step, "died": died, **json.loads((folder / "left.json").read_text())})
        shutil.rmtree(home)
        if not died:
            break
    (folder / "runs.json").write_text(json.dumps(runs))


def _prepare(home: Path) -> None:
    home.mkdir()
    world = _opened(home, minutes=0).set_up()
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.know("lek", PersonKind.STAFF, "Lek")
    world.tenant.database.close()


def _opened(home: Path, minutes: float) -> SqlWorld:
    clock = ManualClock(MORNING + timedelta(minutes=minutes))
    database = open_database(home / "kiosk.db", clock)
    return SqlWorld(database, FacePictures(FolderObjectStore(home / "objects")), clock=clock)


def _until(home: Path, step: int) -> None:
    world = _opened(home, minutes=1)
    _die_at(step)
    _are_seen(world)
    (home / "all-were-seen").touch()
    world.clock.advance(3600)
    world.book.end_due(world.clock.now())
    os._exit(0)


def _are_seen(world: SqlWorld) -> None:
    """Staff are recognised at the second look only."""
    world.book.see(sighting(world, _STRANGER))
    world.book.see(sighting(world, _NOK, "nok", picture=np.full((90, 90, 3), 80, np.uint8)))
    lek = world.book.see(sighting(world, _LEK))
    world.book.see(sighting(world, _LEK, "lek", stay_id=lek.stay_id))
    world.book.count_line(DOOR, world.clock.now(), 1, 0)


def _go_on(home: Path, folder: Path) -> None:
    world = _opened(home, minutes=2)
    if not (home / "all-were-seen").exists():
        _are_seen(world)
    world.clock.advance(3600)
    world.book.end_due(world.clock.now())
    world.clock.advance(600)
    world.book.end_due(world.clock.now())
    (folder / "left.json").write_text(json.dumps(_left(world, home)))
    world.tenant.database.close()


def _left(world: SqlWorld, home: Path) -> dict[str, Any]:
    with world.tenant.reading() as session:
        stays = len(session.scalars(select(StayRow)).all())
        voids = session.scalars(select(VoidVisitRow.visit_id)).all()
        faces = session.scalars(select(VisitFaceRow.visit_id)).all()
        payloads = [
            (row.kind, json.loads(row.payload))
            for row in session.scalars(select(OutboxRow).order_by(OutboxRow.outbox_id))
        ]
    visits = all_visits(world)
    told = {one["visit_id"]: one for kind, one in payloads if kind == Kind.VISIT}
    last = {
        visit_id: (one["is_void"], one["person_id"], one["ended_at"] is None)
        for visit_id, one in told.items()
    }
    true = {visit.visit_id: (False, visit.person_id, visit.ended_at is None) for visit in visits}
    true.update(dict.fromkeys(voids, (True, None, True)))
    lines = [one for kind, one in payloads if kind == Kind.LINE_COUNT]
    pictures = {visit.picture_key for visit in visits if visit.picture_key}
    return {
        "stays": stays,
        "visits": sorted([visit.person_id or "", visit.number or 0] for visit in visits),
        "is_told_as_it_is": last == true,
        "crossings": today.came_in if (today := world.book.today(MORNING, world.clock.now())) else 0,
        "crossings_told": max((one["came_in"] for one in lines), default=0),
        "pictures": len(pictures),
        "are_pictures_there": pictures <= set(world.pictures.store.keys("")),
        "faces": len(faces),
        "traces": traces(home, *(view.astype("<f4").tobytes()[:64] for view in (_VIEWS[0], _VIEWS[2]))),
    }


def _die_at(step: int) -> None:
    left = step

    def passed() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def executing(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN")):
            passed()

    event.listen(Engine, "before_cursor_execute", executing)
    event.listen(Engine, "commit", lambda _: passed())
    for where, name in ((FolderObjectStore, "put"), (FolderObjectStore, "delete"), (files, "empty_journal")):
        setattr(where, name, _watched(getattr(where, name), passed))


def _watched(method: Callable[..., Any], passed: Callable[[], None]) -> Callable[..., Any]:
    def watched(*arguments: Any, **named: Any) -> Any:
        passed()
        return method(*arguments, **named)

    return watched


def _in_child(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - told, and nothing else of the parent's runs in the child
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        sys.exit("a child failed, see above")
    return status


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
