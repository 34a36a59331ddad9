"""Work that views wish for, done off the UI thread, the newest wish first: that is what somebody looks at."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar
from weakref import WeakSet

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtQuick import QQuickItem
from shiboken6 import isValid

_WORKERS = 2

K = TypeVar("K", bound=Hashable)
M = TypeVar("M")
V = TypeVar("V", bound=QQuickItem)


class NewestFirst(QObject, Generic[K, M, V]):
    """Makes an M for each key K that views V wish for. Lives on the UI thread, but for `make`, which its
    workers call. Holds wishes, never what was made; what nobody wishes for any more is not made."""

    _made = Signal(object, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        """`name` is that of the threads."""
        super().__init__(parent)
        self._waiting: dict[K, WeakSet[V]] = {}
        self._wishes: list[K] = []
        self._changed = threading.Condition()
        self._is_over = False
        self._made.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        for number in range(_WORKERS):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def make(self, key: K) -> M:
        """What is handed over for `key`; on a worker."""
        raise NotImplementedError

    def hand_over(self, key: K, made: M, views: Sequence[V]) -> None:
        """What was made for `key`, to the views that wish for it and are still there."""
        raise NotImplementedError

    def wish(self, key: K, view: V) -> None:
        """`hand_over` is called once it is made, unless the view forgets it before."""
        self._waiting.setdefault(key, WeakSet()).add(view)
        with self._changed:
            if key in self._wishes:
                self._wishes.remove(key)
            self._wishes.append(key)
            self._changed.notify()

    def forget(self, key: K, view: V) -> None:
        """The view does not want it any more."""
        views = self._waiting.get(key)
        if views is None:
            return
        views.discard(view)
        if not views:
            del self._waiting[key]
            with self._changed:
                if key in self._wishes:
                    self._wishes.remove(key)

    def close(self) -> None:
        """Ends the workers soon; does not wait."""
        with self._changed:
            self._is_over = True
            self._wishes.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wishes or self._is_over)
                if self._is_over:
                    return
                key = self._wishes.pop()
            made = self.make(key)
            with self._changed:
                if self._is_over:
                    return
            try:
                self._made.emit(key, made)
            except RuntimeError:  # the window went away meanwhile
                return

    @Slot(object, object)
    def _hand_over(self, key: K, made: M) -> None:
        # Qt may have deleted the item of a page that is gone.
        self.hand_over(key, made, [view for view in self._waiting.pop(key, WeakSet()) if isValid(view)])
