"""What a package holds, on every platform, and what is left out of it and why. Read by the spec and by tests.

Only the standard library: PyInstaller reads it with the Python of the lean environment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

DATA_FOLDERS = (
    "resources",
    "models/licences",
    "ui/qml",
    "kiosk/delivery/static",
    "kiosk/delivery/templates",
    "kiosk/database/migrations",  # Alembic loads the steps as files
)
"""Folders of the checkout that lie at the same place in the package."""

IMPORTED_BY_NAME = (
    "alembic.ddl.sqlite",
    "alembic.op",
    "argon2",
    "email_validator",
    "fpdf",
    "insightface.app",
    "insightface.model_zoo.attribute",
    "kiosk.database.central_tables",
    "kiosk.database.people_tables",
    "kiosk.database.staff_tables",
    "kiosk.database.sync_tables",
    "onnx.numpy_helper",
    "pymilvus",
)
"""Modules that only a string names, or only a function asks for."""

LEFT_OUT: dict[str, str] = {
    # The centre's: it comes as containers or from a checkout.
    "celery": "the centre's queue",
    "jwt": "the centre's tokens",
    "limits": "the centre's rate limits",
    "psycopg": "the centre's database server",
    "redis": "the centre's queue",
    "sse_starlette": "the centre's stream of news",
    # Development.
    "dlib": "a peer to measure against",
    "usearch": "a peer to measure against",
    "hypothesis": "tests",
    "pytest": "tests",
    "IPython": "a shell",
    "pip": "installs packages",
    "setuptools": "builds packages",
    "pkg_resources": "builds packages",
    # GPL: the modules of Python over GNU readline and gdbm.
    "readline": "GNU readline is GPL-3.0",
    "dbm.gnu": "GNU gdbm is GPL-3.0",
    "_gdbm": "GNU gdbm is GPL-3.0",
    "_dbm": "over gdbm on Debian",
    # Asked for by libraries that do without.
    "matplotlib": "charts of libraries",
    "pyarrow": "Arrow, which pandas asks for where it is there",
    "skimage.data": "pictures of scikit-image",
    "skimage.graph": "nothing of it is used",
    "skimage.io": "nothing of it is used",
    "skimage.segmentation": "nothing of it is used",
    "scipy.stats": "nothing of it is used",
    "scipy.io": "nothing of it is used",
    "scipy.signal": "nothing of it is used",
    "pandas.io.formats.style": "nothing of it is used",
    "pandas.tests": "tests",
    "pymilvus.bulk_writer": "loads files into a server in bulk",
    "onnx.backend": "tests of ONNX with their pictures",
    "onnx.reference": "a slow interpreter of networks",
    "onnxruntime.quantization": "makes networks",
    "onnxruntime.tools": "makes networks",
    "onnxruntime.transformers": "makes networks",
    "tkinter": "another toolkit",
    "_tkinter": "another toolkit",
    "curses": "a terminal's windows",
    "lib2to3": "old Python",
    "PySide6.QtTest": "tests",
    "PySide6.QtDesigner": "a tool",
    "PySide6.QtSql": "nothing of it is used",
}
"""What is not in the package although something names it: the module, and why."""

QT_LIBRARIES = frozenset(
    {
        "Core",
        "DBus",
        "EglFSDeviceIntegration",
        "EglFsKmsSupport",
        "Gui",
        "Network",
        "OpenGL",
        "PrintSupport",
        "Qml",
        "QmlMeta",
        "QmlModels",
        "QmlWorkerScript",
        "Quick",
        "QuickLayouts",
        "QuickShapes",
        "QuickTemplates2",
        "Svg",
        "WaylandClient",
        "WaylandEglClientHwIntegration",
        "Widgets",
        "WlShellIntegration",
        "XcbQpa",
    }
)
"""Qt's libraries that ship. All are LGPL-3.0; those that are GPL only (WaylandCompositor, QuickTimeline,
Lottie, Charts, VirtualKeyboard …) are not among them, and a test says so."""

QML_MODULES = ("QtQml", "QtQuick", "QtQuick/Layouts", "QtQuick/Shapes", "QtQuick/Templates")
"""Qt's QML modules that the screens import, and those that these need; of each the folder itself only."""
_QML_WITHIN = ("QtQml/Base", "QtQml/Models", "QtQml/WorkerScript", "QtQuick/Window")

