"""How a face's gender is read, where weights know it."""

from __future__ import annotations

from typing import Protocol

from kiosk.vision.types import Detection, Pixels


class GenderReader(Protocol):
    """Reads the gender of a face. Safe to call from several threads."""

    def warm_up(self) -> None:
        """Loads the weights now. Raises KnownError WEIGHTS_*."""
        ...

    def female_share(self, pixels: Pixels, detection: Detection) -> float:
        """How sure the weights are that it is a woman's face, 0..1: 0 is surely a man's. Raises what
        `warm_up` raises."""
        ...
