"""Passwords as argon2 hashes; checking one takes the same time whether there is an account or not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import argon2

from kiosk.central.rate_limits import busy
from kiosk.errors import ErrorCode, KnownError

LEAST_LETTERS = 10
MOST_LETTERS = 200
_AT_ONCE = 4
"""Each check takes 19 MB and a core for some hundredths of a second: a flood of logins must not take more."""
_LONGEST_WAIT_S = 10.0

# What OWASP recommends at least. Guessing at the door ends after a few tries, whatever a check costs.
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turns = threading.BoundedSemaphore(_AT_ONCE)


def hash_password(password: str) -> str:
    """What is stored of a password. Raises KnownError(REQUEST_INVALID) for one too short or too long."""
    if not LEAST_LETTERS <= len(password) <= MOST_LETTERS:
        raise KnownError(
            ErrorCode.REQUEST_INVALID,
            f"A password has {LEAST_LETTERS} to {MOST_LETTERS} letters.",
            "Choose another; several words in a row are good ones.",
        )
    return _hasher.hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether it is the one that was hashed; for no hash false, after the same work. Raises
    KnownError(CENTRE_BUSY) where too many log in at once."""
    with _turn():
        try:
            _hasher.verify(password_hash or _nobodys(), password)
        except argon2.exceptions.VerificationError:
            return False
        except argon2.exceptions.InvalidHashError:
            return False
    return password_hash is not None


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody's password")


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=_LONGEST_WAIT_S):
        raise busy("Too many logins at once.", 5)
    try:
        yield
    finally:
        _turns.release()
