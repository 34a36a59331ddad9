"""Under which licences the distributions of the package are, read from what they bring, and which may ship.

Runs in the project's environment, over the packages of the lean one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import Distribution, distributions
from pathlib import Path

import license_expression

from installer.package.contents import HERE, ROOT

ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "LGPL-2.1-or-later",
        "LGPL-3.0-only",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
        "Unlicense",
        "Zlib",
    }
)
"""SPDX identifiers that may ship. Of the LGPL only as libraries of their own, which can be replaced."""

_SAID: dict[str, str] = {
    "flatbuffers": "Apache-2.0",
    "insightface": "MIT",
    "markdown-it-py": "MIT",
    "protobuf": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "qrcode": "BSD-3-Clause",
    "scikit-image": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",
}
"""Read by hand in the texts of distributions whose metadata does not say it in one of the usual ways."""

_USUAL_WAYS: dict[str, str] = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit licence": "MIT",
    "mit license": "MIT",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}
_TEXTS_FOR: dict[str, tuple[Path, ...]] = {
    "flatbuffers": (ROOT / "models" / "licences" / "Apache-2.0.txt",),
    "insightface": (HERE / "licences" / "insightface.txt",),
    "pyside6-essentials": (HERE / "licences" / "LGPL-3.0.txt", HERE / "licences" / "GPL-3.0.txt"),
    "shiboken6": (HERE / "licences" / "LGPL-3.0.txt",),
}
"""Texts for distributions that bring none."""
_TEXT_NAME = re.compile(
    r"(?:^|[-_.])(?:licen[cs]es?|copying|notice|thirdpartynotices|third_party_notices)", re.I
)


@dataclass(frozen=True, slots=True)
class Part:
    """Something of somebody else's in the package."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]
    kind: str = "pypi"


@dataclass(frozen=True, slots=True)
class NativeLibrary:
    """A library that wheels bring along: files of it, and its licence."""

    pattern: str
    name: str
    licence: str


