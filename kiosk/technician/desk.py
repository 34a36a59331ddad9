"""The technician's desk: what the technician's pages ask for is done here, each on a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from kiosk.adapters import ReadSecret
from kiosk.archive import Archive
from kiosk.capture.types import CameraState
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.paths import models_folder
from kiosk.runtime.pulse import PATIENT_S
from kiosk.runtime.worker import JobQueue, Supervised
from kiosk.secrets import read_secret, write_secret
from kiosk.settings import Settings
from kiosk.staff.told import PaperSaved, notice_of
from kiosk.staff.types import AuditAction, Right, StaffMember
from kiosk.technician.bundle import Bundles
from kiosk.technician.certainty import Certainty, changes
from kiosk.technician.forms import Shown, fields_of
from kiosk.technician.live import LiveSettings
from kiosk.technician.next_start import check_next_start
from kiosk.technician.ports import Around
from kiosk.technician.recorder import FlightRecorder
from kiosk.technician.self_test import SelfTest
from kiosk.technician.settings_file import SettingsFile
from kiosk.technician.told import EndAsked, RecorderShown, Scalar, SettingsShown
from kiosk.technician.wizard import Tools, Wizard, WriteSecret
from kiosk.updates.care import UpdateCare
from kiosk.updates.wish import When

SECRETS = (
    *("paynoi_api_key", "slip_check_key", "minio_access_key", "minio_secret_key"),
    *("mail_password", "line_token", "line_secret"),
)
"""Those that can be set on the screen."""
_log = structlog.get_logger(__name__)
_WIZARD_OPEN_S = 600.0
_WIZARD = "wizard"
_Job = Callable[[StaffMember | None], None]
"""Done in the name of somebody; of nobody at the first run."""


class TechnicianDesk:
    """Fills `ui.technician_facade.TechnicianCommands`. `workers` are to be started and stopped with the
    kiosk's. Listeners of `live` that were there before are told of a change before this desk's own."""

    def __init__(
        self,
        archive: Archive,
        bus: EventBus,
        live: LiveSettings,
        recorder: FlightRecorder,
        around: Around,
        read_secret: ReadSecret = read_secret,
        write_secret: WriteSecret = write_secret,
    ) -> None:
        self.bus = bus
        self._clock = archive.clock
        self._live = live
        self._recorder = recorder
        self._around = around
        self._read_secret = read_secret
        self._write_secret = write_secret
        self._file = SettingsFile(archive.home, archive.clock)
        self._certainty = Certainty(archive, live, around.language)
        self._self_test = SelfTest(archive, bus, live, around, models_folder(), read_secret)
        self._bundles = Bundles(
            archive.home,
            archive.clock,
            lambda: live.settings,
            archive.database,
            recorder,
            self._findings,
            self._secret_values,
        )
        tools = Tools(
            lambda: live.settings,
            self._change_in_wizard,
            read_secret,
            self._keep_in_wizard,
            partial(around.audit, None),
        )
        self._wizard = Wizard(archive, tools)
        self._wizard_until_s = float("-inf")
        self._has_lit_camera = False
        self._jobs = JobQueue("technician", bus, longest_job_s=PATIENT_S)
        self._tests = JobQueue("self-test", bus, longest_job_s=PATIENT_S)
        live.on_change(self._certainty.follow)
        live.on_change(lambda before, after: check_next_start(archive.home, before, after, self._read_secret))

    @property
    def workers(self) -> tuple[Supervised, ...]:
        return self._jobs, self._tests

    @property
    def needs_wizard(self) -> bool:
        """Whether this machine was never set up to the end, or nobody works here yet. Raises KnownError
        DATABASE_*."""
        return not self._wizard.is_done or not self._wizard.has_staff

    # -- settings ---------------------------------------------------------------------------------

    def show_settings(self) -> None:
        self._do(Right.SETTINGS, self._jobs, lambda _: self._tell_settings())

    def change_setting(self, section: str, key: str, value: Scalar | Mapping[str, Scalar]) -> None:
        def change(who: StaffMember | None) -> None:
            try:
                self._change({(section, key): value}, who)
            finally:
                self._tell_settings()

        self._do(Right.SETTINGS, self._jobs, change)

    def undo_settings(self) -> None:
        def undo(who: StaffMember | None) -> None:
            try:
                self._file.undo(self._live.change)
                self._around.audit(who, AuditAction.SETTINGS_UNDONE, "", {})
            finally:
                self._tell_settings()

        self._do(Right.SETTINGS, self._jobs, undo)

    def set_secret(self, name: str, value: str) -> None:
        def keep(who: StaffMember | None) -> None:
            if name not in SECRETS or not value.strip():
                raise _no_secret(name)
            self._write_secret(name, value.strip())
            self._around.audit(who, AuditAction.SECRET_SET, name, {})
            self._live.change(self._live.settings)

        self._do(Right.SETTINGS, self._jobs, keep)

    # -- self-test --------------------------------------------------------------------------------

    def run_tests(self, name: str = "") -> None:
        """Also for whoever is at the first run, where nobody is signed in."""
        if self._is_wizard_open():
            self._submit(self._tests, lambda: self._tested(None, name, lambda: self._self_test.run(name)))
            return
        self._do(
            Right.SELF_TEST,
            self._tests,
            lambda who: self._tested(who, name, lambda: self._self_test.run(name)),
        )

    def test_print(self, queue: str) -> None:
        def test(who: StaffMember | None) -> None:
            self._tested(who, f"printer.{queue}", lambda: self._self_test.print_page(queue))

        self._do(Right.SELF_TEST, self._tests, test)

    def test_payment(self) -> None:
        """Asked again while a baht is awaited that only a person can see: it is there."""
        who = self._is_allowed(Right.SELF_TEST)
        if who is not None and not self._self_test.confirm_payment():
            self._submit(self._tests, lambda: self._tested(who, "payment", self._self_test.pay))

    def note_touch(self, points: int, largest_error_mm: float) -> None:
        def note(_: StaffMember | None) -> None:
            self._self_test.note_touch(points, largest_error_mm)
            self._self_test.run("touch")

        self._do(Right.SELF_TEST, self._tests, note)

    def stop_tests(self) -> None:
        self._self_test.stop()

    def look(self, is_wanted: bool) -> None:
        """Where the camera was off before, it goes off again."""
        if not is_wanted or self._is_wizard_open() or self._is_allowed(Right.SELF_TEST) is not None:
            self._submit(self._jobs, lambda: self._light_camera(is_wanted))

    def _light_camera(self, is_wanted: bool) -> None:
        camera = self._around.camera
        if is_wanted and camera.state is CameraState.OFF:
            self._has_lit_camera = True
            camera.start()
        elif not is_wanted and self._has_lit_camera:
            self._has_lit_camera = False
            camera.stop()

    # -- certainty --------------------------------------------------------------------------------

    def show_certainty(self) -> None:
        self._do(Right.SETTINGS, self._jobs, lambda _: self.bus.publish(self._certainty.shown()))

    def set_certainty(self, sure_share: float, maybe_share: float) -> None:
        def change(who: StaffMember | None) -> None:
            self._change(changes(sure_share, maybe_share), who, AuditAction.CALIBRATED)
            self.bus.publish(self._certainty.shown())

        self._do(Right.SETTINGS, self._jobs, change)

    # -- why --------------------------------------------------------------------------------------

    def show_recorder(self, lane: str = "", most: int = 200) -> None:
        def read(_: StaffMember | None) -> None:
            moments, has_more = self._recorder.read(lane, most=most)
            self.bus.publish(RecorderShown(lane, moments, has_more))

        self._do(Right.SUPPORT, self._jobs, read)

    def make_bundle(self, folder: Path | None = None) -> None:
        def make(who: StaffMember | None) -> None:
            path = self._bundles.make(folder)
            self._around.audit(who, AuditAction.BUNDLE_MADE, path.name, {})
            self.bus.publish(PaperSaved("bundle", str(path)))

        self._do(Right.SUPPORT, self._jobs, make)

    # -- the program itself -----------------------------------------------------------------------

    def end_kiosk(self, restart: bool) -> None:
        """EndAsked, once that is in the log. A technician's to do: to visitors there is no way out."""

        def end(who: StaffMember | None) -> None:
            action = AuditAction.KIOSK_RESTARTED if restart else AuditAction.KIOSK_ENDED
            self._around.audit(who, action, "", {})
            self.bus.publish(EndAsked(restart))

        self._do(Right.SETTINGS, self._jobs, end)

    # -- updates ----------------------------------------------------------------------------------

    def show_updates(self) -> None:
        self._do(Right.SETTINGS, self._jobs, lambda _: self._updates.show())

    def choose_update(self, when: str) -> None:
        def choose(who: StaffMember | None) -> None:
            self._updates.wish(When(when) if when else None, who.name if who else "")
            self._around.audit(who, AuditAction.UPDATE_CHOSEN, when, {})

        self._do(Right.SETTINGS, self._jobs, choose)

    def look_for_update(self) -> None:
        def look(who: StaffMember | None) -> None:
            package = self._updates.look_on_stick()
            self._around.audit(who, AuditAction.UPDATE_STAGED, package.version, {})

        self._do(Right.SETTINGS, self._tests, look)

    def check_for_update(self) -> None:
        self._do(Right.SETTINGS, self._jobs, lambda _: self._updates.check_soon())

    @property
    def _updates(self) -> UpdateCare:
        if self._around.updates is None:
            raise BugError("no kiosk runs here whose updates could be cared for")
        return self._around.updates

    # -- first run --------------------------------------------------------------------------------

    def begin_wizard(self) -> None:
        self._ask(lambda _: self.bus.publish(self._wizard.begin()))

    def answer_wizard(self, step: str, values: Mapping[str, str]) -> None:
        def answer(who: StaffMember | None) -> None:
            told = self._wizard.answer(step, values)
            if told.is_done:
                self._around.audit(who, AuditAction.SET_UP, "", {})
            self.bus.publish(told)

        self._ask(answer)

    def back_wizard(self) -> None:
        self._ask(lambda _: self.bus.publish(self._wizard.back()))

    # -- parts ------------------------------------------------------------------------------------

    def _do(self, right: Right, jobs: JobQueue, job: _Job) -> None:
        """On the worker, in the name of whoever is signed in now; what goes wrong is told to them."""
        who = self._is_allowed(right)
        if who is not None:
            self._submit(jobs, lambda: job(who))

    def _submit(self, jobs: JobQueue, job: Callable[[], None]) -> None:
        jobs.submit(lambda: self._told(job))

    def _is_allowed(self, right: Right) -> StaffMember | None:
        """Whoever is signed in and may; without the right for it nothing is done but say so."""
        try:
            member = self._around.allowed(right)
        except KnownError as refused:
            self._around.tell(notice_of(refused))
            return None
        if member is None:
            self._around.tell(notice_of(_no_right()))
            return None
        return member

    def _ask(self, job: _Job) -> None:
        """The wizard needs nobody's right while nobody works here; once begun so it goes on till the end, but
        no longer than ten minutes without an answer."""

        def ask() -> None:
            if self._is_wizard_open() or not self._wizard.has_staff:
                self._wizard_until_s = self._clock.monotonic_s() + _WIZARD_OPEN_S
                job(None)
                if self._wizard.is_done:
                    self._wizard_until_s = float("-inf")
                return
            who = self._is_allowed(Right.SETTINGS)
            if who is not None:
                job(who)

        self._submit(self._jobs, ask)

    def _is_wizard_open(self) -> bool:
        return self._clock.monotonic_s() < self._wizard_until_s

    def _told(self, job: Callable[[], None]) -> None:
        try:
            job()
        except KnownError as error:
            _log.warning("technician_refused", code=error.code, detail=error.detail)
            self._around.tell(notice_of(error))

    def _tested(self, who: StaffMember | None, name: str, test: Callable[[], None]) -> None:
        test()
        states = [row.state.value for row in self._self_test.rows if name in ("", row.name)]
        counted = {state: str(states.count(state)) for state in dict.fromkeys(states)}
        self._around.audit(who, AuditAction.SELF_TEST, name, counted)

    def _change(
        self,
        values: Mapping[tuple[str, str], Shown],
        who: StaffMember | None,
        action: AuditAction = AuditAction.SETTINGS_CHANGED,
    ) -> Settings:
        settings = self._file.change_all(values, who.name if who else _WIZARD, self._live.change)
        for section, key in values:
            self._around.audit(who, action, f"{section}.{key}", {})
        return settings

    def _change_in_wizard(self, values: Mapping[tuple[str, str], Shown]) -> Settings:
        return self._change(values, None, AuditAction.SET_UP)

    def _keep_in_wizard(self, name: str, value: str) -> None:
        self._write_secret(name, value)
        self._around.audit(None, AuditAction.SECRET_SET, name, {})

    def _tell_settings(self) -> None:
        read = self._file.read()
        problem = f"{read.problem.detail} {read.problem.next_step}" if read.problem else ""
        self.bus.publish(
            SettingsShown(
                fields_of(read.settings), self._file.versions(), self._live.pending, problem.strip()
            )
        )

    def _findings(self) -> Sequence[Mapping[str, Any]]:
        """What the self-test found last; the words of its rows are keys and numbers."""
        kept = ("name", "state", "words_key", "code", "took_s", "params")
        return [{name: asdict(row)[name] for name in kept} for row in self._self_test.rows]

    def _secret_values(self) -> Iterator[str]:
        for name in SECRETS:
            try:
                yield self._read_secret(name)
            except KnownError:
                continue


def _no_right() -> KnownError:
    return KnownError(ErrorCode.RIGHT_MISSING, "That is a technician's to do.", "Ask the technician.")


def _no_secret(name: str) -> KnownError:
    return KnownError(ErrorCode.SETTING_UNKNOWN, f"There is no secret {name[:40]!r}.", "Choose one listed.")
