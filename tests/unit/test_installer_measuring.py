"""What the kiosk is measured against stays out of what is shipped."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pytest

from installer import measuring
from installer.steps import ROOT, StepFailedError
from kiosk.benchmarks.peers.insightface_peer import SCRFD_SHA256
from kiosk.benchmarks.peers.insightface_peer import scrfd_file as detector_of_the_bench


def test_peers_are_pinned_and_are_neither_dependencies_nor_in_the_lock() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower().replace("_", "-")
    wanted = measuring.peers()
    assert wanted
    for requirement in wanted:
        assert re.fullmatch(r"[\w-]+==[\w.]+", requirement)
        name = requirement.partition("==")[0].lower().replace("_", "-")
        assert not re.search(rf"^{name}==", lock, re.MULTILINE)


def test_the_detector_is_put_where_the_bench_looks_for_it() -> None:
    assert measuring.DETECTOR == ROOT / ".cache" / "scrfd" / "scrfd.onnx"
    assert measuring.DETECTOR_SHA256 == SCRFD_SHA256
    there = detector_of_the_bench()
    assert there is None or there == measuring.DETECTOR


def test_a_detector_of_another_content_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file, wrong = tmp_path / "scrfd.tar.gz", tmp_path / "scrfd.onnx"
    wrong.write_bytes(b"another network")
    with tarfile.open(file, "w:gz") as packed:
        packed.add(wrong, "scrfd-0.3.0/models/scrfd.onnx")
    monkeypatch.setattr(measuring, "DETECTOR", tmp_path / "cache" / "scrfd.onnx")
    monkeypatch.setattr(measuring, "fetch", lambda archive: file)
    with pytest.raises(StepFailedError, match="it was not used"):
        measuring.fetch_detector()
    assert not measuring.DETECTOR.exists()
