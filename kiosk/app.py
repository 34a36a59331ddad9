"""The composition root: settings become adapters, adapters become a kiosk; workers start and stop here."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from kiosk.archive import Archive, open_archive
from kiosk.camera.open_camera import camera_from_source
from kiosk.camera.types import Camera, Wish
from kiosk.capture.challenger import Challenger
from kiosk.capture.live_view import LiveView
from kiosk.checkout.checkout import Checkout
from kiosk.clock import Clock, SystemClock
from kiosk.database.consents import SqlConsentRepository
from kiosk.database.links import SqlLinkRepository
from kiosk.database.meta import SqlOpenOrder
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.delivery.links import LinkMaker, load_link_secret
from kiosk.delivery.phone_app import make_phone_app
from kiosk.delivery.phone_server import PhoneServer
from kiosk.errors import ErrorCode, KnownError
from kiosk.event_folder import EventFolder, event_of_folder
from kiosk.events import EventBus
from kiosk.order_desk import OrderDesk
from kiosk.paths import models_folder
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.payments.settlement import POLL_EVERY_S
from kiosk.payments.types import PaymentGateway
from kiosk.photos.index_sync import IndexSync
from kiosk.photos.types import PhotoEvent
from kiosk.runtime.health import DiskState, disk_state
from kiosk.runtime.memory import give_back_large_blocks
from kiosk.runtime.worker import JobQueue, Supervisor, Worker
from kiosk.sales.orders import make_code
from kiosk.secrets import read_secret
from kiosk.session.buying import Buying
from kiosk.session.corrections import Corrections
from kiosk.session.faces import Faces
from kiosk.session.finding import Finding
from kiosk.session.found import distinct, hours_of
from kiosk.session.journey import Journey
from kiosk.session.pictures import Pictures
from kiosk.session.searching import Searching
from kiosk.session.service import Service
from kiosk.session.session import Session
from kiosk.session.together import Together
from kiosk.session.view import EventCard, SessionView
from kiosk.settings import CameraSection, CaptureSection, PaymentSection, Settings
from kiosk.vision.landmarks import LandmarkFinder
from kiosk.vision.passive_liveness import PassivePack

_log = structlog.get_logger(__name__)

_TICK_S = 1.0
_EVENT_EVERY_S = 1.0
_EVENT_REST = 4.0
"""So many times as long as looking at the event took, nobody looks again, at most `_EVENT_REST_S`."""
_EVENT_REST_S = 2.0
_RECONCILE_EVERY_S = 300.0
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
        self.session = Session(settings, self.bus, clock)
        gateway = outside.gateway or choose_gateway(settings.payment)
        self.session.amounts_vary = gateway.confirms_by_itself
        store = SqlCheckoutStore(archive.database)
        code_maker = partial(make_code, settings.kiosk.code_prefix)
        self.checkout = Checkout(store, gateway, clock, self.bus, code_maker, settings.sales.print_prices())
        self.desk = self._order_desk()
        self._phone = self._phone_server(self.desk)
        self._landmarks, self._passive = choose_liveness(settings.capture)
        self.live = LiveView(
            partial(choose_camera, settings.camera, outside.fallback_clip),
            archive.engines.live,
            self.bus,
            clock,
            challenger=self._challenger(),
        )
        self._event_news = threading.Event()
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
        self._workers = Supervisor(
            [
                self._record_jobs,
                self._payment_jobs,
                self._search_jobs,
                self._camera_jobs,
                Worker("payment-watch", self._watch_payments, self.bus),
                Worker("reconcile", self._reconcile, self.bus),
                Worker("event-watch", self._watch_event, self.bus),
                *self._folder_workers(),
                Worker("backup", self._watch_backups, self.bus),
                Worker("clock", self._watch_clock, self.bus),
            ]
        )
        self.service = Service(self.session, self._is_disk_full, self._workers.alive())

    @property
    def view(self) -> SessionView:
        """What the screens show now."""
        with self.session.lock:
            return self.session.view()

    def start(self) -> None:
        """Starts the phone page and the workers. Raises KnownError PORT_TAKEN, SETTING_INVALID."""
        self._phone.start()
        self._workers.start()

    def stop(self) -> None:
        """Ends everything; what is half done is resumed at the next start.

        What is to be written down of a visit that has ended is written first: its end must not be forgotten.
        """
        self._event_news.set()  # whoever waits for news is to end
        for jobs in (self._record_jobs, self._payment_jobs):
            jobs.finish(_LAST_RECORDS_S)
        stuck = self._workers.stop()
        self.live.stop()  # after the worker that could start it again
        self._phone.stop()
        self.archive.close()
        if stuck:
            _log.warning("workers_stuck", workers=stuck)

    # -- the parts --------------------------------------------------------------------------------

    def _challenger(self) -> Challenger | None:
        if self._landmarks is None:
            return None
        return Challenger(self._landmarks, self.archive.engines.live, passive=self._passive)

    def _order_desk(self) -> OrderDesk:
        archive, delivery = self.archive, self.archive.settings.delivery
        maker = LinkMaker(
            load_link_secret(archive.home),
            archive.clock,
            timedelta(days=delivery.link_days),
            delivery.download_limit,
        )
        return OrderDesk(archive, self.checkout, SqlLinkRepository(archive.database), maker, self._phone_url)

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
        while not stop.is_set():
            self.checkout.reconcile()
            stop.wait(_RECONCILE_EVERY_S)

    def _watch_event(self, stop: threading.Event) -> None:
        """Keeps the event card and the index true to the database; notices unfit weights.

        At once for photos of the watched folder, within a second or so for those that another process takes
        in. Looking takes longer in a large event, and then is done less often.
        """
        seen: tuple[object, ...] | None = None
        index_sync = IndexSync(self.archive.index, self.archive.photos)
        while not stop.is_set():
            self._event_news.clear()
            began_s = time.monotonic()
            self._watch_weights()
            event = self.archive.current_event()
            stamp = (event, *self._extent(event)) if event else None
            if event is not None and (stamp != seen or not index_sync.is_sound(event.event_id)):
                self._make_index_true(index_sync, event)
            if event is not None and stamp != seen:
                with self.session.change():
                    self.session.event = self._event_card(event)
                seen = stamp
            took_s = time.monotonic() - began_s
            stop.wait(min(_EVENT_REST_S, _EVENT_REST * took_s))
            self._event_news.wait(_EVENT_EVERY_S)

    def _folder_workers(self) -> list[Worker]:
        folder = self.archive.settings.event.watch_folder
        return [Worker("folder-watch", partial(self._watch_folder, Path(folder)), self.bus)] if folder else []

    def _watch_folder(self, folder: Path, stop: threading.Event) -> None:
        """Puts the folder's photos on sale in the event on the screen, from one event to the next."""
        while not stop.is_set():
            event = event_of_folder(self.archive, folder)
            watch = EventFolder(self.archive, folder, event, takes_all=False)
            watch.run_while_current(stop, lambda _: self._event_news.set())

    def _watch_weights(self) -> None:
        """Weights that are missing or not ours close the way with the face; put right, they open it again."""
        try:
            self.archive.engines.live.warm_up()
            for part in (self._landmarks, self._passive):
                if part is not None:
                    part.warm_up()
            fault = ""
        except KnownError as failed:
            fault = failed.code
            if fault != self.session.face_search_fault:
                _log.error("no_face_search", code=failed.code, detail=failed.detail)
        with self.session.lock:
            self.session.face_search_fault = fault

    def _make_index_true(self, index_sync: IndexSync, event: PhotoEvent) -> None:
        """Tried again at the next look if it fails; photos are on sale without it, too."""
        try:
            index_sync.update(event.event_id)
        except KnownError as failed:
            _log.error("index_not_verified", code=failed.code, detail=failed.detail)

    def _extent(self, event: PhotoEvent) -> tuple[int, int]:
        """What changes when photos come or go, and is quickly told."""
        photos = self.archive.photos
        return photos.count(event.event_id), photos.next_number(event.event_id)

    def _event_card(self, event: PhotoEvent) -> EventCard:
        photos = self.archive.photos.photos(event.event_id)
        return EventCard(
            event_id=event.event_id,
            name=event.name,
            name_th=event.name_th,
            photo_count=len(photos),
            latest_import=max((photo.imported_at for photo in photos), default=None),
            public_photo_ids=tuple(photo.photo_id for photo in photos if photo.is_public),
            times=hours_of(photos),
            places=distinct(photo.place for photo in photos),
            photographers=distinct(photo.photographer for photo in photos),
            blurs_bystanders=event.blurs_bystanders,
            reads_numbers=event.reads_numbers,
        )

    def _is_disk_full(self) -> bool:
        return disk_state(self.archive.home).state is DiskState.FULL

    def _watch_backups(self, stop: threading.Event) -> None:
        """A copy of the database each day, also where the kiosk is never switched off."""
        while not stop.wait(_BACKUP_LOOK_EVERY_S):
            self.archive.database.back_up_if_due()

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


