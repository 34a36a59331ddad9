"""Large blocks go back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys
from kiosk.runtime.memory import give_back_large_blocks
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
if sys.argv[1] == "given back":
    give_back_large_blocks()
libc.free(libc.malloc(12_000_000))  # from here on glibc would take a block of this size from its heap
block = libc.malloc(6_000_000)
with open("/proc/self/maps") as maps:
    heap = next(line for line in maps if line.rstrip().endswith("[heap]")).split()[0]
start, end = (int(side, 16) for side in heap.split("-"))
print("in the heap" if start <= block < end else "a mapping of its own")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc only")
@pytest.mark.parametrize(
    ("mode", "where"), [("given back", "a mapping of its own"), ("left alone", "in the heap")]
)
def test_a_large_block_is_a_mapping_of_its_own_whatever_was_freed_before(mode: str, where: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, mode], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.strip() == where
