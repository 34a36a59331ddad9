"""The project's own Python environment: `.venv`, the locked dependencies, and the `kiosk` command in it."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from installer.steps import ROOT, announce, run_logged

VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
_RETRY = "Check the network and free disk space, then start the same command again."


def program(name: str, platform: str = sys.platform, venv: Path = VENV) -> Path:
    """Where the environment keeps a program, `python` among them."""
    return venv / "Scripts" / f"{name}.exe" if platform == "win32" else venv / "bin" / name


def pip(python: str | Path, command: str) -> list[str | Path]:
    """A Python's pip with one of its commands, without chatter."""
    return [python, "-m", "pip", command, "--disable-pip-version-check", "--progress-bar", "off"]


class Stamp:
    """Says for which contents a piece of work was done, in a small file beside its result."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def fits(self, mark: str) -> bool:
        """Whether the work was finished for `mark`."""
        try:
            return bool(json.loads(self._file.read_text(encoding="utf-8")) == mark)
        except (OSError, ValueError):
            return False

    def put(self, mark: str) -> None:
        """Says that the work is finished for `mark`."""
        self._file.write_text(json.dumps(mark), encoding="utf-8")

    def clear(self) -> None:
        """Says that the work is not finished."""
        self._file.unlink(missing_ok=True)


def mark_of(*files: Path) -> str:
    """A digest of the contents of files and of the running Python.

    Of Python, what an environment depends on: its minor version and its place. The system may bring a
    corrected release of it at any time (installing its `venv` package does), and that changes nothing.
    """
    digest = hashlib.sha256(f"{sys.implementation.cache_tag} {sys.base_prefix}".encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def make_venv() -> str:
    """`.venv`, made anew when it is broken, unfinished or of another Python. Returns the outcome in words."""
    stamp, mark = Stamp(VENV / "made.json"), mark_of()
    if stamp.fits(mark) and program("python").exists():
        return "there"
    command: list[str | Path] = [sys.executable, "-m", "venv", "--clear", VENV]
    run_logged(command, "Environment", "Remove the folder .venv and start the same command again.")
    stamp.put(mark)
    return "made"


def install_dependencies() -> str:
    """Everything of the lock, each file checked against its hash. Returns the outcome in words."""
    stamp, mark = Stamp(VENV / "dependencies.json"), mark_of(LOCK)
    if stamp.fits(mark):
        return "there"
    announce("installing from the lock, a minute or two")
    stamp.clear()
    run_logged(
        [*pip(program("python"), "install"), "--no-deps", "--require-hashes", "-r", LOCK],
        "Dependencies",
        _RETRY,
    )
    stamp.put(mark)
    return "installed"


def install_project() -> str:
    """The project itself, editable, which brings the `kiosk` command. Returns the outcome in words."""
    stamp, mark = Stamp(VENV / "project.json"), mark_of(ROOT / "pyproject.toml", LOCK)
    if stamp.fits(mark):
        return "there"
    # No build isolation: the build tool is in the lock, so this needs neither network nor an unchecked file.
    run_logged(
        [*pip(program("python"), "install"), "--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT],
        "Project",
        _RETRY,
    )
    stamp.put(mark)
    return "installed"
