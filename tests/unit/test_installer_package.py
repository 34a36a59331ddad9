"""What a package is made of: its lock, its licences, what is in it, and the files that systems read."""

from __future__ import annotations

import ast
import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from packageurl import PackageURL
from typer.testing import CliRunner

import kiosk
import kiosk.cli_central
from installer.environment import LOCK
from installer.package import contents, deb, folder, windows_setup
from installer.package.entry import give_children_the_systems_libraries
from installer.package.licences import may_ship, native_libraries, objections, parts_of
from installer.package.locked import IN_PLACE_OF, PACKAGE_LOCK, disagreements, for_this_machine, read_lock
from installer.package.notices import bill, gathered, notices, own_parts
from installer.steps import StepFailedError
from ui.command import app, load_commands

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(sysconfig.get_paths()["purelib"])
NAMES = [IN_PLACE_OF.get(pin.name, pin.name) for pin in for_this_machine(read_lock(PACKAGE_LOCK))]


def test_what_ships_is_locked_as_the_project_is() -> None:
    assert disagreements(read_lock(PACKAGE_LOCK), read_lock(LOCK)) == []
    direct = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    asked = {re.split(r"[\[~>=;]", entry)[0].strip().replace("_", "-").lower() for entry in direct}
    locked = {pin.name for pin in read_lock(PACKAGE_LOCK)}
    assert asked <= locked | set(IN_PLACE_OF.values())
    assert not {"pyinstaller", "celery", "pytest"} & set(NAMES)


def test_a_lock_that_disagrees_is_told(tmp_path: Path) -> None:
    changed = tmp_path / "changed.lock"
    changed.write_text(re.sub(r"^numpy==[^ ]+", "numpy==1.0", PACKAGE_LOCK.read_text("utf-8"), flags=re.M))
    assert {line.split()[0] for line in disagreements(read_lock(changed), read_lock(LOCK))} == {"numpy"}


def test_everything_that_ships_may_ship_and_brings_its_licence() -> None:
    parts = parts_of(PACKAGES, NAMES)
    libraries = native_libraries(PACKAGES, NAMES)
    assert objections(parts, libraries) == []
    text = notices(parts + own_parts(), libraries)
    lines = set(text.splitlines())
    assert all(f"{part.name} {part.version}: {part.licence}" in lines for part in parts + own_parts())
    assert all(words in text for part in parts + own_parts() for words in part.texts)
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text


def test_the_bill_of_materials_is_what_is_locked_and_what_that_brings_along() -> None:
    libraries = native_libraries(PACKAGES, NAMES)
    made = json.loads(bill(parts_of(PACKAGES, NAMES) + own_parts(), libraries))
    assert (made["bomFormat"], made["metadata"]["component"]["version"]) == ("CycloneDX", kiosk.__version__)
    components = made["components"]
    locked = {
        f"pkg:pypi/{IN_PLACE_OF.get(pin.name, pin.name)}@{pin.version}"
        for pin in for_this_machine(read_lock(PACKAGE_LOCK))
    }
    assert {PackageURL.from_string(one["purl"]).to_string() for one in components if "purl" in one} == locked
    assert all(one["licenses"] for one in components)
    names = {one["name"] for one in components}
    assert {known.name for known in libraries.values() if known} <= names
    weights = {one["name"] for one in components if one["type"] == "machine-learning-model"}
    manifest = json.loads((ROOT / "models" / "manifest.json").read_text("utf-8"))
    assert weights == {f"weights {one['name']}" for one in manifest["weights"]}


@pytest.mark.parametrize(
    ("facts", "files", "why"),
    [
        ("License-Expression: GPL-3.0-only", ("METADATA", "LICENSE"), "foreign: GPL-3.0-only"),
        ("Summary: says nothing", ("METADATA", "LICENSE"), "foreign: no licence said"),
        ("License-Expression: MIT", ("METADATA",), "foreign: no licence text"),
        (
            "License-Expression: MIT",
            ("METADATA", "LICENSE", "foreign.libs/libx264.so.164"),
            "libx264.so.164: a library that nobody has looked at",
        ),
    ],
)
def test_packaging_stops_at_a_licence_that_does_not_allow_it(
    facts: str, files: tuple[str, ...], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages, lock = tmp_path / "packages", tmp_path / "package.lock"
    told = packages / "foreign-1.0.dist-info"
    (packages / "foreign.libs").mkdir(parents=True)
    told.mkdir()
    lock.write_text("foreign==1.0 \\\n    --hash=sha256:00\n", "utf-8")
    monkeypatch.setattr("installer.package.notices.PACKAGE_LOCK", lock)
    places = [file if "/" in file else f"{told.name}/{file}" for file in files]
    for place in places:
        (packages / place).write_text(
            f"Metadata-Version: 2.4\nName: foreign\nVersion: 1.0\n{facts}\n", "utf-8"
        )
    (told / "RECORD").write_text("".join(f"{place},,\n" for place in places), "utf-8")
    with pytest.raises(StepFailedError, match=re.escape(why)):
        gathered(packages)


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-2.0-only OR LGPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("CC-BY-NC-4.0", False),
        ("AGPL-3.0-or-later", False),
        ("", False),
    ],
)
def test_nothing_under_the_gpl_alone_or_for_research_only_ships(licence: str, is_allowed: bool) -> None:
    assert may_ship(licence) is is_allowed


