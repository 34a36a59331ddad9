"""The program as one folder: a lean environment of what ships, frozen by PyInstaller, then checked."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from installer.environment import LOCK, Stamp, mark_of, pip, program
from installer.package.locked import BUILD_TOOLS, PACKAGE_LOCK, read_lock, write_requirements
from installer.steps import ROOT, StepFailedError, announce, run_logged

WORK = ROOT / "build" / "package"
DIST = ROOT / "dist"
FOLDER = DIST / "photo-kiosk"
SPEC = ROOT / "installer" / "package" / "kiosk.spec"
LEAN = WORK / "venv"
PAPERS = WORK / "papers"
"""The third-party notices and the bill of materials."""
NOTICES, BILL = "THIRD_PARTY_NOTICES.txt", "sbom.cdx.json"
_AGAIN = "Start the same command again."


def make_lean_environment() -> str:
    """An environment of what ships, and of PyInstaller. Returns the outcome. Raises StepFailedError."""
    _check_python()
    stamp, mark = Stamp(LEAN / "lean.json"), mark_of(PACKAGE_LOCK, LOCK)
    if stamp.fits(mark):
        return "there"
    announce("installing what ships, a minute or two")
    WORK.mkdir(parents=True, exist_ok=True)
    tools = WORK / "build-tools.txt"
    write_requirements(BUILD_TOOLS, tools)
    what = "Lean environment"
    run_logged([sys.executable, "-m", "venv", "--clear", LEAN], what, _AGAIN)
    python = program("python", venv=LEAN)
    locked = [*pip(python, "install"), "--no-deps", "--require-hashes"]
    run_logged([*locked, "-r", tools], what, _AGAIN)
    run_logged([*locked, "-r", PACKAGE_LOCK], what, _AGAIN)
    stamp.put(mark)
    return "made"


def _check_python() -> None:
    if sys.platform == "linux" and not sysconfig.get_config_var("Py_ENABLE_SHARED"):
        why = "this Python has no shared library, which PyInstaller needs"
        raise StepFailedError.because("Package", why, "Use the system's, or one built with --enable-shared.")


def packages() -> Path:
    """Where the lean environment keeps its distributions."""
    paths = sysconfig.get_paths("venv", {"base": str(LEAN), "platbase": str(LEAN)})
    return Path(paths["purelib"])


def write_papers() -> str:
    """Notices and bill of materials of what ships. Returns the outcome. Raises StepFailedError."""
    command: list[str | Path] = [program("python"), "-m", "installer.package.notices", packages(), PAPERS]
    run_logged(command, "Notices", _AGAIN, {"PYTHONPATH": str(ROOT)})
    return f"{NOTICES}, {BILL}"


def freeze() -> str:
    """Runs PyInstaller. Returns the outcome: how large the folder is. Raises StepFailedError."""
    announce("freezing, some minutes")
    command: list[str | Path] = [program("python", venv=LEAN), "-m", "PyInstaller", SPEC]
    command += ["--noconfirm", "--clean", "--log-level", "WARN"]
    command += ["--distpath", DIST, "--workpath", WORK / "pyinstaller"]
    run_logged(command, "Freezing", _AGAIN, {"PYTHONPATH": str(ROOT)})
    for paper in (NOTICES, BILL):
        shutil.copyfile(PAPERS / paper, FOLDER / paper)
    if sys.platform == "linux":
        _strip_python()
    return f"{size_mb(FOLDER):.0f} MB"


def _strip_python() -> None:
    """Python as it is built from its sources carries what only its debugger reads; wheels are without."""
    inside = FOLDER / "_internal"
    files = [*inside.glob("libpython*.so*"), *inside.glob("python3*/lib-dynload/*.so")]
    run_logged(["strip", "--strip-unneeded", *files], "Freezing", "Install binutils.")


def check_folder() -> str:
    """That all of it is locked, every library finds those it needs, and the program starts. Raises
    StepFailedError."""
    strangers = sorted(set(not_locked(WORK / "pyinstaller" / "kiosk", packages())))
    if strangers:
        why = f"not in {PACKAGE_LOCK.name}, so not in the notices: {', '.join(strangers)}"
        raise StepFailedError.because("Package", why, "Leave it out in contents.py, or lock it.")
    missing = sorted(set(missing_libraries(FOLDER))) if sys.platform == "linux" else []
    if missing:
        why = f"libraries are missing: {', '.join(missing)}"
        raise StepFailedError.because("Package", why, "Look at contents.py.")
    suffix = ".exe" if sys.platform == "win32" else ""
    said = subprocess.run([FOLDER / f"kiosk{suffix}", "version"], capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise StepFailedError.because("Package", said.stderr.strip()[-300:] or "it does not start", _AGAIN)
    return f"starts, says {said.stdout.strip()}"


def not_locked(tables: Path, installed: Path) -> Iterator[str]:
    """The distributions of which something was frozen and which are not in the lock of what ships; by
    PyInstaller's tables of what it froze. Its own parts are in the notices under a name of their own."""
    locked = {pin.name for pin in read_lock(PACKAGE_LOCK)} | {"pyinstaller", "pyinstaller-hooks-contrib"}
    foreign = {
        str(found.locate_file(file)): name
        for found in distributions(path=[str(installed)])
        if (name := re.sub(r"[-_.]+", "-", found.name).lower()) not in locked
        for file in found.files or []
    }
    for name in ("COLLECT", "EXE", "PYZ"):
        table = (tables / f"{name}-00.toc").read_text(encoding="utf-8")
        for _, source, _ in _entries(ast.literal_eval(table)):
            if source in foreign:
                yield foreign[source]


def _entries(table: object) -> Iterator[tuple[str, str, str]]:
    """Those of a table, which has lists of them in it."""
    if isinstance(table, tuple) and len(table) == 3 and all(isinstance(word, str) for word in table):
        yield table
    elif isinstance(table, tuple | list):
        for part in table:
            yield from _entries(part)


def elf_files(folder: Path) -> Iterator[Path]:
    """Programs and libraries of Linux in a folder; links are left out."""
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as handle:
                if handle.read(4) == b"\x7fELF":
                    yield file


def missing_libraries(folder: Path) -> Iterator[str]:
    """The libraries that some file of the folder needs and neither the folder nor the system has."""
    files = list(elf_files(folder))
    names = {file.name for file in files} | {link.name for link in folder.rglob("*.so*") if link.is_symlink()}
    for start in range(0, len(files), 50):
        told = subprocess.run(
            ["ldd", *files[start : start + 50]], capture_output=True, text=True, check=False
        )
        for line in told.stdout.splitlines():
            name, arrow, where = line.strip().partition(" => ")
            if arrow and where.startswith("not found") and name not in names:
                yield name


def size_mb(folder: Path) -> float:
    """Megabytes (10⁶ bytes) of the files in a folder, each counted once."""
    return (
        sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
        / 1e6
    )
