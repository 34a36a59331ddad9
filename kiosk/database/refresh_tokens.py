"""Refresh tokens in SQL: each is good once, and one that comes twice was stolen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Session

from kiosk.database.central_tables import RefreshTokenRow
from kiosk.database.engine import Database


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A refresh token by its hash. All that grew out of one login are a `family`."""

    token_hash: str
    family: str
    subject: str
    role: str
    expires_at: datetime


class SqlRefreshTokens:
    """Each method is one transaction; safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: StoredToken, now: datetime) -> None:
        """Stores the first token of a login; what has expired by now is swept out."""
        with self._database.writing() as session:
            session.execute(delete(RefreshTokenRow).where(RefreshTokenRow.expires_at <= now))
            _add(session, token)

    def use(self, token_hash: str, new_hash: str, expires_at: datetime, now: datetime) -> StoredToken | None:
        """The token that takes this one's place. None where it is unknown or expired, and where it was used
        before: then its whole family has ended, whoever of the two was the thief."""
        with self._database.writing() as session:
            used = session.execute(
                update(RefreshTokenRow)
                .where(
                    RefreshTokenRow.token_hash == token_hash,
                    RefreshTokenRow.used_at.is_(None),
                    RefreshTokenRow.expires_at > now,
                )
                .values(used_at=now)
                .returning(RefreshTokenRow.family, RefreshTokenRow.subject, RefreshTokenRow.role)
                .execution_options(synchronize_session=False)
            ).one_or_none()
            if used is None:
                found = session.get(RefreshTokenRow, token_hash)
                if found is not None:
                    _end(session, RefreshTokenRow.family == found.family)
                return None
            fresh = StoredToken(new_hash, used.family, used.subject, used.role, expires_at)
            _add(session, fresh)
            return fresh

    def end_all_of(self, subject: str) -> None:
        """Every login of somebody ends: their tokens are good no more."""
        with self._database.writing() as session:
            _end(session, RefreshTokenRow.subject == subject)


def _add(session: Session, token: StoredToken) -> None:
    session.add(
        RefreshTokenRow(
            token_hash=token.token_hash,
            family=token.family,
            subject=token.subject,
            role=token.role,
            expires_at=token.expires_at,
            used_at=None,
        )
    )


def _end(session: Session, is_meant: ColumnElement[bool]) -> None:
    """Until nothing is left: a server shows us a token that another transaction is adding only after we have
    waited for its end."""
    ending = delete(RefreshTokenRow).where(is_meant).execution_options(synchronize_session=False)
    while session.execute(ending).rowcount:  # type: ignore[attr-defined]
        pass
