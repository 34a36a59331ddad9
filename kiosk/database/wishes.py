"""Wishes to hear of new photos, and the photos that were added to orders, in SQL
(`kiosk.sending.types.WishStore`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, Select, delete, func, select, update
from sqlalchemy.orm import Session

from kiosk.database.bulk import insert_new
from kiosk.database.engine import Database
from kiosk.database.sendings import add_sending
from kiosk.database.staff_tables import OrderPhotoRow, SendingRow, WishFaceRow, WishRow
from kiosk.database.tables import LinkRow, OrderRow
from kiosk.language import Language
from kiosk.sending.types import NewPhotosWish, Purpose, Sending, SendingState, Way
from kiosk.vision.types import Embedding

_UNSYNCHRONISED = {"synchronize_session": False}


class SqlWishes:
    """Each method is one transaction; safe to call from several threads. What is forgotten leaves the journal
    as well, at once or with the next `end_due`; of backups face numbers and addresses are no part
    (`kiosk.database.files`)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_in_journal = True  # for all that is known after a start

    def put(self, wish: NewPhotosWish) -> None:
        with self._database.writing() as session:
            has_replaced = _forget(session, [wish.order_id]) > 0
            session.add(
                WishRow(
                    wish_id=wish.wish_id,
                    order_id=wish.order_id,
                    event_id=wish.event_id,
                    way=wish.way.value,
                    language=wish.language.value,
                    consent_version=wish.consent_version,
                    agreed_at=wish.agreed_at,
                    until=wish.until,
                    address=wish.address,
                    shown_to=wish.shown_to,
                    passed_over=json.dumps(wish.passed_over),
                )
            )
            session.flush()
            session.add_all(
                WishFaceRow(
                    wish_id=wish.wish_id,
                    ordinal=ordinal,
                    contract_id=embedding.contract_id,
                    embedding=embedding.vector,
                )
                for ordinal, embedding in enumerate(wish.embeddings)
            )
        if has_replaced:
            self._is_in_journal = True

    def of_order(self, order_id: str) -> NewPhotosWish | None:
        with self._database.reading() as session:
            found = session.execute(_with_code().where(WishRow.order_id == order_id)).one_or_none()
            return None if found is None else _wish(session, *found)

    def events(self, at: datetime) -> list[str]:
        query = select(WishRow.event_id).where(WishRow.until > at).distinct().order_by(WishRow.event_id)
        with self._database.reading() as session:
            return list(session.scalars(query))

    def of_event(self, event_id: str, at: datetime) -> list[NewPhotosWish]:
        query = _with_code().where(WishRow.event_id == event_id, WishRow.until > at)
        with self._database.reading() as session:
            return [
                _wish(session, row, code, _faces(session, row.wish_id))
                for row, code in session.execute(query.order_by(WishRow.agreed_at, WishRow.wish_id)).all()
            ]

    def listed(self, most: int = 200) -> list[NewPhotosWish]:
        query = _with_code().order_by(WishRow.agreed_at.desc(), WishRow.wish_id).limit(most)
        with self._database.reading() as session:
            return [_wish(session, row, code) for row, code in session.execute(query).all()]

    def set_address(self, order_id: str, way: Way, address: str, shown_to: str) -> bool:
        its = (WishRow.order_id == order_id, WishRow.way == way.value, WishRow.address == "")
        with self._database.writing() as session:
            change = update(WishRow).where(*its).values(address=address, shown_to=shown_to)
            result = session.execute(change, execution_options=_UNSYNCHRONISED)
            return isinstance(result, CursorResult) and result.rowcount == 1

    def withdraw(self, order_id: str) -> bool:
        with self._database.writing() as session:
            was_there = forget_wish(session, order_id)
        if was_there:
            self._clear_journal()
        return was_there

    def end_due(self, at: datetime) -> int:
        with self._database.writing() as session:
            over = list(session.scalars(select(WishRow.order_id).where(WishRow.until <= at)))
            _forget(session, over)
        if over or self._is_in_journal:
            self._clear_journal()
        return len(over)

    def add_photos(
        self, order_id: str, photo_ids: Sequence[str], at: datetime, owed: Sending | None
    ) -> tuple[str, ...]:
        with self._database.writing() as session:
            added = tuple(
                photo_id
                for photo_id in dict.fromkeys(photo_ids)
                if insert_new(
                    session, OrderPhotoRow, {"order_id": order_id, "photo_id": photo_id, "added_at": at}
                )
            )
            if added:
                _owe(session, order_id, len(added), at, owed)
            return added

    def added_photos(self, order_id: str) -> tuple[str, ...]:
        query = select(OrderPhotoRow.photo_id).where(OrderPhotoRow.order_id == order_id)
        with self._database.reading() as session:
            return tuple(session.scalars(query.order_by(OrderPhotoRow.added_at, OrderPhotoRow.photo_id)))

    def _clear_journal(self) -> None:
        self._is_in_journal = not self._database.clear_journal(WishFaceRow.__tablename__)