def test_qt_ships_without_what_is_under_the_gpl() -> None:
    for library in ("WaylandCompositor", "QuickTimeline", "Lottie", "Charts", "VirtualKeyboard", "Quick3D"):
        assert not contents.library_ships(f"libQt6{library}.so.6")
        assert not contents.ships(f"PySide6/Qt/lib/libQt6{library}.so.6", "/anywhere", is_linux=True)
    assert contents.ships("PySide6/Qt/lib/libQt6Core.so.6", "/anywhere", is_linux=True)
    assert contents.ships("PySide6/Qt6Core.dll", "C:/anywhere", is_linux=False)
    assert not contents.ships("PySide6/Qt6Charts.dll", "C:/anywhere", is_linux=False)


def test_the_systems_own_libraries_stay_the_systems() -> None:
    assert not contents.ships("libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3", is_linux=True)
    assert contents.ships("libpython3.11.so.1.0", "/opt/python/lib/libpython3.11.so.1.0", is_linux=True)


def test_the_screens_find_every_qml_module_that_they_import() -> None:
    imported = {
        name.replace(".", "/")
        for file in (ROOT / "ui" / "qml").rglob("*.qml")
        for name in re.findall(r"^import (Qt[\w.]*)", file.read_text("utf-8"), flags=re.M)
    }
    assert imported <= set(contents.QML_MODULES)


def test_every_module_of_qt_that_the_program_imports_ships() -> None:
    imported = {
        name
        for room in ("kiosk", "ui")
        for file in (ROOT / room).rglob("*.py")
        for name in re.findall(r"PySide6\.(Qt\w+)", file.read_text("utf-8"))
    }
    assert "QtQuick" in imported
    for name in imported:
        assert contents.ships(f"PySide6/{name}.abi3.so", "/anywhere", is_linux=True), name
        assert contents.ships(f"PySide6/{name}.pyd", "C:/anywhere", is_linux=False), name


def test_every_file_that_the_program_reads_is_in_the_package() -> None:
    packed = {Path(source) for source, _ in contents.datas()}
    assert all(file.is_file() for file in packed if file.suffix != ".onnx")
    beside = {
        file
        for room in ("kiosk", "ui", "resources", "models")
        for file in (ROOT / room).rglob("*")
        if file.is_file() and file.suffix not in (".py", ".pyc", ".onnx")
    }
    centre = {file for file in beside if ROOT / "kiosk" / "central" in file.parents}
    assert beside - packed == centre


def test_what_is_left_out_is_asked_for_by_nothing_that_ships() -> None:
    for file in [*(ROOT / "kiosk").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]:
        if {"central", "peers"} & set(file.relative_to(ROOT).parts):
            continue  # the centre's, and what is measured against: neither ships
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            assert not set(modules) & set(contents.LEFT_OUT), file


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_the_recipe_can_be_followed(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With PyInstaller's own parts put aside: they take minutes, those of other platforms are not here."""
    made: dict[str, dict[str, Any]] = {}

    def part(name: str) -> Any:
        def make(*given: Any, **options: Any) -> SimpleNamespace:
            made[name] = {"given": given, **options}
            found = [("libQt6Lottie.so.6", "PySide6/Qt/lib/libQt6Lottie.so.6", "SYMLINK")]
            return SimpleNamespace(binaries=found, datas=options.get("datas"), pure=[], scripts=[])

        return make

    parts = {name: part(name) for name in ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE")}
    analysis = parts["Analysis"]
    parts["Analysis"] = lambda *given, **options: SimpleNamespace(
        **{**vars(analysis(*given, **options)), "datas": []}
    )
    recipe = ROOT / "installer" / "package" / "kiosk.spec"
    code = compile(recipe.read_text("utf-8"), recipe, "exec")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "platform", platform)
    # What ships in the place of something else is only in the lean environment.
    monkeypatch.setattr("PyInstaller.utils.hooks.copy_metadata", lambda name: [(name, name)])
    exec(code, {"SPECPATH": str(recipe.parent), **parts})
    assert Path(made["Analysis"]["given"][0][0]).is_file()
    assert {"jwt", "readline"} <= set(made["Analysis"]["excludes"])
    assert made["COLLECT"]["given"][1] == []
    assert ("BUNDLE" in made) is (platform == "darwin")
    icon = made["EXE"]["icon"]
    assert (icon is None and platform == "linux") or Path(icon).is_file()


def test_programs_of_the_system_are_not_led_into_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/photo-kiosk/_internal:/own")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/own")
    give_children_the_systems_libraries()
    assert os.environ["LD_LIBRARY_PATH"] == "/own"
    give_children_the_systems_libraries()
    assert "LD_LIBRARY_PATH" not in os.environ


