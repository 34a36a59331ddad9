"""The kiosk's own care for its updates: fetches, waits for a quiet hour, asks root, hears what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import Event, EventBus
from kiosk.runtime.whole_file import write_whole
from kiosk.updates.journal import Journal, Outcome, Result, Step, read_journal
from kiosk.updates.package import Installed, Package
from kiosk.updates.places import RootPlaces, StagingPlaces
from kiosk.updates.refusals import folder_unusable, nothing_staged
from kiosk.updates.request import Wanted, ask
from kiosk.updates.staging import PackageSource, Staging
from kiosk.updates.sticks import packages_on_sticks
from kiosk.updates.wish import When, Wish, read_wish, write_wish

_log = structlog.get_logger(__name__)
LOOK_EVERY_S = 2.0
CHECK_EVERY_S = 3600.0
ASK_AGAIN_S = 900.0
_BEGINS_WITHIN_S = 120.0
_LASTS_S = 900.0
_TRIED_AGAIN = frozenset({ErrorCode.UPDATE_INTERRUPTED.value})
_BAD = frozenset(
    code.value
    for code in (
        ErrorCode.UPDATE_UNREADABLE,
        ErrorCode.UPDATE_FORGED,
        ErrorCode.UPDATE_ELSEWHERE,
        ErrorCode.UPDATE_OLDER,
        ErrorCode.UPDATE_FAILED_BEFORE,
    )
)
"""What no second try makes better: such a package is thrown away."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when it may be applied, by the clock of the place; over midnight where `until` is earlier,
    at any hour where both are one."""

    start: time
    until: time
    zone: ZoneInfo

    def has(self, now: datetime) -> bool:
        local = now.astimezone(self.zone).time()
        if self.start < self.until:
            return self.start <= local < self.until
        return self.start == self.until or local >= self.start or local < self.until


@dataclass(frozen=True, slots=True)
class Around:
    """The rest of the kiosk. `is_quiet`: neither a visitor nor a print nor a payment is under way, and while
    `UpdateCare.is_asked` none can begin any more;
    `by_itself`: updates are applied in `hours` without anybody's word, but not while the kiosk `is_open`.
    `hear` is told once how an update went."""

    is_quiet: Callable[[], bool]
    hours: Callable[[], Hours]
    is_open: Callable[[datetime], bool]
    by_itself: Callable[[], bool]
    hear: Callable[[Result], None]


@dataclass(frozen=True, slots=True)
class UpdatesShown(Event):
    """How it stands with updates, for the technician's page. `is_asked`: it is under way, or about to be."""

    version: str
    ready: str = ""
    arrived_mb: int = 0
    wish: Wish | None = None
    last: Result | None = None
    before: str = ""
    is_asked: bool = False
    has_keys: bool = True
    has_centre: bool = False
    by_itself: bool = True
    hours: tuple[str, str] = ("", "")
    code: str = ""


