"""What is to be forgotten: asked for at the centre or told by kiosks, done here and by each of them.

What hangs on a consent is today its own row and nothing else: who searched by face left no face and no
numbers anywhere, and no order is tied to a consent. So a consent that was taken back is a deletion of that
row's meaning, which reaches every kiosk, and with it whatever may hang on consents one day.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import uuid4

import structlog
from sqlalchemy.orm import Session

from kiosk.central.centre import Centre
from kiosk.central.inbox import Handler
from kiosk.central.principal import Principal, Role
from kiosk.database.deletions import (
    DATABASE,
    FILES,
    INDEX,
    OWN_HOLDERS,
    DeletionState,
    SqlDeletions,
    add_deletion,
    confirm_kiosk,
    deletion_id_for,
    enlist_kiosks,
)
from kiosk.database.forgetting import SqlForgetting
from kiosk.database.people_tables import PersonRow
from kiosk.database.people_ties import deletion_of_person
from kiosk.database.tables import ConsentRow, EventRow, OrderRow, PhotoRow
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.photos.erasure import Deletion, Erasure
from kiosk.sync.record_parts import Record
from kiosk.sync.records import ConsentWireRecord, DeletionRecord, ForgottenRecord, Kind
from kiosk.sync.store_records import VisitRecord

_log = structlog.get_logger(__name__)

MOST_OF_A_DEVICE = 50
"""Photos or faces in one deletion that a kiosk asks for: what a visitor points at, not an event."""
_TOKEN_BYTES = 20
_LOOK_EVERY_S = 2.0


def hash_of_token(token: str) -> str:
    """What is stored of a token: its sha256 in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class CentralDeletions:
    """Writes down what is asked for, and tells how it stands. Any thread."""

    def __init__(self, centre: Centre) -> None:
        self._database = centre.database
        self._clock = centre.clock
        self._deletions = SqlDeletions(centre.database)

    def ask(self, principal: Principal, wish: Mapping[str, object]) -> tuple[DeletionState, str]:
        """Writes it down, and returns how it stands with the token to be given to the person, which is not
        stored and never told again.

        Raises KnownError: PHOTO_UNKNOWN, ORDER_UNKNOWN, DELETION_UNKNOWN (a consent or a person that is not
        theirs), RIGHTS_MISSING (more than a kiosk asks for), DATABASE_*.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        record = DeletionRecord.model_validate(
            {
                **wish,
                "deletion_id": uuid4().hex,
                "requested_at": self._clock.now(),
                "requested_by": f"{principal.role}:{principal.subject}",
            }
        )
        _check_size(record, principal)
        with self._database.writing() as session:
            _check_theirs(session, record, principal)
            _write_down(session, record, principal.tenant_id, hash_of_token(token))
        return self._deletions.state(record.deletion_id, principal.tenant_id), token

    def state(self, principal: Principal, deletion_id: str) -> DeletionState:
        """Raises KnownError(DELETION_UNKNOWN)."""
        return self._deletions.state(deletion_id, principal.tenant_id)

    def state_for(self, deletion_id: str, token: str) -> DeletionState:
        """For whoever was given the token. Raises KnownError(DELETION_UNKNOWN), alike for a wrong token and
        for a deletion that there is not."""
        return self._deletions.state_by_token(deletion_id, hash_of_token(token))


class CentralForgetting:
    """Does the deletions at the centre: `run` on one thread of any process; several may, for every step can
    be repeated."""

    def __init__(self, centre: Centre) -> None:
        archive = centre.archive
        self._database = centre.database
        self._clock = centre.clock
        self._deletions = SqlDeletions(centre.database)
        self._rows = SqlForgetting(centre.database, centre.clock)
        self._erasure = Erasure(
            self._rows, archive.photos, archive.index, archive.store, lambda _: archive.previews.forget()
        )
        self._news = threading.Event()

    def wake(self) -> None:
        """There is something new, or `run` is to look at its `stop`."""
        self._news.set()

    def run(self, stop: threading.Event) -> None:
        """What is left from before first; then whatever comes. Raises KnownError as `once`; it may be run
        again, and goes on."""
        while not stop.is_set():
            self._news.clear()
            self.once(stop)
            self._news.wait(_LOOK_EVERY_S)

    def once(self, stop: threading.Event | None = None) -> int:
        """Does what is pending as far as the stores allow; how many are done with. A store that does not
        answer keeps its own confirmation waiting, and no other.

        Raises KnownError DATABASE_*, DISK_FULL.
        """
        pending = [one for one in self._deletions.pending() if not (stop and stop.is_set())]
        for deletion in pending:
            self._rows_and_projections(deletion)
        unconfirmed = [one for one in pending if DATABASE not in self._confirmed(one)]
        if unconfirmed:
            copies = self._database.keep_no_traces()
            for deletion in unconfirmed:
                self._rows.add_removed(deletion.deletion_id, DATABASE, {"copies": copies})
                self._deletions.confirm(deletion.deletion_id, DATABASE, self._clock.now())
        done = [one for one in pending if self._confirmed(one).issuperset(OWN_HOLDERS)]
        for deletion in done:
            self._deletions.finish(deletion.deletion_id, self._clock.now())
            _log.info("forgotten", deletion_id=deletion.deletion_id)
        return len(done)

    def _rows_and_projections(self, deletion: Deletion) -> None:
        confirmed = self._confirmed(deletion)
        if DATABASE not in confirmed:
            self._erasure.from_rows(deletion, DATABASE)
        steps: dict[str, Callable[[Deletion, str], None]] = {
            INDEX: self._erasure.from_index,
            FILES: self._erasure.from_files,
        }
        for holder, step in steps.items():
            if holder in confirmed:
                continue
            try:
                step(deletion, holder)
                self._deletions.confirm(deletion.deletion_id, holder, self._clock.now())
            except KnownError as failed:
                _log.warning(
                    "not_forgotten_yet", deletion_id=deletion.deletion_id, holder=holder, code=failed.code
                )

    def _confirmed(self, deletion: Deletion) -> set[str]:
        state = self._deletions.state(deletion.deletion_id, deletion.tenant_id)
        return {holder.name for holder in state.holders if holder.confirmed_at is not None}


def with_deletions(handlers: Mapping[Kind, Handler]) -> dict[Kind, Handler]:
    """The inbox's handlers with those of deletions; a consent that comes withdrawn is one."""
    take_consent, take_visit = handlers[Kind.CONSENT], handlers[Kind.VISIT]

    def consent(session: Session, record: Record, principal: Principal, at: datetime) -> None:
        take_consent(session, record, principal, at)
        if isinstance(record, ConsentWireRecord) and record.withdrawn_at is not None:
            _write_down(session, _of_consent(record, principal, at), principal.tenant_id, None)

    def visit(session: Session, record: Record, principal: Principal, at: datetime) -> None:
        """A kiosk that has not heard of it yet may still tell of somebody who is forgotten: as nobody."""
        if isinstance(record, VisitRecord) and _is_person_forgotten(session, record, principal):
            record = record.model_copy(update={"person_id": None, "number": None})
        take_visit(session, record, principal, at)

    return {
        **handlers,
        Kind.CONSENT: consent,
        Kind.VISIT: visit,
        Kind.DELETION: _take_deletion,
        Kind.FORGOTTEN: _take_confirmation,
    }


