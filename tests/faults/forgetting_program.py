"""A kiosk's forgetting in processes that are killed: run by test_forgetting_killed.

Usage: python -m tests.faults.forgetting_program FOLDER

Forks a child that forgets a photo, once for every step at which the power can fail: before each SQL statement
that writes and each commit, before each change of the index, each file that is deleted and each copy of the
database that goes. The child kills itself there with SIGKILL. A second child opens the same
folder, as a kiosk does that starts, and goes on. Writes to FOLDER/runs.json for each step what was left.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from kiosk.clock import ManualClock
from kiosk.database import files
from kiosk.gallery.exact_index import ExactIndex
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.sync.records import Kind
from tests.forgetting_machine import EVENT, a_vault, closed, fill, needles_of, opened, traces

_MOST_STEPS = 500
_CLOCK_AFTER_S = 7200.0


def main(folder: Path, every: int) -> None:
    """Dies at each step, or only at every so manyth one."""
    base = folder / "base"
    _in_child(lambda: _prepare(base, folder))
    needles = [bytes.fromhex(needle) for needle in json.loads((folder / "needles.json").read_text())]
    runs: list[dict[str, Any]] = []
    for step in range(1, _MOST_STEPS, every):
        home = folder / f"step-{step}"
        shutil.copytree(base, home)
        died = _in_child(lambda home=home, step=step: _forget_until(home, step)) != 0  # type: ignore[misc]
        _in_child(lambda home=home, folder=folder: _go_on(home, folder))  # type: ignore[misc]
        left = json.loads((folder / "left.json").read_text())
        runs.append({"step": step, "died": died, "traces": traces(home, *needles), **left})
        shutil.rmtree(home)
        if not died:
            break
    (folder / "runs.json").write_text(json.dumps(runs))


def _prepare(home: Path, folder: Path) -> None:
    machine = opened(home, ManualClock(), vault=a_vault())
    fill(machine, folder / "card")
    photo = machine.photos.photos(EVENT)[0]
    (folder / "needles.json").write_text(json.dumps([needle.hex() for needle in needles_of(machine, photo)]))
    machine.ask(photo_ids=(photo.photo_id,), event_id=EVENT)
    closed(machine)


def _clock() -> ManualClock:
    clock = ManualClock()
    clock.advance(_CLOCK_AFTER_S)
    return clock


def _forget_until(home: Path, step: int) -> None:
    machine = opened(home, _clock(), vault=a_vault())
    _die_at(step)
    assert machine.forgetting.once() == 1
    os._exit(0)


def _go_on(home: Path, folder: Path) -> None:
    machine = opened(home, _clock(), vault=a_vault())
    verify_and_rebuild(machine.index, machine.photos, EVENT)
    machine.forgetting.once()
    left = {
        "told": len(machine.told(Kind.FORGOTTEN)),
        "done": machine.state("d1").done_at is not None,
        "photos": machine.photos.count(EVENT),
        "faces": len(machine.index.faces(EVENT)),
        "copies": len(files.backups(home / "kiosk.db")),
    }
    closed(machine)
    (folder / "left.json").write_text(json.dumps(left))


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
    for where, name in ((ExactIndex, "remove_photos"), (FolderObjectStore, "delete"), (Path, "unlink")):
        setattr(where, name, _watched(getattr(where, name), passed))
    files.back_up = _watched(files.back_up, passed)
    files.empty_journal = _watched(files.empty_journal, passed)


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
