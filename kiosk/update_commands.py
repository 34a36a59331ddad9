"""What `kiosk update` does: for staff beside a running kiosk or without one, and as root."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kiosk.adapters import choose_centre
from kiosk.archive import DATABASE_FILE
from kiosk.clock import SystemClock
from kiosk.database.audit import SqlAuditLog
from kiosk.database.engine import Database, open_database
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import update_keys
from kiosk.settings import load_settings
from kiosk.staff.types import AuditAction
from kiosk.sync.packages import CentrePackages
from kiosk.updates.applying import Applier
from kiosk.updates.dpkg import Dpkg
from kiosk.updates.journal import Result, read_journal
from kiosk.updates.machine import Machine
from kiosk.updates.outside import owner_of
from kiosk.updates.package import PRODUCT, Package, this_machine
from kiosk.updates.places import DATA_FOLDER, PROGRAM, RootPlaces, StagingPlaces
from kiosk.updates.refusals import nothing_staged
from kiosk.updates.staging import Staging
from kiosk.updates.wish import When, Wish, read_wish, write_wish

COMMAND_LINE = "command line"


def is_root() -> bool:
    """Whether this process may install packages."""
    return sys.platform == "linux" and os.geteuid() == 0


def staging_at(home: Path) -> Staging:
    """The packages of the kiosk whose data is in `home`."""
    return Staging(StagingPlaces(home), update_keys(), this_machine())


def status(home: Path) -> dict[str, Any]:
    """How it stands. Raises KnownError(UPDATE_UNREADABLE)."""
    journal, ready = read_journal(RootPlaces().journal), staging_at(home).ready()
    wish = read_wish(StagingPlaces(home).wish)
    return {
        "version": this_machine().version,
        "architecture": this_machine().architecture,
        "has_keys": update_keys().exists(),
        "ready": asdict(ready) if ready else None,
        "wish": asdict(wish) if wish else None,
        "step": journal.step,
        "last": asdict(journal.last) if journal.last else None,
        "before": journal.before.version if journal.before else None,
        "failed": journal.failed,
    }


def check(home: Path) -> Package | None:
    """Asks the centre, and fetches what it has for this kiosk. Raises KnownError: NOT_ENROLLED, as
    `Staging.fetch`, DATABASE_*."""
    settings = load_settings(home)
    database = open_database(home / DATABASE_FILE, vault=None)  # no face is looked at
    try:
        door = choose_centre(settings.central, database, SystemClock())
        if door is None:
            raise KnownError(
                ErrorCode.NOT_ENROLLED, "No centre is set (central.url).", "Bring the package on a stick."
            )
        try:
            failed = tuple(read_journal(RootPlaces().journal).failed)
            return staging_at(home).fetch(CentrePackages(door.client), threading.Event(), failed)
        finally:
            door.close()
    finally:
        database.close()


def stage(home: Path, file: Path) -> Package:
    """Stages a package of a stick. Raises as `Staging.take`, DATABASE_*."""
    package = staging_at(home).take(file, tuple(read_journal(RootPlaces().journal).failed))
    _log(home, AuditAction.UPDATE_STAGED, package.version)
    return package


def choose(home: Path, when: When | None) -> None:
    """Tells a running kiosk when; None takes it back. Raises KnownError: UPDATE_NONE, FOLDER_NOT_WRITABLE."""
    if when in (When.NOW, When.TONIGHT) and staging_at(home).ready() is None:
        raise nothing_staged()
    wish = Wish(when, COMMAND_LINE, SystemClock().now()) if when else None
    write_wish(StagingPlaces(home).wish, wish)
    _log(home, AuditAction.UPDATE_CHOSEN, when.value if when else "")


def apply_as_root(*, now: bool, recover: bool) -> Result | None:
    """Raises KnownError: UPDATE_RIGHTS, as `Applier.apply`."""
    applier = _applier(starts_session=not recover)
    return applier.recover() if recover else applier.apply(now=now)


def undo_as_root() -> Result:
    """Raises KnownError: UPDATE_RIGHTS, as `Applier.undo`."""
    return _applier(starts_session=True).undo()


def _applier(*, starts_session: bool) -> Applier:
    if not is_root():
        raise KnownError(
            ErrorCode.UPDATE_RIGHTS,
            "Only an administrator of this machine (root, on Linux) applies updates at once.",
            "Choose it on the technician's page, or: kiosk update apply --now",
        )
    home = Path(os.environ.get("KIOSK_HOME") or DATA_FOLDER)
    places = StagingPlaces(home)
    machine = Machine(Dpkg(PRODUCT), owner_of(home), places, PROGRAM, starts_session=starts_session)
    architecture = this_machine().architecture
    return Applier(RootPlaces(), places, update_keys(), machine, architecture, SystemClock())


def _log(home: Path, action: AuditAction, subject: str) -> None:
    if not (home / DATABASE_FILE).exists():
        return
    database: Database = open_database(home / DATABASE_FILE, vault=None)  # root's keyring is another one
    try:
        SqlAuditLog(database).add(SystemClock().now(), None, action, subject, {"by": COMMAND_LINE})
    finally:
        database.close()
