"""Whether the kiosk can serve visitors at all: the failsafe page, and the way back from it."""

from __future__ import annotations

from collections.abc import Callable, Collection

import structlog

from kiosk.errors import ErrorCode
from kiosk.runtime.types import WorkerFailed
from kiosk.session.session import Session
from kiosk.session.states import Action, Screen

_log = structlog.get_logger(__name__)


class Service:
    """Takes the kiosk out of service when nobody is at it and it cannot serve, and brings it back.

    `fault` gives the code of what keeps it from serving for now, such as a full disk; one of the `essential`
    workers that has given up is one that does not pass before the next start. `tick` is called once a
    second, on one worker.
    """

    def __init__(
        self, session: Session, fault: Callable[[], ErrorCode | None], essential: Collection[str]
    ) -> None:
        self._session = session
        self._fault = fault
        self._essential = frozenset(essential)
        self._given_up = ""
        self.broken_worker = ""
        """An essential worker that gave up on a bug: a new start may mend that."""
        session.bus.subscribe(WorkerFailed, self._on_worker_failed)

    def tick(self) -> None:
        """Once a second: the failsafe page, or back to attract."""
        session = self._session
        code = self._given_up or self._fault() or ""
        with session.lock:
            if code and session.is_on(Screen.ATTRACT):
                self._change(Action.FAIL, code)
            elif not code and session.is_on(Screen.OUT_OF_SERVICE):
                self._change(Action.RECOVER, code)

    def _change(self, action: Action, code: str) -> None:
        _log.warning("service_changed", action=action, code=code)
        with self._session.change():
            self._session.go(action)
            self._session.failure_code = code

    def _on_worker_failed(self, event: WorkerFailed) -> None:
        if event.has_given_up and event.worker in self._essential:
            self._given_up = event.code or ErrorCode.WORKER_ENDED.value
            if not event.code:
                self.broken_worker = event.worker
