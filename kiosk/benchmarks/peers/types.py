"""The port of a recognition peer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kiosk.vision.types import Box, FloatArray, Pixels

INSTALL = "Install it with: python3 -m installer measuring"


@dataclass(frozen=True, slots=True, eq=False)
class PeerFace:
    """A face as a peer sees it: its box in pixels of the picture, its float32 vector in the peer's size."""

    box: Box
    vector: FloatArray


class FacePeer(Protocol):
    """Finds faces and turns them into vectors, as the software's own documentation does it."""

    @property
    def name(self) -> str:
        """What it is, for a table."""
        ...

    def faces(self, pixels: Pixels) -> list[PeerFace]:
        """All faces of a picture (height x width x 3, uint8, BGR) with their vectors, the largest first."""
        ...

    def similarities(self, probe: FloatArray, faces: FloatArray) -> FloatArray:
        """How like a probe [n] each row of `faces` [m x n] is: m float32, higher is closer, all above -1."""
        ...


def largest_first(faces: list[PeerFace]) -> list[PeerFace]:
    """By the area of the box."""
    return sorted(faces, key=lambda face: face.box.area, reverse=True)
