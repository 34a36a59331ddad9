"""The lock of what ships, `requirements-package.lock`: read, made, and compared with the project's lock."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from installer.environment import LOCK, program
from installer.steps import ROOT, run_logged

PACKAGE_LOCK = ROOT / "requirements-package.lock"
OVERRIDES = ROOT / "installer" / "package" / "overrides.txt"
IN_PLACE_OF = {"opencv-python-headless": "opencv-python"}
"""What ships in the place of a distribution of the project's lock: the same version, built otherwise."""
BUILD_TOOLS = (
    "altgraph",
    "macholib",
    "packaging",
    "pefile",
    "pyinstaller",
    "pyinstaller-hooks-contrib",
    "pywin32-ctypes",
    "setuptools",
)
"""What freezes the program, out of the project's lock; nothing of it ships that the program does not need."""
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? *\\?$")


@dataclass(frozen=True, slots=True)
class Pin:
    """A distribution of a lock: its version, for which machines (PEP 508), the files that may be taken."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]

    def as_requirement(self) -> str:
        """The lines of a requirements file."""
        marker = f" ; {self.marker}" if self.marker else ""
        return " \\\n    ".join([f"{self.name}=={self.version}{marker}", *sorted(self.hashes)]) + "\n"


def read_lock(file: Path) -> list[Pin]:
    """Every pin. A distribution has several where machines need different versions."""
    pins = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", file.read_text(encoding="utf-8")):
        first, *rest = block.splitlines()
        found = _PIN.match(first)
        if found is None:
            continue
        words = [line.strip().rstrip("\\").strip() for line in rest]
        hashes = frozenset(word for word in words if word.startswith("--hash="))
        pins.append(Pin(found["name"], found["version"], found["marker"] or "", hashes))
    return pins


def for_this_machine(pins: Iterable[Pin]) -> list[Pin]:
    """Those that belong on a machine like this one. Needs `packaging`, which each environment has."""
    from packaging.markers import Marker

    return [pin for pin in pins if not pin.marker or Marker(pin.marker).evaluate()]


def disagreements(part: Iterable[Pin], whole: Iterable[Pin]) -> list[str]:
    """What of a lock is not the same in another that should hold it: in words, none when they agree."""
    known = {(pin.name, pin.version): pin.hashes for pin in whole}
    return [
        f"{pin.name} {pin.version} is not in the project's lock, or with other files"
        for pin in part
        if not _agrees(pin, known)
    ]


def _agrees(pin: Pin, known: dict[tuple[str, str], frozenset[str]]) -> bool:
    instead = IN_PLACE_OF.get(pin.name)
    return (instead, pin.version) in known if instead else known.get((pin.name, pin.version)) == pin.hashes


def write_requirements(names: Iterable[str], target: Path, lock: Path = LOCK) -> None:
    """Writes the pins of these distributions in a lock as a requirements file."""
    wanted = set(names)
    lines = [pin.as_requirement() for pin in read_lock(lock) if pin.name in wanted]
    target.write_text("".join(lines), encoding="utf-8")


def make_lock() -> str:
    """Makes the lock of what ships anew, at the versions of the project's lock. Returns the outcome."""
    versions = {pin.name: pin.version for pin in read_lock(LOCK)}
    in_place = ROOT / "build" / "in-place.txt"
    in_place.parent.mkdir(exist_ok=True)
    lines = [f"{name}=={versions[other]}\n" for name, other in IN_PLACE_OF.items()]
    in_place.write_text("".join(lines), encoding="utf-8")
    uv = shutil.which("uv") or str(program("uv"))
    command: list[str | Path] = [uv, "pip", "compile", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
    command += ["--constraint", LOCK.name, "--override", OVERRIDES.relative_to(ROOT)]
    command += ["pyproject.toml", in_place.relative_to(ROOT), "--output-file", PACKAGE_LOCK.name]
    run_logged(
        command, "Lock of what ships", "Have uv there, and requirements.lock made anew, then try again."
    )
    return f"{len(read_lock(PACKAGE_LOCK))} distributions"
