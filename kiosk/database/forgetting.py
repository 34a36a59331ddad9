"""The rows of what is to be forgotten (`kiosk.photos.erasure.DeletionRows`), at a kiosk and at the centre."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Row,
    Text,
    Update,
    case,
    cast,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Session

from kiosk.clock import Clock
from kiosk.database.central_tables import UploadFileRow, UploadRow
from kiosk.database.changes import note_change
from kiosk.database.deletions import add_counts, enlist_kiosks
from kiosk.database.engine import Database
from kiosk.database.forgotten import note_forgotten
from kiosk.database.order_records import tell_order
from kiosk.database.outbox import add_to_outbox
from kiosk.database.people_forgetting import forget_rows, pictures_to_forget
from kiosk.database.people_tables import PersonFaceRow
from kiosk.database.people_ties import all_of
from kiosk.database.retrying import once_more
from kiosk.database.selecting import in_parts
from kiosk.database.staff_tables import OrderPhotoRow, SendingRow
from kiosk.database.sync_tables import ForgottenContentRow, ForgottenPictureRow
from kiosk.database.tables import (
    ConsentRow,
    DeliveryRow,
    EventRow,
    FaceRow,
    FeedbackRow,
    LinkRow,
    NumberReadingRow,
    OrderLineRow,
    OrderRow,
    PhotoRow,
    ShirtNumberRow,
    WatchedFileRow,
)
from kiosk.database.uploads import FINAL, FileState
from kiosk.database.wishes import forget_wish
from kiosk.delivery.types import DeliveryKind, DeliveryState
from kiosk.photos.erasure import Deletion
from kiosk.sending.types import SendingState
from kiosk.sync.records import ConsentWireRecord, Kind
from kiosk.visits.pictures import person_folder

DELETED_BY_THE_BUYER = "deleted by the buyer"
_ON_THEIR_WAY = tuple(state.value for state in FileState if state not in FINAL)


class SqlForgetting:
    """Deletes rows; each method is one transaction, and harmless when it is repeated."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @once_more
    def forget(self, deletion: Deletion, holder: str) -> None:
        """Every row that the deletion names, of its tenant. At the centre the kiosks hear of it in the same
        transaction: so none of them can be given again, after its own deletion, what was still here."""
        at = self._clock.now()
        with self._database.writing() as session:
            # Before its photos' own: a kiosk that hears they are gone knows already what else is to go.
            note_change(session, Kind.DELETION, deletion.deletion_id, deletion.tenant_id)
            is_first = add_counts(session, deletion.deletion_id, holder, {})
            removed: Counter[str] = Counter()
            _forget_photos(session, deletion, removed, notes_unknown=is_first)
            _forget_faces(session, deletion, removed)
            _end_order(session, deletion, at, removed)
            _withdraw_consent(session, deletion, at, removed)
            _forget_person(session, deletion, at, removed)
            add_counts(session, deletion.deletion_id, holder, removed)
            enlist_kiosks(session, deletion.deletion_id, deletion.tenant_id)

    def events_of(self, deletion: Deletion) -> list[str]:
        photo_ids = (*deletion.photo_ids, *(face.photo_id for face in deletion.faces))
        known = select(ForgottenContentRow.event_id).where(
            ForgottenContentRow.deletion_id == deletion.deletion_id
        )
        with self._database.reading() as session:
            events = set(session.scalars(known))
            for part in in_parts(photo_ids):
                events |= set(session.scalars(select(PhotoRow.event_id).where(PhotoRow.photo_id.in_(part))))
            theirs = set(
                session.scalars(select(EventRow.event_id).where(EventRow.tenant_id == deletion.tenant_id))
            )
        if "" in events and deletion.event_id is None:
            return sorted(theirs)  # where some of its photos were is not known here
        return sorted((events | {deletion.event_id or ""}) & theirs)

    def upload_keys(self, deletion: Deletion) -> list[str]:
        with self._database.reading() as session:
            query = select(UploadFileRow.object_key).where(_uploaded(deletion))
            return sorted({key for key in session.scalars(query) if key})

    def forget_uploads(self, deletion: Deletion) -> None:
        """What the batch's account says of each file stays; which content it was goes, and one that still
        waits for its import needs none."""
        at = self._clock.now()
        its = (UploadFileRow.state, UploadFileRow.changed_at)
        settled = {
            "state": case((its[0].in_(_ON_THEIR_WAY), FileState.DUPLICATE.value), else_=its[0]),
            "changed_at": case((its[0].in_(_ON_THEIR_WAY), at), else_=its[1]),
        }
        # Its place in the batch keeps the row the only one of its kind.
        anonymous = {"content_hash": cast(UploadFileRow.ordinal, Text), "object_key": ""}
        with self._database.writing() as session:
            _run(session, update(UploadFileRow).where(_uploaded(deletion)).values(settled | anonymous))

    def download_keys(self, deletion: Deletion) -> list[str]:
        query = select(OrderRow.event_id, OrderRow.order_id).where(OrderRow.tenant_id == deletion.tenant_id)
        with self._database.reading() as session:
            found = {*session.execute(query.where(OrderRow.order_id == (deletion.order_id or "")))}
            for part in in_parts(deletion.photo_ids):
                theirs = select(OrderLineRow.order_id).where(OrderLineRow.photo_id.in_(part))
                found |= {*session.execute(query.where(OrderRow.order_id.in_(theirs)))}
        return [archive_key(event_id, order_id) for event_id, order_id in sorted(found)]

    def picture_keys(self, deletion: Deletion) -> list[str]:
        with self._database.reading() as session:
            return pictures_to_forget(session, deletion.deletion_id)

    def picture_folders(self, deletion: Deletion) -> list[str]:
        if deletion.person_id is None:
            return []
        with self._database.reading() as session:
            ids = all_of(session, deletion.tenant_id, deletion.person_id)
        return [person_folder(deletion.tenant_id, person_id) for person_id in ids]

    def named_pictures(self, keys: Sequence[str]) -> set[str]:
        named: set[str | None] = set()
        with self._database.reading() as session:
            for part in in_parts(keys):
                query = select(PersonFaceRow.picture_key).where(PersonFaceRow.picture_key.in_(part))
                named |= set(session.scalars(query))
        return {key for key in named if key}

    def forget_pictures(self, deletion: Deletion) -> None:
        its = ForgottenPictureRow.deletion_id == deletion.deletion_id
        with self._database.writing() as session:
            _run(session, delete(ForgottenPictureRow).where(its))

    def add_removed(self, deletion_id: str, holder: str, removed: Mapping[str, int]) -> None:
        with self._database.writing() as session:
            add_counts(session, deletion_id, holder, removed)


