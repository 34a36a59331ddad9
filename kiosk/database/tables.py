"""The tables: SQL is the truth of the kiosk, and the same tables serve SQLite and PostgreSQL.

States are stored by their words, money in satang, times in UTC. No table holds a picture of a face; faces
are boxes and embeddings of photos on sale, never of visitors.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from kiosk.database.columns import Float32Vector, UtcDateTime

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The tables of the kiosk."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text(),
        datetime: UtcDateTime(),
        bytes: LargeBinary(),
    }


class MetaRow(Base):
    """What the kiosk knows of itself, such as its id."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class EventRow(Base):
    __tablename__ = "events"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_th: Mapped[str]
    created_at: Mapped[datetime]
    place: Mapped[str]
    reads_numbers: Mapped[bool] = mapped_column(server_default=false())
    blurs_bystanders: Mapped[bool] = mapped_column(server_default=true())
    tenant_id: Mapped[str] = mapped_column(server_default="", index=True)


class EventPackageRow(Base):
    """A package of an event's own price list; an event without any has that of the settings."""

    __tablename__ = "event_packages"

    event_id: Mapped[str] = mapped_column(ForeignKey("events.event_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[str]
    name_key: Mapped[str]
    photo_count: Mapped[int | None]
    price_satang: Mapped[int] = mapped_column(BigInteger)


class PhotoRow(Base):
    __tablename__ = "photos"
    __table_args__ = (
        UniqueConstraint("event_id", "content_hash"),
        UniqueConstraint("event_id", "number"),
        Index("ix_photos_event_id_state_taken_at", "event_id", "state", "taken_at"),
    )

    photo_id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("events.event_id"))
    number: Mapped[int]
    file_name: Mapped[str]
    content_hash: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime]
    imported_at: Mapped[datetime]
    state: Mapped[str]
    photographer: Mapped[str]
    camera: Mapped[str]
    place: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    is_public: Mapped[bool]
    is_time_known: Mapped[bool] = mapped_column(server_default=true())


