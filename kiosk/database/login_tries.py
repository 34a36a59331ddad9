"""Counting how often somebody tried to log in, so that guessing ends after a few tries.

Whoever does not exist is counted as those who do: neither answers nor their time tell one from the other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, literal, null, or_

from kiosk.database.bulk import insert_for
from kiosk.database.central_tables import LoginTryRow
from kiosk.database.columns import UtcDateTime
from kiosk.database.engine import Database
from kiosk.errors import ErrorCode, KnownError

_REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LockRule:
    """After `most` tries that failed, none is taken for `locked_for`."""

    most: int
    locked_for: timedelta


class SqlLoginTries:
    """Each method is one transaction; safe to call from several threads and processes."""

    def __init__(self, database: Database, rule: LockRule) -> None:
        self._database = database
        self._rule = rule

    def begin(self, kind: str, login: str, now: datetime) -> None:
        """Takes a try to log in. It counts as failed before it is looked at, in one statement, so that many
        at once are no more than one after the other; `forget` it when it was right.

        Raises KnownError(LOGIN_LOCKED).
        """
        known_as = _hash(kind, login)
        table = LoginTryRow
        # A lock that is over starts the count anew; the last condition lets no other through.
        failed = case((table.locked_until.is_not(null()), literal(1)), else_=table.failed + 1)
        until = literal(now + self._rule.locked_for, UtcDateTime())
        with self._database.writing() as session:
            insert = insert_for(session)(table)
            taken = session.execute(
                insert.values(
                    login_hash=known_as,
                    failed=1,
                    locked_until=until if self._rule.most == 1 else null(),
                    tried_at=now,
                )
                .on_conflict_do_update(
                    index_elements=["login_hash"],
                    set_={
                        "failed": failed,
                        "locked_until": case((failed >= self._rule.most, until), else_=null()),
                        "tried_at": now,
                    },
                    where=or_(table.locked_until.is_(null()), table.locked_until <= now),
                )
                .returning(table.failed)
            ).one_or_none()
        if taken is None:
            raise KnownError(
                ErrorCode.LOGIN_LOCKED,
                "Too many logins failed; this one is locked for some minutes.",
                "Wait, then log in with the right password or key.",
            )

    def forget(self, kind: str, login: str) -> None:
        """They showed who they are."""
        with self._database.writing() as session:
            session.execute(delete(LoginTryRow).where(LoginTryRow.login_hash == _hash(kind, login)))

    def sweep(self, now: datetime) -> None:
        """Forgets what is a day old."""
        with self._database.writing() as session:
            session.execute(
                delete(LoginTryRow).where(
                    LoginTryRow.tried_at <= now - _REMEMBERED,
                    or_(LoginTryRow.locked_until.is_(null()), LoginTryRow.locked_until <= now),
                )
            )


def _hash(kind: str, login: str) -> str:
    return hashlib.sha256(f"{kind} {login}".encode()).hexdigest()