def archive_key(event_id: str, order_id: str) -> str:
    """Where an order's photos lie as one ZIP, where one is kept."""
    return f"events/{event_id}/downloads/{order_id}.zip"


def _forget_photos(
    session: Session, deletion: Deletion, removed: Counter[str], *, notes_unknown: bool
) -> None:
    rows: list[Row[str, str, str, str]] = []
    for part in in_parts(deletion.photo_ids):
        query = (
            select(PhotoRow.photo_id, PhotoRow.event_id, PhotoRow.content_hash, PhotoRow.file_name)
            .join(EventRow, EventRow.event_id == PhotoRow.event_id)
            .where(PhotoRow.photo_id.in_(part), EventRow.tenant_id == deletion.tenant_id)
        )
        rows += session.execute(query)
    names: dict[str, set[str]] = {}
    for photo_id, event_id, content_hash, file_name in rows:
        note_forgotten(session, deletion, event_id, content_hash)
        names.setdefault(event_id, set()).add(file_name)
        note_change(session, Kind.PHOTO, photo_id, deletion.tenant_id, is_deleted=True)
    for event_id, file_names in names.items():
        removed["watched_files"] += _forget_watched(session, event_id, file_names)
    here = [photo_id for photo_id, *_ in rows]
    if notes_unknown:
        for photo_id in set(deletion.photo_ids) - set(here):
            note_forgotten(session, deletion, deletion.event_id or "", photo_id)
    _delete_photos(session, here, removed)


def _delete_photos(session: Session, photo_ids: Iterable[str], removed: Counter[str]) -> None:
    tables: dict[str, Any] = {
        "faces": FaceRow,
        "numbers": ShirtNumberRow,
        "number_readings": NumberReadingRow,
        "feedback": FeedbackRow,
        "added_to_orders": OrderPhotoRow,
        "photos": PhotoRow,
    }
    for part in in_parts(photo_ids):
        for name, rows in tables.items():
            removed[name] += _run(session, delete(rows).where(rows.photo_id.in_(part)))


