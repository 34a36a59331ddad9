"""What the kiosk is measured against: other software and one detector, never shipped and never needed.

The software is the `peers` extra of `pyproject.toml`, at pinned versions. The detector, SCRFD-2.5G, is
licensed for research; it is taken out of its source archive, which is not run, and checked against its hash.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from installer.downloads import Archive, fetch, member, sha256_of, write_whole
from installer.environment import pip, program
from installer.steps import CACHE, ROOT, run_logged

DETECTOR = CACHE / "scrfd" / "scrfd.onnx"
DETECTOR_SHA256 = "9c162a817c7dd32d35d1f1c6ae6445032d6e73c6c5fe61d8b5b663ba8bc86b30"
_ARCHIVE = Archive(
    "scrfd",
    "0.3.0",
    "scrfd-0.3.0.tar.gz",
    "35855c664d565492aab0068f1c64b4957a15ca6cd106b9c8b1642d67cfeeb5fc",
)
_MEMBER = "scrfd-0.3.0/models/scrfd.onnx"


def peers(project: Path = ROOT / "pyproject.toml") -> list[str]:
    """The requirements of the `peers` extra."""
    with project.open("rb") as file:
        wanted: list[str] = tomllib.load(file)["project"]["optional-dependencies"]["peers"]
    return wanted


def install_peers() -> str:
    """Puts the peers into the environment. Returns the outcome in words. Raises StepFailedError."""
    wanted = peers()
    run_logged(
        [*pip(program("python"), "install"), *wanted],
        "Peers",
        "What cannot be installed here is left out by `kiosk bench`, which says so.",
    )
    return f"{len(wanted)} installed"


def fetch_detector() -> str:
    """Puts the detector where `kiosk bench` looks for it. Returns the outcome. Raises StepFailedError."""
    if sha256_of(DETECTOR) == DETECTOR_SHA256:
        return "there"
    write_whole(DETECTOR, member(fetch(_ARCHIVE), _MEMBER, DETECTOR_SHA256))
    return "fetched"