QT_PLUGINS: dict[str, tuple[str, ...]] = {
    "egldeviceintegrations": ("qeglfs-kms-integration", "qeglfs-emu-integration"),
    "iconengines": ("qsvgicon",),
    "imageformats": ("qjpeg", "qsvg"),
    "platforminputcontexts": (),
    "platforms": ("qcocoa", "qeglfs", "qoffscreen", "qwayland", "qwayland-egl", "qwindows", "qxcb"),
    "printsupport": ("cocoaprintersupport", "windowsprintersupport"),
    "styles": (),
    "wayland-decoration-client": (),
    "wayland-graphics-integration-client": ("qt-plugin-wayland-egl",),
    "wayland-shell-integration": ("xdg-shell", "fullscreen-shell-v1"),
    "xcbglintegrations": ("qxcb-egl-integration", "qxcb-glx-integration"),
}
"""Qt's plugins that ship, by their folder; no other folder does."""

_SYSTEM_FOLDERS = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
_QT_LIBRARY = re.compile(r"^(?:(?:lib)?Qt6|Qt)([A-Za-z0-9]+?)(?:\.so|\.dll|\.pyd|\.abi3|\.\d|$)")
_NOT_QT = re.compile(r"^lib(icu|shiboken6|pyside6)")


def weights() -> list[str]:
    """The files of weights that the manifest names, and what belongs to them."""
    manifest = json.loads((ROOT / "models" / "manifest.json").read_text(encoding="utf-8"))
    return ["manifest.json", "calibration.json", *(entry["file"] for entry in manifest["weights"])]


def datas() -> list[tuple[str, str]]:
    """PyInstaller's pairs of a file and the folder of the package that it lies in."""
    pairs = []
    for folder in DATA_FOLDERS:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                pairs.append((str(file), file.parent.relative_to(ROOT).as_posix()))
    return pairs + [(str(ROOT / "models" / name), "models") for name in weights()]


def ships(destination: str, source: str, *, is_linux: bool) -> bool:
    """Whether a file that PyInstaller found goes into the package.

    Of Qt only what `QT_LIBRARIES`, `QML_MODULES` and `QT_PLUGINS` name. On Linux nothing that the system's
    own packages hold: the Debian package depends on those, which so get their security updates.
    """
    path = PurePosixPath(destination.replace("\\", "/"))
    if is_linux and source.startswith(_SYSTEM_FOLDERS):
        return False
    if path.name.endswith((".pyi", ".h", ".pxd", ".lib", ".a")) or "tests" in path.parts:
        return False
    if path.parts[:1] == ("PySide6",):
        return _ships_of_qt(path)
    return path.parts[:2] != ("cv2", "data")  # another way to find faces


def _ships_of_qt(path: PurePosixPath) -> bool:
    words = path.parts
    if "qml" in words:
        folder = PurePosixPath(*words[words.index("qml") + 1 : -1]).as_posix()
        return folder in (*QML_MODULES, *_QML_WITHIN)
    if "plugins" in words:
        kind = words[words.index("plugins") + 1]
        stem = path.name.removeprefix("lib").split(".")[0]
        return stem in QT_PLUGINS.get(kind, ())
    if "translations" in words or "metatypes" in words or "libexec" in words:
        return False
    return _NOT_QT.match(path.name) is not None or library_ships(path.name)


def library_ships(name: str) -> bool:
    """Whether one of Qt's libraries, or the Python module of one, ships; true for files that are neither."""
    found = _QT_LIBRARY.match(name)
    return found is None or found.group(1) in QT_LIBRARIES


def kept(entries: Iterable[tuple[str, str, str]], *, is_linux: bool) -> Iterator[tuple[str, str, str]]:
    """Those of PyInstaller's entries (destination, source, kind) that ship. A link ships with its target."""
    for destination, source, kind in entries:
        place = source if kind == "SYMLINK" else destination
        if ships(place, source, is_linux=is_linux):
            yield destination, source, kind