def _forget_faces(session: Session, deletion: Deletion, removed: Counter[str]) -> None:
    for face in deletion.faces:
        photo = session.get(PhotoRow, face.photo_id)
        event = session.get(EventRow, photo.event_id) if photo else None
        if event is None or event.tenant_id != deletion.tenant_id:
            continue
        for name, rows in (("faces", FaceRow), ("feedback", FeedbackRow)):
            its = (rows.photo_id == face.photo_id, rows.ordinal == face.ordinal)
            removed[name] += _run(session, delete(rows).where(*its))
        note_change(session, Kind.PHOTO, face.photo_id, deletion.tenant_id)


def _end_order(session: Session, deletion: Deletion, at: datetime, removed: Counter[str]) -> None:
    """Its links end for good, everywhere, and so does what its buyer is written to for; what was paid stays
    written down."""
    if deletion.order_id is None:
        return
    order = session.get(OrderRow, deletion.order_id, with_for_update=True)
    if order is None or order.tenant_id != deletion.tenant_id:
        return
    open_links = (LinkRow.order_id == order.order_id, LinkRow.expires_at > at)
    removed["links"] += _run(session, update(LinkRow).where(*open_links).values(expires_at=at))
    removed["wishes"] += forget_wish(session, order.order_id)
    added = OrderPhotoRow.order_id == order.order_id
    removed["added_to_orders"] += _run(session, delete(OrderPhotoRow).where(added))
    _forget_messages(session, order.order_id, removed)
    owed = (
        DeliveryRow.order_id == order.order_id,
        DeliveryRow.kind == DeliveryKind.PHONE_LINK.value,
        DeliveryRow.state != DeliveryState.DONE.value,
    )
    done = (
        update(DeliveryRow).where(*owed).values(state=DeliveryState.DONE.value, detail=DELETED_BY_THE_BUYER)
    )
    ended = _run(session, done)
    if ended:
        removed["deliveries"] += ended
        session.expire_all()
        tell_order(session, order, at)


def _forget_messages(session: Session, order_id: str, removed: Counter[str]) -> None:
    """Those that are not out are never sent, and of none it is known where to."""
    theirs = SendingRow.order_id == order_id
    is_open = SendingRow.state.in_((SendingState.WAITING.value, SendingState.FAILED.value))
    cancelled = update(SendingRow).where(theirs, is_open).values(state=SendingState.CANCELLED.value)
    removed["messages"] += _run(session, cancelled)
    _run(session, update(SendingRow).where(theirs).values(address="", shown_to=""))


def _withdraw_consent(session: Session, deletion: Deletion, at: datetime, removed: Counter[str]) -> None:
    consent = session.get(ConsentRow, deletion.consent_id) if deletion.consent_id else None
    if consent is None or consent.tenant_id != deletion.tenant_id or consent.withdrawn_at is not None:
        return
    consent.withdrawn_at = at
    removed["consents"] += 1
    add_to_outbox(session, Kind.CONSENT, ConsentWireRecord.model_validate(consent), at)


def _forget_person(session: Session, deletion: Deletion, at: datetime, removed: Counter[str]) -> None:
    """Somebody of the store mode. Visits are counted on, as nobody's."""
    if deletion.person_id is not None:
        its = deletion.deletion_id
        removed.update(forget_rows(session, its, deletion.tenant_id, deletion.person_id, at))


def _forget_watched(session: Session, event_id: str, file_names: Collection[str]) -> int:
    """Files of these names anywhere in the watched folder, found in one look at all. Should one be another,
    it is read again and found to be known."""
    of_event = WatchedFileRow.event_id == event_id
    paths = session.scalars(select(WatchedFileRow.path).where(of_event))
    theirs = [path for path in paths if path.rpartition("/")[2] in file_names]
    return sum(
        _run(session, delete(WatchedFileRow).where(of_event, WatchedFileRow.path.in_(part)))
        for part in in_parts(theirs)
    )


def _uploaded(deletion: Deletion) -> ColumnElement[bool]:
    """The tenant's own: another may have been sent the same file."""
    its = select(ForgottenContentRow.content_hash).where(
        ForgottenContentRow.deletion_id == deletion.deletion_id
    )
    theirs = select(UploadRow.upload_id).where(UploadRow.tenant_id == deletion.tenant_id)
    return UploadFileRow.content_hash.in_(its) & UploadFileRow.upload_id.in_(theirs)


def _run(session: Session, change: Delete | Update) -> int:
    result = session.execute(change, execution_options={"synchronize_session": False})
    return int(result.rowcount) if isinstance(result, CursorResult) else 0
