"""Print jobs and supplies in SQL (`kiosk.printing.types.PrintStore`)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Exists, Row, Select, case, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from kiosk.checkout.types import VOUCHER_HELD_FOR
from kiosk.clock import Clock, SystemClock
from kiosk.database.bulk import insert_new, upsert
from kiosk.database.engine import Database
from kiosk.database.forgetting import DELETED_BY_THE_BUYER
from kiosk.database.meta import SqlMeta
from kiosk.database.order_records import tell_order
from kiosk.database.repair import PRINTS_LEFT_BEFORE
from kiosk.database.retrying import once_more
from kiosk.database.staff_tables import PrintJobRow, SupplyRow
from kiosk.database.tables import DeliveryRow, MetaRow, OrderLineRow, OrderRow
from kiosk.delivery.types import DeliveryKind, DeliveryState
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.rules import AT_SERVER, OPEN, move
from kiosk.printing.shelf import ink_of
from kiosk.printing.types import Paper, PrintJob, PrintState, Stock
from kiosk.sales.types import Finish, LineKind, OrderState, PrintSize

_NOT_OVER = tuple(state.value for state in (*OPEN, PrintState.HELD))
CALLED_OFF = "called off"
_CHANGING = ("state", "changed_at", "queue", "attempt", "spool_id", "sheets_done", "code")
_DELIVERY_OF = {
    PrintState.HELD: DeliveryState.WAITING_FOR_STAFF,
    PrintState.PRINTED: DeliveryState.DONE,
    PrintState.CANCELLED: DeliveryState.DONE,
}


class SqlPrintStore:
    """Each method is one transaction; those that write lock the order first, as all that change it do. Any
    thread."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()
        self._kiosk_id = SqlMeta(database).kiosk_id()

    @once_more
    def take_owed(self, at: datetime) -> int:
        with self._database.reading() as session:
            if session.execute(self._owed().limit(1)).first() is None:
                return 0  # without the write lock, which others need each second
        made = 0
        with self._database.writing() as session:
            before = _left_to_staff_before(session)
            for delivery, line in session.execute(self._owed()).all():
                if before is not None and self._is_left(session, delivery, before):
                    continue
                row = {
                    "job_id": delivery.delivery_id,
                    "order_id": delivery.order_id,
                    "line_id": line.line_id,
                    "size": line.print_size,
                    "finish": line.finish,
                    "copies": line.copies,
                    "state": PrintState.WAITING.value,
                    "created_at": delivery.created_at,
                    "changed_at": at,
                }
                made += insert_new(session, PrintJobRow, row)
        return made

    def _is_left(self, session: Session, delivery: DeliveryRow, before: datetime) -> bool:
        order = session.get_one(OrderRow, delivery.order_id, with_for_update=True)
        if order.created_at >= before:
            return False
        delivery.state = DeliveryState.WAITING_FOR_STAFF.value
        tell_order(session, order, self._clock.now())
        return True

    @once_more
    def leave_to_staff(self) -> int:
        with self._database.reading() as session:
            if session.execute(self._owed().limit(1)).first() is None:
                return 0
        with self._database.writing() as session:
            left = session.scalars(self._owed().with_only_columns(DeliveryRow)).all()
            for delivery in left:
                order = session.get_one(OrderRow, delivery.order_id, with_for_update=True)
                delivery.state = DeliveryState.WAITING_FOR_STAFF.value
                tell_order(session, order, self._clock.now())
            return len(left)

    def jobs_in(self, states: Collection[PrintState]) -> list[PrintJob]:
        return self._jobs(PrintJobRow.state.in_([state.value for state in states]))

    def jobs_of(self, order_id: str) -> list[PrintJob]:
        return self._jobs(PrintJobRow.order_id == order_id)

    def job(self, job_id: str) -> PrintJob:
        with self._database.reading() as session:
            return _job_of(session, job_id)

    def unwanted(self) -> list[PrintJob]:
        is_unwanted = or_(OrderRow.state != OrderState.PAID.value, _is_deleted(PrintJobRow.order_id))
        return self._jobs(PrintJobRow.state.in_(_NOT_OVER) & is_unwanted)

    @once_more
    def update(self, job: PrintJob, expected: PrintState) -> bool:
        move(expected, job.state)
        with self._database.writing() as session:
            order = session.get_one(OrderRow, job.order_id, with_for_update=True)
            row = session.get(PrintJobRow, job.job_id, with_for_update=True)
            if row is None or row.state != expected.value:
                return False
            for name in _CHANGING:
                setattr(row, name, getattr(job, name))
            if job.state not in OPEN:
                _use_up(session, job, expected)
            if job.state is not expected and job.state in _DELIVERY_OF:
                self._follow(session, order, job)
            return True

    @once_more
    def add_reprint(self, job: PrintJob) -> PrintJob:
        with self._database.writing() as session:
            order = session.get_one(OrderRow, job.order_id, with_for_update=True)
            _check_wanted(session, order)
            root = job.reprint_of
            same = or_(PrintJobRow.job_id == root, PrintJobRow.reprint_of == root)
            for before in session.scalars(select(PrintJobRow).where(same)).all():
                if PrintState(before.state) in OPEN:
                    return _job_of(session, before.job_id)
                if before.state == PrintState.HELD.value:
                    before.state = PrintState.CANCELLED.value
                    before.changed_at = job.created_at
            session.add(_row_of(job))
            delivery = session.get(DeliveryRow, root)
            if delivery is not None and delivery.state == DeliveryState.WAITING_FOR_STAFF.value:
                delivery.detail = ""
            tell_order(session, order, job.created_at)
            return job

    # -- paper and ink ----------------------------------------------------------------------------

    def stock(self) -> dict[str, Stock]:
        with self._database.reading() as session:
            return {row.name: Stock(row.left, row.counted_at) for row in session.scalars(select(SupplyRow))}

    def count(self, name: str, left: int, at: datetime) -> None:
        with self._database.writing() as session:
            upsert(session, SupplyRow, [{"name": name, "left": left, "counted_at": at}])

    def use_up(self, paper: Paper, queue: str, sheets: int) -> None:
        with self._database.writing() as session:
            _take_off(session, paper, queue, sheets)

    def sheets_owed(self) -> dict[Paper, int]:
        rest = func.sum(PrintJobRow.copies - PrintJobRow.sheets_done)
        kinds = (PrintJobRow.size, PrintJobRow.finish)
        query = select(*kinds, rest).where(PrintJobRow.state.in_(_NOT_OVER)).group_by(*kinds)
        with self._database.reading() as session:
            return {
                Paper(PrintSize(size), Finish(finish)): int(sheets)
                for size, finish, sheets in session.execute(query)
            }

    def sheets_sold(self, event_id: str, at: datetime) -> int:
        being_paid = (OrderRow.state == OrderState.AWAITING_PAYMENT.value) & (
            OrderRow.created_at > at - VOUCHER_HELD_FOR
        )
        query = (
            select(func.coalesce(func.sum(OrderLineRow.copies), 0))
            .join(OrderRow, OrderRow.order_id == OrderLineRow.order_id)
            .where(
                OrderRow.event_id == event_id,
                OrderLineRow.kind == LineKind.PRINT.value,
                (OrderRow.state == OrderState.PAID.value) | being_paid,
            )
        )
        with self._database.reading() as session:
            return int(session.scalar(query) or 0)

    # -- the parts --------------------------------------------------------------------------------

    def _owed(self) -> Select[DeliveryRow, OrderLineRow]:
        """The oldest orders first, each in its sequence."""
        return (
            select(DeliveryRow, OrderLineRow)
            .join(OrderRow, OrderRow.order_id == DeliveryRow.order_id)
            .join(OrderLineRow, OrderLineRow.line_id == DeliveryRow.line_id)
            .where(
                DeliveryRow.kind == DeliveryKind.PRINT.value,
                DeliveryRow.state == DeliveryState.PENDING.value,
                OrderRow.state == OrderState.PAID.value,
                OrderRow.kiosk_id.in_(("", self._kiosk_id)),
                ~exists().where(PrintJobRow.job_id == DeliveryRow.delivery_id),
            )
            .order_by(DeliveryRow.created_at, DeliveryRow.order_id, OrderLineRow.position)
        )

    def _jobs(self, which: ColumnElement[bool]) -> list[PrintJob]:
        with self._database.reading() as session:
            return [_job(row) for row in session.execute(_select_jobs().where(which))]

    def _follow(self, session: Session, order: OrderRow, job: PrintJob) -> None:
        """What is owed stands as its job does; a reprint of what was handed over changes nothing of that."""
        delivery = session.get(DeliveryRow, job.reprint_of or job.job_id)
        if delivery is None or delivery.state == DeliveryState.DONE.value:
            return
        delivery.state = _DELIVERY_OF[job.state].value
        delivery.detail = CALLED_OFF if job.state is PrintState.CANCELLED else job.code
        tell_order(session, order, job.changed_at)


