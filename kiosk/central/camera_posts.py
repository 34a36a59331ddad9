"""What stands behind the streams of a camera worker: whoever is known to the stream's tenant, and the visit
book that the stream counts into."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from kiosk.central.leased_streams import FencedDatabase, LeasedStreams
from kiosk.clock import Clock
from kiosk.database.engine import Database
from kiosk.database.people import SqlPeople
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_book import SqlVisitBook
from kiosk.events import EventBus
from kiosk.gallery.types import Thresholds
from kiosk.photos.types import ObjectStore
from kiosk.runtime.worker import STOP_TIMEOUT_S
from kiosk.streams.counting import Counting
from kiosk.streams.known_people import KnownPeople
from kiosk.streams.recogniser import Recogniser
from kiosk.vision.gender import GenderReader
from kiosk.vision.types import FaceEngine
from kiosk.visits.pictures import FacePictures
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.types import Stream

_OF_A_LOST_ONE_S = 0.5
AT_THE_CENTRE = "centre"
"""Stands for the kiosk of what camera workers count: one, whichever of them it was."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What all streams of a worker share."""

    database: Database
    store: ObjectStore
    engine: FaceEngine
    gender: GenderReader | None
    thresholds: Callable[[int], Thresholds]
    rules: StayRules
    clock: Clock
    bus: EventBus


class CameraPosts:
    """One visit book a stream, written only while its lease lasts; one set of known faces a tenant. Any
    thread."""

    def __init__(self, tools: Tools, leased: LeasedStreams) -> None:
        self._tools = tools
        self._leased = leased
        self._lock = threading.Lock()
        self._known: dict[str, KnownPeople] = {}
        self._countings: dict[str, Counting] = {}

    def looker(self, stream: Stream) -> Recogniser:
        """Who looks at a stream. Raises KnownError STREAM_LEASE_LOST, DATABASE_*."""
        tools = self._tools
        known = self._known_of(self._leased.tenant_of(stream.stream_id))
        counting = self._counting_of(stream.stream_id)
        return Recogniser(stream, tools.engine, known, counting, tools.clock, tools.gender)

    def count_line(self, stream_id: str, came_in: int, went_out: int) -> None:
        """The stream's line was crossed so often just now."""
        counting = self._countings.get(stream_id)
        if counting is not None:
            counting.lines(stream_id, came_in, went_out)

    def refresh(self) -> None:
        """Reads anew who is known, where anything changed. Raises KnownError DATABASE_*."""
        for known in list(self._known.values()):
            known.refresh()

    def keep(self, stream_ids: Collection[str]) -> None:
        """What was seen of all other streams is written down where they are still held, and forgotten. It
        takes no longer than one of them, so that the leases of the rest are renewed in time."""
        tenants = self._leased.tenants()
        with self._lock:
            self._known = {one: known for one, known in self._known.items() if one in tenants}
            gone = [stream_id for stream_id in self._countings if stream_id not in stream_ids]
            ending = {stream_id: self._countings.pop(stream_id) for stream_id in gone}
        for counting in ending.values():
            counting.request_stop()
        until_s = time.monotonic() + STOP_TIMEOUT_S
        for stream_id, counting in ending.items():
            longest_s = STOP_TIMEOUT_S if self._leased.is_held(stream_id) else _OF_A_LOST_ONE_S
            counting.stop(min(longest_s, max(0.0, until_s - time.monotonic())))

    def _known_of(self, tenant_id: str) -> KnownPeople:
        with self._lock:
            known = self._known.get(tenant_id)
            if known is None:
                tools = self._tools
                tenant = TenantDatabase(tools.database, tenant_id, tools.clock)
                pictures = FacePictures(tools.store, tenant_id, tools.database.vault)
                people = SqlPeople(tenant, AT_THE_CENTRE, pictures)
                known = KnownPeople(people, tools.engine.contract_id, tools.thresholds)
                known.refresh()
                self._known[tenant_id] = known
            return known

    def _counting_of(self, stream_id: str) -> Counting:
        with self._lock:
            counting = self._countings.get(stream_id)
            if counting is None:
                tools = self._tools
                tenant = FencedDatabase(tools.database, tools.clock, self._leased, stream_id)
                pictures = FacePictures(tools.store, tenant.tenant_id, tools.database.vault)
                book = SqlVisitBook(tenant, AT_THE_CENTRE, pictures, tools.rules, tools.thresholds)
                counting = Counting(book, tools.bus, tools.clock)
                counting.start()
                self._countings[stream_id] = counting
            return counting
