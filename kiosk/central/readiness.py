"""Whether the parts that a centre stands on answer: what a load balancer asks before it sends somebody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import text

from kiosk.central.centre import Centre
from kiosk.errors import KnownError

_log = structlog.get_logger(__name__)
_GOOD_FOR_S = 1.0
_PROBE_EVENT = "0" * 32
_PROBE_OBJECT = "readiness-probe"


@dataclass(frozen=True, slots=True)
class PartState:
    """A part of the centre and, where it does not answer, why."""

    part: str
    is_ok: bool
    detail: str = ""


class Readiness:
    """Asks every part. Any thread.

    However many ask, the parts are asked once a second at most, and by one at a time: while that one still
    waits for an answer, everybody else is told so.
    """

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._asking = threading.Lock()
        self._last: tuple[PartState, ...] = ()
        self._asked_s = 0.0

    def states(self) -> tuple[PartState, ...]:
        """How each part is, at most a second ago."""
        if not self._asking.acquire(blocking=False):
            return self._last_good() or (PartState("centre", False, "A part is slow to answer."),)
        try:
            return self._last_good() or self._ask_all()
        finally:
            self._asking.release()

    def _last_good(self) -> tuple[PartState, ...]:
        is_new = self._centre.clock.monotonic_s() - self._asked_s < _GOOD_FOR_S
        return self._last if is_new else ()

    def _ask_all(self) -> tuple[PartState, ...]:
        archive = self._centre.archive
        states = (
            _ask("database", self._ask_database),
            _ask("store", lambda: archive.store.has(_PROBE_OBJECT)),
            _ask("index", lambda: archive.index.count(_PROBE_EVENT)),
        )
        self._last, self._asked_s = states, self._centre.clock.monotonic_s()
        return states

    def _ask_database(self) -> None:
        with self._centre.database.reading() as session:
            session.execute(text("SELECT 1"))


def _ask(part: str, question: Callable[[], object]) -> PartState:
    try:
        question()
    except KnownError as error:
        _log.warning("part_not_ready", part=part, code=error.code, detail=error.detail)
        return PartState(part, False, f"{error.code} {error.detail}")
    return PartState(part, True)
