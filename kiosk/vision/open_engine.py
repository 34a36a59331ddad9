"""The default face engine: YuNet and MobileFaceNet, whose weights may be sold with a product."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from copy import copy
from pathlib import Path

from kiosk.vision.alignment import align
from kiosk.vision.finding import find_faces
from kiosk.vision.looks import LANDMARKS, LIVE_SIDES, checked_pixels, exact_landmarks
from kiosk.vision.manifest import Manifest, embedding_contract_id, read_manifest, read_weights
from kiosk.vision.mobilefacenet import AVERAGING, MobileFaceNet
from kiosk.vision.types import Detection, Embedding, Pixels
from kiosk.vision.yunet import MIN_SCORE, YuNet


class OpenFaceEngine:
    """A `FaceEngine`. Safe from several threads.

    Only the manifest is read at first; weights are read, verified and loaded with the first use, or with
    `warm_up`. Then, and in the constructor, KnownError WEIGHTS_MISSING, WEIGHTS_HASH, WEIGHTS_UNUSABLE and
    MANIFEST_INVALID can be raised; a later call tries again.
    """

    def __init__(self, models: Path, *, threads: int = 1, long_sides: Sequence[int] = LIVE_SIDES) -> None:
        """`models` is the folder of the manifest; `threads` are used for one call of a network;
        `long_sides` are the sizes in which a picture is searched for faces."""
        self._networks = _Networks(models, threads)
        self._contract_id = embedding_contract_id(
            self._networks.manifest.entry("recogniser"), LANDMARKS, AVERAGING
        )
        self._long_sides = tuple(long_sides)

    @property
    def contract_id(self) -> str:
        return self._contract_id

    def with_sides(self, long_sides: Sequence[int]) -> OpenFaceEngine:
        """An engine over the same networks (loaded once) that searches pictures in other sizes."""
        other = copy(self)
        other._long_sides = tuple(long_sides)
        return other

    def warm_up(self) -> None:
        """Loads both networks now."""
        self._networks.detector()
        self._networks.recogniser()

    def detect(self, pixels: Pixels) -> list[Detection]:
        """All faces, the largest first; BugError for anything but a picture (see `Pixels`)."""
        return find_faces(pixels, self._long_sides, self._networks.detector().detect, MIN_SCORE)

    def embed(self, pixels: Pixels, detections: Sequence[Detection]) -> list[Embedding]:
        """One embedding for each detection: landmarks from close-ups, averaged with the mirror image."""
        pixels, look = checked_pixels(pixels), self._networks.detector().detect
        faces = [align(pixels, exact_landmarks(pixels, one, look, MIN_SCORE)) for one in detections]
        vectors = self._networks.recogniser().embed(faces)
        return [Embedding(vector, self._contract_id) for vector in vectors]


class _Networks:
    """Detector and recogniser, each loaded once, by the first thread that asks."""

    def __init__(self, models: Path, threads: int) -> None:
        self.manifest: Manifest = read_manifest(models)
        self._models = models
        self._threads = threads
        self._lock = threading.Lock()
        self._detector: YuNet | None = None
        self._recogniser: MobileFaceNet | None = None

    def detector(self) -> YuNet:
        with self._lock:
            if self._detector is None:
                entry = self.manifest.entry("detector")
                weights = read_weights(self._models, entry)
                self._detector = YuNet(weights, entry.preprocessing, self._threads)
            return self._detector

    def recogniser(self) -> MobileFaceNet:
        with self._lock:
            if self._recogniser is None:
                entry = self.manifest.entry("recogniser")
                weights = read_weights(self._models, entry)
                self._recogniser = MobileFaceNet(weights, entry.preprocessing, self._threads)
            return self._recogniser