def choose_camera(camera: CameraSection, fallback_clip: Path | None = None) -> Camera:
    """The camera of the settings. Raises what `camera_from_source` raises."""
    wish = Wish(camera.width, camera.height, camera.fps)
    return camera_from_source(camera.source, fallback_clip, wish)


def choose_liveness(capture: CaptureSection) -> tuple[LandmarkFinder | None, PassivePack | None]:
    """What the challenge is read from, and the model that a site brought; None where the settings ask for
    none. Loaded with the first use."""
    if capture.liveness == "off":
        return None, None
    pack = capture.passive_pack
    return LandmarkFinder(models_folder()), PassivePack(pack) if pack is not None else None


def choose_gateway(payment: PaymentSection) -> PaymentGateway:
    """The gateway of the settings.

    Raises KnownError GATEWAY_NOT_CONFIGURED, SECRET_MISSING, PROMPTPAY_ID_INVALID.
    """
    if payment.gateway == "paynoi":
        if not payment.paynoi_url:
            raise KnownError(
                ErrorCode.GATEWAY_NOT_CONFIGURED,
                "payment.gateway is paynoi, and payment.paynoi_url is not set.",
                "Set it, or choose gateway promptpay.",
            )
        return PayNoiGateway(
            payment.paynoi_url,
            read_secret("paynoi_api_key"),
            key_id=payment.paynoi_key_id,
            account=payment.paynoi_account,
            account_type=AccountType(payment.paynoi_type),
            receiver_name=payment.receiver_name,
        )
    if not payment.promptpay_id:
        raise KnownError(
            ErrorCode.GATEWAY_NOT_CONFIGURED,
            "payment.promptpay_id is not set: nobody could be paid.",
            "Set it in kiosk.toml to the PromptPay number of the shop.",
        )
    return PromptPayGateway(payment.promptpay_id, payment.receiver_name)
