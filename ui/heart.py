"""The heartbeat of the screen: from the UI thread, and only while every worker moves as well."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog
from PySide6.QtCore import QObject, QTimer

from kiosk.runtime.heartbeat import BEAT_EVERY_S, Heartbeat
from kiosk.runtime.pulse import frozen_workers

_log = structlog.get_logger(__name__)


def nothing_broken() -> Sequence[str]:
    return ()


class Heart(QObject):
    """Beats once a second while the loop runs; `end(status)` is called when the process is to end: on a
    signal (`stop`), or because whoever looked after it is gone.

    A worker that is found frozen is told of at the second look: a machine that wakes up lets its threads run
    in whatever order. Without anybody who listens a frozen worker is in the log, and that is all.
    """

    def __init__(
        self,
        heartbeat: Heartbeat,
        stop: threading.Event,
        end: Callable[[int], None],
        broken: Callable[[], Sequence[str]] = nothing_broken,
    ) -> None:
        """`broken` names workers that have given up and that a new start may mend."""
        super().__init__()
        self._heartbeat = heartbeat
        self._stop = stop
        self._end = end
        self._broken = broken
        self._suspected: frozenset[str] = frozenset()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)
        self._timer.start(int(BEAT_EVERY_S * 1000))
        QTimer.singleShot(0, self, self._beat)

    def close(self) -> None:
        """Beats no more; the process is on its way to its end."""
        self._timer.stop()
        self._heartbeat.stopping()

    def _beat(self) -> None:
        if self._stop.is_set():
            self._end(0)
            return
        standing = frozenset((*frozen_workers(), *self._broken()))
        frozen, self._suspected = standing & self._suspected, standing
        if frozen:
            names = sorted(frozen)
            _log.error("workers_frozen", workers=names)
            self._heartbeat.frozen(names)
            return
        self._heartbeat.beat()
        if self._heartbeat.is_alone:
            _log.warning("nobody_looks_after_the_screen")
            self._end(0)