class FaceRow(Base):
    """A face in a photo, with its embedding as the contract `contract_id` made it."""

    __tablename__ = "faces"

    photo_id: Mapped[str] = mapped_column(ForeignKey("photos.photo_id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    x1: Mapped[float]
    y1: Mapped[float]
    x2: Mapped[float]
    y2: Mapped[float]
    score: Mapped[float]
    contract_id: Mapped[str]
    embedding: Mapped[NDArray[np.float32]] = mapped_column(Float32Vector())


class ShirtNumberRow(Base):
    """A number read on a shirt in a photo: its digits, how sure the reader is (0..1) and where it stands."""

    __tablename__ = "shirt_numbers"
    __table_args__ = (Index("ix_shirt_numbers_digits", "digits"),)

    photo_id: Mapped[str] = mapped_column(ForeignKey("photos.photo_id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    digits: Mapped[str]
    score: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]
    x2: Mapped[float]
    y2: Mapped[float]


class NumberReadingRow(Base):
    """That the numbers in a photo were read, whether or not there were any."""

    __tablename__ = "number_readings"

    photo_id: Mapped[str] = mapped_column(ForeignKey("photos.photo_id", ondelete="CASCADE"), primary_key=True)


class CalibrationRow(Base):
    """How similar strangers get under one contract, when and on what measured; `curve` is JSON."""

    __tablename__ = "calibrations"

    contract_id: Mapped[str] = mapped_column(primary_key=True)
    measured_at: Mapped[datetime]
    source: Mapped[str]
    curve: Mapped[str]


class WatchedFileRow(Base):
    """A file of a watched folder that was dealt with, as it was then: once it changes, it is new."""

    __tablename__ = "watched_files"

    event_id: Mapped[str] = mapped_column(ForeignKey("events.event_id"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    modified_ns: Mapped[int] = mapped_column(BigInteger)


class FeedbackRow(Base):
    """That a visitor said "not me" to a face in a photo: event, photo, which face (None where the photo was
    rejected as a whole) and time, nothing of the visitor."""

    __tablename__ = "feedback"

    feedback_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("events.event_id"), index=True)
    photo_id: Mapped[str]
    ordinal: Mapped[int | None]
    said_at: Mapped[datetime]


class ConsentRow(Base):
    __tablename__ = "consents"

    consent_id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str]
    text_version: Mapped[str]
    language: Mapped[str]
    agreed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    face_deleted_at: Mapped[datetime | None]
    tenant_id: Mapped[str] = mapped_column(server_default="")


class VoucherRow(Base):
    """A voucher; one of `home_kiosk_id` can be used there without asking the centre, and nowhere else."""

    __tablename__ = "vouchers"

    tenant_id: Mapped[str] = mapped_column(primary_key=True, server_default="", default="")
    code: Mapped[str] = mapped_column(primary_key=True)
    home_kiosk_id: Mapped[str | None]
    kind: Mapped[str]
    value: Mapped[int]
    event_id: Mapped[str | None]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    use_limit: Mapped[int | None]
    used: Mapped[int]
    minimum_satang: Mapped[int] = mapped_column(BigInteger)


class OrderRow(Base):
    """An order, made at `kiosk_id`. A kiosk's own codes differ; two kiosks that bear the same prefix by
    mistake may make the same one. `customer_id` is the account that ordered at the centre, if one did."""

    __tablename__ = "orders"
    __table_args__ = (Index("ix_orders_state_created_at_order_id", "state", "created_at", "order_id"),)

    order_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(server_default="", default="")
    kiosk_id: Mapped[str] = mapped_column(server_default="", default="")
    code: Mapped[str] = mapped_column(index=True)
    event_id: Mapped[str]
    language: Mapped[str]
    state: Mapped[str]
    total_satang: Mapped[int] = mapped_column(BigInteger)
    discount_satang: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(index=True)
    paid_at: Mapped[datetime | None] = mapped_column(index=True)
    voucher_code: Mapped[str | None] = mapped_column(index=True)
    customer_id: Mapped[str | None]


class OrderLineRow(Base):
    """One photo of an order, in the order in which it was chosen (`position`)."""

    __tablename__ = "order_lines"

    line_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    photo_id: Mapped[str]
    amount_satang: Mapped[int] = mapped_column(BigInteger)
    print_size: Mapped[str | None]
    finish: Mapped[str | None]
    copies: Mapped[int]


class OrderPackageRow(Base):
    """A package that an order's price was made of, as it stood when the order was placed."""

    __tablename__ = "order_packages"

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[str]
    name_key: Mapped[str]
    photo_count: Mapped[int | None]
    price_satang: Mapped[int] = mapped_column(BigInteger)
    times: Mapped[int]


class PaymentRow(Base):
    __tablename__ = "payments"
    __table_args__ = (Index("ix_payments_order_id_ordinal", "order_id", "ordinal"),)

    payment_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"))
    ordinal: Mapped[int]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    gateway: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    amount_satang: Mapped[int] = mapped_column(BigInteger)
    due_satang: Mapped[int] = mapped_column(BigInteger)
    received_satang: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    requested_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    provider_reference: Mapped[str | None]
    qr_payload: Mapped[str | None]
    qr_png: Mapped[bytes | None]
    receiver_name: Mapped[str]
    settled_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]


class DeliveryRow(Base):
    __tablename__ = "deliveries"

    delivery_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), index=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime]
    line_id: Mapped[str | None] = mapped_column(ForeignKey("order_lines.line_id"))
    detail: Mapped[str]


class LinkRow(Base):
    """A download link; of its token only the sha256 is here."""

    __tablename__ = "links"

    link_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    download_limit: Mapped[int]


class LinkDownloadRow(Base):
    """How often one object of a link ("zip", or a photo's id) was downloaded."""

    __tablename__ = "link_downloads"

    link_id: Mapped[str] = mapped_column(ForeignKey("links.link_id", ondelete="CASCADE"), primary_key=True)
    object_name: Mapped[str] = mapped_column(primary_key=True)
    downloads: Mapped[int]
