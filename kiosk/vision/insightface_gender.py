"""Gender as a licensed InsightFace pack knows it: its `genderage.onnx`, where there is one."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.alignment import square_around
from kiosk.vision.manifest import Preprocessing
from kiosk.vision.onnx_session import as_input, session_options
from kiosk.vision.types import Detection, Pixels

_FILES = "*genderage*.onnx"
_MARGIN = 1.5  # as the library cuts a face out for it


@dataclass(frozen=True, slots=True)
class _Network:
    session: onnxruntime.InferenceSession
    side_px: int
    preprocessing: Preprocessing


class InsightFaceGender:
    """A `GenderReader`. The file is read with the first use, or with `warm_up`. Safe from several threads."""

    def __init__(self, file: Path, threads: int = 1) -> None:
        self._file = file
        self._threads = threads
        self._lock = threading.Lock()
        self._network: _Network | None = None

    @classmethod
    def of_pack(cls, folder: Path, threads: int = 1) -> InsightFaceGender | None:
        """The reader of a pack; None for one without such a file."""
        files = sorted(folder.glob(_FILES))
        return cls(files[0], threads) if files else None

    def warm_up(self) -> None:
        """Loads the network now. Raises KnownError WEIGHTS_UNUSABLE."""
        self._loaded()

    def female_share(self, pixels: Pixels, detection: Detection) -> float:
        """How sure the weights are that it is a woman's face, 0..1. Raises what `warm_up` raises."""
        network = self._loaded()
        cut, _, _ = square_around(pixels, detection.box, _MARGIN, network.side_px)
        tensor = as_input(cut[None], network.preprocessing)
        feed = {network.session.get_inputs()[0].name: tensor}
        female, male = np.asarray(network.session.run(None, feed)[0], np.float64)[0, :2]
        return float(1.0 / (1.0 + np.exp(np.clip(male - female, -50.0, 50.0))))

    def _loaded(self) -> _Network:
        with self._lock:
            if self._network is None:
                self._network = self._load()
            return self._network

    def _load(self) -> _Network:
        try:
            # Late, as the engine does: half a second and much memory. It knows how each pack's file wants
            # its pixels.
            from insightface.model_zoo.attribute import Attribute

            session = onnxruntime.InferenceSession(
                str(self._file), session_options(self._threads), providers=["CPUExecutionProvider"]
            )
            known = Attribute(model_file=str(self._file), session=session)
        except Exception as error:  # the library and onnxruntime have no common base for what they raise
            raise self._unusable(type(error).__name__) from error
        if known.taskname != "genderage" or known.input_size[0] != known.input_size[1]:
            raise self._unusable("it is not the network that tells gender and age")
        image = Preprocessing(colour_order="RGB", mean=known.input_mean, scale=1.0 / known.input_std)
        return _Network(session, int(known.input_size[0]), image)

    def _unusable(self, why: str) -> KnownError:
        return KnownError(
            ErrorCode.WEIGHTS_UNUSABLE,
            f"{self._file} cannot be used: {why}.",
            "Put the pack's own file there, or take it out: gender is then unknown.",
        )
