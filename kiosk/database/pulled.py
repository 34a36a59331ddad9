"""Takes in what comes from the centre (`kiosk.sync.pull.PullStore`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import delete, exc, select, update
from sqlalchemy.orm import Session

from kiosk.clock import Clock, SystemClock
from kiosk.database.deletions import take_deletion
from kiosk.database.engine import Database
from kiosk.database.meta import SqlMeta
from kiosk.database.notices import note_for_staff, settle_notice, take_notice
from kiosk.database.order_records import merge_order
from kiosk.database.people_taking import follow_person, remove_person
from kiosk.database.pulled_photos import Aside, drop_photos, read_photos, take_photos
from kiosk.database.records import remove_event, write_event
from kiosk.database.site_records import merge_site, remove_site
from kiosk.database.sync_state import CURSOR, HISTORY, tell_all_anew
from kiosk.database.tables import MetaRow, PaymentRow, PhotoRow, VoucherRow
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.payments.settlement import OPEN
from kiosk.payments.types import PaymentState
from kiosk.photos.types import PhotoState
from kiosk.sync.pull import Pulled
from kiosk.sync.record_parts import Record
from kiosk.sync.records import (
    ChargeRecord,
    DeletionRecord,
    EventRecord,
    Kind,
    NoticeRecord,
    OrderRecord,
    PhotoRecord,
    VoucherRecord,
    read_record,
)
from kiosk.sync.store_records import PersonRecord, SiteRecord
from kiosk.sync.wire import Change, Page

_log = structlog.get_logger(__name__)

_TARGET_S = 0.12
"""So long a part of a page may hold the database from others who want to write, such as the checkout."""
_FIRST_WEIGHT = 600.0
_LEAST_WEIGHT = 400.0
_MOST_WEIGHT = 5000.0
_WEIGHTS = {Kind.ORDER: 25.0, Kind.PERSON: 10.0, Kind.EVENT: 10.0}
_OTHER_WEIGHT = 3.0
_ORDER_OF_KINDS = (
    Kind.EVENT,
    Kind.PHOTO,
    Kind.VOUCHER,
    Kind.SITE,
    Kind.PERSON,
    Kind.ORDER,
    Kind.CHARGE,
    Kind.NOTICE,
    Kind.DELETION,
)
"""A photo needs its event. Other kinds go up only."""


@dataclass(slots=True)
class _Part:
    """Consecutive changes of a page, read before the database is held."""

    cursor: int
    size: int
    records: dict[Kind, list[tuple[str, Record]]] = field(default_factory=dict)
    photos: list[PhotoRecord] = field(default_factory=list)
    gone: dict[Kind, list[str]] = field(default_factory=dict)
    aside: Aside = field(default_factory=list)


class SqlPulled:
    """Used by one thread at a time."""

    def __init__(
        self,
        database: Database,
        contract_id: str,
        clock: Clock | None = None,
        passes_over: frozenset[Kind] = frozenset(),
    ) -> None:
        """`contract_id` is that of the faces which are searched here. Things of the kinds that it passes over
        are not kept: this machine has no use for them."""
        self._database = database
        self._meta = SqlMeta(database)
        self._own_id = self._meta.kiosk_id()
        self._contract_id = contract_id
        self._clock = clock or SystemClock()
        self._passes_over = passes_over
        self._weight = _FIRST_WEIGHT
        self._told_contracts: set[str] = set()

    def cursor(self) -> int:
        return int(self._meta.get(CURSOR) or 0)

    def history(self) -> str:
        return self._meta.get(HISTORY) or ""

    def start_over(self, history: str) -> None:
        told = {CURSOR: "0", HISTORY: history}
        tell_all_anew(self._database, self._own_id, self._clock.now(), **told)

    def apply(self, page: Page, since: int, is_over: Callable[[], bool] = lambda: False) -> Iterator[Pulled]:
        """Parts are made so large that each holds the database for about `_TARGET_S`, as measured; in between
        others of this program who wait to write come first."""
        rest = list(page.changes)
        cursor = since
        while (rest or cursor < page.cursor) and not is_over():
            taken = self._next_part(rest)
            part_of, rest = rest[:taken], rest[taken:]
            # An event may be told before its photos, out of its turn: what is still to come counts.
            read_at, cursor = cursor, min([page.cursor, *(change.revision - 1 for change in rest)])
            part = self._read(part_of, cursor)
            self._database.give_way()
            began_s = time.monotonic()
            pulled = self._write(part, read_at)
            if pulled is None:
                _log.info("pulled_by_another", cursor=read_at)
                return
            self._adapt(time.monotonic() - began_s, part.size)
            yield pulled

    def _next_part(self, changes: Sequence[Change]) -> int:
        weight = 0.0
        for place, change in enumerate(changes):
            weight += _weight(change)
            if weight >= self._weight:
                return place + 1
        return len(changes)

    def _adapt(self, took_s: float, size: int) -> None:
        if size >= self._weight * 0.5 or took_s > _TARGET_S:
            wanted = self._weight * min(max(_TARGET_S / max(took_s, 1e-6), 0.25), 1.5)
            self._weight = min(max(wanted, _LEAST_WEIGHT), _MOST_WEIGHT)

    # -- reading ----------------------------------------------------------------------------------

    def _read(self, changes: Sequence[Change], cursor: int) -> _Part:
        part = _Part(cursor, round(sum(map(_weight, changes))))
        photos: list[tuple[str, Any]] = []
        for change in changes:
            kind = Kind(change.kind)
            if kind in self._passes_over and not change.is_deleted:
                continue
            if change.is_deleted:
                part.gone.setdefault(kind, []).append(change.key)
            elif kind is Kind.PHOTO:
                photos.append((change.key, change.record))
            elif kind in _ORDER_OF_KINDS:
                try:
                    record = read_record(kind, change.record)
                    part.records.setdefault(kind, []).append((change.key, record))
                except KnownError as broken:
                    part.aside.append((f"{kind}:{change.key}", broken))
        aside: Aside = []
        part.photos = read_photos(photos, self._contract_id, aside)
        part.aside += [(f"{Kind.PHOTO}:{key}", why) for key, why in aside]
        return part

    # -- writing ----------------------------------------------------------------------------------

    def _write(self, part: _Part, read_at: int) -> Pulled | None:
        """None, and nothing is written, where the cursor is not the one any more at which this was read:
        another process pulls, or the kiosk was enrolled anew."""
        now = self._clock.now()
        with self._database.writing(
            waits_for_disk=False
        ) as session:  # with its cursor: it is asked for again
            row = session.get(MetaRow, CURSOR)
            if int(row.value if row else 0) != read_at:
                return None
            pulled = self._write_records(session, part)
            pulled = replace(pulled, stale_faces=_merged(pulled.stale_faces, _drop(session, part.gone, now)))
            noted = self._note_contracts(session, part.photos, now)
            for key, why in part.aside:
                _log.warning("record_put_aside", key=key, code=why.code)
                noted += note_for_staff(session, why, key, now)
            session.merge(MetaRow(key=CURSOR, value=str(part.cursor)))
        return replace(pulled, notices=pulled.notices + noted)

    def _write_records(self, session: Session, part: _Part) -> Pulled:
        events = {*part.gone.get(Kind.EVENT, ()), *(photo.event_id for photo in part.photos)}
        stale: Mapping[str, tuple[str, ...]] = {}
        orders: list[str] = []
        paid: list[str] = []
        charged: list[str] = []
        deletions: list[str] = []
        notices = 0
        for kind in _ORDER_OF_KINDS:
            if kind is Kind.PHOTO:
                aside: Aside = []
                stale = take_photos(session, part.photos, self._contract_id, aside)
                part.aside += [(f"{Kind.PHOTO}:{key}", why) for key, why in aside]
            for key, record in part.records.get(kind, ()):
                try:
                    with session.begin_nested():
                        match record:
                            case EventRecord():
                                write_event(session, record, "")
                                events.add(record.event_id)
                            case VoucherRecord():
                                _take_voucher(session, record)
                            case SiteRecord():
                                merge_site(session, record, "")
                            case PersonRecord():
                                follow_person(session, record, self._clock.now())
                            case OrderRecord():
                                _take_order(session, record, self._own_id, orders, paid)
                            case ChargeRecord():
                                charged += _own_payments(session, record, self._own_id)
                            case NoticeRecord():
                                notices += take_notice(session, record)
                            case DeletionRecord():
                                if take_deletion(session, record, self._own_id):
                                    deletions.append(record.deletion_id)
                            case _:
                                raise BugError(f"a {kind} is not taken in here")
                except (KnownError, exc.IntegrityError) as broken:
                    part.aside.append((f"{kind}:{key}", _why(kind, broken)))
        return Pulled(
            events=frozenset(events),
            stale_faces=stale,
            orders=tuple(orders),
            paid_orders=tuple(paid),
            charged_payments=tuple(charged),
            deletions=tuple(deletions),
            notices=notices,
        )

    def _note_contracts(self, session: Session, photos: Sequence[PhotoRecord], at: datetime) -> int:
        met = {face.contract_id for photo in photos for face in photo.faces} - {self._contract_id}
        noted = 0
        for contract_id in sorted(met - self._told_contracts):
            noted += note_for_staff(session, _other_contract(contract_id, self._contract_id), contract_id, at)
            self._told_contracts.add(contract_id)
        return noted


def _weight(change: Change) -> float:
    """About how long it takes, in faces."""
    if change.kind == Kind.PHOTO:
        faces = (change.record or {}).get("faces", ())
        return 1.0 + (len(faces) if isinstance(faces, list | tuple) else 0)
    return _WEIGHTS.get(Kind(change.kind), _OTHER_WEIGHT)


def _take_voucher(session: Session, record: VoucherRecord) -> None:
    """As the centre has it; of uses the higher count is true, which only grows."""
    row = session.get(VoucherRow, ("", record.code))
    used = max(record.used, row.used if row else 0)
    session.merge(VoucherRow(tenant_id="", **record.model_dump(exclude={"used"}), used=used))
    session.flush()


def _take_order(
    session: Session, record: OrderRecord, own_id: str, orders: list[str], paid: list[str]
) -> None:
    merged = merge_order(session, record, "", takes_open=record.kiosk_id not in ("", own_id))
    session.flush()
    if merged.has_changed:
        orders.append(record.order_id)
    if merged.is_newly_paid:
        paid.append(record.order_id)


def _own_payments(session: Session, record: ChargeRecord, own_id: str) -> list[str]:
    """The payment of this kiosk that a charge has news of."""
    if record.kiosk_id != own_id:
        return []
    query = select(PaymentRow).where(PaymentRow.idempotency_key == record.idempotency_key)
    return [
        row.payment_id
        for row in session.scalars(query)
        if PaymentState(row.state) in OPEN or record.received_satang > row.received_satang
    ]


def _drop(session: Session, gone: Mapping[Kind, Sequence[str]], at: datetime) -> dict[str, tuple[str, ...]]:
    """What is gone at the centre; orders, charges and deletions never are."""
    stale = drop_photos(session, gone.get(Kind.PHOTO, ()))
    for code in gone.get(Kind.VOUCHER, ()):
        session.execute(delete(VoucherRow).where(VoucherRow.tenant_id == "", VoucherRow.code == code))
    for person_id in gone.get(Kind.PERSON, ()):
        remove_person(session, person_id, "", at)
    for site_id in gone.get(Kind.SITE, ()):
        remove_site(session, site_id)
    for notice_id in gone.get(Kind.NOTICE, ()):
        settle_notice(session, notice_id, at)
    for event_id in gone.get(Kind.EVENT, ()):
        theirs = select(PhotoRow.photo_id).where(PhotoRow.event_id == event_id)
        stale = dict(_merged(stale, {event_id: tuple(session.scalars(theirs))}))
        off_sale = update(PhotoRow).where(PhotoRow.event_id == event_id)
        session.execute(off_sale.values(state=PhotoState.WITHDRAWN.value))
        remove_event(session, event_id)
    return stale


def _merged(
    one: Mapping[str, tuple[str, ...]], other: Mapping[str, Iterable[str]]
) -> Mapping[str, tuple[str, ...]]:
    return {key: (*one.get(key, ()), *other.get(key, ())) for key in {*one, *other}}


def _why(kind: Kind, broken: Exception) -> KnownError:
    if isinstance(broken, KnownError):
        return KnownError(ErrorCode.RECORD_INVALID, broken.detail, broken.next_step)
    return KnownError(
        ErrorCode.RECORD_INVALID,
        f"A record of kind {kind} contradicts what is here.",
        "Compare it with the centre; the rest goes on.",
    )


def _other_contract(contract_id: str, own: str) -> KnownError:
    return KnownError(
        ErrorCode.CONTRACT_MISMATCH,
        f"The centre's faces are of the engine {contract_id[:60]}, this kiosk's of {own[:60]}.",
        "Its photos are on sale, and found by time, place and number; set the same engine on both to find "
        "them by face.",
    )
