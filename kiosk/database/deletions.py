"""Deletions in SQL: what is to be forgotten, who holds it, and when each had forgotten it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.central_tables import DeviceRow
from kiosk.database.engine import Database
from kiosk.database.outbox import add_to_outbox
from kiosk.database.sync_tables import DeletionHolderRow, DeletionRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import FaceKey
from kiosk.photos.erasure import Deletion
from kiosk.sync.records import DeletionRecord, ForgottenRecord, Kind

_KIOSK = "kiosk:"
_PROOF_SIGNS = 16
DATABASE, INDEX, FILES = "database", "index", "files"
OWN_HOLDERS = (DATABASE, INDEX, FILES)
"""The stores of a centre, which forget each by itself."""


def deletion_id_for(what: str, its_id: str) -> str:
    """The id of the deletion of a thing that is deleted once, such as an order or a consent: so that it is
    one, whoever asks for it and however often."""
    return uuid5(NAMESPACE_OID, f"deletion/{what}/{its_id}").hex


def holder_of_kiosk(kiosk_id: str) -> str:
    """What a kiosk is called among the holders."""
    return f"{_KIOSK}{kiosk_id}"


@dataclass(frozen=True, slots=True)
class Holder:
    """A store and what it did; `confirmed_at` None: it is still waited for. `revoked_at`: it is a kiosk that
    was shut out, and will tell no more."""

    name: str
    confirmed_at: datetime | None
    removed: Mapping[str, int]
    revoked_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        return self.confirmed_at is None and self.revoked_at is None


@dataclass(frozen=True, slots=True)
class DeletionState:
    """A deletion as it stands. `done_at` is when this machine was done with it."""

    deletion: Deletion
    requested_by: str
    done_at: datetime | None
    holders: tuple[Holder, ...]

    @property
    def waiting(self) -> int:
        """How many holders are still waited for."""
        return sum(holder.is_waiting for holder in self.holders)

    @property
    def proof_number(self) -> str:
        """What whoever asked is given, and staff find again: drawn from its id and its times, so that another
        deletion, or another time, has another. Empty as long as this machine is not done with it."""
        if self.done_at is None:
            return ""
        times = (self.deletion.requested_at, self.done_at)
        facts = "|".join((self.deletion.deletion_id, *(at.isoformat(timespec="seconds") for at in times)))
        drawn = hashlib.sha256(facts.encode()).hexdigest()[:_PROOF_SIGNS].upper()
        return "-".join(drawn[start : start + 4] for start in range(0, _PROOF_SIGNS, 4))


class SqlDeletions:
    """Each method is one transaction; safe to call from several threads. Raises KnownError DATABASE_*."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self) -> list[Deletion]:
        """Those that this machine is not done with, the oldest first."""
        query = (
            select(DeletionRow)
            .where(DeletionRow.done_at.is_(None))
            .order_by(DeletionRow.requested_at, DeletionRow.deletion_id)
        )
        with self._database.reading() as session:
            return [deletion_of(row) for row in session.scalars(query)]

    def states(self, tenant_id: str = "", limit: int | None = None) -> list[DeletionState]:
        """All of a tenant, the newest first."""
        query = (
            select(DeletionRow)
            .where(DeletionRow.tenant_id == tenant_id)
            .order_by(DeletionRow.requested_at.desc(), DeletionRow.deletion_id)
            .limit(limit)
        )
        with self._database.reading() as session:
            return [_state(session, row) for row in session.scalars(query)]

    def state(self, deletion_id: str, tenant_id: str = "") -> DeletionState:
        """Raises KnownError(DELETION_UNKNOWN), for one of another tenant, too."""
        with self._database.reading() as session:
            row = session.get(DeletionRow, deletion_id)
            if row is None or row.tenant_id != tenant_id:
                raise _unknown()
            return _state(session, row)

    def find(self, deletion_id: str, tenant_id: str = "") -> DeletionState | None:
        """As `state`; None where there is none."""
        try:
            return self.state(deletion_id, tenant_id)
        except KnownError as error:
            if error.code is not ErrorCode.DELETION_UNKNOWN:
                raise
            return None

    def state_by_token(self, deletion_id: str, token_hash: str) -> DeletionState:
        """For whoever holds the token. Raises KnownError(DELETION_UNKNOWN)."""
        query = select(DeletionRow).where(
            DeletionRow.token_hash == token_hash, DeletionRow.deletion_id == deletion_id
        )
        with self._database.reading() as session:
            row = session.scalar(query)
            if row is None:
                raise _unknown()
            return _state(session, row)

    def confirm(self, deletion_id: str, holder: str, at: datetime) -> None:
        """One of several holders of this machine has forgotten it; the first time stays."""
        with self._database.writing() as session:
            row = session.get(DeletionHolderRow, (deletion_id, holder))
            if row is not None and row.confirmed_at is None:
                row.confirmed_at = at

    def finish(self, deletion_id: str, at: datetime) -> None:
        """Every holder of this machine has; the first time stays."""
        with self._database.writing() as session:
            row = session.get(DeletionRow, deletion_id)
            if row is not None and row.done_at is None:
                row.done_at = at

    def confirm_to_centre(self, deletion_id: str, holder: str, at: datetime) -> None:
        """A kiosk, one holder as a whole, is done: told to the centre in the same transaction, once."""
        with self._database.writing() as session:
            row = session.get(DeletionRow, deletion_id, with_for_update=True)
            if row is None or row.done_at is not None:
                return
            row.done_at = at
            its = _holder_row(session, deletion_id, holder)
            its.confirmed_at = at
            told = ForgottenRecord(
                deletion_id=deletion_id, holder=holder, confirmed_at=at, removed=counts_of(its.removed)
            )
            add_to_outbox(session, Kind.FORGOTTEN, told, at)