def test_a_kiosks_package_says_where_the_centre_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path))
    monkeypatch.setattr(kiosk.cli_central, "find_spec", lambda _: None)
    load_commands("central")
    said = CliRunner().invoke(app, ["central", "serve"])
    assert (said.exit_code, "N-128" in said.output) == (2, True)


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == kiosk.__version__ == deb.version()


# -- the Debian package ------------------------------------------------------------------------------


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_maintainer_scripts_are_sound(script: str) -> None:
    file = deb.SCRIPTS / script
    subprocess.run(["sh", "-n", file], check=True)
    text = file.read_text("utf-8")
    assert text.startswith("#!/bin/sh\n")
    assert "\nset -e\n" in text
    assert "read " not in text  # nothing is asked


def test_a_package_lays_everything_where_the_system_looks(tmp_path: Path) -> None:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is not installed")
    folder, tree, package = tmp_path / "folder", tmp_path / "tree", tmp_path / "kiosk.deb"
    (folder / "_internal").mkdir(parents=True)
    for name in ("kiosk", "_internal/one.so", deb.NOTICES, deb.BILL):
        (folder / name).write_text("x", "utf-8")
    deb.lay_out(folder, tree)
    deb.write_control(tree, "1.2.3", "libc6")
    deb.pack(tree, package, ("-Znone",))
    told = subprocess.run(["dpkg-deb", "--info", package], capture_output=True, text=True, check=True).stdout
    assert " Package: photo-kiosk\n Version: 1.2.3\n" in told
    held = subprocess.run(
        ["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True
    ).stdout
    assert "root/root" in held
    for path in ("/opt/photo-kiosk/kiosk", "/usr/bin/kiosk -> /opt/photo-kiosk/kiosk", "/copyright"):
        assert path in held
    for file in deb.LINUX.iterdir():
        assert f"./{deb.place_of(file)}" in held


def test_menu_entry_is_valid() -> None:
    file = deb.LINUX / "photo-kiosk.desktop"
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(file, "utf-8")
    assert entry["Desktop Entry"]["Exec"].split()[0] == "/usr/bin/kiosk"
    if shutil.which("desktop-file-validate"):
        said = subprocess.run(["desktop-file-validate", file], capture_output=True, text=True, check=True)
        assert said.stdout == ""


# -- Windows -----------------------------------------------------------------------------------------


def test_what_was_frozen_and_is_not_locked_is_told(tmp_path: Path) -> None:
    ours, foreign = (distribution(name).locate_file(f"{name}/__init__.py") for name in ("numpy", "pytest"))
    entries = [("numpy", str(ours), "PYMODULE"), ("pytest", str(foreign), "PYMODULE")]
    for name in ("COLLECT", "EXE", "PYZ"):
        table = ("/dist/kiosk", [entries], {"name": "kiosk"}) if name == "PYZ" else ([],)
        (tmp_path / f"{name}-00.toc").write_text(repr(table), "utf-8")
    assert set(folder.not_locked(tmp_path, PACKAGES)) == {"pytest"}


def test_windows_installer_compiles_and_its_signature_verifies(tmp_path: Path) -> None:
    missing = [name for name in ("makensis", "osslsigncode", "openssl") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    folder, made = tmp_path / "folder", tmp_path / "kiosk-made.exe"
    (folder / "_internal").mkdir(parents=True)
    (folder / "kiosk.exe").write_bytes(b"MZ")
    (folder / "_internal" / "a.txt").write_text("a", "utf-8")
    windows_setup.make_installer(folder, made)
    key, certificate, signed = tmp_path / "key.pem", tmp_path / "certificate.pem", tmp_path / "signed.exe"
    subject = ["-subj", "/CN=Throw away", "-addext", "extendedKeyUsage=codeSigning"]
    _run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        *subject,
        "-keyout",
        key,
        "-out",
        certificate,
    )
    _run("osslsigncode", "sign", "-certs", certificate, "-key", key, "-in", made, "-out", signed)
    assert "Succeeded" in _run("osslsigncode", "verify", "-CAfile", certificate, "-in", signed)
    content = bytearray(signed.read_bytes())
    content[len(made.read_bytes()) // 2] ^= 1
    signed.write_bytes(content)
    refused = subprocess.run(
        ["osslsigncode", "verify", "-CAfile", certificate, "-in", signed], capture_output=True, check=False
    )
    assert refused.returncode != 0


def test_shell_launcher_answers_each_way_in_which_the_kiosk_may_end() -> None:
    tree = ElementTree.parse(windows_setup.SCRIPT.with_name("shell-launcher.xml"))
    space = "{http://schemas.microsoft.com/ShellLauncher/2018/Configuration}"
    codes = {
        action.get("ReturnCode"): action.get("Action") for action in tree.iter(f"{space}ReturnCodeAction")
    }
    assert codes["0"] == "DoNothing"
    assert {codes[code] for code in ("1", "2", "75")} == {"RestartShell"}


def _run(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
