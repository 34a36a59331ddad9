"""What a database driver's error means: the one place that decides it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from kiosk.errors import ErrorCode, KnownError

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_DENIED = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})


def is_damage(error: BaseException) -> bool:
    """Whether a driver's error says that the file itself is broken or is no database."""
    return _primary_code(error) in _DAMAGE


@contextmanager
def known_errors() -> Iterator[None]:
    """Turns what the database or the disk says into KnownError; anything else is our bug and passes.

    Raises KnownError DISK_FULL, DATABASE_DAMAGED, DATABASE_UNREACHABLE, FOLDER_NOT_WRITABLE or TEXT_INVALID.
    """
    try:
        yield
    except (exc.StatementError, exc.TimeoutError, sqlite3.Error) as error:
        known = _known(error)
        if known is None:
            raise
        raise known from error
    except UnicodeEncodeError as error:  # half a character, as a broken keyboard layout gives it
        raise KnownError(
            ErrorCode.TEXT_INVALID,
            "A text holds half a character, which nothing can store.",
            "Type it again.",
        ) from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise _disk_full() from error


def _primary_code(error: BaseException) -> int | None:
    """SQLite's primary result code behind an error, without the extension bits; None for another driver."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _known(error: BaseException) -> KnownError | None:
    if isinstance(error, exc.StatementError) and isinstance(error.orig, KnownError):
        return error.orig  # the type of a column said it
    code = _primary_code(error)
    if code == sqlite3.SQLITE_FULL:
        return _disk_full()
    if code in _DAMAGE:
        return KnownError(
            ErrorCode.DATABASE_DAMAGED,
            "The database file is damaged.",
            "Start the kiosk again: it puts the damaged file aside and takes the newest good backup.",
        )
    if code in _DENIED:
        return KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            "The database cannot be written to.",
            "Give the kiosk's user the right to write to its data folder.",
        )
    is_away = code in _AWAY or isinstance(error, exc.TimeoutError)
    if code is None and isinstance(error, (exc.OperationalError, exc.InterfaceError)):
        is_away = True  # a server's driver: the connection, not the statement
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        is_away = True  # the server has ended the connection, for whatever reason
    if is_away:
        return KnownError(
            ErrorCode.DATABASE_UNREACHABLE,
            "The database does not answer: locked by another program, or its disk or server is away.",
            "Close other programs that use the kiosk's data folder; look at the disk.",
        )
    return None


def _disk_full() -> KnownError:
    return KnownError(
        ErrorCode.DISK_FULL,
        "The disk with the kiosk's data is full; nothing of this change was stored.",
        "Free some space; the kiosk goes on by itself.",
    )
