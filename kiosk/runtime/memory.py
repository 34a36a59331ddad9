"""Memory that is given back to the system."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of glibc's malloc.h
_LARGE_BYTES = 4 * 1024 * 1024  # above a live frame: a new mapping for each costs a third of a core
_ARENAS = 2


def give_back_large_blocks() -> None:
    """Makes every large block (photos, weights) a mapping of its own, gone from memory when it is freed.

    By itself glibc raises that bound to the largest block freed so far and keeps a heap for each thread; the
    frames of a day then leave holes in a dozen heaps, ten megabytes more with each visitor. Call it before
    threads start. Does nothing on other systems.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # another C library than glibc
        return
    mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
    mallopt(_M_ARENA_MAX, _ARENAS)
