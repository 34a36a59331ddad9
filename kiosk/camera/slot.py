"""The one place between a camera and those who look: the newest frame wins."""

from __future__ import annotations

import threading

from kiosk.camera.types import Frame


class FrameSlot:
    """Holds the newest frame. Thread-safe; putting never waits, and nobody who looks waits for another.

    `dropped` counts the frames that were replaced before any `wait_newer` returned them.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._is_taken = True
        self._dropped = 0

    @property
    def dropped(self) -> int:
        with self._changed:
            return self._dropped

    def put(self, frame: Frame) -> None:
        """Replaces the frame and wakes those who wait."""
        with self._changed:
            self._dropped += not self._is_taken
            self._frame, self._is_taken = frame, False
            self._changed.notify_all()

    def newest(self) -> Frame | None:
        """The frame in the slot, without taking it; None when it is empty."""
        return self._frame

    def wait_newer(self, sequence: int, timeout_s: float) -> Frame | None:
        """The newest frame after `sequence`, waited for at most `timeout_s`; else None."""
        with self._changed:
            is_newer = self._changed.wait_for(
                lambda: self._frame is not None and self._frame.sequence > sequence, timeout_s
            )
            if not is_newer:
                return None
            self._is_taken = True
            return self._frame

    def clear(self) -> None:
        """Empties the slot: nothing of a face stays here."""
        with self._changed:
            self._frame, self._is_taken = None, True
