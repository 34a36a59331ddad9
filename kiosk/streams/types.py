"""What looking at a picture gives, and who looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kiosk.camera.types import Frame
from kiosk.visits.types import SeenFace


@dataclass(frozen=True, slots=True)
class Look:
    """The faces of a picture, and how often the stream's line was crossed since the one before."""

    faces: tuple[SeenFace, ...] = ()
    came_in: int = 0
    went_out: int = 0


class Looker(Protocol):
    """Follows and recognises the faces of one stream; used from one thread."""

    def look(self, frame: Frame) -> Look:
        """Raises what the face engine raises."""
        ...

    def forget(self) -> Look:
        """The stream was lost or stops: nothing of a face stays here. A last look, without faces: who has
        crossed the line until then."""
        ...
