"""`insightface.FaceAnalysis` as its documentation uses it, with the kiosk's own recogniser.

Its detector, SCRFD-2.5G, is for measuring only: research licence, fetched by whoever measures
(`python3 -m installer measuring`), never shipped.
"""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kiosk.benchmarks.figure import NotMeasured
from kiosk.benchmarks.peers.types import PeerFace, largest_first
from kiosk.paths import models_folder, program_root
from kiosk.vision.manifest import read_manifest, read_weights
from kiosk.vision.onnx_session import session_options
from kiosk.vision.types import Box, FloatArray, Pixels

SCRFD_SHA256 = "9c162a817c7dd32d35d1f1c6ae6445032d6e73c6c5fe61d8b5b663ba8bc86b30"
_FETCH = "Fetch it with: python3 -m installer measuring"
_DETECT_SIZE = (640, 640)
_FIRST_LAYER = "conv1.weight"


class FaceAnalysisPeer:
    """SCRFD at 640 x 640, one crop a face, no averaging. One thread at a time."""

    name = "insightface FaceAnalysis"

    def __init__(self, analysis: Any) -> None:
        self._analysis = analysis

    def faces(self, pixels: Pixels) -> list[PeerFace]:
        """All faces, the largest first; vectors are 512 numbers of length 1."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # the library calls an old name of scikit-image
            found = self._analysis.get(pixels)
        return largest_first(
            [
                PeerFace(Box(*map(float, face.bbox)), np.asarray(face.normed_embedding, np.float32))
                for face in found
            ]
        )

    def similarities(self, probe: FloatArray, faces: FloatArray) -> FloatArray:
        """Cosine."""
        return np.asarray(faces @ probe, np.float32)


def scrfd_file() -> Path | None:
    """The detector that is for measuring only, where it is there and whole."""
    path = program_root() / ".cache" / "scrfd" / "scrfd.onnx"
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != SCRFD_SHA256:
        return None
    return path


def write_pack(folder: Path, detector: Path) -> None:
    """A pack in InsightFace's shape: a detector, and the kiosk's recogniser, which takes red first there.

    Raises KnownError WEIGHTS_*.
    """
    import onnx  # late: only who measures pays for it
    from onnx import numpy_helper

    (folder / "det.onnx").write_bytes(detector.read_bytes())
    models = models_folder()
    network = onnx.load_from_string(read_weights(models, read_manifest(models).entry("recogniser")))
    first = next(one for one in network.graph.initializer if one.name == _FIRST_LAYER)
    swapped = np.ascontiguousarray(numpy_helper.to_array(first)[:, ::-1])
    first.CopyFrom(numpy_helper.from_array(swapped, first.name))
    onnx.save(network, folder / "rec.onnx")


def open_face_analysis(threads: int = 0) -> FaceAnalysisPeer | NotMeasured:
    """FaceAnalysis with both networks loaded, or what is missing.

    `threads` are used for one call of a network; 0 is the library's own choice, all cores. Raises KnownError
    WEIGHTS_*.
    """
    detector = scrfd_file()
    if detector is None:
        return NotMeasured(FaceAnalysisPeer.name, f"SCRFD-2.5G is not fetched. {_FETCH}")
    from insightface.app import FaceAnalysis  # half a second

    with TemporaryDirectory(prefix="kiosk-pack-") as folder:
        write_pack(Path(folder), detector)
        analysis = FaceAnalysis(
            name=folder,
            allowed_modules=["detection", "recognition"],
            providers=["CPUExecutionProvider"],
            # Same speed; idle threads that spin would count as work and take the cores from the rest.
            sess_options=session_options(threads),
        )
        analysis.prepare(ctx_id=-1, det_size=_DETECT_SIZE)
    return FaceAnalysisPeer(analysis)
