"""Faults of PySide that the program has to live with, each with the versions that it was seen in."""

from __future__ import annotations

import ctypes
import sys

_MANY = 1 << 40


def keep_true_alive() -> None:
    """PySide 6.12.0: each `Signal.emit()` gives back one reference to `True` more than it took. Below Python
    3.12, where `True` is counted like any object, the process aborts ("bool_dealloc") after some thousands of
    signals. A count that no kiosk lives long enough to use up keeps it alive."""
    if sys.implementation.name == "cpython" and sys.version_info < (3, 12):
        ctypes.c_ssize_t.from_address(id(True)).value += _MANY
