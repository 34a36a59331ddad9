"""The one-place slot."""

from __future__ import annotations

import threading
import time

import numpy as np

from kiosk.camera.slot import FrameSlot
from kiosk.camera.types import Frame


def frame(sequence: int) -> Frame:
    return Frame(sequence, float(sequence), np.zeros((2, 2, 3), np.uint8))


def test_the_newest_frame_wins_and_the_replaced_ones_are_counted() -> None:
    slot = FrameSlot()
    for sequence in (1, 2, 3):
        slot.put(frame(sequence))
    newest = slot.wait_newer(0, 0.0)
    assert newest is not None
    assert newest.sequence == 3
    assert slot.dropped == 2
    slot.put(frame(4))
    assert slot.dropped == 2


def test_looking_without_taking_does_not_change_the_count() -> None:
    slot = FrameSlot()
    assert slot.newest() is None
    slot.put(frame(1))
    assert slot.newest() is not None
    slot.put(frame(2))
    assert slot.dropped == 1


def test_waiting_ends_with_the_next_frame_and_not_with_one_already_seen() -> None:
    slot = FrameSlot()
    slot.put(frame(1))
    assert slot.wait_newer(1, 0.01) is None
    timer = threading.Timer(0.05, slot.put, [frame(2)])
    timer.start()
    began_s = time.monotonic()
    newer = slot.wait_newer(1, 5.0)
    timer.join()
    assert newer is not None
    assert newer.sequence == 2
    assert time.monotonic() - began_s < 4.0


def test_a_cleared_slot_holds_no_picture() -> None:
    slot = FrameSlot()
    slot.put(frame(1))
    slot.clear()
    assert slot.newest() is None
    assert slot.wait_newer(0, 0.0) is None
