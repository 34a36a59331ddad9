"""The third-party notices and the bill of materials (CycloneDX) of a package.

As a module of the project's environment, `python -m installer.package.notices PACKAGES FOLDER` writes both
for the distributions in PACKAGES. It stops where something may not ship, or nobody knows whether it may.
"""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from installer.downloads import fail_in_one_line
from installer.package.contents import HERE, ROOT
from installer.package.folder import BILL, NOTICES
from installer.package.licences import (
    NativeLibrary,
    Part,
    native_libraries,
    normal,
    objections,
    parts_of,
)
from installer.package.locked import PACKAGE_LOCK, for_this_machine, read_lock
from installer.steps import StepFailedError
from kiosk import __version__

_RULE = "=" * 100
_INTRODUCTION = """\
Third-party notices of the photo kiosk {version}

The photo kiosk is made with the works below. Nothing of it is under the GPL alone, and nothing is for
research only. Each part is listed with its licence; the texts follow.

Qt and PySide6 (LGPL-3.0)

This program uses Qt 6, PySide6 and Shiboken6 under the GNU Lesser General Public License, version 3. They
are unchanged, as their makers publish them, and linked dynamically. Their shared libraries lie as files of
their own in the folders `_internal/PySide6` and `_internal/shiboken6` of the installed program. You may
replace them with your own builds of a compatible version (Qt 6 of the same minor version or a later one,
with the same options): put your files in place of those, under the same names, and start the program again.
You may take the program apart as far as that is needed to find faults of your changes. Their sources are
published by the Qt Project under the same version numbers; whoever gave you this program gives you them on
request, for three years. The same holds for fpdf2 (LGPL-3.0), whose modules are replaced by a folder `fpdf`
in `_internal`, and for FFmpeg (LGPL-2.1) in the folder `_internal/opencv_python_headless.libs`.
"""


def own_parts() -> list[Part]:
    """What comes from elsewhere than a package index: Python, weights, fonts, icons, the loader."""
    weights = json.loads((ROOT / "models" / "manifest.json").read_text(encoding="utf-8"))["weights"]
    folder = ROOT / "models" / "licences"
    parts = [
        Part(
            f"weights {one['name']}",
            one["sha256"][:12],
            one["licence"],
            (_text(folder / f"{one['name']}.txt"),),
            "",
        )
        for one in weights
    ]
    parts.append(Part("Apache License", "2.0", "Apache-2.0", (_text(folder / "Apache-2.0.txt"),), ""))
    fonts, icons = ROOT / "resources" / "fonts" / "OFL.txt", ROOT / "resources" / "icons" / "LICENSE"
    parts.append(Part("font IBM Plex Sans Thai", "", "OFL-1.1", (_text(fonts),), ""))
    parts.append(Part("icons Lucide", "", "ISC", (_text(icons),), ""))
    parts.append(Part("ICU of Qt", "", "Unicode-DFS-2016", (_text(HERE / "licences" / "ICU.txt"),), ""))
    parts.append(Part("Python", sysconfig.get_python_version(), "PSF-2.0", (_python_text(),), ""))
    parts.append(
        Part("loader of PyInstaller", "", "GPL-2.0-or-later WITH Bootloader-exception", (_LOADER_TEXT,), "")
    )
    parts.append(
        Part("GNU LGPL", "2.1", "LGPL-2.1-or-later", (_text(HERE / "licences" / "LGPL-2.1.txt"),), "")
    )
    return parts


_LOADER_TEXT = """\
The loader that starts the program is PyInstaller's. PyInstaller is under the GPL, version 2 or later, with an
exception: "you may use, copy, and distribute the compiled bootloader code without restriction", in programs
under any licence, as this one is. What of it and of pyinstaller-hooks-contrib runs when the program starts is
under Apache-2.0."""


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()


def _python_text() -> str:
    beside = Path(sysconfig.get_paths()["stdlib"]) / "LICENSE.txt"
    debian = Path(f"/usr/share/doc/python{sysconfig.get_python_version()}/copyright")
    for file in (beside, debian):
        if file.is_file():
            return file.read_text(encoding="utf-8", errors="replace").strip()
    raise StepFailedError.because("Notices", "the licence of Python is not there", f"Put it at {beside}.")


def gathered(packages: Path) -> tuple[list[Part], dict[str, NativeLibrary | None]]:
    """Everything of somebody else's that ships. Raises StepFailedError where something of it may not."""
    names = [pin.name for pin in for_this_machine(read_lock(PACKAGE_LOCK))]
    try:
        parts = parts_of(packages, names)
    except LookupError as error:
        raise StepFailedError.because(
            "Notices", str(error), "Install the lock of what ships there."
        ) from error
    libraries = native_libraries(packages, names)
    found = objections(parts, libraries)
    if found:
        why = "; ".join(found)
        raise StepFailedError.because("Notices", why, "Say its licence in licences.py, or drop it.")
    return parts + own_parts(), libraries


def notices(parts: Sequence[Part], libraries: dict[str, NativeLibrary | None]) -> str:
    """The whole file: what is there, under which licence, and each licence's text."""
    lines = [_INTRODUCTION.format(version=__version__), _RULE, ""]
    lines += [f"{part.name} {part.version}: {part.licence}" for part in parts]
    natives = sorted({(known.name, known.licence) for known in libraries.values() if known})
    lines += ["", "Libraries that these bring along; their texts stand below with those that bring them:", ""]
    lines += [f"{name}: {licence}" for name, licence in natives]
    for part in parts:
        lines += ["", _RULE, f"{part.name} {part.version} ({part.licence})", _RULE, ""]
        lines += ["\n\n".join(part.texts)]
    return "\n".join(lines) + "\n"


def bill(parts: Iterable[Part], libraries: dict[str, NativeLibrary | None]) -> str:
    """The bill of materials, CycloneDX 1.6 as JSON."""
    made = LicenseFactory()
    kiosk = Component(
        name="photo-kiosk", version=__version__, type=ComponentType.APPLICATION, bom_ref="photo-kiosk"
    )
    components = [
        Component(
            name=part.name,
            version=part.version or None,
            type=ComponentType.MACHINE_LEARNING_MODEL
            if part.name.startswith("weights")
            else ComponentType.LIBRARY,
            licenses=[made.make_from_string(part.licence)],
            purl=PackageURL("pypi", None, normal(part.name), part.version) if part.kind == "pypi" else None,
            bom_ref=f"{part.name}@{part.version}",
        )
        for part in parts
    ]
    components += [
        Component(
            name=known.name,
            type=ComponentType.LIBRARY,
            licenses=[made.make_from_string(known.licence)],
            bom_ref=file,
            properties=[Property(name="file", value=file)],
        )
        for file, known in libraries.items()
        if known is not None
    ]
    bom = Bom(components=components)
    bom.metadata.component = kiosk
    bom.register_dependency(kiosk, components)
    return str(JsonV1Dot6(bom).output_as_string(indent=1))


def write(packages: Path, folder: Path) -> None:
    """Writes both files into a folder. Raises StepFailedError."""
    parts, libraries = gathered(packages)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTICES).write_text(notices(parts, libraries), encoding="utf-8")
    (folder / BILL).write_text(bill(parts, libraries), encoding="utf-8")


if __name__ == "__main__":
    try:
        write(Path(sys.argv[1]), Path(sys.argv[2]))
    except StepFailedError as stopped:
        fail_in_one_line(stopped)
