"""The tables of store mode as they are synchronised: people who agreed to be recognised, and visits."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.database.columns import Float32Vector
from kiosk.database.tables import Base


class PersonRow(Base):
    """Staff or an enrolled customer of a tenant, and what they agreed to."""

    __tablename__ = "people"

    person_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(server_default="", default="", index=True)
    kind: Mapped[str]
    name: Mapped[str]
    gender: Mapped[str]
    birth_year: Mapped[int | None]
    phone: Mapped[str]
    email: Mapped[str]
    consent_version: Mapped[str]
    consented_at: Mapped[datetime]
    created_at: Mapped[datetime]


class PersonFaceRow(Base):
    """A face of a person, with its embedding as the contract `contract_id` made it."""

    __tablename__ = "person_faces"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[str]
    embedding: Mapped[NDArray[np.float32]] = mapped_column(Float32Vector())


class VisitRow(Base):
    """One stay of somebody; `person_id` is None for those who are counted without being known."""

    __tablename__ = "visits"

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(server_default="", default="", index=True)
    kiosk_id: Mapped[str]
    site: Mapped[str]
    camera: Mapped[str]
    person_id: Mapped[str | None]
    gender: Mapped[str]
    began_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
