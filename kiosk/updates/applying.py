"""Applying an update as root, so that it is whole or has not been, whenever the power is cut."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

import structlog

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.file_lock import FileLock
from kiosk.runtime.whole_file import write_whole
from kiosk.updates.dpkg import Dpkg
from kiosk.updates.journal import (
    Journal,
    Kept,
    Outcome,
    Result,
    Step,
    UnderWay,
    read_journal,
    write_journal,
)
from kiosk.updates.package import (
    LARGEST_PACKAGE,
    LARGEST_SIGNATURE,
    SIGNATURE_ENDING,
    Installed,
    Package,
    check_wanted,
    keys_in,
    unreadable,
    verified,
)
from kiosk.updates.places import RootPlaces, StagingPlaces
from kiosk.updates.refusals import interrupted, no_start, nothing_staged, too_large
from kiosk.updates.request import Wanted, opened_plainly, read_request

_log = structlog.get_logger(__name__)
MOST_TRIES = 3
_PART_BYTES = 1 << 20

T = TypeVar("T")


class UpdatedMachine(Protocol):
    """`kiosk.updates.machine.Machine`, which says what each raises."""

    @property
    def dpkg(self) -> Dpkg: ...

    @property
    def starts_session(self) -> bool: ...

    def stop_session(self) -> None: ...

    def start_session(self) -> bool: ...

    def self_test(self) -> None: ...

    def revision(self) -> str: ...

    def copy_data(self) -> None: ...

    def restore_data(self, newer_version: str) -> None: ...

    def forget_copy(self) -> None: ...


class Applier:
    """Takes an update from step to step, each noted before it begins and safe to be done again.

    | killed at | the next start |
    |---|---|
    | checking, stopping | gives it up: nothing was changed; it is begun anew with the next request |
    | installing, testing, starting | installs again and tests again; after three tries, or where the version
      before was put back already, it goes back |
    | going back | goes back again |
    | back | starts the session |

    A version that failed its self-test, did not bring up the session or could not be installed is not taken
    again. Only the data of before a version that failed is put back, and only where the new version has
    changed the tables. One process at a time.
    """

    def __init__(
        self,
        places: RootPlaces,
        staging: StagingPlaces,
        keys: Path,
        machine: UpdatedMachine,
        architecture: str,
        clock: Clock,
        note: Callable[[Path, Journal], None] = write_journal,
    ) -> None:
        self._places = places
        self._staging = staging
        self._keys = keys
        self._machine = machine
        self._architecture = architecture
        self._clock = clock
        self._note = note
        self._journal = Journal()

    def apply(self, *, now: bool = False) -> Result | None:
        """Goes on with what was begun, then does what is asked for (`now`: as if it were); what came of it,
        None where there was nothing to do. Raises KnownError: UPDATE_UNDER_WAY, UPDATE_UNREADABLE, and
        UPDATE_NOT_INSTALLED where neither version can be installed."""
        return self._locked(lambda: self._apply(now))

    def recover(self) -> Result | None:
        """While the machine comes up, before the session: only what was begun. Raises as `apply`."""
        return self._locked(self._go_on)

    def undo(self) -> Result:
        """Back to the version before. Raises KnownError: UPDATE_NO_WAY_BACK, UPDATE_UNDER_WAY, and as
        `apply`."""
        return self._locked(self._undo)

    # -- what is asked for ------------------------------------------------------------------------

    def _locked(self, job: Callable[[], T]) -> T:
        lock = FileLock.take(self._places.lock)
        if lock is None:
            raise KnownError(
                ErrorCode.UPDATE_UNDER_WAY, "An update is under way.", "Wait until it is done: some minutes."
            )
        try:
            self._journal = read_journal(self._places.journal)
            return job()
        finally:
            lock.release()

    def _apply(self, now: bool) -> Result | None:
        went_on = self._go_on()
        request = read_request(self._staging.request)
        if request is not None and request.request_id != self._journal.handled:
            self._write(replace(self._journal, handled=request.request_id))
            if request.is_good(self._clock.now()):
                return self._undo_asked() if request.wanted is Wanted.UNDO else self._begin()
        return self._begin() if now else went_on

    def _begin(self) -> Result | None:
        try:
            package = self._check()
            self._stop(package)
        except KnownError as refused:
            return self._given_up(refused)
        except OSError as failed:
            return self._given_up(interrupted(f"the disk ({failed.strerror})"))
        return self._install()

    def _undo_asked(self) -> Result:
        try:
            return self._undo()
        except KnownError as refused:
            return self._end(Outcome.REFUSED, refused)

    def _undo(self) -> Result:
        if self._journal.step is not Step.IDLE:
            self._go_on()
        before = self._journal.before
        file = self._places.folder / before.package if before else None
        if before is None or file is None or not file.exists():
            raise KnownError(ErrorCode.UPDATE_NO_WAY_BACK, "There is no version to go back to.")
        if self._machine.revision() != before.revision:
            raise KnownError(
                ErrorCode.UPDATE_NO_WAY_BACK,
                f"Version {before.version} cannot read what was sold since the update.",
                "Wait for a newer version that mends what is wrong.",
            )
        current = self._machine.dpkg.version()
        under_way = UnderWay(
            version=current,
            from_version=before.version,
            package="",
            began=self._clock.now(),
            way_back=before.package,
            revision=before.revision,
            is_wish=True,
        )
        self._write(replace(self._journal, step=Step.GOING_BACK, under_way=under_way))
        return self._go_back()

    # -- steps ------------------------------------------------------------------------------------

    def _check(self) -> Package:
        """The staged package comes to a folder where only root writes, and is believed only there."""
        installed = Installed(self._machine.dpkg.version(), self._architecture)
        if not installed.version:
            raise interrupted("the package that is installed is half there; repair it: dpkg --configure -a")
        empty = UnderWay("", installed.version, "", self._clock.now())
        self._write(replace(self._journal, step=Step.CHECKING, under_way=empty))
        file, signature = self._copied()
        with file.open("rb") as opened:
            package = verified(opened, signature.read_bytes(), keys_in(self._keys))
        check_wanted(package, installed, tuple(self._journal.failed))
        told = self._machine.dpkg.fields(file)
        if told != (self._machine.dpkg.package, package.version, package.architecture):
            raise unreadable(f"its signer says {package.version}, the file itself {' '.join(told)[:80]}")
        file.replace(self._places.folder / package.file_name)
        under_way = replace(empty, version=package.version, package=package.file_name)
        tries = {**self._journal.tries, package.version: self._journal.tries.get(package.version, 0) + 1}
        self._write(replace(self._journal, under_way=under_way, tries=tries))
        return package

    def _copied(self) -> tuple[Path, Path]:
        shutil.rmtree(self._places.incoming, ignore_errors=True)
        self._places.incoming.mkdir(parents=True, mode=0o700)
        staged = sorted(path.name for path in self._staging.staged.glob(f"*{SIGNATURE_ENDING}"))
        if len(staged) != 1:
            raise nothing_staged()
        target = self._places.incoming / "package"
        name = staged[0].removesuffix(SIGNATURE_ENDING)
        _copy(self._staging.staged / name, target, LARGEST_PACKAGE)
        signature = target.with_name("signature")
        _copy(self._staging.staged / staged[0], signature, LARGEST_SIGNATURE)
        return target, signature

    def _stop(self, package: Package) -> None:
        """What is needed for the way back is there before anything is changed."""
        way_back = self._way_back()
        self._to(Step.STOPPING, way_back=way_back.name)
        self._machine.stop_session()
        self._machine.copy_data()
        self._to(Step.STOPPING, revision=self._machine.revision())
        self._places.took_way_back.unlink(missing_ok=True)
        write_whole(self._places.way_back, f"{way_back}\n".encode())
        self._to(Step.INSTALLING)

    def _way_back(self) -> Path:
        """The package of what is installed now; where it is not kept it is made again."""
        dpkg, version = self._machine.dpkg, self._under_way.from_version
        for file in sorted(self._places.folder.glob(f"{dpkg.package}_{version}_*.deb")):
            try:
                if dpkg.fields(file)[1] == version:
                    return file
            except KnownError:
                continue
        return dpkg.make_again(self._places.folder)

    def _install(self) -> Result | None:
        """From installing on: whatever fails leads back. While the machine comes up, to where systemd starts
        the session: whether it beats is looked at after that."""
        try:
            self._machine.dpkg.install(self._places.folder / self._under_way.package)
            self._to(Step.TESTING)
            self._machine.self_test()
            self._to(Step.STARTING)
        except KnownError as failed:
            return self._turn_back(failed)
        return self._start() if self._machine.starts_session else None

    def _start(self) -> Result:
        if not self._machine.start_session():
            return self._turn_back(no_start())
        return self._done()

    def _done(self) -> Result:
        under_way = self._under_way
        before = Kept(under_way.from_version, under_way.way_back, under_way.revision)
        self._journal = replace(self._journal, before=before, tries={})
        result = self._end(Outcome.DONE)
        self._prune({under_way.package, under_way.way_back})
        return result

    def _turn_back(self, failed: KnownError) -> Result:
        _log.error("update_goes_back", code=failed.code, detail=failed.detail)
        self._to(Step.GOING_BACK, reason=failed.code.value, detail=failed.detail)
        return self._go_back()

    def _go_back(self) -> Result:
        under_way, machine = self._under_way, self._machine
        machine.stop_session()
        if machine.dpkg.version() != under_way.from_version:
            machine.dpkg.install(self._places.folder / under_way.way_back)
        if not under_way.is_wish and machine.revision() != under_way.revision:
            machine.restore_data(under_way.version)
        self._to(Step.BACK)
        return self._back()

    def _back(self) -> Result:
        """All is as it was; a session that does not come up now is no fault of the update's."""
        under_way = self._under_way
        self._journal = replace(
            self._journal,
            failed={**self._journal.failed, under_way.version: under_way.reason or Outcome.UNDONE.value},
            before=None,
        )
        outcome = Outcome.UNDONE if under_way.is_wish else Outcome.ROLLED_BACK
        if self._machine.starts_session and not self._machine.start_session():
            _log.error("session_not_started_after_way_back")
        result = self._end(outcome, _told(under_way))
        self._prune({under_way.way_back})
        return result

    # -- after a power cut ------------------------------------------------------------------------

    def _go_on(self) -> Result | None:
        step = self._journal.step
        if step is Step.IDLE:
            self._clear()  # the power may have gone between the last word of the journal and this
            return None
        _log.warning("update_goes_on", step=step)
        if step in (Step.CHECKING, Step.STOPPING):
            return self._given_up(self._counted(interrupted("the power went, or somebody ended it")))
        try:
            if step is Step.GOING_BACK:
                return self._go_back()
            if step is Step.BACK:
                return self._back()
            return self._forward(step)
        except KnownError as stuck:
            raise self._noted_stuck(stuck) from stuck

    def _forward(self, step: Step) -> Result | None:
        under_way = self._under_way
        tries = self._journal.tries.get(under_way.version, 0)
        if step is not Step.STARTING or not self._machine.starts_session:
            tries += 1  # the session after a boot belongs to the try that was counted before it
            self._write(replace(self._journal, tries={**self._journal.tries, under_way.version: tries}))
        if tries > MOST_TRIES or self._places.took_way_back.exists():
            return self._turn_back(interrupted("it was broken off again and again"))
        if step is Step.STARTING and self._machine.dpkg.version() == under_way.version:
            return self._start() if self._machine.starts_session else None
        self._machine.stop_session()
        return self._install()

    def _noted_stuck(self, stuck: KnownError) -> KnownError:
        """What is there is started all the same; the next start of the machine tries again."""
        under_way = self._under_way
        result = Result(
            Outcome.STUCK,
            under_way.version,
            under_way.from_version,
            self._clock.now(),
            stuck.code.value,
            stuck.detail,
        )
        self._write(replace(self._journal, last=result))
        if self._machine.starts_session:
            self._machine.start_session()
        return stuck

    # -- parts ------------------------------------------------------------------------------------

    @property
    def _under_way(self) -> UnderWay:
        if self._journal.under_way is None:
            raise unreadable("the journal does not say which update is under way")
        return self._journal.under_way

    def _given_up(self, why: KnownError) -> Result:
        """Nothing was changed but the session, which may have been ended."""
        is_stopped = self._journal.step is Step.STOPPING
        if is_stopped and self._machine.starts_session:
            self._machine.start_session()
        package = self._journal.under_way.package if self._journal.under_way else ""
        result = self._end(Outcome.REFUSED, why)
        if package:
            (self._places.folder / package).unlink(missing_ok=True)
        return result

    def _counted(self, why: KnownError) -> KnownError:
        """A version at which the machine breaks down each time is not begun for ever."""
        version = self._under_way.version
        if self._journal.tries.get(version, 0) >= MOST_TRIES:
            self._journal = replace(self._journal, failed={**self._journal.failed, version: why.code.value})
        return why

    def _end(self, outcome: Outcome, why: KnownError | None = None) -> Result:
        under_way, now = self._journal.under_way, self._clock.now()
        result = Result(
            outcome,
            under_way.version if under_way else "",
            under_way.from_version if under_way else self._machine.dpkg.version(),
            now,
            why.code.value if why else "",
            f"{why.detail} {why.next_step}".strip() if why else "",
            round((now - under_way.began).total_seconds(), 1) if under_way else 0.0,
        )
        self._write(replace(self._journal, step=Step.IDLE, under_way=None, last=result))
        self._clear()
        _log.info("update_ended", outcome=outcome, version=result.version, code=result.code)
        return result

    def _clear(self) -> None:
        """Nothing of an update that is over is left: least of all a copy of the data."""
        self._machine.forget_copy()
        for left in (self._places.way_back, self._places.took_way_back):
            left.unlink(missing_ok=True)
        shutil.rmtree(self._places.incoming, ignore_errors=True)

    def _prune(self, kept: set[str]) -> None:
        for file in self._places.folder.glob("*.deb"):
            if file.name not in kept:
                file.unlink(missing_ok=True)

    def _to(self, step: Step, **changes: str) -> None:
        self._write(self._journal.at(step, **changes))

    def _write(self, journal: Journal) -> None:
        self._note(self._places.journal, journal)
        self._journal = journal


def _copy(source: Path, target: Path, limit: int) -> None:
    """On the disk when this returns. Raises OSError, KnownError(UPDATE_TOO_LARGE), and as
    `opened_plainly`."""
    left = limit
    with opened_plainly(source) as file, target.open("wb") as copy:
        while part := file.read(_PART_BYTES):
            left -= len(part)
            if left < 0:
                raise too_large(limit)
            copy.write(part)
        copy.flush()
        os.fsync(copy.fileno())


def _told(under_way: UnderWay) -> KnownError | None:
    if not under_way.reason:
        return None
    return KnownError(ErrorCode(under_way.reason), under_way.detail, "The version before runs on.")
