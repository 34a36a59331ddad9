"""A Milvus server for the tests: never a dependency, never shipped, taken as a file and run from `.cache`.

Only Linux on x86-64 has it; elsewhere, and where it cannot be fetched, its tests skip and the set-up goes on.
"""

from __future__ import annotations

import lzma
import platform
import shutil
import sys
import zipfile
from pathlib import Path

from installer.downloads import Archive, fetch
from installer.environment import Stamp
from installer.steps import CACHE, StepFailedError, announce

MILVUS = CACHE / "milvus"
_ARCHIVE = Archive(
    "milvus",
    "2.3.5",
    "milvus-2.3.5-py3-none-manylinux2014_x86_64.whl",
    "69515a0630ce29fd10e101fa442afea8ca1387b93a456cd9bd41fdf3deb93d04",
)
_INSIDE = "milvus/data/"
_FORMS = ("config.yaml.template", "glog.conf")
_PACKED = ".lzma"


def milvus_is_ready(folder: Path = MILVUS) -> bool:
    """Whether the pinned server is unpacked there whole."""
    return _stamp(folder).fits(_ARCHIVE.sha256)


def install_milvus() -> str:
    """Fetches and unpacks the server. Returns the outcome in words; that it cannot be had is one of them."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return "none for this machine, its tests skip"
    if milvus_is_ready(MILVUS):
        return "there"
    announce("fetching a Milvus server")
    try:
        unpack(fetch(_ARCHIVE), MILVUS)
    except (StepFailedError, OSError) as error:
        return f"without Milvus, whose tests skip: {error}"
    return "unpacked"


def unpack(wheel: Path, folder: Path) -> None:
    """The server's programs and the forms of its settings, out of the wheel; whole or not at all."""
    unfinished = folder.with_name(f"{folder.name}.part")
    for old in (unfinished, folder):
        shutil.rmtree(old, ignore_errors=True)
    (unfinished / "bin").mkdir(parents=True)
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            short = name.removeprefix(_INSIDE)
            if short in _FORMS:
                (unfinished / short).write_bytes(packed.read(name))
            elif short.startswith("bin/") and short.endswith(_PACKED):
                _unpack_program(packed, name, unfinished / "bin" / Path(short).stem)
    _stamp(unfinished).put(_ARCHIVE.sha256)
    unfinished.replace(folder)


def _unpack_program(packed: zipfile.ZipFile, name: str, target: Path) -> None:
    with packed.open(name) as file, lzma.open(file) as content, target.open("wb") as program:
        shutil.copyfileobj(content, program)
    target.chmod(0o755)


def _stamp(folder: Path) -> Stamp:
    return Stamp(folder / "unpacked.json")
