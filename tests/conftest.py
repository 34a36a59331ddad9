"""What several test files need: the calibration set, the fetched weights, an engine over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.paths import models_folder, program_root
from kiosk.vision.manifest import read_manifest
from kiosk.vision.open_engine import OpenFaceEngine


@pytest.fixture(scope="session")
def real_faces() -> Path:
    """The labelled pictures that lie beside the repository."""
    folder = program_root().parent / "shared" / "data" / "faces"
    if not (folder / "gallery.csv").is_file():
        pytest.skip("the calibration set is not beside the repository")
    return folder


@pytest.fixture(scope="session")
def weights() -> Path:
    """The folder of the manifest and the weights that it names."""
    folder = models_folder()
    for entry in read_manifest(folder).weights:
        if not (folder / entry.file).is_file():
            pytest.skip(f"the weights are not fetched: {entry.file} is missing")
    return folder


@pytest.fixture(scope="session")
def face_engine(weights: Path) -> OpenFaceEngine:
    """The default engine, as it looks at live frames."""
    return OpenFaceEngine(weights)