def _take_deletion(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    """What a visitor asked at a kiosk. What it names may be at other kiosks only: it is taken as it is, and
    done within the tenant."""
    if not isinstance(record, DeletionRecord):
        raise BugError("a deletion is expected")
    _check_size(record, principal)
    told = record.model_copy(update={"requested_by": f"{principal.role}:{principal.subject}"})
    _write_down(session, told, principal.tenant_id, record.token_hash)


def _take_confirmation(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    if not isinstance(record, ForgottenRecord):
        raise BugError("a confirmation is expected")
    confirm_kiosk(session, record, principal.subject, principal.tenant_id, at)


def _is_person_forgotten(session: Session, visit: VisitRecord, principal: Principal) -> bool:
    """Under whichever of their ids."""
    named = visit.person_id
    return named is not None and deletion_of_person(session, principal.tenant_id, named) is not None


def _of_consent(consent: ConsentWireRecord, principal: Principal, at: datetime) -> DeletionRecord:
    return DeletionRecord(
        deletion_id=deletion_id_for("consent", consent.consent_id),
        requested_at=at,
        requested_by=f"{principal.role}:{principal.subject}",
        event_id=None,
        photo_ids=(),
        faces=(),
        order_id=None,
        consent_id=consent.consent_id,
        person_id=None,
    )


def _write_down(session: Session, record: DeletionRecord, tenant_id: str, token_hash: str | None) -> None:
    """The kiosks hear of it once the centre's own rows are gone (`SqlForgetting.forget`)."""
    if add_deletion(session, record, tenant_id, OWN_HOLDERS, token_hash):
        enlist_kiosks(session, record.deletion_id, tenant_id)


def _check_size(record: DeletionRecord, principal: Principal) -> None:
    if principal.role is Role.DEVICE and len(record.photo_ids) + len(record.faces) > MOST_OF_A_DEVICE:
        raise KnownError(
            ErrorCode.RIGHTS_MISSING,
            f"A kiosk asks for {MOST_OF_A_DEVICE} photos and faces at most in one deletion.",
            "Ask an admin.",
        )


def _check_theirs(session: Session, record: DeletionRecord, principal: Principal) -> None:
    """What an admin names has to be there, or a slip of the keyboard would have its proof."""
    tenant_id = principal.tenant_id
    for photo_id in {*record.photo_ids, *(photo_id for photo_id, _ in record.faces)}:
        photo = session.get(PhotoRow, photo_id)
        event = session.get(EventRow, photo.event_id) if photo else None
        if event is None or event.tenant_id != tenant_id:
            raise KnownError(ErrorCode.PHOTO_UNKNOWN, f"There is no photo {photo_id}.")
    order = session.get(OrderRow, record.order_id) if record.order_id else None
    if record.order_id and (order is None or order.tenant_id != tenant_id):
        raise KnownError(ErrorCode.ORDER_UNKNOWN, f"There is no order {record.order_id}.")
    consent = session.get(ConsentRow, record.consent_id) if record.consent_id else None
    if record.consent_id and (consent is None or consent.tenant_id != tenant_id):
        raise KnownError(ErrorCode.DELETION_UNKNOWN, "There is no such consent.")
    person = session.get(PersonRow, record.person_id) if record.person_id else None
    if record.person_id and (person is None or person.tenant_id != tenant_id):
        raise KnownError(ErrorCode.DELETION_UNKNOWN, "There is no such person.")
