"""What staff have forgotten on the command line, beside a running kiosk or without one."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from kiosk.adapters import centre_url, open_vault
from kiosk.archive import DATABASE_FILE, event_named, open_archive
from kiosk.centre_link import order_prefix
from kiosk.clock import SystemClock
from kiosk.database.deletions import DeletionState, SqlDeletions, ask_centre_to_forget, deletion_id_for
from kiosk.database.engine import Database, open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.people import deletion_record
from kiosk.database.people_forgetting import ask_to_forget
from kiosk.database.people_reading import kept_row
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.tables import ConsentRow
from kiosk.delivery.links import token_hash
from kiosk.erasing import forgetting_of
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.orders import normalise_code
from kiosk.settings import Settings, load_settings
from kiosk.sync.records import DeletionRecord

_KIOSK_DOES_IT_WITHIN_S = 8.0
_LOOK_EVERY_S = 0.2
_TOKEN_BYTES = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be forgotten: photos by their numbers in an event, an order by its code, a consent, or
    somebody who is known to a shop."""

    photo_numbers: tuple[int, ...] = ()
    event: str = ""
    order_code: str = ""
    consent_id: str = ""
    person_id: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a deletion stands just after it was asked for; `proof_url` is for the person who asked, empty for a
    kiosk without a centre, or where it was asked for before."""

    state: DeletionState
    proof_url: str


@contextmanager
def _database(home: Path) -> Iterator[Database]:
    database = open_database(home / DATABASE_FILE, vault=open_vault(home))
    try:
        yield database
    finally:
        database.close()


def forget(home: Path, wish: Wish) -> Asked:
    """Writes down what is to be forgotten, for the centre, too; then it is done: by the running kiosk, else
    here. Done on this kiosk is not done everywhere: what the centre and other kiosks say is in the proof.

    Raises KnownError: EVENT_UNKNOWN, PHOTO_UNKNOWN, ORDER_UNKNOWN, ORDER_CODE_TWICE, DELETION_UNKNOWN (no
    such consent), PERSON_UNKNOWN, and what the stores raise; then it stays written down, and the kiosk goes
    on with it.
    """
    settings = load_settings(home)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with _database(home) as database:
        record = _record(database, wish, settings)
        at, kiosk_id = record.requested_at, SqlMeta(database).kiosk_id()
        with database.writing() as session:
            if record.person_id is not None:
                is_new = ask_to_forget(session, record, "", kiosk_id, at, token_hash(token))
            else:
                is_new = ask_centre_to_forget(session, record, kiosk_id, at, token_hash(token))
    _do(home, settings, record.deletion_id)
    with _database(home) as database:
        state = SqlDeletions(database).state(record.deletion_id)
        centre = centre_url(settings.central, SqlEnrolment(database)).rstrip("/")
    path = f"{centre}/api/deletions/{record.deletion_id}/proof?token={token}"
    return Asked(state, path if centre and is_new else "")


def deletions(home: Path) -> Sequence[DeletionState]:
    """Every deletion that this kiosk knows of, the newest first."""
    with _database(home) as database:
        return SqlDeletions(database).states()


def _record(database: Database, wish: Wish, settings: Settings) -> DeletionRecord:
    now = SystemClock().now()
    if wish.person_id:
        with database.reading() as session:
            return deletion_record(kept_row(session, "", wish.person_id).person_id, now)
    named: dict[str, object] = {"event_id": None, "photo_ids": (), "order_id": None, "consent_id": None}
    deletion_id = uuid4().hex
    if wish.photo_numbers:
        photos = SqlPhotoRepository(database)
        event = event_named(photos, wish.event)
        named["event_id"] = event.event_id
        named["photo_ids"] = tuple(_photo_id(photos, event.event_id, each) for each in wish.photo_numbers)
    elif wish.order_code:
        prefix = order_prefix(SqlEnrolment(database), settings)
        order = SqlCheckoutStore(database).order_by_code(normalise_code(wish.order_code, prefix))
        named["order_id"] = order.order_id
        deletion_id = deletion_id_for("order", order.order_id)
    else:
        _check_consent(database, wish.consent_id)
        named["consent_id"] = wish.consent_id
        deletion_id = deletion_id_for("consent", wish.consent_id)
    return DeletionRecord.model_validate(
        {
            **named,
            "deletion_id": deletion_id,
            "requested_at": now,
            "requested_by": "staff",
            "faces": (),
            "person_id": None,
        }
    )


def _photo_id(photos: SqlPhotoRepository, event_id: str, number: int) -> str:
    """Also of a photo that is withdrawn from sale."""
    photo_id = photos.id_by_number(event_id, number)
    if photo_id is None:
        raise KnownError(ErrorCode.PHOTO_UNKNOWN, f"There is no photo with the number {number}.")
    return photo_id


def _check_consent(database: Database, consent_id: str) -> None:
    with database.reading() as session:
        if session.get(ConsentRow, consent_id) is None:
            raise KnownError(ErrorCode.DELETION_UNKNOWN, "There is no such consent.")


def _do(home: Path, settings: Settings, deletion_id: str) -> None:
    """The index belongs to one process: where it is held, a kiosk is running, which looks for deletions every
    few seconds."""
    try:
        archive = open_archive(home, settings)
    except KnownError as error:
        if error.code is not ErrorCode.INDEX_LOCKED:
            raise
        _await_kiosk(home, deletion_id)
        return
    try:
        forgetting_of(archive, lambda _: None).once()
    finally:
        archive.close()


def _await_kiosk(home: Path, deletion_id: str) -> None:
    until = time.monotonic() + _KIOSK_DOES_IT_WITHIN_S
    with _database(home) as database:
        stored = SqlDeletions(database)
        while stored.state(deletion_id).done_at is None and time.monotonic() < until:
            time.sleep(_LOOK_EVERY_S)
