"""The tables of store mode: sites and their cameras, people who agreed to be recognised, stays and visits.

Every row bears its tenant ('' at a kiosk): `kiosk.database.tenant` binds all queries on them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from kiosk.database.columns import Float32Vector
from kiosk.database.tables import Base


class TenantOwned:
    """What belongs to one tenant and is never seen by another."""

    @declared_attr
    def tenant_id(cls) -> Mapped[str]:  # noqa: N805 - SQLAlchemy calls it on the class
        return mapped_column(server_default="", default="", index=True)


class SiteRow(TenantOwned, Base):
    """A shop of a chain; `changed_at` is when it got another name, if it did: the later name is true."""

    __tablename__ = "sites"

    site_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]


class StreamRow(TenantOwned, Base):
    """A camera. `kiosk_id` runs it; empty: whichever camera worker of the centre holds the lease, since
    `lease_since` and until `lease_until`. `line` is JSON; a password is a secret and never here, but
    `access_revision` grows with every change of it, of the address and of the user."""

    __tablename__ = "streams"

    stream_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.site_id"), index=True)
    kiosk_id: Mapped[str]
    name: Mapped[str]
    source: Mapped[str]
    user: Mapped[str]
    is_on: Mapped[bool]
    recognises: Mapped[bool]
    line: Mapped[str | None]
    access_revision: Mapped[int] = mapped_column(server_default="0", default=0)
    created_at: Mapped[datetime]
    lease_holder: Mapped[str | None]
    lease_since: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]


def _as_created(context: Any) -> datetime:
    created_at: datetime = context.get_current_parameters()["created_at"]
    return created_at


def _by_ordinal(context: Any) -> str:
    return str(context.get_current_parameters()["ordinal"])


class PersonRow(TenantOwned, Base):
    """Staff or an enrolled customer of a tenant, and what they agreed to; or a guest. Of one who was
    `merged_into` another nothing else is left.

    What several machines change at the same time is brought together by `changed_at`, when they were last
    written otherwise, by `kind_since`, and by the ids of faces that were taken away, `gone_faces` (JSON).
    """

    __tablename__ = "people"

    person_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    gender: Mapped[str]
    birth_year: Mapped[int | None]
    phone: Mapped[str]
    email: Mapped[str]
    consent_version: Mapped[str]
    consented_at: Mapped[datetime]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(default=_as_created)
    kind_since: Mapped[datetime] = mapped_column(default=_as_created)
    gone_faces: Mapped[str] = mapped_column(server_default="", default="")
    merged_into: Mapped[str | None] = mapped_column(index=True)


class PersonFaceRow(TenantOwned, Base):
    """A face of a person, with its embedding as the contract `contract_id` made it. `face_id` is the same on
    every machine, `ordinal` is not. Its picture stays at the machine that took it."""

    __tablename__ = "person_faces"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    face_id: Mapped[str] = mapped_column(default=_by_ordinal)
    contract_id: Mapped[str]
    embedding: Mapped[NDArray[np.float32]] = mapped_column(Float32Vector())
    added_at: Mapped[datetime | None]
    picture_key: Mapped[str | None]


class StayRow(TenantOwned, Base):
    """Somebody who is here, until they were not seen for as long as a stay may pause; then the row is
    deleted, and with it the throw-away embedding of a visitor who is counted without being kept. Staff have
    no visit: `kind` tells; a visitor's bears the id of the stay. `tracks` counts how often somebody new
    before a camera was found to be them, the first time included."""

    __tablename__ = "stays"
    __table_args__ = (Index("ix_stays_site_id_last_seen_at", "site_id", "last_seen_at"),)

    stay_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str]
    stream_id: Mapped[str]
    kind: Mapped[str]
    person_id: Mapped[str | None]
    began_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    tracks: Mapped[int] = mapped_column(server_default="1", default=1)
    contract_id: Mapped[str | None]
    embedding: Mapped[NDArray[np.float32] | None] = mapped_column(Float32Vector())


class VisitRow(TenantOwned, Base):
    """One stay of a visitor; `person_id` is None for those who are counted without being known. Staff have
    none. `revision` grows with every change at the machine that counted it: the higher one is true."""

    __tablename__ = "visits"
    __table_args__ = (
        # All that reports count: they read nothing but this index, which takes a third less time.
        Index("ix_visits_counted", "tenant_id", "began_at", "site_id", "gender", "is_returning"),
        Index("ix_visits_person_id_began_at", "person_id", "began_at"),
    )

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    kiosk_id: Mapped[str]
    site_id: Mapped[str]
    stream_id: Mapped[str]
    person_id: Mapped[str | None]
    gender: Mapped[str]
    is_returning: Mapped[bool] = mapped_column(server_default=false())
    number: Mapped[int | None]
    revision: Mapped[int] = mapped_column(server_default="0", default=0)
    began_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    picture_key: Mapped[str | None]


class VisitFaceRow(TenantOwned, Base):
    """The face of a visit of somebody who agreed (or of a guest), kept as long as its picture."""

    __tablename__ = "visit_faces"

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.visit_id", ondelete="CASCADE"), primary_key=True)
    contract_id: Mapped[str]
    embedding: Mapped[NDArray[np.float32]] = mapped_column(Float32Vector())


class VoidVisitRow(TenantOwned, Base):
    """A visit that was none: staff, or somebody counted already. What comes of it late is passed over."""

    __tablename__ = "void_visits"

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class LineCountRow(TenantOwned, Base):
    """How often a stream's line was crossed within an hour; `is_told`: the centre knows these figures."""

    __tablename__ = "line_counts"
    __table_args__ = (Index("ix_line_counts_tenant_id_hour", "tenant_id", "hour"),)

    stream_id: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    kiosk_id: Mapped[str]
    site_id: Mapped[str]
    came_in: Mapped[int]
    went_out: Mapped[int]
    is_told: Mapped[bool] = mapped_column(server_default=false(), default=False)


class PurgeRow(TenantOwned, Base):
    """The proof of a purge: what was older than `older_than` and is deleted, in counts (JSON). `hash` is the
    sha256 over this proof and the hash of the one before: none can be changed or left out unseen."""

    __tablename__ = "purges"
    __table_args__ = (UniqueConstraint("tenant_id", "ordinal"),)

    purge_id: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[int]
    at: Mapped[datetime]
    older_than: Mapped[datetime]
    removed: Mapped[str]
    remaining: Mapped[int]
    previous_hash: Mapped[str]
    hash: Mapped[str]
