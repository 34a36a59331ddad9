"""The house's own rules: who imports whom, how large a file may be, what must not lie in the tree."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kiosk.paths import program_root

ROOT = program_root()
MOST_LINES = 450
KIOSK = sorted((ROOT / "kiosk").rglob("*.py"))
SOURCES = [*KIOSK, *sorted((ROOT / "ui").rglob("*.py"))]
SCREENS = sorted((ROOT / "ui" / "qml").rglob("*.qml"))

_LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
# Put together from parts, so that this file does not hold what it forbids.
_OF_ONE_MACHINE = re.compile(
    "|".join(
        (
            "/" + r"work/(main|shared|notes)\b",
            "/" + r"tmp/(lab|pytest)\b",
            "/" + r"home/\w+/",
            "/" + r"Users/\w+/",
            r"[A-Z]:\\{1,2}" + r"Users\\",
            "artifact" + "ory",
            r"\.in" + r"ternal\b",
        )
    )
)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_a_room_imports_only_from_the_floors_below() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert len(settings["tool"]["importlinter"]["contracts"]) >= 5
    checked = subprocess.run(
        [sys.executable, "-c", _LINT], cwd=ROOT, capture_output=True, text=True, timeout=110, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_every_room_stands_on_a_floor() -> None:
    """A room that the import rules do not name is one that they do not keep."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    floors = {room for line in contracts["contracts"][0]["layers"] for room in line.split(" | ")}
    rooms = {
        f"kiosk.{path.stem}"
        for path in (ROOT / "kiosk").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    }
    assert rooms - floors == set()


@pytest.mark.parametrize("path", KIOSK, ids=_name)
def test_nothing_in_the_kiosk_knows_qt_or_the_screens(path: Path) -> None:
    """Also not inside a function, where an import is easily overlooked."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imported.add(node.module.partition(".")[0])
    assert (
        imported & {"PySide6", "PySide2", "PyQt5", "PyQt6", "shiboken6", "ui", "tests", "installer"} == set()
    )


@pytest.mark.parametrize("path", [*SOURCES, *SCREENS], ids=_name)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_no_tracked_file_speaks_of_one_machine() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a clone: what is tracked is not known here")
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name]
    assert len(names) > 100
    found = []
    for path in (ROOT / name for name in names):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "ignore")
            found += [f"{_name(path)}: {hit.group()}" for hit in _OF_ONE_MACHINE.finditer(text)]
    assert found == []


def test_no_weights_and_no_pictures_of_people_are_tracked() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a clone: what is tracked is not known here")
    listed = subprocess.run(
        [git, "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    heavy = [name for name in listed.stdout.split() if name.endswith((".onnx", ".pt", ".npz", ".mp4", ".db"))]
    assert heavy == []