def _is_deleted(order_id: ColumnElement[str] | InstrumentedAttribute[str] | str) -> Exists:
    """Whether the buyer of an order had its photos deleted."""
    return exists().where(
        DeliveryRow.order_id == order_id,
        DeliveryRow.kind == DeliveryKind.PHONE_LINK.value,
        DeliveryRow.detail == DELETED_BY_THE_BUYER,
    )


def _check_wanted(session: Session, order: OrderRow) -> None:
    """Raises KnownError: NOTHING_TO_DECIDE for an order that is not paid (any more), PHOTOS_DELETED."""
    if order.state != OrderState.PAID.value:
        raise KnownError(
            ErrorCode.NOTHING_TO_DECIDE, f"The order {order.code} is {order.state}.", "Look at the order."
        )
    if session.scalar(select(_is_deleted(order.order_id))):
        raise KnownError(
            ErrorCode.PHOTOS_DELETED,
            f"The buyer of {order.code} had the photos deleted.",
            "Give the money back if it is due.",
        )


def _left_to_staff_before(session: Session) -> datetime | None:
    """After a backup was put back nobody knows which prints of orders of before had come out."""
    row = session.get(MetaRow, PRINTS_LEFT_BEFORE)
    return datetime.fromisoformat(row.value) if row is not None else None


