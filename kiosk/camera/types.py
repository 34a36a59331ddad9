"""A frame and the port of everything that gives frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A picture: height x width x 3, uint8, channels in OpenCV's order (blue, green, red)."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of the camera. `captured_at_s` is monotonic; `sequence` grows by one a frame."""

    sequence: int
    captured_at_s: float
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class Wish:
    """The picture that is asked of a webcam, which gives the nearest that it can."""

    width: int = 1280
    height: int = 720
    fps: int = 30


class Camera(Protocol):
    """A source of frames, used from one thread (its camera worker's).

    `open` and `read` raise KnownError: CAMERA_NOT_FOUND, CAMERA_REFUSED, CAMERA_LOST (gone in the middle),
    CAMERA_FROZEN (no new frame within the time-out), CLIP_UNREADABLE. After an error `close` and `open`
    start afresh.
    """

    @property
    def name(self) -> str:
        """For staff and logs, without credentials: "webcam 0", "rtsp door.example", "clip visitor.mp4"."""
        ...

    def open(self) -> None:
        """Takes hold of the device; returns within 5 s or raises."""
        ...

    def read(self) -> Frame:
        """Waits for the next frame, at most 2 s; paced as the source gives them."""
        ...

    def close(self) -> None:
        """Lets go of the device; harmless when it is not open."""
        ...
