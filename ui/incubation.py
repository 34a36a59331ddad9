"""How much of the UI thread's time goes into making the next page."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtQml import QQmlIncubationController

_SLICE_MS = 8
"""Half a frame of 60 Hz: touches and pictures come through in between."""


class PageIncubator(QQmlIncubationController):
    """Makes pages in slices whenever the UI thread has nothing else to do. Lives there.

    The window's own controller waits for its frames and works for a third of one at most, so that a page of
    40 ms is there after 200.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__()
        self._idle = QTimer(parent)
        self._idle.timeout.connect(self._work)

    def incubatingObjectCountChanged(self, count: int) -> None:
        if count and not self._idle.isActive():
            self._idle.start(0)

    def _work(self) -> None:
        if self.incubatingObjectCount() == 0:
            self._idle.stop()
        else:
            self.incubateFor(_SLICE_MS)
