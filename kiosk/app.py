"""The composition root: adapters become a kiosk; its workers start and stop here."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from kiosk.adapters import choose_camera, choose_gateway, choose_liveness, choose_voucher_desk
from kiosk.archive import Archive, open_archive
from kiosk.capture.challenger import Challenger
from kiosk.capture.live_view import LiveView
from kiosk.centre_link import CentreLink, Hearers, code_maker_of, order_prefix
from kiosk.checkout.checkout import Checkout
from kiosk.clock import Clock, SystemClock
from kiosk.database.consents import SqlConsentRepository
from kiosk.database.links import SqlLinkRepository
from kiosk.database.meta import SqlOpenOrder
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.delivery.links import LinkMaker, load_link_secret
from kiosk.delivery.phone_app import make_phone_app
from kiosk.delivery.phone_server import PhoneServer
from kiosk.erasing import forgetting_of
from kiosk.event_folder import sell_from
from kiosk.event_watch import EventWatch
from kiosk.events import EventBus
from kiosk.fetched_photos import fetched_photos
from kiosk.order_desk import OrderDesk
from kiosk.payments.settlement import POLL_EVERY_S
from kiosk.payments.types import PaymentGateway
from kiosk.photos.erasure import Deletion
from kiosk.runtime.health import DiskState, disk_state
from kiosk.runtime.memory import give_back_large_blocks
from kiosk.runtime.worker import JobQueue, Supervised, Supervisor, Worker
from kiosk.session.buying import Buying
from kiosk.session.corrections import Corrections
from kiosk.session.faces import Faces
from kiosk.session.finding import Finding
from kiosk.session.forgetting import forget_photos
from kiosk.session.journey import Journey
from kiosk.session.pictures import Pictures
from kiosk.session.searching import Searching
from kiosk.session.service import Service
from kiosk.session.session import Session
from kiosk.session.together import Together
from kiosk.session.view import SessionView
from kiosk.settings import Settings
from kiosk.sync.door import CentreDoor
from kiosk.sync.status import SyncStatus

_log = structlog.get_logger(__name__)

_TICK_S = 1.0
_RECONCILE_EVERY_S = 300.0
_KEEP_ORIGINALS_EVERY_S = 6 * 3600.0
_LAST_RECORDS_S = 2.0
_BACKUP_LOOK_EVERY_S = 600.0


@dataclass(frozen=True, slots=True)
class Outside:
    """What a demo or a test puts in place of the settings' own: a gateway, and a clip where no webcam is."""

    gateway: PaymentGateway | None = None
    fallback_clip: Path | None = None


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
        own_prefix = {"code_prefix": order_prefix(enrolment, settings)}
        own_words = settings.model_copy(update={"kiosk": settings.kiosk.model_copy(update=own_prefix)})
        self.session = Session(own_words, self.bus, clock)
        self.centre = archive.centre
        gateway = outside.gateway or choose_gateway(
            settings.payment, clock=clock, centre=self.centre.prompt_client if self.centre else None
        )
        self.session.amounts_vary = gateway.confirms_by_itself
        store = SqlCheckoutStore(archive.database)
        code_maker = code_maker_of(enrolment, settings)
        self._voucher_desk = choose_voucher_desk(
            archive.database, clock, self.centre.prompt_client if self.centre else None
        )
        prices = settings.sales.print_prices()
        self.checkout = Checkout(
            store, gateway, clock, self.bus, code_maker, prices, holds=self._voucher_desk
        )
        self._fetched = fetched_photos(archive, self.session, self.bus)
        self.desk = self._order_desk()
        self._phone = self._phone_server(self.desk)
        landmarks, passive = choose_liveness(settings.capture)
        live_engine = archive.engines.live
        self.live = LiveView(
            partial(choose_camera, settings.camera, outside.fallback_clip),
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
            gateway.confirms_by_itself,
        )
        self.pictures = Pictures(self.session, archive.previews.preview, self.live.newest_frame)
        self._link = self._centre_link(self.centre) if self.centre else None
        self._workers = self._all_workers()
        self.service = Service(self.session, self._is_disk_full, self._essential())

    @property
    def view(self) -> SessionView:
        """What the screens show now."""
        with self.session.lock:
            return self.session.view()

    @property
    def sync_status(self) -> SyncStatus | None:
        """How it stands with the centre; None where there is none."""
        return self._link.status if self._link else None

    def start(self) -> None:
        """Starts the phone page and the workers. Raises KnownError PORT_TAKEN, SETTING_INVALID."""
        self._phone.start()
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
        self._phone.stop()
        self.archive.close()
        if stuck:
            _log.warning("workers_stuck", workers=stuck)

    # -- the parts --------------------------------------------------------------------------------

    def _all_workers(self) -> Supervisor:
        """In the order of their start; what a visit leaves to be written comes first."""
        watches = {
            "payment-watch": self._watch_payments,
            "reconcile": self._reconcile,
            "event-watch": self._event_watch.run,
            "folder-watch": self._watch_folder,
            "backup": self._watch_backups,
            "forgetting": forgetting_of(self.archive, self._forget_on_pages).run,
            "clock": self._watch_clock,
        }
        return Supervisor(
            [
                self._record_jobs,
                self._payment_jobs,
                self._search_jobs,
                self._camera_jobs,
                *(Worker(name, run, self.bus) for name, run in watches.items()),
                *self._centre_workers(),
            ]
        )

    def _centre_workers(self) -> list[Supervised]:
        """Visitors are served without them as well."""
        link: list[Supervised] = [self._link.worker] if self._link else []
        return [*link, *(self._fetched.workers if self._fetched else ())]

    def _essential(self) -> set[str]:
        return set(self._workers.alive()) - {worker.name for worker in self._centre_workers()}

    def _centre_link(self, door: CentreDoor) -> CentreLink:
        hearers = Hearers(
            look_anew=self._event_watch.look_anew,
            checkout=self.checkout,
            submit=self._payment_jobs.submit,
            facts=self._facts,
        )
        return CentreLink(self.archive, door, self.bus, hearers)

    def _facts(self) -> dict[str, str | int | float | bool | None]:
        """What the centre is told of this kiosk's health besides."""
        return {"camera": self.live.state.value, **(self._fetched.facts() if self._fetched else {})}

    def _order_desk(self) -> OrderDesk:
        archive, delivery = self.archive, self.archive.settings.delivery
        maker = LinkMaker(
            load_link_secret(archive.home),
            archive.clock,
            timedelta(days=delivery.link_days),
            delivery.download_limit,
        )
        links = SqlLinkRepository(archive.database)
        address = self.centre.url if self.centre else ""
        originals = self._fetched.originals if self._fetched else None
        return OrderDesk(archive, self.checkout, links, maker, self._phone_url, lambda: address, originals)

    def _phone_server(self, desk: OrderDesk) -> PhoneServer:
        archive, settings = self.archive, self.archive.settings
        links = SqlLinkRepository(archive.database)
        app = make_phone_app(links, desk, desk, archive.clock, ZoneInfo(settings.kiosk.timezone))
        return PhoneServer(app, settings.delivery.host, settings.delivery.port)

    def _phone_url(self) -> str:
        return self.archive.settings.delivery.public_url or self._phone.base_url

    def _watch_payments(self, stop: threading.Event) -> None:
        """Picks up where a power cut came, then asks about open payments every few seconds."""
        self.buying.resume()
        while not stop.is_set():
            self.checkout.sweep()
            self.buying.refresh()
            stop.wait(POLL_EVERY_S)

    def _reconcile(self, stop: threading.Event) -> None:
        """At start and every few minutes. A day's payments take a while to be asked about, for which nobody
        who stands at the kiosk is to wait: so it has a worker of its own."""
        kept_s = float("-inf")
        while not stop.is_set():
            self.checkout.reconcile()
            if self._voucher_desk is not None:
                self._voucher_desk.resume()
            if time.monotonic() - kept_s >= _KEEP_ORIGINALS_EVERY_S:
                self.desk.keep_originals()
                kept_s = time.monotonic()
            stop.wait(_RECONCILE_EVERY_S)

    def _watch_folder(self, stop: threading.Event) -> None:
        """Ends at once where no folder is watched."""
        folder = self.archive.settings.event.watch_folder
        if folder:
            sell_from(self.archive, Path(folder), stop, self._event_watch.look_now)

    def _forget_on_pages(self, deletion: Deletion) -> None:
        photo_ids = (*deletion.photo_ids, *(face.photo_id for face in deletion.faces))
        forget_photos(self.session, photo_ids)
        if photo_ids:
            self._event_watch.look_now()

    def _is_disk_full(self) -> bool:
        return disk_state(self.archive.home).state is DiskState.FULL

    def _watch_backups(self, stop: threading.Event) -> None:
        """A copy of the database each day, also where the kiosk is never switched off. What is told to nobody
        does not grow for ever; where there is a centre, whoever tells it sees to that."""
        while not stop.wait(_BACKUP_LOOK_EVERY_S):
            self.archive.database.back_up_if_due()
            if self.centre is None:
                SqlEnrolment(self.archive.database, self.archive.clock).prune()

    def _watch_clock(self, stop: threading.Event) -> None:
        while not stop.wait(_TICK_S):
            self.journey.tick()
            self.buying.tick()
            self.service.tick()


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
