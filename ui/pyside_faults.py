"""Faults of PySide that the program has to live with, each with the versions that it was seen in."""

from __future__ import annotations

import ctypes
import sys

from PySide6.QtCore import QObject

_MANY = 1 << 40


def keep_true_alive() -> None:
    """PySide 6.12.0: each `Signal.emit()` gives back one reference to `True` more than it took. Below Python
    3.12, where `True` is counted like any object, the process aborts ("bool_dealloc") after some thousands of
    signals. A count that no kiosk lives long enough to use up keeps it alive."""
    if sys.implementation.name == "cpython" and sys.version_info < (3, 12):
        ctypes.c_ssize_t.from_address(id(True)).value += _MANY


def empty_at_its_end(thing: QObject) -> None:
    """PySide 6.12.0 never lets go of the Python half of an item that QML made, nor of an object that QML used
    as a singleton. Once its Qt half is gone it shall at least hold nothing: no visitor's picture, and not the
    engine of a closed window with all that hangs on it. `thing` has no attributes from then on."""
    own = vars(thing)
    thing.destroyed.connect(lambda: own.clear())
