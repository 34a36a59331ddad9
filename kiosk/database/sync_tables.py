"""The tables of synchronisation: what goes up, what changed, what to forget, what staff must hear."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.database.columns import MessageText
from kiosk.database.tables import Base


class OutboxRow(Base):
    """What the centre is still to hear, in order; written with the change that it tells of.

    `message_id` is the idempotency key under which the centre takes it once. `error_code` is why the last
    attempt failed.
    """

    __tablename__ = "outbox"

    outbox_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    payload: Mapped[str] = mapped_column(MessageText())
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    state: Mapped[str] = mapped_column(index=True)
    error_code: Mapped[str | None]
    sent_at: Mapped[datetime | None]


class InboxRow(Base):
    """A message of a device that the centre has taken, and what it answered: it is answered so again."""

    __tablename__ = "inbox"

    device_id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    answer: Mapped[str]


class RevisionRow(Base):
    """The newest revision of a tenant. Whoever changes something takes the next one, and holds this row until
    the change is committed: so revisions become visible in their order, and no reader ever passes one by."""

    __tablename__ = "revisions"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class ChangeRow(Base):
    """That something is new or changed since `revision`; once for each thing, at its newest revision."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_tenant_id_revision", "tenant_id", "revision"),)

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    is_deleted: Mapped[bool]


class DeletionRow(Base):
    """What somebody asked to be forgotten: photos, faces in photos, an order's files, a consent, a person.
    `photo_ids` and `faces` are JSON. `done_at` is when this machine had forgotten it."""

    __tablename__ = "deletions"

    deletion_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(server_default="", default="")
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    event_id: Mapped[str | None]
    photo_ids: Mapped[str]
    faces: Mapped[str]
    order_id: Mapped[str | None]
    consent_id: Mapped[str | None]
    person_id: Mapped[str | None]
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    token_hash: Mapped[str | None] = mapped_column(index=True)


class DeletionHolderRow(Base):
    """A store that held what a deletion names, and when it had forgotten it; `removed` are counts, JSON."""

    __tablename__ = "deletion_holders"

    deletion_id: Mapped[str] = mapped_column(
        ForeignKey("deletions.deletion_id", ondelete="CASCADE"), primary_key=True
    )
    holder: Mapped[str] = mapped_column(primary_key=True)
    confirmed_at: Mapped[datetime | None]
    removed: Mapped[str]


class ForgottenContentRow(Base):
    """What is left of a photo that was forgotten: the sha256 of its file, so that no import brings it back.

    Where this machine did not have the photo (`event_id` may be empty then), its id stands in place of the
    hash: an id is made of event and content, and so tells as much."""

    __tablename__ = "forgotten_contents"
    __table_args__ = (Index("ix_forgotten_contents_content_hash", "content_hash"),)

    deletion_id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(server_default="", default="")


class ForgottenPictureRow(Base):
    """A picture of somebody who was forgotten, written down as their rows go, until the file is gone, too."""

    __tablename__ = "forgotten_pictures"

    deletion_id: Mapped[str] = mapped_column(
        ForeignKey("deletions.deletion_id", ondelete="CASCADE"), primary_key=True
    )
    object_key: Mapped[str] = mapped_column(primary_key=True)


class NoticeRow(Base):
    """Something that staff must hear of and may have to decide; `subject` is an id or a code. The id follows
    from code and subject, so that one thing is told once, whoever tells it."""

    __tablename__ = "notices"

    tenant_id: Mapped[str] = mapped_column(primary_key=True, server_default="", default="")
    notice_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    code: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    next_step: Mapped[str]
    settled_at: Mapped[datetime | None] = mapped_column(index=True)