class UpdateCare:
    """`run` is for one worker; the rest is safe from any thread. Nothing here has root's rights: a request is
    written, and root verifies the package itself."""

    def __init__(
        self,
        staging: Staging,
        places: StagingPlaces,
        root: RootPlaces,
        installed: Installed,
        keys: Path,
        around: Around,
        clock: Clock,
        bus: EventBus,
        centre: PackageSource | None = None,
    ) -> None:
        self._staging = staging
        self._places = places
        self._root = root
        self._installed = installed
        self._keys = keys
        self._around = around
        self._clock = clock
        self._bus = bus
        self._centre = centre
        self._checked_s = float("-inf")
        self._asked_s = float("-inf")
        self._verified: Package | None = None
        self._is_shut = False
        self._busy_s: float | None = None
        self._see_root()
        self._codes: dict[str, str] = {}
        self._told = ""
        self._shown: UpdatesShown | None = None

    @property
    def is_asked(self) -> bool:
        """Nobody new is to begin: root is about to be asked, begins, or is at it, also with a new version of
        which it is not known yet whether it stays. A root that hangs keeps nobody away for ever."""
        now_s = self._clock.monotonic_s()
        is_busy = self._busy_s is not None and now_s - self._busy_s < _LASTS_S
        return self._is_shut or is_busy or now_s - self._asked_s < _BEGINS_WITHIN_S

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. A centre that is away, a bad package, a full disk: said on the page, tried again."""
        while not stop.is_set():
            self._look(stop)
            stop.wait(LOOK_EVERY_S)

    def check_soon(self) -> None:
        """The centre is asked by `run` at its next look."""
        self._checked_s = float("-inf")

    def check(self, stop: threading.Event) -> Package | None:
        """Asks the centre now. Raises as `Staging.fetch`."""
        self._checked_s = self._clock.monotonic_s()
        if self._centre is None:
            return self._staging.ready()
        try:
            return self._staging.fetch(self._centre, stop, tuple(self._journal().failed))
        finally:
            self.show()

    def take(self, file: Path) -> Package:
        """Stages a package of a stick. Raises as `Staging.take`."""
        try:
            return self._staging.take(file, tuple(self._journal().failed))
        finally:
            self.show()

    def look_on_stick(self) -> Package:
        """The newest package on a medium that is mounted. Raises as `take`, and KnownError(UPDATE_NONE)."""
        found = packages_on_sticks()
        if not found:
            raise nothing_staged()
        return self.take(found[0])

    def wish(self, when: When | None, by: str) -> None:
        """Somebody chose when; None takes it back. Raises KnownError: UPDATE_NONE, UPDATE_NO_WAY_BACK."""
        if when in (When.NOW, When.TONIGHT) and self._staging.ready() is None:
            raise nothing_staged()
        if when is When.UNDO and self._journal().before is None:
            raise KnownError(ErrorCode.UPDATE_NO_WAY_BACK, "There is no version to go back to.")
        write_wish(self._places.wish, Wish(when, by, self._clock.now()) if when else None)
        self.show()

    def facts(self) -> dict[str, str | int | float | bool | None]:
        """What the centre is told."""
        ready, last = self._staging.ready(), self._journal().last
        facts: dict[str, str | int | float | bool | None] = {"update_ready": ready.version if ready else ""}
        if last is not None:
            facts |= {
                "update_outcome": last.outcome.value,
                "update_version": last.version,
                "update_code": last.code,
            }
        return facts

    def show(self) -> None:
        """Tells the page, anew where nothing changed as well."""
        self._shown = self._now()
        self._bus.publish(self._shown)

    # -- parts ------------------------------------------------------------------------------------

    def _look(self, stop: threading.Event) -> None:
        self._see_root()
        self._try("hear", self._hear)
        if self._centre is not None and self._clock.monotonic_s() - self._checked_s >= CHECK_EVERY_S:
            self._try("check", lambda: self.check(stop))
        self._try("ask", self._ask_if_due)
        if self._now() != self._shown:
            self.show()

    def _try(self, act: str, job: Callable[[], object]) -> None:
        """One that fails keeps no other from being done; it is told until it goes well."""
        try:
            job()
            self._codes.pop(act, None)
        except KnownError as failed:
            self._note_fault(act, failed)
        except OSError as failed:
            self._note_fault(act, folder_unusable(failed))

    def _note_fault(self, act: str, fault: KnownError) -> None:
        if self._codes.get(act) != fault.code:
            _log.warning("update_waits", code=fault.code, detail=fault.detail)
        self._codes[act] = fault.code.value

    def _ask_if_due(self) -> None:
        """A look verifies and shuts the door; the next one asks, once nobody can begin any more."""
        wanted = self._due()
        is_recent = self._clock.monotonic_s() - self._asked_s < ASK_AGAIN_S
        try:
            is_quiet = wanted is not None and not is_recent and self._around.is_quiet()
            if wanted is not None and is_quiet and self._is_shut:
                ask(self._places.request, wanted, self._clock.now())
                self._asked_s = self._clock.monotonic_s()
                _log.info("update_asked", wanted=wanted)
                is_quiet = False
            self._is_shut = wanted is not None and is_quiet and self._is_good(wanted)
        except (KnownError, OSError):
            self._is_shut = False
            raise

    def _is_good(self, wanted: Wanted) -> bool:
        """Verifies what is ready once more, so that the session is not ended for nothing."""
        package = self._staging.ready()
        if wanted is Wanted.UNDO or (package is not None and package == self._verified):
            return True
        try:
            self._verified = self._staging.check_ready()
        except KnownError as bad:
            self._verified = None
            if bad.code.value in _BAD:
                self._staging.clear()
                self._around.hear(self._refused(package, bad))
            raise
        return True

    def _refused(self, package: Package | None, why: KnownError) -> Result:
        version = package.version if package else ""
        return Result(
            Outcome.REFUSED, version, self._installed.version, self._clock.now(), why.code.value, why.detail
        )

    def _see_root(self) -> None:
        """Whether root is at it, and since when that was seen."""
        if self._journal().step is Step.IDLE:
            self._busy_s = None
        elif self._busy_s is None:
            self._busy_s = self._clock.monotonic_s()

    def _due(self) -> Wanted | None:
        wish, journal = read_wish(self._places.wish), self._journal()
        if wish is not None and wish.when is When.UNDO:
            return Wanted.UNDO if journal.before is not None else None
        package = self._staging.ready()
        if package is None or package.version in journal.failed or journal.step is not Step.IDLE:
            return None
        if wish is not None and wish.when is When.NOW:
            return Wanted.APPLY
        is_wanted = wish is not None or self._around.by_itself()
        now = self._clock.now()
        is_time = self._around.hours().has(now) and not self._around.is_open(now)
        return Wanted.APPLY if is_wanted and is_time else None

    def _hear(self) -> None:
        """What became of an update is told once, also where the kiosk was away when it ended."""
        last = read_journal(self._root.journal).last
        if last is None:
            return
        heard = self._places.folder / "heard"
        told = f"{last.at.isoformat()} {last.outcome}"
        if heard.exists() and heard.read_text(encoding="utf-8") == told:
            return
        if self._told != told:  # once, also where it cannot be noted
            self._around.hear(last)
            self._told = told
        write_whole(heard, told.encode())
        self._asked_s = min(self._asked_s, self._clock.monotonic_s() - _BEGINS_WITHIN_S)  # the door opens
        if last.outcome is not Outcome.REFUSED or last.code not in _TRIED_AGAIN:
            write_wish(self._places.wish, None)
        ready = self._staging.ready()
        is_bad = last.outcome is Outcome.REFUSED and last.code in _BAD
        if ready is not None and (is_bad or ready.version in self._journal().failed):
            self._staging.clear()

    def _journal(self) -> Journal:
        """Where it cannot be read (which `_hear` tells of) root refuses by itself."""
        try:
            return read_journal(self._root.journal)
        except KnownError:
            return Journal()

    def _now(self) -> UpdatesShown:
        ready, hours, journal = self._staging.ready(), self._around.hours(), self._journal()
        return UpdatesShown(
            version=self._installed.version,
            ready=ready.version if ready else "",
            arrived_mb=self._staging.arrived_bytes() // 1_000_000,
            wish=read_wish(self._places.wish),
            last=journal.last,
            before=journal.before.version if journal.before else "",
            is_asked=self.is_asked,
            has_keys=self._keys.exists(),
            has_centre=self._centre is not None,
            by_itself=self._around.by_itself(),
            hours=(f"{hours.start:%H:%M}", f"{hours.until:%H:%M}"),
            code=next(iter(self._codes.values()), ""),
        )