def _use_up(session: Session, job: PrintJob, before: PrintState) -> None:
    """Takes what came out of the printer off what is left; nobody's count is changed by less than none."""
    sheets = job.copies if job.state is PrintState.PRINTED else job.sheets_done
    if before not in AT_SERVER and job.state is not PrintState.PRINTED:
        return
    _take_off(session, job.paper, job.queue, sheets)


def _take_off(session: Session, paper: Paper, queue: str, sheets: int) -> None:
    left = case((SupplyRow.left > sheets, SupplyRow.left - sheets), else_=0)
    used = (paper.name, ink_of(queue))
    session.execute(update(SupplyRow).where(SupplyRow.name.in_(used)).values(left=left))


def _select_jobs() -> Select[PrintJobRow, str, str]:
    return (
        select(PrintJobRow, OrderRow.code, OrderLineRow.photo_id)
        .join(OrderRow, OrderRow.order_id == PrintJobRow.order_id)
        .join(OrderLineRow, OrderLineRow.line_id == PrintJobRow.line_id)
        .order_by(
            PrintJobRow.created_at,
            PrintJobRow.order_id,
            OrderLineRow.position,
            PrintJobRow.reprint_of,
            PrintJobRow.job_id,
        )
    )


def _job_of(session: Session, job_id: str) -> PrintJob:
    found = session.execute(_select_jobs().where(PrintJobRow.job_id == job_id)).first()
    if found is None:
        raise KnownError(ErrorCode.PRINT_JOB_UNKNOWN, f"There is no print job {job_id}.")
    return _job(found)


def _job(found: Row[PrintJobRow, str, str]) -> PrintJob:
    row, order_code, photo_id = found
    return PrintJob(
        job_id=row.job_id,
        order_id=row.order_id,
        line_id=row.line_id,
        order_code=order_code,
        photo_id=photo_id,
        paper=Paper(PrintSize(row.size), Finish(row.finish)),
        copies=row.copies,
        state=PrintState(row.state),
        created_at=row.created_at,
        changed_at=row.changed_at,
        queue=row.queue,
        attempt=row.attempt,
        spool_id=row.spool_id,
        sheets_done=row.sheets_done,
        code=row.code,
        reprint_of=row.reprint_of,
    )


def _row_of(job: PrintJob) -> PrintJobRow:
    return PrintJobRow(
        job_id=job.job_id,
        order_id=job.order_id,
        line_id=job.line_id,
        size=job.paper.size.value,
        finish=job.paper.finish.value,
        copies=job.copies,
        state=job.state.value,
        created_at=job.created_at,
        changed_at=job.changed_at,
        reprint_of=job.reprint_of,
    )
