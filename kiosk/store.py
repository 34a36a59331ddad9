"""The composition root of store mode: adapters become a shop whose cameras are watched."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from kiosk.adapters import choose_gender
from kiosk.archive import Archive, open_archive, thresholds_of
from kiosk.camera.types import Camera, Frame
from kiosk.centre_link import CentreLink, Hearers
from kiosk.clock import Clock, SystemClock
from kiosk.database.meta import SqlMeta
from kiosk.database.people import SqlPeople
from kiosk.database.restored import back_up_if_due
from kiosk.database.retention import SqlRetention
from kiosk.database.sealing import seal_pictures
from kiosk.database.sites import SqlSites
from kiosk.database.streams import SqlStreams
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_book import SqlVisitBook
from kiosk.database.visit_reports import SqlVisitReports
from kiosk.erasing import forgetting_of
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.runtime.crash import PreviousCrash
from kiosk.runtime.memory import give_back_large_blocks
from kiosk.runtime.pulse import PATIENT_S
from kiosk.runtime.types import WorkerFailed
from kiosk.runtime.worker import JobQueue, Supervisor, Worker
from kiosk.secrets import KeyringSecrets, read_secret
from kiosk.settings import Settings
from kiosk.streams.counting import Counting
from kiosk.streams.known_people import KnownPeople
from kiosk.streams.recogniser import Recogniser
from kiosk.streams.stream_camera import stream_camera
from kiosk.streams.stream_desk import StreamDesk
from kiosk.streams.wall import Wall
from kiosk.sync.chain_reports import ChainReports
from kiosk.sync.door import CentreDoor
from kiosk.sync.status import SyncStatus
from kiosk.updating import update_care
from kiosk.vision.types import Pixels
from kiosk.visits.board import Board
from kiosk.visits.people_desk import PeopleDesk
from kiosk.visits.pictures import FacePictures
from kiosk.visits.ports import Today
from kiosk.visits.report_desk import ReportDesk
from kiosk.visits.retention import KeepRules, PurgeProof, Retention
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.store_rules import own_site
from kiosk.visits.stream_facts import stream_facts
from kiosk.visits.told import Purged, StoreNotice, StoreView, StreamCard, notice_of
from kiosk.visits.types import Held, Site, Stream

_log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
_HELD_EVERY_S = 10.0
_SAME_FAULT_S = 60.0
_BACKUP_LOOK_EVERY_S = 600.0


class Store:
    """A shop without a screen: commands in, events out on `bus`.

    `start` brings it up; commands return at once and may come from any thread. `stop` ends all watching and
    all workers within a bound and closes the archive: what was seen until then is in the book.
    """

    def __init__(self, archive: Archive) -> None:
        settings, clock, database = archive.settings, archive.clock, archive.database
        self.bus = EventBus()
        self.archive = archive
        self._zone = ZoneInfo(settings.kiosk.timezone)
        tenant = TenantDatabase(database, "", clock)
        kiosk_id = SqlMeta(database).kiosk_id()
        faces, thresholds = (
            FacePictures(archive.store, "", database.vault),
            thresholds_of(database, settings.vision, archive.engines.live.contract_id),
        )
        self._sites, streams = SqlSites(tenant), SqlStreams(tenant, kiosk_id)
        people, self._faces = SqlPeople(tenant, kiosk_id, faces), faces
        self._book = SqlVisitBook(tenant, kiosk_id, faces, StayRules.of(settings.store), thresholds)
        self._known = KnownPeople(people, archive.engines.live.contract_id, thresholds)
        self._counting = Counting(self._book, self.bus, clock)
        self._wall = Wall(
            streams, self._looker, _open_camera, self.bus, clock, count_line=self._counting.lines
        )
        self._streams = streams
        self._gender = choose_gender(settings.vision)
        self._kept = SqlRetention(tenant)
        self._retention = Retention(
            self._kept, faces, database.keep_no_traces, KeepRules.of(settings.store), clock
        )
        self._jobs = JobQueue("store", self.bus, longest_job_s=PATIENT_S)
        self._report_jobs = JobQueue("reports", self.bus, longest_job_s=PATIENT_S)
        site = own_site(self._sites, settings.store.site or settings.kiosk.operator)
        self._board = Board(self._first_view(site), self.bus)
        notice = self._board.notice
        self.streams = StreamDesk(streams, self._wall, self._jobs.submit, KeyringSecrets(), notice)
        self.people = PeopleDesk(
            people,
            self._book,
            archive.engines.photos,
            thresholds,
            self._wall.newest_frame,
            self._jobs.submit,
            self.bus,
            notice,
            settings.store.consent_version,
            clock,
        )
        local = SqlVisitReports(tenant, self._zone)
        self.reports = ReportDesk(
            local,
            ChainReports(archive.centre.prompt_client) if archive.centre else None,
            self._book,
            archive.home / "reports",
            self._report_jobs.submit,
            self.bus,
            notice,
            lambda: self.view.language,
        )
        self.pictures = Pictures(self._wall, faces, self.people)
        self._held_at_s = float("-inf")
        self._faults: dict[tuple[str, str], float] = {}
        self.bus.subscribe(WorkerFailed, self._tell_fault)
        self._link = self._centre_link(archive.centre) if archive.centre else None
        self.updates = update_care(archive, self.bus, lambda: settings, lambda: True)
        self._workers = self._all_workers()

    @property
    def view(self) -> StoreView:
        """What the screens show now."""
        return self._board.view

    @property
    def sync_status(self) -> SyncStatus | None:
        """How it stands with the centre; None where there is none."""
        return self._link.status if self._link else None

    def start(self, crash: PreviousCrash | None = None) -> None:
        """Watches every camera that is switched on; tells staff how the run before ended, where that was
        badly. Raises KnownError DATABASE_*."""
        self._known.refresh()
        self._workers.start()
        self._wall.start()
        self._jobs.submit(self._seal_pictures)
        if crash is not None:
            code = crash.code or ErrorCode.SCREEN_CRASHED.value
            self._board.notice(StoreNotice("store.notice.crashed", code, {"code": code}))

    def stop(self) -> None:
        """Ends everything; whoever is here now is in the book and stays so at the next start. Of whoever has
        gone nothing waits for that."""
        self.people.stop()
        is_wall_down = self._wall.stop()
        stuck = self._workers.stop()
        self._end_stays()
        self.archive.close()
        if stuck or not is_wall_down:
            _log.warning("workers_stuck", workers=stuck, is_wall_down=is_wall_down)

    def _seal_pictures(self) -> None:
        """Those of before pictures were sealed, or of an older key."""
        try:
            seal_pictures(self.archive.database, self._faces, "")
        except KnownError as failed:
            _log.warning("pictures_not_sealed", code=failed.code)

    def _end_stays(self) -> None:
        try:
            self._book.end_due(self.archive.clock.now())
        except KnownError as failed:
            _log.warning("stays_not_ended", code=failed.code)

    # -- commands of the screens themselves -----------------------------------------------------------

    def show_language(self, language: Language) -> None:
        self._board.change(language=language)

    def clear_notice(self) -> None:
        self._board.notice(None)

    def add_site(self, name: str) -> None:
        def add() -> None:
            try:
                self._sites.add(name)
            except KnownError as failed:
                self._board.notice(notice_of(failed))
                return
            self._board.change(sites=tuple(self._sites.sites()))

        self._jobs.submit(add)

    def purge(self) -> None:
        self._retention.hurry()

    # -- the parts ------------------------------------------------------------------------------------

    def _looker(self, stream: Stream) -> Recogniser:
        archive = self.archive
        return Recogniser(
            stream, archive.engines.live, self._known, self._counting, archive.clock, self._gender
        )

    def _all_workers(self) -> Supervisor:
        """In the order of their start: what is seen is written down by the first."""
        watches: dict[str, Callable[[threading.Event], None]] = {
            "store-board": self._watch_rows,
            "purge": partial(
                self._retention.run,
                tell=self._tell_of_purge,
                tell_failed=lambda failed: self._board.notice(notice_of(failed)),
            ),
            "backup": self._watch_backups,
            "forgetting": forgetting_of(self.archive, lambda _: None).run,
            "updates": self.updates.run,
        }
        workers = [Worker(name, run, self.bus, silent_s=PATIENT_S) for name, run in watches.items()]
        link = [self._link.worker] if self._link else []
        return Supervisor([self._counting, self._jobs, self._report_jobs, *workers, *link])

    def _centre_link(self, door: CentreDoor) -> CentreLink:
        hearers = Hearers(self._look_anew, None, self._jobs.submit, self._facts)
        return CentreLink(self.archive, door, self.bus, hearers)

    def _watch_rows(self, stop: threading.Event) -> None:
        """People and cameras may be changed by a command beside this program, or come from the centre."""
        while not stop.is_set():
            if self._known.refresh():
                self._held_at_s = float("-inf")
            self._wall.refresh()
            self.people.tick()
            self._look_anew()
            self._workers.revive()
            stop.wait(_LOOK_EVERY_S)

    def _look_anew(self) -> None:
        view, now = self.view, self.archive.clock.now()
        self._board.change(
            sites=tuple(self._sites.sites()),
            streams=self._cards(),
            today=self._book.today(self._midnight(now), now, [view.site.site_id]),
            held=self._held_now(view),
        )

    def _held_now(self, view: StoreView) -> Held:
        """Counted anew now and then only: there may be a hundred thousand visits."""
        now_s = self.archive.clock.monotonic_s()
        if now_s - self._held_at_s < _HELD_EVERY_S:
            return view.held
        self._held_at_s = now_s
        return self._kept.held(self.archive.settings.store.picture_days)

    def _cards(self) -> tuple[StreamCard, ...]:
        statuses = {status.stream_id: status for status in self._wall.statuses()}
        streams = self._streams.streams()
        return tuple(StreamCard(one, statuses[one.stream_id]) for one in streams if one.stream_id in statuses)

    def _midnight(self, now: datetime) -> datetime:
        return now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)

    def _first_view(self, site: Site) -> StoreView:
        settings = self.archive.settings
        return StoreView(
            language=settings.kiosk.language,
            timezone=settings.kiosk.timezone,
            site=site,
            sites=tuple(self._sites.sites()),
            streams=(),
            today=Today(self._midnight(self.archive.clock.now())),
            held=self._kept.held(settings.store.picture_days),
            knows_returning=settings.store.knows_returning,
            keeps_pictures=settings.store.keeps_pictures,
            stay_minutes=settings.store.stay_minutes,
            returning_days=settings.store.returning_days,
            consent_version=settings.store.consent_version,
            operator=settings.kiosk.operator,
        )

    def _facts(self) -> dict[str, str | int | float | bool | None]:
        """What the centre is told of this machine's health besides."""
        site, statuses = self.view.site, self._wall.statuses()
        return {
            "mode": "store",
            "site": site.name,
            "site_id": site.site_id,
            "cameras": ", ".join(status.state.value for status in statuses),
            **stream_facts(self._streams.streams(), statuses),
            **self.updates.facts(),
        }

    def _tell_of_purge(self, proof: PurgeProof | None) -> None:
        at = proof.at if proof else self.archive.clock.now()
        self._held_at_s = float("-inf")
        self.bus.publish(Purged(at, dict(proof.removed) if proof else {}))

    def _tell_fault(self, failed: WorkerFailed) -> None:
        """Staff hear of a worker that cannot do its work: of the same one once a minute."""
        now_s, fault = self.archive.clock.monotonic_s(), (failed.worker, failed.code)
        if now_s - self._faults.get(fault, float("-inf")) < _SAME_FAULT_S:
            return
        self._faults[fault] = now_s
        code = failed.code or ErrorCode.WORKER_ENDED.value
        key = "store.notice.gave_up" if failed.has_given_up else "store.notice.failed"
        self._board.notice(StoreNotice(key, code, {"code": code}))

    def _watch_backups(self, stop: threading.Event) -> None:
        """A copy of the database each day. What is told to nobody does not grow for ever."""
        while not stop.wait(_BACKUP_LOOK_EVERY_S):
            back_up_if_due(self.archive.database, self.archive.clock)
            if self.archive.centre is None:
                SqlEnrolment(self.archive.database, self.archive.clock).prune()


class Pictures:
    """What the screens look at, for worker threads."""

    def __init__(self, wall: Wall, faces: FacePictures, people: PeopleDesk) -> None:
        self._wall, self._faces, self._people = wall, faces, people

    def newest_frame(self, stream_id: str) -> Frame | None:
        return self._wall.newest_frame(stream_id)

    def looked_frame(self, stream_id: str) -> Frame | None:
        return self._wall.looked_frame(stream_id)

    def face(self, picture_key: str) -> Pixels:
        return self._faces.get(picture_key)

    def shot(self, shot: str) -> Pixels | None:
        return self._people.shot(shot)


def _open_camera(stream: Stream) -> Camera:
    return stream_camera(stream, read_secret)


def open_store(home: Path, settings: Settings, clock: Clock | None = None) -> Store:
    """A shop on a data folder, not started yet. Raises what `open_archive` raises, SETTING_INVALID."""
    give_back_large_blocks()
    archive = open_archive(home, settings, clock or SystemClock())
    try:
        return Store(archive)
    except BaseException:
        archive.close()
        raise
