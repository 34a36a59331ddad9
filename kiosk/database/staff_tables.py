"""The tables of the people behind the kiosk and of what they hand over: prints, messages, refunds, slips.

All of it is one kiosk's own. Addresses and face numbers are here only as long as something is to be sent.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ForeignKey, Index, Integer, true
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.database.columns import Float32Vector
from kiosk.database.tables import Base


class StaffRow(Base):
    """Somebody who works here; the PIN is an argon2 hash."""

    __tablename__ = "staff"

    staff_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    pin_hash: Mapped[str]
    created_at: Mapped[datetime]
    is_active: Mapped[bool] = mapped_column(server_default=true())
    failed_tries: Mapped[int] = mapped_column(server_default="0", default=0)
    locked_until: Mapped[datetime | None]


class AuditRow(Base):
    """A line of the audit log. Triggers refuse to change or delete one; `hash` chains it to the last."""

    __tablename__ = "audit_log"

    audit_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    staff_id: Mapped[str]
    staff_name: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    hash: Mapped[str]


class PrintJobRow(Base):
    """A print that is owed; its id is that of its delivery, or for a reprint one of its own."""

    __tablename__ = "print_jobs"
    __table_args__ = (Index("ix_print_jobs_state_created_at", "state", "created_at"),)

    job_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), index=True)
    line_id: Mapped[str]
    size: Mapped[str]
    finish: Mapped[str]
    copies: Mapped[int]
    state: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    queue: Mapped[str] = mapped_column(server_default="", default="")
    attempt: Mapped[int] = mapped_column(server_default="0", default=0)
    spool_id: Mapped[str] = mapped_column(server_default="", default="")
    sheets_done: Mapped[int] = mapped_column(server_default="0", default=0)
    code: Mapped[str] = mapped_column(server_default="", default="")
    reprint_of: Mapped[str] = mapped_column(server_default="", default="")


class SupplyRow(Base):
    """Sheets that are left: of a paper ("10x15/glossy") or of the ink of a queue ("ink/dnp")."""

    __tablename__ = "supplies"

    name: Mapped[str] = mapped_column(primary_key=True)
    left: Mapped[int]
    counted_at: Mapped[datetime | None]


class SendingRow(Base):
    """A message to a buyer; its address is emptied once it is sent or given up."""

    __tablename__ = "sendings"
    __table_args__ = (Index("ix_sendings_state_due_at", "state", "due_at"),)

    sending_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), index=True)
    way: Mapped[str]
    purpose: Mapped[str]
    language: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    address: Mapped[str]
    shown_to: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default="0", default=0)
    sent_at: Mapped[datetime | None]
    code: Mapped[str] = mapped_column(server_default="", default="")
    photo_count: Mapped[int] = mapped_column(server_default="0", default=0)


class WishRow(Base):
    """That a buyer agreed to hear of new photos of them, until when. `passed_over` are the ids, JSON, of
    photos that they saw before and did not take."""

    __tablename__ = "new_photo_wishes"

    wish_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), unique=True)
    event_id: Mapped[str] = mapped_column(index=True)
    way: Mapped[str]
    language: Mapped[str]
    consent_version: Mapped[str]
    agreed_at: Mapped[datetime]
    until: Mapped[datetime]
    address: Mapped[str]
    shown_to: Mapped[str]
    passed_over: Mapped[str] = mapped_column(server_default="[]", default="[]")


class WishFaceRow(Base):
    """The face numbers that a wish is looked for by; gone with it."""

    __tablename__ = "new_photo_wish_faces"

    wish_id: Mapped[str] = mapped_column(
        ForeignKey("new_photo_wishes.wish_id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[str]
    embedding: Mapped[NDArray[np.float32]] = mapped_column(Float32Vector())


class OrderPhotoRow(Base):
    """A photo that was added to an order after it was paid: a later one of its buyer."""

    __tablename__ = "order_photos"

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), primary_key=True)
    photo_id: Mapped[str] = mapped_column(primary_key=True)
    added_at: Mapped[datetime]


class GivenBackRow(Base):
    """Money that staff of this kiosk gave back."""

    __tablename__ = "given_back"

    refund_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), index=True)
    payment_id: Mapped[str] = mapped_column(index=True)
    amount_satang: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    staff_name: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class SlipRow(Base):
    """A slip that was taken for an order; the same one is never taken for another."""

    __tablename__ = "slips"

    bank: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), index=True)
    payment_id: Mapped[str]
    amount_satang: Mapped[int] = mapped_column(BigInteger)
    is_checked_online: Mapped[bool]
    staff_name: Mapped[str]
    at: Mapped[datetime]


class VisitorCountRow(Base):
    """How many visitors of an event came in an hour, and how many of them found photos: numbers only."""

    __tablename__ = "visitor_counts"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    visitors: Mapped[int]
    found: Mapped[int]
    not_found: Mapped[int]


class SaleShareRow(Base):
    """Who gets what of a sale, fixed when it was first reckoned. `kind` is "platform", "photographer" or
    "organiser"; `party` the name of the photographer, else empty. Given back money has its own, below zero
    (`refund_id`, else empty)."""

    __tablename__ = "sale_shares"
    __table_args__ = (Index("ix_sale_shares_at", "at"),)

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), primary_key=True)
    refund_id: Mapped[str] = mapped_column(primary_key=True, server_default="", default="")
    kind: Mapped[str] = mapped_column(primary_key=True)
    party: Mapped[str] = mapped_column(primary_key=True)
    amount_satang: Mapped[int] = mapped_column(BigInteger)
    plan: Mapped[str]
    at: Mapped[datetime]


class ClosedDayRow(Base):
    """A day that was closed: its report as it was then, JSON."""

    __tablename__ = "closed_days"

    day: Mapped[str] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    staff_name: Mapped[str]
    report: Mapped[str]
