"""The composition root: adapters become a kiosk; its workers start and stop here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from kiosk import rounds
from kiosk.adapters import (
    choose_camera,
    choose_gateway,
    choose_liveness,
    choose_slip_checker,
    choose_voucher_desk,
)
from kiosk.archive import Archive, open_archive
from kiosk.camera.types import Camera, Frame
from kiosk.capture.challenger import Challenger
from kiosk.capture.live_view import LiveView
from kiosk.capture.plain_view import PlainView
from kiosk.centre_link import CentreLink, Hearers, code_maker_of, order_prefix
from kiosk.checkout.checkout import Checkout
from kiosk.clock import Clock, SystemClock
from kiosk.database.consents import SqlConsentRepository
from kiosk.database.meta import SqlOpenOrder
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.slips import SqlSlipBook
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.erasing import forgetting_of
from kiosk.errors import ErrorCode, KnownError
from kiosk.event_watch import EventWatch
from kiosk.events import EventBus
from kiosk.fetched_photos import fetched_photos
from kiosk.fleet import Fact
from kiosk.hand_over import Messages, Prints
from kiosk.payments.nobody_paid import NobodyPaid
from kiosk.payments.types import PaymentGateway
from kiosk.phone_side import PhoneSide
from kiosk.photos.erasure import Deletion
from kiosk.printing.windows import Paint, no_painter
from kiosk.runtime.crash import PreviousCrash
from kiosk.runtime.health import DiskState, disk_state
from kiosk.runtime.memory import give_back_large_blocks
from kiosk.runtime.pulse import PATIENT_S, SILENT_S
from kiosk.runtime.worker import JobQueue, Supervised, Supervisor, Worker
from kiosk.session.buying import Buying
from kiosk.session.corrections import Corrections
from kiosk.session.faces import Faces
from kiosk.session.finding import Finding
from kiosk.session.forgetting import forget_photos
from kiosk.session.handing_over import HandingOver, HandingPorts
from kiosk.session.journey import Journey
from kiosk.session.pictures import Pictures
from kiosk.session.searching import Searching
from kiosk.session.service import Service
from kiosk.session.session import Session
from kiosk.session.states import Screen
from kiosk.session.together import Together
from kiosk.session.view import SessionView
from kiosk.settings import Settings
from kiosk.staff.desk import StaffDesk
from kiosk.staff.slip_notes import VisitorSlips
from kiosk.staff.slip_scan import SlipScan
from kiosk.staff.told import StaffChanged
from kiosk.staffed import Behind, Staffed
from kiosk.sync.door import CentreDoor
from kiosk.sync.status import SyncStatus
from kiosk.technician.desk import TechnicianDesk
from kiosk.technician.live import LiveSettings
from kiosk.updating import sales_of, update_care

_log = structlog.get_logger(__name__)

_NOT_SET_UP = frozenset({ErrorCode.GATEWAY_NOT_CONFIGURED, ErrorCode.SECRET_MISSING})
_LAST_RECORDS_S = 2.0
_PATIENT = frozenset(
    {"payment-watch", "reconcile", "event-watch", "folder-watch", "backup", "forgetting", "updates"}
)
"""Watches that may do long work in one go."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What comes from outside: a demo's or a test's gateway in place of the settings' own, a clip where no
    webcam is, the painter of pages that printers of Windows need, what was wrong with the file of the
    settings, of which then the last good one is in use, and how the run before ended badly."""

    gateway: PaymentGateway | None = None
    fallback_clip: Path | None = None
    paint: Paint = no_painter
    settings_problem: KnownError | None = None
    crash: PreviousCrash | None = None


class Kiosk:
    """A kiosk without a screen: commands in, events out on `bus`.

    `start` brings it up: payments are reconciled and the index is verified on workers, so the attract page
    can show at once. Commands return at once and may come from any thread. `stop` ends all workers within a
    bound and closes the archive.
    """

    def __init__(self, archive: Archive, outside: Outside | None = None) -> None:
        outside = outside or Outside()
        settings, clock = archive.settings, archive.clock
        self.bus = EventBus()
        self.archive = archive
        enrolment = SqlEnrolment(archive.database, clock)
        self._code_prefix = order_prefix(enrolment, settings)
        self.session = Session(self._with_own_prefix(settings), self.bus, clock)
        self.centre = archive.centre
        self.settings = LiveSettings(settings)
        self._outside = outside
        self._gateway = gateway = self._choose_gateway(settings)
        self.session.amounts_vary = gateway.confirms_by_itself
        self._prints = Prints(archive, self.bus, outside.paint)
        store = SqlCheckoutStore(archive.database)
        code_maker = code_maker_of(enrolment, settings)
        self._voucher_desk = choose_voucher_desk(
            archive.database, clock, self.centre.prompt_client if self.centre else None
        )
        prices = settings.sales.print_prices()
        self.checkout = Checkout(
            store,
            gateway,
            clock,
            self.bus,
            code_maker,
            prices,
            holds=self._voucher_desk,
            print_limits=self._prints.shelf,
        )
        self._fetched = fetched_photos(archive, self.session, self.bus)
        originals = self._fetched.originals if self._fetched else None
        self._phones = PhoneSide(archive, self.checkout, originals, self.centre.url if self.centre else "")
        self.desk = self._phones.desk
        self._messages = Messages(archive, self.bus, self.desk)
        landmarks, passive = choose_liveness(settings.capture)
        live_engine = archive.engines.live

        def open_camera() -> Camera:
            return choose_camera(self.settings.settings.camera, outside.fallback_clip)

        self.live = LiveView(
            open_camera,
            live_engine,
            self.bus,
            clock,
            challenger=Challenger(landmarks, live_engine, passive=passive) if landmarks else None,
        )
        networks = [network for network in (live_engine, landmarks, passive) if network is not None]
        self._event_watch = EventWatch(archive, self.session, networks)
        self._search_jobs = JobQueue("search", self.bus)
        self._camera_jobs = JobQueue("camera-switch", self.bus)
        self._payment_jobs = JobQueue("payments", self.bus)
        self._record_jobs = JobQueue("records", self.bus)
        self._handing_jobs = JobQueue("handing-over", self.bus)
        consents = SqlConsentRepository(archive.database)
        faces = Faces(self.session, consents, self._record_jobs.submit)
        searching = Searching(self.session, archive.search, archive.photos, faces, self._search_jobs.submit)
        self.journey = Journey(
            self.session, consents, faces, self._record_jobs.submit, archive.previews.forget
        )
        self.finding = Finding(
            self.session,
            self.live,
            searching,
            archive.photos,
            archive.shirt_numbers,
            self._search_jobs.submit,
            self._camera_jobs.submit,
        )
        self.together = Together(self.session, faces, searching)
        self.corrections = Corrections(self.session, archive.search, archive.photos, self._search_jobs.submit)
        self.buying = Buying(
            self.session,
            self.checkout,
            self.desk,
            SqlVoucherRepository(archive.database),
            SqlOpenOrder(archive.database),
            self._payment_jobs.submit,
        )
        self._plain_view = PlainView(open_camera, self.live.newest_frame, self.bus)
        self._slips = SlipScan(self._plain_view, self.bus)
        self.handing_over = HandingOver(self.session, self._handing_ports(), self._handing_jobs.submit)
        self.pictures = Pictures(
            self.session, archive.previews.preview, self.live.newest_frame, self._looked_at
        )
        self._link = self._centre_link(self.centre) if self.centre else None
        self._sales = sales_of(archive, store, has_centre=self.centre is not None)
        self.updates = update_care(archive, self.bus, lambda: self.settings.settings, self._is_quiet)
        self._staffed = Staffed(self._behind())
        self.settings.on_change(self._follow)
        self.bus.subscribe(StaffChanged, self._pause_for_staff)
        self._workers = self._all_workers()
        self.service = Service(self.session, self._fault, self._essential())

    @property
    def view(self) -> SessionView:
        """What the screens show now."""
        with self.session.lock:
            return self.session.view()

    @property
    def sync_status(self) -> SyncStatus | None:
        """How it stands with the centre; None where there is none."""
        return self._link.status if self._link else None

    @property
    def missing(self) -> KnownError | None:
        """What has to be set up before anybody can be served."""
        return self._gateway.why if isinstance(self._gateway, NobodyPaid) else None

    @property
    def staff(self) -> StaffDesk:
        """The staff's desk, over the visitor's pages."""
        return self._staffed.staff

    @property
    def technician(self) -> TechnicianDesk:
        return self._staffed.technician

    def start(self) -> None:
        """Starts the phone page and the workers. Raises KnownError PORT_TAKEN, SETTING_INVALID."""
        self._staffed.note_start(self._outside.settings_problem, self._outside.crash)
        self._phones.serve([self._messages.webhook])
        self._workers.start()

    def stop(self) -> None:
        """Ends everything; what is half done is resumed at the next start.

        What is to be written down of a visit that has ended is written first: its end must not be forgotten.
        """
        self._event_watch.look_now()  # or it would wait for news
        for jobs in (self._record_jobs, self._payment_jobs):
            jobs.finish(_LAST_RECORDS_S)
        stuck = self._workers.stop()
        self.live.stop()  # after the worker that could start it again
        self._phones.stop()
        self.archive.close()
        if stuck:
            _log.warning("workers_stuck", workers=stuck)

    # -- the parts --------------------------------------------------------------------------------

    def _all_workers(self) -> Supervisor:
        """In the order of their start; what a visit leaves to be written comes first."""
        ticks = (self.journey.tick, self.buying.tick, lambda: self._look_after_itself(), self._staffed.tick)
        look_now = self._event_watch.look_now
        watches: dict[str, Callable[[threading.Event], None]] = {
            "payment-watch": partial(rounds.watch_payments, self.checkout, self.buying),
            "reconcile": partial(rounds.reconcile, self.checkout, self.desk, self._voucher_desk),
            "event-watch": self._event_watch.run,
            "folder-watch": partial(rounds.watch_folder, self.archive, look_now),
            "backup": partial(rounds.watch_backups, self.archive, self._staffed.books.fix_shares),
            "forgetting": forgetting_of(self.archive, self._forget_on_pages).run,
            "clock": partial(rounds.watch_clock, ticks),
            "updates": self.updates.run,
        }
        return Supervisor(
            [
                self._record_jobs,
                self._payment_jobs,
                self._handing_jobs,
                self._search_jobs,
                self._camera_jobs,
                *(
                    Worker(name, run, self.bus, silent_s=PATIENT_S if name in _PATIENT else SILENT_S)
                    for name, run in watches.items()
                ),
                *self._prints.workers,
                *self._messages.workers,
                *self._staffed.workers,
                *self._centre_workers(),
            ]
        )

    def _look_after_itself(self) -> None:
        self.service.tick()
        self._workers.revive()

    def _centre_workers(self) -> list[Supervised]:
        """Visitors are served without them as well."""
        link: list[Supervised] = [self._link.worker] if self._link else []
        return [*link, *(self._fetched.workers if self._fetched else ())]

    def _essential(self) -> set[str]:
        """Without which no visitor is served."""
        behind = (*self._prints.workers, *self._messages.workers, *self._staffed.workers)
        others = {worker.name for worker in (*self._centre_workers(), *behind)}
        return set(self._workers.alive()) - others - {"updates"}

    def _centre_link(self, door: CentreDoor) -> CentreLink:
        hearers = Hearers(
            look_anew=self._event_watch.look_anew,
            checkout=self.checkout,
            submit=self._payment_jobs.submit,
            facts=lambda: self._staffed.facts(),
        )
        return CentreLink(self.archive, door, self.bus, hearers)

    def _facts(self) -> dict[str, Fact]:
        """How the parts of the visitor's side are."""
        fetched = self._fetched.facts() if self._fetched else {}
        return {"camera": self.live.state.value, **fetched, **self.updates.facts()}

    def _choose_gateway(self, settings: Settings) -> PaymentGateway:
        """Where nobody could be paid yet, the kiosk starts all the same: it is set up on its own screen."""
        if self._outside.gateway is not None:
            return self._outside.gateway
        centre = self.centre.prompt_client if self.centre else None
        try:
            return choose_gateway(settings.payment, clock=self.archive.clock, centre=centre)
        except KnownError as missing:
            if missing.code not in _NOT_SET_UP:
                raise
            return NobodyPaid(missing)

    def _with_own_prefix(self, settings: Settings) -> Settings:
        kiosk = settings.kiosk.model_copy(update={"code_prefix": self._code_prefix})
        return settings.model_copy(update={"kiosk": kiosk})

    def _follow(self, before: Settings, after: Settings) -> None:
        """What works at once (`kiosk.technician.live.LIVE`); after a change of a secret the two are the same.
        Raises KnownError where it cannot go along."""
        is_secret = before == after
        if (is_secret or before.payment != after.payment) and self._outside.gateway is None:
            self._gateway = self._choose_gateway(after)
            self.checkout.use_gateway(self._gateway)
            self.session.amounts_vary = self._gateway.confirms_by_itself
        self.session.use(self._with_own_prefix(after))
        self.checkout.use_print_prices(after.sales.print_prices())
        self._phones.use(after.delivery)
        self._prints.use(after)
        if is_secret or (before.mail, before.line) != (after.mail, after.line):
            self._messages.use(after)
        if before.camera != after.camera:
            self.live.change_camera()

    def _looked_at(self) -> Frame | None:
        is_looking = self.session.slip.stage == "looking" or self.staff.view.is_open
        return self._plain_view.newest_frame() if is_looking else None

    def _pause_for_staff(self, told: StaffChanged) -> None:
        """No picture is taken of a visitor behind the staff's pages."""
        if told.view.is_open and self.session.is_on(Screen.CAPTURE):
            self.journey.back()

    def _handing_ports(self) -> HandingPorts:
        archive = self.archive
        slips = SqlSlipBook(archive.database)
        checker = choose_slip_checker(archive.settings.payment)
        return HandingPorts(
            prints=self._prints.desk,
            messages=self._messages.courier,
            later=self._messages.new_photos,
            slips=self._slips,
            notes=VisitorSlips(slips, checker, archive.clock),
            receipts=self._prints if self._prints.printer else None,
            sheets_owed=self._prints.sheets_owed,
        )

    def _behind(self) -> Behind:
        return Behind(
            archive=self.archive,
            bus=self.bus,
            settings=self.settings,
            session=self.session,
            checkout=self.checkout,
            orders=self.desk,
            camera=self.live,
            slips=self._slips,
            prints=self._prints,
            messages=self._messages,
            gateway=lambda: self._gateway,
            sync_status=lambda: self.sync_status,
            look_now=self._event_watch.look_now,
            submit=self._record_jobs.submit,
            facts=self._facts,
            updates=self.updates,
        )

    def _forget_on_pages(self, deletion: Deletion) -> None:
        photo_ids = (*deletion.photo_ids, *(face.photo_id for face in deletion.faces))
        forget_photos(self.session, photo_ids)
        if photo_ids:
            self._event_watch.look_now()

    def _is_quiet(self) -> bool:
        """Neither a visitor nor staff, nor money or paper on its way. Raises KnownError DATABASE_*."""
        before_anybody = () if self.updates.is_asked else (Screen.ATTRACT,)
        with self.session.lock:
            is_empty = self.session.is_on(Screen.OUT_OF_SERVICE, *before_anybody)
        return is_empty and not self.staff.view.is_open and self._sales.are_quiet(self.archive.clock.now())

    def _fault(self) -> ErrorCode | None:
        """What keeps the kiosk from serving visitors for now."""
        if self.missing is not None:
            return self.missing.code
        if self.updates.is_asked:
            return ErrorCode.UPDATE_UNDER_WAY
        is_full = disk_state(self.archive.home).state is DiskState.FULL
        return ErrorCode.DISK_FULL if is_full else None


def open_kiosk(
    home: Path, settings: Settings, outside: Outside | None = None, clock: Clock | None = None
) -> Kiosk:
    """A kiosk on a data folder, not started yet. Raises what `open_archive` and the gateway raise."""
    give_back_large_blocks()
    archive = open_archive(home, settings, clock or SystemClock())
    try:
        return Kiosk(archive, outside)
    except BaseException:
        archive.close()
        raise
