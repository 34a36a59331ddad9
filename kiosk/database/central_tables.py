"""The tables that only the centre fills: who may ask it, what it asked the bank, what was uploaded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.database.tables import Base


class TenantRow(Base):
    """A chain or an organiser: what belongs to one is never seen by another."""

    __tablename__ = "tenants"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class AccountRow(Base):
    """A person who logs in; of the password only its argon2 hash is here."""

    __tablename__ = "accounts"

    account_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"))
    login: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    role: Mapped[str]
    created_at: Mapped[datetime]


class DeviceRow(Base):
    """An enrolled kiosk; of its key only the sha256 is here. `health` is JSON, as it told last."""

    __tablename__ = "devices"
    __table_args__ = (UniqueConstraint("tenant_id", "code_prefix"),)

    device_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"))
    name: Mapped[str]
    code_prefix: Mapped[str]
    key_hash: Mapped[str]
    enrolled_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    health: Mapped[str]


class LoginTryRow(Base):
    """How often logging in as somebody failed, whether they exist or not; `login_hash` is a sha256."""

    __tablename__ = "login_tries"

    login_hash: Mapped[str] = mapped_column(primary_key=True)
    failed: Mapped[int]
    locked_until: Mapped[datetime | None]
    tried_at: Mapped[datetime]


class EnrolmentCodeRow(Base):
    """A code that enrols one device, once; only its sha256 is here."""

    __tablename__ = "enrolment_codes"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.tenant_id"))
    name: Mapped[str]
    code_prefix: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RefreshTokenRow(Base):
    """A refresh token by its sha256. Each is good once; one that comes twice ends its whole family."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    family: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    role: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class VoucherHoldRow(Base):
    """What became of an order's use of a limited voucher: `state` is held, used or released. A released one
    stays, so that a late word of the same order does not hold it again."""

    __tablename__ = "voucher_holds"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(primary_key=True)
    kiosk_id: Mapped[str]
    held_at: Mapped[datetime]
    state: Mapped[str]


class ChargeRow(Base):
    """A payment that a kiosk asked the centre for, and the centre the gateway; written before the gateway
    hears of it. The same `idempotency_key` is asked for once. `asked_at` is when the gateway was asked last,
    `checked_at` when it last answered."""

    __tablename__ = "charges"
    __table_args__ = (UniqueConstraint("tenant_id", "idempotency_key"),)

    charge_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str]
    kiosk_id: Mapped[str]
    idempotency_key: Mapped[str]
    order_code: Mapped[str]
    amount_satang: Mapped[int] = mapped_column(BigInteger)
    due_satang: Mapped[int] = mapped_column(BigInteger)
    received_satang: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    provider_reference: Mapped[str | None] = mapped_column(unique=True)
    qr_payload: Mapped[str | None]
    qr_png: Mapped[bytes | None]
    receiver_name: Mapped[str]
    error_code: Mapped[str | None]


class RefundRow(Base):
    """That an order was refunded: by which account and why. The money itself is given back by staff."""

    __tablename__ = "refunds"

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), primary_key=True)
    at: Mapped[datetime]
    refunded_by: Mapped[str]
    reason: Mapped[str]
    amount_satang: Mapped[int] = mapped_column(BigInteger)


class UploadRow(Base):
    """A batch of files that a photographer sent."""

    __tablename__ = "uploads"

    upload_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str]
    event_id: Mapped[str] = mapped_column(ForeignKey("events.event_id"))
    photographer: Mapped[str]
    is_public: Mapped[bool]
    created_at: Mapped[datetime]


class UploadFileRow(Base):
    """A file of an upload and what became of it; `object_key` is where it waits for its import.

    The same name and content are taken into an upload once. `received_at` stands in for the time of a photo
    whose camera told none; `attempts` counts the imports that were begun.
    """

    __tablename__ = "upload_files"
    __table_args__ = (
        UniqueConstraint("upload_id", "file_name", "content_hash"),
        Index("ix_upload_files_state", "state"),
        Index("ix_upload_files_content_hash", "content_hash"),
    )

    upload_id: Mapped[str] = mapped_column(
        ForeignKey("uploads.upload_id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    content_hash: Mapped[str]
    object_key: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    place: Mapped[str]
    received_at: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int]
    error_code: Mapped[str | None]
    error_detail: Mapped[str]
    changed_at: Mapped[datetime]


class CameraWorkerRow(Base):
    """A process of the centre that runs streams, at most `most`; it is gone once `seen_until` is over."""

    __tablename__ = "camera_workers"

    worker_id: Mapped[str] = mapped_column(primary_key=True)
    most: Mapped[int]
    started_at: Mapped[datetime]
    seen_until: Mapped[datetime]
