"""Who is at a site right now, in rows. All functions run within a transaction that holds the site
(`hold_sites`): so of two cameras that see somebody at the same time, one comes second and finds them there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kiosk.database.people_tables import PersonFaceRow, PersonRow, SiteRow, StayRow
from kiosk.vision.types import Embedding, FloatArray
from kiosk.visits.types import FaceKind, PersonKind


def hold_sites(session: Session, site_ids: Collection[str]) -> set[str]:
    """Waits until nobody else writes stays of these sites, and keeps others waiting until the transaction is
    over; on SQLite there is one writer anyhow. Returns which of the sites there are."""
    sites = select(SiteRow.site_id).where(SiteRow.site_id.in_(site_ids)).order_by(SiteRow.site_id)
    return set(session.scalars(sites.with_for_update(key_share=True)))


def is_open(at: datetime, pause: timedelta) -> ColumnElement[bool]:
    """`kiosk.visits.stay_rules.StayRules.is_over`, for queries, the other way round."""
    return (StayRow.last_seen_at > at - pause) & (StayRow.last_seen_at < at + pause)


def stay_of(session: Session, site_id: str, person_id: str, is_there: ColumnElement[bool]) -> StayRow | None:
    """The stay of somebody who is known."""
    theirs = select(StayRow).where(StayRow.site_id == site_id, StayRow.person_id == person_id, is_there)
    return session.scalar(theirs.order_by(StayRow.last_seen_at.desc()).limit(1))


def strangers(
    session: Session, site_id: str, contract_id: str, is_there: ColumnElement[bool]
) -> Iterator[tuple[StayRow, FloatArray]]:
    """The stays of those who agreed to nothing, each with a face: visitors with their throw-away one, and
    guests with those that are kept of them."""
    visitors = select(StayRow).where(
        StayRow.site_id == site_id,
        StayRow.kind == FaceKind.VISITOR.value,
        StayRow.contract_id == contract_id,
        is_there,
    )
    for stay in session.scalars(visitors):
        if stay.embedding is not None:
            yield stay, stay.embedding
    guests = (
        select(StayRow, PersonFaceRow.embedding)
        .join(PersonRow, PersonRow.person_id == StayRow.person_id)
        .join(PersonFaceRow, PersonFaceRow.person_id == StayRow.person_id)
        .where(
            StayRow.site_id == site_id,
            PersonRow.kind == PersonKind.GUEST.value,
            PersonFaceRow.contract_id == contract_id,
            is_there,
        )
    )
    for stay, embedding in session.execute(guests):
        yield stay, embedding


def add_view(stay: StayRow, embedding: Embedding, *, is_same_track: bool) -> None:
    """A further view of a visitor: the mean of one view a track tells them best. A track's later word stands
    in place of its earlier one, as long as it is alone."""
    if stay.embedding is None or stay.contract_id != embedding.contract_id or stay.tracks < 2:
        vector = embedding.vector
    elif is_same_track:
        return
    else:
        vector = stay.embedding * (stay.tracks - 1) + embedding.vector
    stay.embedding = np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)
    stay.contract_id = embedding.contract_id
