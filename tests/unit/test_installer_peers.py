"""The tests' Milvus server: for them only, whole or not at all, and nothing stops for want of it."""

from __future__ import annotations

import hashlib
import lzma
import zipfile
from pathlib import Path

import pytest

from installer import __main__ as command
from installer import peers
from installer.downloads import Archive
from installer.steps import ROOT, StepFailedError

PROGRAM = b"\x7fELF a server" * 1000


@pytest.fixture
def milvus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the server of this test goes, on a machine that can run it."""
    monkeypatch.setattr(peers, "MILVUS", tmp_path / "cache" / "milvus")
    monkeypatch.setattr(peers.sys, "platform", "linux")
    monkeypatch.setattr(peers.platform, "machine", lambda: "x86_64")
    return peers.MILVUS


def wheel_in(folder: Path, program: bytes) -> Path:
    file = folder / "milvus.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr("milvus/__init__.py", "raise SystemExit")
        wheel.writestr("milvus/data/config.yaml.template", "port: {{ proxy_port(int): 19530 }}")
        wheel.writestr("milvus/data/glog.conf", "--logtostderr=false")
        wheel.writestr("milvus/data/bin/milvus.lzma", program)
    return file


def serve(monkeypatch: pytest.MonkeyPatch, wheel: Path) -> list[Archive]:
    """Instead of the index; tells what was asked for."""
    asked: list[Archive] = []

    def fetch(archive: Archive) -> Path:
        asked.append(archive)
        return wheel

    monkeypatch.setattr(peers, "fetch", fetch)
    return asked


def test_the_server_is_pinned_and_is_neither_a_dependency_nor_in_the_lock(
    milvus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = serve(monkeypatch, wheel_in(tmp_path, lzma.compress(PROGRAM)))
    peers.install_milvus()

    assert [(one.distribution, one.version) for one in asked] == [("milvus", "2.3.5")]
    assert len(bytes.fromhex(asked[0].sha256)) == hashlib.sha256().digest_size
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert not [line for line in lock if line.startswith("milvus==")]
    assert '"milvus=' not in project


def test_programs_and_forms_are_unpacked_once_and_nothing_else(
    milvus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = serve(monkeypatch, wheel_in(tmp_path, lzma.compress(PROGRAM)))

    assert peers.install_milvus() == "unpacked"
    assert peers.install_milvus() == "there"
    assert len(asked) == 1
    assert peers.milvus_is_ready(milvus)
    assert (milvus / "bin" / "milvus").read_bytes() == PROGRAM
    assert (milvus / "bin" / "milvus").stat().st_mode & 0o111 == 0o111
    assert sorted(file.name for file in milvus.iterdir()) == [
        "bin",
        "config.yaml.template",
        "glog.conf",
        "unpacked.json",
    ]


def test_an_unpacking_that_broke_off_is_not_taken_for_a_server_and_is_done_again(
    milvus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, wheel_in(tmp_path, lzma.compress(PROGRAM)[:-20]))
    with pytest.raises(EOFError):
        peers.install_milvus()
    assert not peers.milvus_is_ready(milvus)

    serve(monkeypatch, wheel_in(tmp_path, lzma.compress(PROGRAM)))
    assert peers.install_milvus() == "unpacked"
    assert (milvus / "bin" / "milvus").read_bytes() == PROGRAM


@pytest.mark.parametrize(
    "error",
    [StepFailedError("Download: no connection to the package index"), OSError("No space left on device")],
    ids=["network", "disk"],
)
def test_a_server_that_cannot_be_had_stops_nobody_and_says_why(
    milvus: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fetch(archive: Archive) -> Path:
        raise error

    monkeypatch.setattr(peers, "fetch", fetch)
    assert peers.install_milvus() == f"without Milvus, whose tests skip: {error}"
    assert not peers.milvus_is_ready(milvus)


@pytest.mark.parametrize(
    ("system", "machine"), [("darwin", "x86_64"), ("win32", "AMD64"), ("linux", "aarch64")]
)
def test_another_machine_fetches_nothing(
    milvus: Path, monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    monkeypatch.setattr(peers.sys, "platform", system)
    monkeypatch.setattr(peers.platform, "machine", lambda: machine)
    asked = serve(monkeypatch, milvus)
    assert peers.install_milvus() == "none for this machine, its tests skip"
    assert asked == []


@pytest.mark.parametrize("for_tests", [False, True])
def test_the_server_comes_only_with_the_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, for_tests: bool
) -> None:
    steps: list[str] = []
    monkeypatch.setattr(command, "CACHE", tmp_path)
    monkeypatch.setattr(command, "run_step", lambda title, action: steps.append(title))
    command.set_up(for_tests)
    assert ("Test peers" in steps) is for_tests
    assert steps[0] == "System libraries"