def forget_wish(session: Session, order_id: str) -> bool:
    """In the caller's transaction: the wish with its face numbers, and the news of it that wait."""
    theirs = (
        SendingRow.order_id == order_id,
        SendingRow.purpose == Purpose.NEW_PHOTOS.value,
        SendingRow.state.in_((SendingState.WAITING.value, SendingState.FAILED.value)),
    )
    cancelled = update(SendingRow).where(*theirs).values(state=SendingState.CANCELLED.value, address="")
    session.execute(cancelled, execution_options=_UNSYNCHRONISED)
    return _forget(session, [order_id]) > 0


def _forget(session: Session, order_ids: Iterable[str]) -> int:
    """Wishes and face numbers; how many wishes."""
    forgotten = 0
    for order_id in order_ids:
        for wish_id in session.scalars(select(WishRow.wish_id).where(WishRow.order_id == order_id)).all():
            session.execute(delete(WishFaceRow).where(WishFaceRow.wish_id == wish_id))
            session.execute(delete(WishRow).where(WishRow.wish_id == wish_id))
            forgotten += 1
    return forgotten


def _owe(session: Session, order_id: str, photo_count: int, at: datetime, owed: Sending | None) -> None:
    """The message that waits, and is not on its way just now, tells of more photos; else a new one is owed,
    and with it the links of the order are good for one more download."""
    growing = select(SendingRow).where(
        SendingRow.order_id == order_id,
        SendingRow.purpose == Purpose.NEW_PHOTOS.value,
        SendingRow.state == SendingState.WAITING.value,
        (SendingRow.attempts == 0) | (SendingRow.code != ""),
    )
    waiting = session.scalars(growing.limit(1)).first()
    if waiting is not None:
        waiting.photo_count += photo_count
        return
    if owed is not None:
        add_sending(session, owed)
    good = (LinkRow.order_id == order_id, LinkRow.expires_at > at)
    once_more = update(LinkRow).where(*good).values(download_limit=LinkRow.download_limit + 1)
    session.execute(once_more, execution_options=_UNSYNCHRONISED)


def _with_code() -> Select[WishRow, str]:
    return select(WishRow, OrderRow.code).join(OrderRow, OrderRow.order_id == WishRow.order_id)


def _faces(session: Session, wish_id: str) -> tuple[Embedding, ...]:
    rows = session.scalars(
        select(WishFaceRow).where(WishFaceRow.wish_id == wish_id).order_by(WishFaceRow.ordinal)
    )
    return tuple(Embedding(row.embedding, row.contract_id) for row in rows)


def _wish(
    session: Session, row: WishRow, order_code: str, embeddings: tuple[Embedding, ...] = ()
) -> NewPhotosWish:
    added = select(func.count()).select_from(OrderPhotoRow).where(OrderPhotoRow.order_id == row.order_id)
    return NewPhotosWish(
        wish_id=row.wish_id,
        order_id=row.order_id,
        order_code=order_code,
        event_id=row.event_id,
        way=Way(row.way),
        language=Language(row.language),
        consent_version=row.consent_version,
        agreed_at=row.agreed_at,
        until=row.until,
        address=row.address,
        shown_to=row.shown_to,
        embeddings=embeddings,
        passed_over=tuple(json.loads(row.passed_over)),
        photos_added=session.scalar(added) or 0,
    )
