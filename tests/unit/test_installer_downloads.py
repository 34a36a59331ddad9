"""Nothing from the index is used unless its hash is right, and nothing of it is run."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from installer import steps
from installer.downloads import Archive, check, fetch, member, write_whole
from installer.steps import StepFailedError

CONTENT = b"weights" * 1000
needs_pip = pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="this environment has no pip")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheel_in(folder: Path) -> Archive:
    """A real wheel in a folder that serves as the index."""
    folder.mkdir(exist_ok=True)
    file = folder / "tinyweights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr("tinyweights/w.bin", CONTENT)
        wheel.writestr(
            "tinyweights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tinyweights\nVersion: 1.0\n"
        )
        wheel.writestr(
            "tinyweights-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr("tinyweights-1.0.dist-info/RECORD", "")
    return Archive("tinyweights", "1.0", file.name, digest(file.read_bytes()))


def source_archive_in(folder: Path, trace: Path) -> Archive:
    """A real source archive whose build script leaves a trace when it runs."""
    folder.mkdir(exist_ok=True)
    file = folder / "tinyphotos-1.0.tar.gz"
    with tarfile.open(file, "w:gz") as packed:
        for name, content in (
            ("setup.py", f"open({str(trace)!r}, 'w')\n".encode()),
            ("PKG-INFO", b"Metadata-Version: 2.1\nName: tinyphotos\nVersion: 1.0\n"),
            ("photos/one.jpg", CONTENT),
        ):
            entry = tarfile.TarInfo(f"tinyphotos-1.0/{name}")
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    return Archive("tinyphotos", "1.0", file.name, digest(file.read_bytes()))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index that is a folder, for pip and nobody else."""
    folder = tmp_path / "index"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setattr(steps, "LOG", tmp_path / "installer.log")
    return folder


def test_a_wrong_hash_is_named_and_the_content_refused() -> None:
    with pytest.raises(StepFailedError) as refused:
        check("some.whl", b"something else", digest(CONTENT))
    assert "some.whl" in str(refused.value)
    assert digest(b"something else") in str(refused.value)
    assert digest(CONTENT) in str(refused.value)


@needs_pip
def test_a_file_with_another_hash_is_never_kept(index: Path, tmp_path: Path) -> None:
    real = wheel_in(index)
    with pytest.raises(StepFailedError, match="expected 0000"):
        fetch(Archive(real.distribution, real.version, real.file, "0" * 64), tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


@needs_pip
def test_a_half_downloaded_file_is_fetched_again_and_a_whole_one_is_not(index: Path, tmp_path: Path) -> None:
    archive = wheel_in(index)
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / archive.file).write_bytes((index / archive.file).read_bytes()[:100])
    assert digest(fetch(archive, kept).read_bytes()) == archive.sha256
    (index / archive.file).unlink()
    assert digest(fetch(archive, kept).read_bytes()) == archive.sha256


@needs_pip
def test_a_source_archive_is_fetched_without_running_its_script(index: Path, tmp_path: Path) -> None:
    trace = tmp_path / "the-script-ran"
    archive = source_archive_in(index, trace)
    fetched = fetch(archive, tmp_path / "kept")
    assert member(fetched, "tinyphotos-1.0/photos/one.jpg", digest(CONTENT)) == CONTENT
    assert not trace.exists()


@needs_pip
def test_a_file_that_no_index_has_is_said_in_one_line(index: Path, tmp_path: Path) -> None:
    index.mkdir()
    with pytest.raises(StepFailedError, match=r"nowhere-1\.0") as stopped:
        fetch(Archive("nowhere", "1.0", "nowhere-1.0.tar.gz", "0" * 64), tmp_path / "kept")
    assert "\n" not in str(stopped.value)


def test_a_member_with_another_hash_or_name_is_refused(tmp_path: Path) -> None:
    archive = wheel_in(tmp_path)
    with pytest.raises(StepFailedError, match=r"tinyweights/w\.bin has sha256"):
        member(tmp_path / archive.file, "tinyweights/w.bin", "0" * 64)
    with pytest.raises(StepFailedError, match="no usable other"):
        member(tmp_path / archive.file, "other", digest(CONTENT))


def test_an_archive_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    for name in ("broken.whl", "broken.tar.gz"):
        (tmp_path / name).write_bytes(b"not an archive")
        with pytest.raises(StepFailedError, match="no usable w"):
            member(tmp_path / name, "w", digest(CONTENT))


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "models" / "w.onnx"
    write_whole(target, b"old")
    write_whole(target, b"new")
    assert [(file.name, file.read_bytes()) for file in target.parent.iterdir()] == [("w.onnx", b"new")]
