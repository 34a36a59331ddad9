"""A passive liveness model that a site brings: from one picture, how live a face looks.

No openly licensed weights are known, so none come with the kiosk. A pack is a folder with the network as an
ONNX file and `passive_liveness.json` beside it:

    {"file": "model.onnx", "sha256": "…", "margin": 2.7, "live_class": 1, "threshold": 0.8,
     "preprocessing": {"input_width": 80, "input_height": 80, "colour_order": "BGR", "mean": 0, "scale": 1}}

The network takes one square around the face, `margin` times as wide as its box, as [1, 3, side, side]
float32, and gives one logit for each class.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import numpy as np
import onnxruntime
from pydantic import Field, ValidationError, model_validator

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.alignment import square_around
from kiosk.vision.manifest import HashedFile, Preprocessing, read_weights
from kiosk.vision.onnx_session import as_input, open_session, unusable
from kiosk.vision.types import Box, Pixels

DESCRIPTION_NAME = "passive_liveness.json"
_WHAT = "the passive liveness pack"


class PassiveDescription(HashedFile):
    """What `passive_liveness.json` says; a face is live from `threshold` (0..1) on."""

    margin: Annotated[float, Field(ge=1, le=6)]
    live_class: Annotated[int, Field(ge=0)]
    threshold: Annotated[float, Field(gt=0, lt=1)]
    preprocessing: Preprocessing

    @model_validator(mode="after")
    def _is_square(self) -> PassiveDescription:
        image = self.preprocessing
        if image.input_width is None or image.input_width != image.input_height:
            raise ValueError("preprocessing needs input_width and input_height, and they must be equal")
        return self


class PassivePack:
    """The model of a folder, read and loaded with the first use. Safe from several threads."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._folder = folder
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: tuple[PassiveDescription, onnxruntime.InferenceSession] | None = None

    def warm_up(self) -> None:
        """Loads the model now. Raises KnownError: MANIFEST_INVALID, WEIGHTS_MISSING, WEIGHTS_HASH,
        WEIGHTS_UNUSABLE."""
        self._load()

    def is_live(self, pixels: Pixels, box: Box) -> bool:
        """Whether the face in `box` looks live enough; the first call raises what `warm_up` raises."""
        return self.score(pixels, box) >= self._load()[0].threshold

    def score(self, pixels: Pixels, box: Box) -> float:
        """How live the face in `box` looks, 0..1; the first call raises what `warm_up` raises."""
        description, session = self._load()
        image = description.preprocessing
        cut, _, _ = square_around(pixels, box, description.margin, image.input_width or 0)
        tensor = as_input(cut[None], image)
        logits = np.asarray(session.run(None, {session.get_inputs()[0].name: tensor})[0], np.float64).ravel()
        shares = np.exp(logits - logits.max())
        return float(shares[description.live_class] / shares.sum())

    def _load(self) -> tuple[PassiveDescription, onnxruntime.InferenceSession]:
        with self._lock:
            if self._loaded is None:
                description = read_description(self._folder)
                session = open_session(read_weights(self._folder, description), self._threads, _WHAT)
                classes = session.get_outputs()[0].shape[-1]
                if not isinstance(classes, int) or description.live_class >= classes:
                    raise unusable(_WHAT, f"it has no class {description.live_class}")
                self._loaded = description, session
            return self._loaded


def read_description(folder: Path) -> PassiveDescription:
    """What the pack says of itself. Raises KnownError: WEIGHTS_MISSING, MANIFEST_INVALID."""
    path = folder / DESCRIPTION_NAME
    try:
        return PassiveDescription.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise KnownError(
            ErrorCode.WEIGHTS_MISSING,
            f"{path} is not there.",
            "Set capture.passive_pack to the pack's folder.",
        ) from error
    except (OSError, ValueError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise KnownError(
            ErrorCode.MANIFEST_INVALID, f"{path}: {why}.", "Ask whoever made the pack for another one."
        ) from error
