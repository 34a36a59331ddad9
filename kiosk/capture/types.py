"""What the live view tells the rest: camera state, boxes with guidance, and the shot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.capture.liveness import Challenge
from kiosk.events import Event
from kiosk.vision.types import Box, Embedding, Pixels, RejectionReason


class CameraState(StrEnum):
    """What the camera worker is doing. LOST means that it reconnects by itself; NONE that there is nothing
    to reconnect to (it goes on looking all the same, less often)."""

    OFF = "off"
    STARTING = "starting"
    LIVE = "live"
    LOST = "lost"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CameraChanged(Event):
    """The camera's state is another one now; `code` is the error's stable code, if it is one."""

    state: CameraState
    code: str = ""


@dataclass(frozen=True, slots=True)
class CaptureChecks:
    """The three checks that a visitor sees, and how long the face has been still (0..1 of what is needed)."""

    is_near: bool
    is_lit: bool
    is_facing: bool
    stillness: float


@dataclass(frozen=True, slots=True)
class LivenessSeen:
    """How the challenge stands: what is asked for, whether an answer is being looked for (the face looked
    ahead once), whether it came, and whether so many asks went by that the way without a face is to be
    offered."""

    challenge: Challenge
    is_asking: bool
    is_passed: bool
    offers_other_way: bool


@dataclass(frozen=True, slots=True)
class FacesSeen(Event):
    """The faces of one live frame, in pixels of that frame; `main` is the index of the visitor's face.

    `reason` is what the visitor should mend first; None when all is well. `liveness` is None where nothing is
    asked for.
    """

    sequence: int
    captured_at_s: float
    frame_width: int
    frame_height: int
    boxes: tuple[Box, ...]
    main: int | None
    checks: CaptureChecks
    reason: RejectionReason | None
    liveness: LivenessSeen | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """The visitor's picture, out of the live frames: the probe and the still to show. In memory only."""

    still: Pixels
    box: Box
    probe: Embedding
    quality_score: float
    captured_at_s: float


@dataclass(frozen=True, slots=True, eq=False)
class ShotTaken(Event):
    """The automatic or the touched shot was taken."""

    shot: Shot


@dataclass(frozen=True, slots=True)
class ShotRefused(Event):
    """A touched shot could not be used; says why."""

    reason: RejectionReason
