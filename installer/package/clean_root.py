"""A clean minimal Debian to install a package in: made by debootstrap, copied for a walk, entered by chroot.

Needs root, and a Debian with `debootstrap`. What runs inside has mounts, processes and, unless it installs, a
network of its own in which only the loopback is up.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from installer.package.folder import WORK
from installer.steps import StepFailedError, announce, run_logged

SUITE = "bookworm"
BASE = WORK / f"root-{SUITE}"
USED = WORK / "root"
_ENTER = """
set -e
mount --make-rprivate /
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
if [ -n "$ALONE" ]; then ip link set lo up; fi
exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \\
    DEBIAN_FRONTEND=noninteractive /bin/sh -ec "$1"
"""


@dataclass(frozen=True)
class CleanRoot:
    """The root of a machine that has nothing but Debian's essential packages, and what is installed in it."""

    folder: Path

    def run(self, script: str, *, may_reach_out: bool = False, longest_s: float = 600.0) -> str:
        """Runs a shell script as root inside; returns what it said. When it ends, all that it started ends.

        Raises StepFailedError with its last words where it fails or takes longer.
        """
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        alone = [] if may_reach_out else ["--net"]
        try:
            done = subprocess.run(
                [*apart, *alone, "sh", "-c", _ENTER, str(self.folder), script],
                env={**os.environ, "ALONE": "" if may_reach_out else "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=longest_s,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            said = (late.stdout or b"").decode("utf-8", "replace")[-2000:]
            raise _failed(f"after {longest_s:.0f} s it still ran: {said}") from late
        if done.returncode != 0:
            raise _failed(f"it ended with {done.returncode}: {done.stdout[-2000:]}")
        return done.stdout

    def has(self, path: str) -> bool:
        """Whether there is such a file, folder or link inside."""
        return os.path.lexists(self.folder / path.lstrip("/"))


def _failed(why: str) -> StepFailedError:
    return StepFailedError.because("Walk", why, "")


def can_be_made() -> str:
    """Why no clean root can be made here; empty where one can."""
    if os.geteuid() != 0:
        return "only root can make a clean root"
    missing = [name for name in ("debootstrap", "unshare", "chroot", "ip") if shutil.which(name) is None]
    return f"{' and '.join(missing)} not there: apt install debootstrap iproute2" if missing else ""


def make_root() -> str:
    """The root that every walk copies, with a virtual display in it. Returns the outcome.

    Raises StepFailedError.
    """
    reason = can_be_made()
    if reason:
        raise StepFailedError.because("Clean root", reason, "Then start the same command again.")
    if not (BASE / "made").exists():
        announce("debootstrap, a minute or two")
        shutil.rmtree(BASE, ignore_errors=True)
        command: list[str | Path] = ["debootstrap", "--variant=minbase", SUITE, BASE]
        run_logged(command, "Clean root", "Check the network and start the same command again.")
        _use_this_machines_sources(BASE)
        root = CleanRoot(BASE)
        root.run("apt-get update", may_reach_out=True)
        root.run("apt-get install -y --no-install-recommends ca-certificates xvfb", may_reach_out=True)
        (BASE / "made").touch()
    shutil.rmtree(USED, ignore_errors=True)
    run_logged(["cp", "-a", "--reflink=auto", BASE, USED], "Clean root", "Free some disk.")
    return "fresh"


def _use_this_machines_sources(folder: Path) -> None:
    """How packages are reached from here is how they are reached from inside."""
    for source in (Path("/etc/apt/apt.conf.d"), Path("/etc/apt/sources.list.d")):
        for file in source.iterdir():
            if file.is_file() and file.suffix in ("", ".conf", ".sources", ".list"):
                shutil.copyfile(file, folder / str(source).lstrip("/") / file.name)
    shutil.copyfile("/etc/resolv.conf", folder / "etc/resolv.conf")
    (folder / "etc/apt/sources.list").unlink(missing_ok=True)
