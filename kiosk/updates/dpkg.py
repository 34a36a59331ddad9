"""Packages of Debian: what is installed, installing one, and making one again of what is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.whole_file import flush_folder

_log = structlog.get_logger(__name__)
_INSTALL_WITHIN_S = 1200.0
_ASK_WITHIN_S = 60.0
_LAST_WORDS = 400
_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "PHOTO_KIOSK_UPDATE": "1", "LC_ALL": "C.UTF-8"}
"""PHOTO_KIOSK_UPDATE: the package's scripts leave the session alone, whoever updates starts it."""
_SCRIPTS = frozenset({"preinst", "postinst", "prerm", "postrm", "config"})
_NOT_CONTROL = ("Status:", "Conffiles:", "Config-Version:")


@dataclass(frozen=True, slots=True)
class Dpkg:
    """dpkg of this machine, or of a tree at `root`. Needs root's rights; one thread."""

    package: str
    root: Path = Path("/")

    def version(self) -> str:
        """The version that is installed whole; empty where none is, or one half."""
        told = self._ask("--showformat=${db:Status-Status} ${Version}", "--show", self.package).split()
        return told[1] if len(told) == 2 and told[0] == "installed" else ""

    def install(self, file: Path) -> None:
        """Also over a half installed one, and an older over a newer. Raises
        KnownError(UPDATE_NOT_INSTALLED)."""
        command = ["dpkg", *self._where, "--force-confold", "--force-confdef", "--install", str(file)]
        try:
            done = _run(command, _INSTALL_WITHIN_S)
        except (OSError, subprocess.TimeoutExpired) as failed:
            raise _not_installed(file, type(failed).__name__) from failed
        if done.returncode != 0:
            raise _not_installed(file, done.stdout.strip()[-_LAST_WORDS:])

    def fields(self, file: Path) -> tuple[str, str, str]:
        """Package, version and architecture that a file is of. Raises KnownError(UPDATE_NOT_INSTALLED)."""
        done = _run(["dpkg-deb", "--show", "--showformat=${Package} ${Version} ${Architecture}", str(file)])
        told = done.stdout.split()
        if done.returncode != 0 or len(told) != 3:
            raise _not_installed(file, done.stdout.strip()[-_LAST_WORDS:])
        return told[0], told[1], told[2]

    def make_again(self, folder: Path) -> Path:
        """A package of what is installed, where the file that it came from is not kept. Raises OSError,
        KnownError(UPDATE_NO_WAY_BACK)."""
        tree = folder / "making-again"
        shutil.rmtree(tree, ignore_errors=True)
        control = tree / "DEBIAN"
        control.mkdir(parents=True, mode=0o755)
        for name in self._ask("--listfiles", self.package).splitlines():
            _copy(self.root / name.lstrip("/"), tree / name.lstrip("/"))
        for name in self._ask("--control-list", self.package).split():
            (control / name).write_text(self._ask("--control-show", self.package, name), encoding="utf-8")
            (control / name).chmod(0o755 if name in _SCRIPTS else 0o644)
        conffiles = self._ask("--showformat=${Conffiles}", "--show", self.package).split("\n")
        kept = [line.split()[0] for line in conffiles if line.strip()]
        if kept:
            (control / "conffiles").write_text("\n".join(kept) + "\n", encoding="utf-8")
        (control / "control").write_text(self._control(), encoding="utf-8")
        told = self._ask("--showformat=${Version}_${Architecture}", "--show", self.package).strip()
        file = folder / f"{self.package}_{told}.deb"
        draft = folder / "making-again.deb"
        done = _run(
            ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), str(draft)],
            _INSTALL_WITHIN_S,
        )
        shutil.rmtree(tree, ignore_errors=True)
        if done.returncode != 0:
            draft.unlink(missing_ok=True)
            raise KnownError(
                ErrorCode.UPDATE_NO_WAY_BACK,
                f"The package that runs now could not be kept: {done.stdout.strip()[-_LAST_WORDS:]}",
                "Look at the room on the disk; the update is tried again.",
            )
        with draft.open("rb+") as made:  # a power cut while the new one is installed must find this one whole
            os.fsync(made.fileno())
        draft.replace(file)
        flush_folder(folder)
        return file

    @property
    def _where(self) -> Sequence[str]:
        return () if self.root == Path("/") else (f"--root={self.root}",)

    def _control(self) -> str:
        lines, is_left_out = [], False
        for line in self._ask("--status", self.package).splitlines():
            if not line.startswith(" "):
                is_left_out = line.startswith(_NOT_CONTROL)
            if line and not is_left_out:
                lines.append(line)
        return "\n".join(lines) + "\n"

    def _ask(self, *question: str) -> str:
        return _run(["dpkg-query", *self._where, *question]).stdout


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copystat(source, target)
    elif source.exists():
        shutil.copy2(source, target)


def _run(command: Sequence[str], within_s: float = _ASK_WITHIN_S) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        env={**os.environ, **_ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=within_s,
        check=False,
    )
    _log.info("dpkg", command=command[0], rc=done.returncode)
    return done


def _not_installed(file: Path, why: str) -> KnownError:
    return KnownError(
        ErrorCode.UPDATE_NOT_INSTALLED,
        f"{file.name} could not be installed: {why}",
        "The version before runs on; tell whoever makes the packages.",
    )