def add_deletion(
    session: Session,
    record: DeletionRecord,
    tenant_id: str,
    holders: Iterable[str],
    token_hash: str | None = None,
) -> bool:
    """Writes down what is to be forgotten, and by whom; False where this deletion is known already, whose
    token is taken over if it had none. Raises KnownError(DELETION_UNKNOWN) for an id that is another
    tenant's: whoever asked must hear that nothing happens."""
    row = session.get(DeletionRow, record.deletion_id)
    if row is not None:
        if row.tenant_id != tenant_id:
            raise _unknown()
        if row.token_hash is None:
            row.token_hash = token_hash
        return False
    session.add(
        DeletionRow(
            deletion_id=record.deletion_id,
            tenant_id=tenant_id,
            requested_at=record.requested_at,
            requested_by=record.requested_by,
            event_id=record.event_id,
            photo_ids=json.dumps(record.photo_ids),
            faces=json.dumps(record.faces),
            order_id=record.order_id,
            consent_id=record.consent_id,
            person_id=record.person_id,
            token_hash=token_hash,
        )
    )
    session.flush()
    for holder in holders:
        _holder_row(session, record.deletion_id, holder)
    return True


def ask_centre_to_forget(
    session: Session, record: DeletionRecord, kiosk_id: str, at: datetime, token_hash: str | None = None
) -> bool:
    """At a kiosk: writes down what a visitor or staff asked for, and tells the centre, in the caller's
    transaction. False where it was asked for before."""
    if not add_deletion(session, record, "", [holder_of_kiosk(kiosk_id)], token_hash):
        return False
    told = record.model_copy(update={"token_hash": token_hash})
    add_to_outbox(session, Kind.DELETION, told, at)
    return True


def take_deletion(session: Session, record: DeletionRecord, kiosk_id: str) -> bool:
    """At a kiosk: what the centre says is to be forgotten; False where it is known already."""
    return add_deletion(session, record, "", [holder_of_kiosk(kiosk_id)])


def enlist_kiosks(session: Session, deletion_id: str, tenant_id: str) -> None:
    """At the centre: every kiosk of the tenant that may come back is waited for."""
    query = select(DeviceRow.device_id).where(
        DeviceRow.tenant_id == tenant_id, DeviceRow.revoked_at.is_(None)
    )
    for device_id in session.scalars(query).all():
        _holder_row(session, deletion_id, holder_of_kiosk(device_id))


def confirm_kiosk(
    session: Session, record: ForgottenRecord, device_id: str, tenant_id: str, at: datetime
) -> None:
    """At the centre: a kiosk has forgotten it. The first word stays; `at` is the centre's time, since a
    kiosk's clock may be off. Raises KnownError(DELETION_UNKNOWN)."""
    row = session.get(DeletionRow, record.deletion_id)
    if row is None or row.tenant_id != tenant_id:
        raise _unknown()
    holder = _holder_row(session, record.deletion_id, holder_of_kiosk(device_id))
    if holder.confirmed_at is None:
        holder.confirmed_at = at
        holder.removed = json.dumps(record.removed)


def add_counts(session: Session, deletion_id: str, holder: str, removed: Mapping[str, int]) -> bool:
    """Adds to what a holder has removed; whether it had removed nothing before, not even looked."""
    row = _holder_row(session, deletion_id, holder, is_locking=True)
    is_first = row.removed == ""
    counts = counts_of(row.removed)
    for name, count in removed.items():
        if count:
            counts[name] = counts.get(name, 0) + count
    row.removed = json.dumps(counts)
    return is_first


def counts_of(stored: str) -> dict[str, int]:
    """Counts as they are stored; empty for a holder that has not begun."""
    return {str(name): int(count) for name, count in json.loads(stored or "{}").items()}


def deletion_of(row: DeletionRow) -> Deletion:
    """What a row asks for."""
    return Deletion(
        deletion_id=row.deletion_id,
        tenant_id=row.tenant_id,
        requested_at=row.requested_at,
        event_id=row.event_id,
        photo_ids=tuple(json.loads(row.photo_ids)),
        faces=tuple(FaceKey(photo_id, ordinal) for photo_id, ordinal in json.loads(row.faces)),
        order_id=row.order_id,
        consent_id=row.consent_id,
        person_id=row.person_id,
    )


def _holder_row(
    session: Session, deletion_id: str, holder: str, *, is_locking: bool = False
) -> DeletionHolderRow:
    """The holder's row, made where there is none. Locked, others that forget the same wait for it."""
    row = session.get(DeletionHolderRow, (deletion_id, holder), with_for_update=is_locking)
    if row is None:
        row = DeletionHolderRow(deletion_id=deletion_id, holder=holder, confirmed_at=None, removed="")
        session.add(row)
        session.flush()
    return row


def _state(session: Session, row: DeletionRow) -> DeletionState:
    query = (
        select(DeletionHolderRow)
        .where(DeletionHolderRow.deletion_id == row.deletion_id)
        .order_by(DeletionHolderRow.holder)
    )
    devices = select(DeviceRow.device_id, DeviceRow.revoked_at).where(DeviceRow.tenant_id == row.tenant_id)
    revoked = {device.device_id: device.revoked_at for device in session.execute(devices)}
    holders = tuple(
        Holder(
            name=its.holder,
            confirmed_at=its.confirmed_at,
            removed=counts_of(its.removed),
            revoked_at=revoked.get(its.holder.removeprefix(_KIOSK)),
        )
        for its in session.scalars(query)
    )
    return DeletionState(deletion_of(row), row.requested_by, row.done_at, holders)


def _unknown() -> KnownError:
    return KnownError(ErrorCode.DELETION_UNKNOWN, "There is no such deletion.", "Check its link.")
