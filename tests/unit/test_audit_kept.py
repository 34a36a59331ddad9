"""Nothing that tidies up touches the audit log: no purge, no forgetting, no backup that takes its place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.archive import DATABASE_FILE
from kiosk.clock import ManualClock
from kiosk.database.audit import SqlAuditLog
from kiosk.database.engine import open_database
from kiosk.database.sync_state import SqlEnrolment
from kiosk.staff.types import AuditAction
from tests.forgetting_machine import EVENT, Machine, closed, fill, opened


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    opened_machine = opened(tmp_path / "home", ManualClock())
    fill(opened_machine, tmp_path / "card")
    yield opened_machine
    closed(opened_machine)


def test_the_log_outlives_whatever_else_is_deleted(machine: Machine, tmp_path: Path) -> None:
    log = SqlAuditLog(machine.database)
    for _ in range(3):
        log.add(machine.clock.now(), None, AuditAction.PHOTOS_REJECTED)
    gone = machine.photos.photos(EVENT)[0]
    machine.ask(photo_ids=(gone.photo_id,), event_id=EVENT)
    assert machine.forgetting.once() == 1
    machine.database.keep_no_traces()
    SqlEnrolment(machine.database, machine.clock).prune()
    assert log.verify() == 3
    copy = machine.database.back_up()
    assert copy is not None
    restored = open_database(shutil.copyfile(copy, tmp_path / DATABASE_FILE), machine.clock)
    again = SqlAuditLog(restored)
    again.add(machine.clock.now(), None, AuditAction.SIGNED_OUT)
    assert again.verify() == 4
    restored.close()
