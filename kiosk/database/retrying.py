"""Where a server had to break off one of two transactions that waited for each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import structlog

from kiosk.errors import KnownError

_log = structlog.get_logger(__name__)
_BROKEN_OFF = frozenset({"40P01", "40001"})
"""SQLSTATEs of PostgreSQL: a deadlock, and what could not be put in an order. Nothing of it happened."""

P = ParamSpec("P")
T = TypeVar("T")


def once_more(act: Callable[P, T]) -> Callable[P, T]:
    """For what is one transaction, or may be done again from its beginning: one that the server broke off for
    another's sake is done a second time, when the other is over."""

    @wraps(act)
    def acting(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return act(*args, **kwargs)
        except KnownError as failed:
            if not _was_broken_off(failed):
                raise
            _log.info("transaction_again", act=act.__name__)
        return act(*args, **kwargs)

    return acting


def _was_broken_off(failed: KnownError) -> bool:
    return getattr(getattr(failed.__cause__, "orig", None), "sqlstate", None) in _BROKEN_OFF
