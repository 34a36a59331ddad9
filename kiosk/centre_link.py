"""A kiosk's tie to its centre: what goes up and comes down, and who in the kiosk hears of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from kiosk import __version__
from kiosk.adapters import centre_url
from kiosk.archive import Archive
from kiosk.checkout.checkout import Checkout
from kiosk.checkout.types import OrderPaid, PaymentChanged
from kiosk.database.engine import Database
from kiosk.database.meta import SqlMeta
from kiosk.database.notices import SqlNotices
from kiosk.database.pulled import SqlPulled
from kiosk.database.sync_state import CURSOR, SqlEnrolment, SqlOutbox, SqlStoredStatus
from kiosk.errors import KnownError
from kiosk.events import EventBus
from kiosk.runtime.health import machine_facts
from kiosk.sales.orders import make_code
from kiosk.settings import Settings
from kiosk.sync.door import CentreDoor
from kiosk.sync.pull import Pulled
from kiosk.sync.records import HealthRecord, Kind
from kiosk.sync.status import StatusBoard, SyncStatus
from kiosk.sync.worker import Sync, SyncWorker

_log = structlog.get_logger(__name__)

_MODE = "pulled_in_mode"
_NOT_IN_A_SHOP = frozenset({Kind.EVENT, Kind.PHOTO, Kind.VOUCHER, Kind.ORDER, Kind.CHARGE})
_EVENT_LOOK_EVERY_S = 2.0
"""While a whole event comes down the screen follows it at this pace."""


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who in the kiosk hears of what came: `look_anew` at what is on the screen, `checkout` of orders that
    others changed; `submit` runs what asks about a payment. `facts` are of the kiosk's health."""

    look_anew: Callable[[], None]
    checkout: Checkout | None
    submit: Callable[[Callable[[], None]], None]
    facts: Callable[[], dict[str, str | int | float | bool | None]] = dict


class CentreLink:
    """Composes the synchronisation of one kiosk. Without `hearers` it is for a command beside it."""

    def __init__(
        self, archive: Archive, door: CentreDoor, bus: EventBus, hearers: Hearers | None = None
    ) -> None:
        self._archive = archive
        self._bus = bus
        self._hearers = hearers
        self._looked_s = float("-inf")
        database, clock = archive.database, archive.clock
        passes_over = _begin_mode(database, archive.settings.kiosk.mode)
        self._outbox = SqlOutbox(database, clock)
        self._notices = SqlNotices(database, clock)
        self._board = StatusBoard(SqlStoredStatus(database), clock, bus)
        self.sync = Sync(
            door,
            self._outbox,
            SqlPulled(database, archive.index.contract_id, clock, passes_over),
            self._board,
            clock,
            self._take_news,
            self._notices.open_count,
            self._health if hearers else None,
        )
        enrolment = SqlEnrolment(database, clock)
        poll_s = archive.settings.central.poll_s
        self.worker = SyncWorker(door, self.sync, self._outbox, enrolment.prune, poll_s, bus)

    @property
    def status(self) -> SyncStatus:
        """How it stands now; the bus tells of each change (`SyncStatusChanged`)."""
        return self._board.status

    def _take_news(self, pulled: Pulled) -> None:
        """On the worker's thread, after what came is on disk."""
        for event_id, photo_ids in pulled.stale_faces.items():
            self._drop_from_index(event_id, photo_ids)
        hearers = self._hearers
        if hearers is None:
            return
        if hearers.checkout is not None:
            self._tell_of_orders(pulled, hearers.checkout, hearers.submit)
        is_due = time.monotonic() - self._looked_s >= _EVENT_LOOK_EVERY_S
        if is_due and (pulled.events or hearers.checkout is None):
            self._looked_s = time.monotonic()
            hearers.look_anew()

    def _tell_of_orders(
        self, pulled: Pulled, checkout: Checkout, submit: Callable[[Callable[[], None]], None]
    ) -> None:
        for order_id in pulled.orders:
            for payment in checkout.payments(order_id):
                self._bus.publish(PaymentChanged(order_id, payment.payment_id, payment.state))
        for order_id in pulled.paid_orders:
            self._bus.publish(OrderPaid(order_id))
        for payment_id in pulled.charged_payments:
            submit(partial(_check, checkout, payment_id))

    def _drop_from_index(self, event_id: str, photo_ids: tuple[str, ...]) -> None:
        """Faces that were changed: whoever keeps the index true to the database finds them missing, and adds
        what is true now."""
        try:
            self._archive.index.remove_photos(event_id, photo_ids)
        except KnownError as failed:
            _log.warning("index_not_cleared", event_id=event_id, code=failed.code)

    def _health(self) -> HealthRecord:
        waiting, parked = self._outbox.counts()
        facts: dict[str, Any] = {
            **machine_facts(self._archive.home),
            "waiting": waiting,
            "parked": parked,
            "notices": self._notices.open_count(),
            **(self._hearers.facts() if self._hearers else {}),
        }
        return HealthRecord(
            at=self._archive.clock.now(), version=__version__, facts={"version": __version__, **facts}
        )


def _begin_mode(database: Database, mode: str) -> frozenset[Kind]:
    """The kinds that a machine of this mode passes over: a shop keeps no photos of events with their faces,
    and no sales. One that works in another mode from now on asks for everything anew."""
    meta = SqlMeta(database)
    if (meta.get(_MODE) or "event") != mode:
        meta.set(CURSOR, "0")
        meta.set(_MODE, mode)
    return _NOT_IN_A_SHOP if mode == "store" else frozenset()


def _check(checkout: Checkout, payment_id: str) -> None:
    """The centre has news of a payment: the gateway's word is asked for at once."""
    try:
        checkout.check(payment_id)
    except KnownError as failed:
        _log.warning("payment_not_checked", payment_id=payment_id, code=failed.code)


def order_prefix(enrolment: SqlEnrolment, settings: Settings) -> str:
    """What this kiosk's order codes begin with: what its centre gave it, which no other kiosk has, else what
    the settings say."""
    enrolled = enrolment.enrolled() if centre_url(settings.central, enrolment) else None
    return enrolled.code_prefix if enrolled else settings.kiosk.code_prefix


def code_maker_of(enrolment: SqlEnrolment, settings: Settings) -> Callable[[], str]:
    """Makes order codes; an enrolment counts from the next one on."""
    return lambda: make_code(order_prefix(enrolment, settings))