NATIVE = (
    NativeLibrary("lib*openblas*", "OpenBLAS", "BSD-3-Clause"),
    NativeLibrary("libgfortran*", "GNU Fortran runtime", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    NativeLibrary("libgomp*", "GNU OpenMP runtime", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    NativeLibrary("libquadmath*", "GNU quadruple precision runtime", "LGPL-2.1-or-later"),
    NativeLibrary("libQt5*", "Qt 5 of OpenCV", "LGPL-3.0-only"),
    NativeLibrary("libav[cdfu]*", "FFmpeg (built without its GPL parts)", "LGPL-2.1-or-later"),
    NativeLibrary("libsw[rs]*", "FFmpeg (built without its GPL parts)", "LGPL-2.1-or-later"),
    NativeLibrary("libavif*", "libavif", "BSD-2-Clause"),
    NativeLibrary("libaom*", "libaom", "BSD-2-Clause"),
    NativeLibrary("libvpx*", "libvpx", "BSD-3-Clause"),
    NativeLibrary("libpng16*", "libpng", "libpng-2.0"),
    NativeLibrary("libpcre2*", "PCRE2", "BSD-3-Clause"),
    NativeLibrary("libssl*", "OpenSSL 1.1.1", "OpenSSL"),
    NativeLibrary("libcrypto*", "OpenSSL 1.1.1", "OpenSSL"),
    NativeLibrary("libdrm*", "libdrm", "MIT"),
    NativeLibrary("libX*", "X.Org libraries", "MIT"),
    NativeLibrary("libxcb*", "X.Org libraries", "MIT"),
    NativeLibrary("libxkbcommon*", "libxkbcommon", "MIT"),
    NativeLibrary("libbrotli*", "Brotli", "MIT"),
    NativeLibrary("libfreetype*", "FreeType", "FTL"),
    NativeLibrary("libharfbuzz*", "HarfBuzz", "MIT"),
    NativeLibrary("libjpeg*", "libjpeg-turbo", "IJG AND BSD-3-Clause AND Zlib"),
    NativeLibrary("liblcms2*", "Little CMS", "MIT"),
    NativeLibrary("liblzma*", "liblzma", "0BSD"),
    NativeLibrary("libopenjp2*", "OpenJPEG", "BSD-2-Clause"),
    NativeLibrary("libsharpyuv*", "libwebp", "BSD-3-Clause"),
    NativeLibrary("libtiff*", "LibTIFF", "libtiff"),
    NativeLibrary("libwebp*", "libwebp", "BSD-3-Clause"),
    NativeLibrary("libzstd*", "Zstandard", "BSD-3-Clause"),
)
"""What lies in the `.libs` folders of wheels. The texts are in the notices that those wheels bring."""
_OF_LIBRARIES = frozenset(
    {"FTL", "GPL-3.0-or-later WITH GCC-exception-3.1", "IJG", "OpenSSL", "libpng-2.0", "libtiff"}
)
"""Allowed besides `ALLOWED`, for such libraries: permissive, or GCC's run time, whose exception allows it."""


def licence_of(distribution: Distribution) -> str:
    """The SPDX expression of a distribution; empty where nothing says it."""
    name = normal(distribution.name)
    facts = distribution.metadata
    said = _SAID.get(name) or facts.get("License-Expression")
    if said:
        return str(said)
    classes = [str(value).split("::")[-1].strip() for value in facts.get_all("Classifier") or []]
    ways = [str(facts.get("License") or "").strip(), *classes]
    for way in ways:
        if way.lower() in _USUAL_WAYS:
            return _USUAL_WAYS[way.lower()]
    first = ways[0]
    return first if first and len(first) < 80 and "\n" not in first else ""


def normal(name: str) -> str:
    """The name of a distribution as locks write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def may_ship(licence: str, allowed: frozenset[str] = ALLOWED) -> bool:
    """Whether an SPDX expression leaves a choice of allowed licences only."""
    try:
        tree = license_expression.Licensing().parse(licence)
    except license_expression.ExpressionError:
        return False
    return tree is not None and _leaves_a_choice(tree, allowed)


def _leaves_a_choice(tree: object, allowed: frozenset[str]) -> bool:
    if isinstance(tree, license_expression.LicenseSymbol | license_expression.LicenseWithExceptionSymbol):
        return str(tree) in allowed
    parts: Iterable[object] = getattr(tree, "args", ())
    whole = any if type(tree).__name__ == "OR" else all
    return whole(_leaves_a_choice(part, allowed) for part in parts)


def texts_of(distribution: Distribution) -> tuple[str, ...]:
    """The licence texts and notices that a distribution brings, or those that are kept for it."""
    found = [
        Path(str(distribution.locate_file(file)))
        for file in distribution.files or []
        if _TEXT_NAME.search(Path(file.name).stem if file.suffix in (".txt", ".md", ".rst") else file.name)
        and file.suffix not in (".py", ".pyc", ".pem", ".pyi")
    ]
    files = [file for file in found if file.is_file()] or list(_TEXTS_FOR.get(normal(distribution.name), ()))
    return tuple(dict.fromkeys(file.read_text(encoding="utf-8", errors="replace").strip() for file in files))


def parts_of(packages: Path, names: Iterable[str]) -> list[Part]:
    """The distributions of these names in a folder of packages. Raises LookupError for a missing one."""
    there = {normal(found.name): found for found in distributions(path=[str(packages)])}
    missing = [name for name in names if normal(name) not in there]
    if missing:
        raise LookupError(f"not installed in {packages}: {', '.join(missing)}")
    return [
        Part(found.name, found.version, licence_of(found), texts_of(found))
        for found in (there[normal(name)] for name in names)
    ]


def native_libraries(packages: Path, names: Iterable[str]) -> dict[str, NativeLibrary | None]:
    """The files in the `.libs` folders that the wheels of these names bring, and what each is; None where
    nobody has looked yet."""
    wanted = {normal(name) for name in names}
    files = {
        Path(file).name
        for found in distributions(path=[str(packages)])
        if normal(found.name) in wanted
        for file in found.files or []
        if file.parts[0].endswith(".libs")
    }
    return {
        name: next((known for known in NATIVE if fnmatch(name, known.pattern)), None)
        for name in sorted(files)
    }


def objections(parts: Iterable[Part], libraries: dict[str, NativeLibrary | None]) -> list[str]:
    """What may not ship, or nobody knows whether it may: in words."""
    found = [
        f"{part.name}: {part.licence or 'no licence said'}" for part in parts if not may_ship(part.licence)
    ]
    found += [f"{part.name}: no licence text" for part in parts if not part.texts]
    for file, known in libraries.items():
        if known is None:
            found.append(f"{file}: a library that nobody has looked at")
        elif not may_ship(known.licence, ALLOWED | _OF_LIBRARIES):
            found.append(f"{file}: {known.licence}")
    return found
