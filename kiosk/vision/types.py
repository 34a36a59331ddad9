"""What is found in a picture: boxes, landmarks, embeddings, quality; and the port of a face engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A picture: height x width x 3, uint8, channels blue, green, red."""
FloatArray = NDArray[np.float32]
EMBEDDING_SIZE = 512


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of its picture: x1 <= x2, y1 <= y2; may reach over the border."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def center(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A face in a picture. `landmarks`: 5 x 2 float32 pixels — the eye, the eye, nose, the mouth corners,
    each pair from the picture's left to its right. `score` in 0..1."""

    box: Box
    score: float
    landmarks: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """A face as numbers: `vector` is float32, 512, of length 1. Comparable only with one of the same
    `contract_id` (model, version and preprocessing)."""

    vector: FloatArray = field(repr=False)
    contract_id: str

    def similarity(self, other: Embedding) -> float:
        """Cosine, higher is closer. Raises KnownError(CONTRACT_MISMATCH) across contracts."""
        from kiosk.errors import ErrorCode, KnownError

        if self.contract_id != other.contract_id:
            raise KnownError(
                ErrorCode.CONTRACT_MISMATCH,
                f"Embeddings of {self.contract_id} and {other.contract_id} cannot be compared.",
                "Import the event's photos again with the engine in use.",
            )
        return float(self.vector @ other.vector)


class RejectionReason(StrEnum):
    """Why a face is not good enough for a probe; each has a sentence of guidance."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    OFF_CENTER = "off_center"
    CUT_OFF = "cut_off"
    TURNED = "turned"
    LOOKING_DOWN = "looking_down"
    LOOKING_UP = "looking_up"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    UNCERTAIN = "uncertain"
    NOT_LIVE = "not_live"


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a face is for recognition: `score` in 0..1; `reasons` by importance, empty if good."""

    score: float
    reasons: tuple[RejectionReason, ...]

    @property
    def is_good(self) -> bool:
        return not self.reasons


class FaceEngine(Protocol):
    """Finds faces and turns them into embeddings. Safe to call from several threads."""

    @property
    def contract_id(self) -> str:
        """Names model, version and preprocessing; stored with every embedding."""
        ...

    def warm_up(self) -> None:
        """Loads the weights now, so that the first visitor does not wait for it."""
        ...

    def detect(self, pixels: Pixels) -> list[Detection]:
        """All faces of a picture, the largest box first. Any size of picture; empty list when none."""
        ...

    def embed(self, pixels: Pixels, detections: Sequence[Detection]) -> list[Embedding]:
        """One embedding for each detection, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class ShirtNumber:
    """A number worn in a picture: 1 to 6 `digits`, leading zeros kept; `score` in 0..1; `box` in pixels of
    the picture."""

    digits: str
    score: float
    box: Box


class NumberReader(Protocol):
    """Reads the numbers that people wear. Safe to call from several threads."""

    def warm_up(self) -> None:
        """Loads the weights now. Raises KnownError MANIFEST_INVALID, WEIGHTS_*."""
        ...

    def read(self, pixels: Pixels) -> list[ShirtNumber]:
        """All numbers of a picture, the largest first; empty list when none. Raises what `warm_up` raises."""
        ...
