"""The Debian package: the folder under `/opt`, what the system is to know of it, its maintainer scripts."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from installer.package.folder import BILL, DIST, FOLDER, NOTICES, WORK, elf_files, size_mb
from installer.steps import ROOT, StepFailedError, announce, run_logged

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE / "debian"
LINUX = HERE / "linux"
TREE = WORK / "deb"
PROGRAM = Path("opt/photo-kiosk")
ICON = ROOT / "kiosk" / "delivery" / "static" / "icon.svg"
_UNITS = Path("usr/lib/systemd/system")
_PLACES: dict[str, Path] = {
    ".service": _UNITS,
    ".path": _UNITS,
    ".timer": _UNITS,
    ".target": _UNITS,
    ".socket": _UNITS,
    ".rules": Path("usr/lib/udev/rules.d"),
    ".desktop": Path("usr/share/applications"),
    ".pam": Path("etc/pam.d"),
    ".tmpfiles": Path("usr/lib/tmpfiles.d"),
    ".logind": Path("usr/lib/systemd/logind.conf.d"),
    ".sh": PROGRAM,
    ".pub": PROGRAM,
}
"""Where a file of `linux/` goes, by its ending."""
_NAMED_ANEW = {".pam": "", ".tmpfiles": ".conf", ".logind": ".conf"}
_NEEDED = ("fontconfig", "init-system-helpers", "libpam-systemd", "passwd")
"""What no library asks for: fonts, what the maintainer scripts call, and the seat of the session, which is
logind's and comes with its PAM module."""
_MAINTAINER = "Photo Kiosk <photo-kiosk@localhost>"
_WHAT = "Debian package"


def version() -> str:
    """The program's version, as `kiosk/__init__.py` says it."""
    found = re.search(
        r'__version__ = "([^"]+)"', (ROOT / "kiosk" / "__init__.py").read_text(encoding="utf-8")
    )
    if found is None:
        raise StepFailedError.because(_WHAT, "kiosk/__init__.py says no version", "Restore it.")
    return found[1]


def architecture() -> str:
    """The sort of machine that this one is, as dpkg names it."""
    return subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()


def file_name(number: str) -> str:
    """What the package of a version is called, as updates want it (`kiosk.updates.package`)."""
    return f"photo-kiosk_{number}_{architecture()}.deb"


def place_of(file: Path) -> Path:
    """Where a file of `linux/` lies on an installed machine. Raises StepFailedError for an unknown kind."""
    folder = _PLACES.get(file.suffix)
    if folder is None:
        raise StepFailedError.because(_WHAT, f"nobody said where {file.name} goes", "Say it in deb.py.")
    new_suffix = _NAMED_ANEW.get(file.suffix, file.suffix)
    return folder / f"{file.stem}{new_suffix}"


def lay_out(folder: Path = FOLDER, tree: Path = TREE) -> None:
    """Lays the tree of an installed machine, all but the control files."""
    shutil.rmtree(tree, ignore_errors=True)
    program = tree / PROGRAM
    program.parent.mkdir(parents=True)
    # Hard links: the folder is large. What is written in place gets a copy of its own below.
    shutil.copytree(folder, program, symlinks=True, copy_function=_link)
    for file in sorted(LINUX.iterdir()):
        _put(file, tree / place_of(file), 0o755 if file.suffix == ".sh" else 0o644)
    _put(ICON, tree / "usr/share/icons/hicolor/scalable/apps/photo-kiosk.svg", 0o644)
    documents = tree / "usr/share/doc/photo-kiosk"
    for paper in (NOTICES, BILL):
        (program / paper).unlink(missing_ok=True)
        _put(folder / paper, documents / paper, 0o644)
    _put(folder / NOTICES, documents / "copyright", 0o644)
    (documents / NOTICES).unlink()
    (documents / NOTICES).symlink_to("copyright")
    link = tree / "usr/bin/kiosk"
    link.parent.mkdir(parents=True)
    link.symlink_to(f"/{PROGRAM}/kiosk")


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def _put(source: Path, target: Path, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def depends(tree: Path = TREE) -> str:
    """The system's packages that the program's libraries need, with their versions, by `dpkg-shlibdeps`."""
    libraries = [str(file) for file in elf_files(tree / PROGRAM)]
    work = WORK / "shlibdeps"
    (work / "debian").mkdir(parents=True, exist_ok=True)
    (work / "debian" / "control").write_text(
        "Source: photo-kiosk\n\nPackage: photo-kiosk\nArchitecture: any\n", encoding="utf-8"
    )
    folders = sorted({f"-l{Path(file).parent}" for file in libraries})
    done = subprocess.run(
        ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0", *folders, *libraries],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"^shlibs:Depends=(.+)$", done.stdout, re.M)
    if done.returncode != 0 or found is None:
        raise StepFailedError.because(
            _WHAT, done.stderr.strip()[-300:] or "no dependencies", "Install dpkg-dev."
        )
    return ", ".join([found[1], *_NEEDED])


def write_control(tree: Path, number: str, needed: str) -> None:
    """The control file, the maintainer scripts, and the list of settings that upgrades respect."""
    control = tree / "DEBIAN"
    control.mkdir(exist_ok=True)
    form = (SCRIPTS / "control.in").read_text(encoding="utf-8")
    text = form.format(
        version=number,
        architecture=architecture(),
        maintainer=_MAINTAINER,
        installed_kib=round(size_mb(tree) * 1e6 / 1024),
        depends=needed,
    )
    (control / "control").write_text(text, encoding="utf-8")
    for script in ("postinst", "prerm", "postrm"):
        _put(SCRIPTS / script, control / script, 0o755)
    kept = [f"/{file.relative_to(tree)}" for file in _files(tree / "etc")]
    if kept:
        (control / "conffiles").write_text("\n".join(kept) + "\n", encoding="utf-8")


def _files(folder: Path) -> Iterator[Path]:
    yield from (file for file in sorted(folder.rglob("*")) if file.is_file())


def pack(tree: Path, target: Path, options: Sequence[str] = ("-Zzstd", "-z19")) -> None:
    """Packs a tree, everything in it root's. Raises StepFailedError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    run_logged(["dpkg-deb", "--build", "--root-owner-group", *options, tree, target], _WHAT, "Install dpkg.")


def make_deb() -> str:
    """The package of the folder that is there. Returns the outcome. Raises StepFailedError."""
    announce("packing, some minutes")
    lay_out()
    write_control(TREE, version(), depends())
    target = DIST / file_name(version())
    pack(TREE, target)
    keys = "" if (LINUX / "update.pub").exists() else "; without update.pub it takes no updates"
    return f"{target.name}: {target.stat().st_size / 1e6:.0f} MB, installed {size_mb(TREE):.0f} MB{keys}"
