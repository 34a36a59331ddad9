"""System libraries: what Debian and Ubuntu must have beside Python, and how it comes there.

Other systems (macOS, Windows, other Linux families) bring them themselves; nothing is checked there.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from installer.steps import StepFailedError, announce, run_logged

SCREEN_LIBRARIES = (
    "fontconfig",
    "fonts-noto-core",
    "fonts-thai-tlwg",
    "libdbus-1-3",
    "libegl1",
    "libgl1",
    "libglib2.0-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
    "xvfb",
)
BROWSER = "chromium"
TEST_PEERS = (
    BROWSER,
    # A real RTSP camera, under the system's own Python.
    "gir1.2-gst-rtsp-server-1.0",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-ugly",
    "python3-gi",
    # Check the files of packages: menu entry, signatures, Windows installer.
    "desktop-file-utils",
    "minisign",
    "nsis",
    "osslsigncode",
    # Checks the file that deploys a centre.
    "docker-compose",
    # Reads reports and print pages in PDF back.
    "poppler-utils",
    # Presses real keys at a locked screen.
    "xdotool",
    # A real print server, and a printer that can be out of paper.
    "cups",
    "cups-filters",
    "cups-ipp-utils",
    "dbus",
    "printer-driver-cups-pdf",
    # Servers that tests start for themselves, on ports of their own. Debian also starts a service of each, on
    # loopback; who does not want them on a desktop: `systemctl disable --now cups postgresql redis-server`.
    "iproute2",
    "postgresql",
    "redis-server",
)
_APT_LISTS = Path("/var/lib/apt/lists")


@dataclass(frozen=True)
class Host:
    """What of the machine decides how system libraries get there."""

    platform: str
    families: frozenset[str]
    may_install: bool
    uses_sudo: bool

    @classmethod
    def here(cls) -> Host:
        """This machine."""
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        return cls(sys.platform, families_in(Path("/etc/os-release")), root or _has_free_sudo(), not root)

    @property
    def has_apt(self) -> bool:
        """Debian, Ubuntu and what descends from them."""
        return self.platform == "linux" and "debian" in self.families


def families_in(os_release: Path) -> frozenset[str]:
    """A system's own identifier and those it says it is like; none where the file is absent."""
    if not os_release.is_file():
        return frozenset()
    pairs = (line.partition("=") for line in os_release.read_text(encoding="utf-8").splitlines())
    words = [value.strip('"').split() for key, _, value in pairs if key in ("ID", "ID_LIKE")]
    return frozenset(word for group in words for word in group)


def _has_free_sudo() -> bool:
    sudo = shutil.which("sudo")
    if sudo is None:
        return False
    return subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0


def wanted_packages(host: Host, for_tests: bool) -> tuple[list[str], list[str]]:
    """Packages that the kiosk needs, and those that only some tests use (they skip without)."""
    needed = list(SCREEN_LIBRARIES)
    if importlib.util.find_spec("ensurepip") is None:
        needed.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    # Ubuntu's package of the browser is a stub for another packaging system.
    kept = [name for name in TEST_PEERS if name != BROWSER or "ubuntu" not in host.families]
    return needed, kept if for_tests else []


def missing_packages(names: Sequence[str]) -> list[str]:
    """Those of `names` that are not installed; a `t64` successor counts as the package itself."""
    if not names:
        return []
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n"]
    answer = subprocess.run(
        [*query, *names, *(f"{name}t64" for name in names)], capture_output=True, text=True, check=False
    )
    present = {line.split()[0] for line in answer.stdout.splitlines() if line.split()[1:2] == ["ii"]}
    return [name for name in names if not {name, f"{name}t64"} & present]


def install_command(host: Host, names: Sequence[str]) -> list[str]:
    """The command that brings packages, for root or through sudo."""
    prefix = ["sudo", "-n"] if host.uses_sudo else []
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]
    return [*prefix, *apt, "install", "-y", "--no-install-recommends", *names]


def update_command(host: Host) -> list[str]:
    """The command that refreshes the lists of packages."""
    return [*(["sudo", "-n"] if host.uses_sudo else []), "apt-get", "-o", "DPkg::Lock::Timeout=300", "update"]


def by_hand(names: Sequence[str]) -> str:
    """The one line for somebody who may not install: what is missing and the command to run."""
    return f"Run: sudo apt-get update && sudo apt-get install -y {' '.join(names)}"


def install_system_libraries(host: Host, for_tests: bool) -> str:
    """Brings what is missing where that is allowed. Returns the step's outcome in words.

    Raises StepFailedError, with the command to run, where a needed one is missing and may not be installed.
    """
    if not host.has_apt:
        return "nothing to do on this system"
    needed, optional = wanted_packages(host, for_tests)
    missing, unmet = missing_packages(needed), missing_packages(optional)
    if not host.may_install:
        if missing:
            raise StepFailedError.because("System libraries", f"{len(missing)} are missing", by_hand(missing))
        return _outcome(0, unmet)
    if missing or unmet:
        announce(f"installing {len(missing) + len(unmet)} packages")
    if missing:
        _install(host, missing)
    lacking = _try_to_install(host, unmet)
    return _outcome(len(missing) + len(unmet) - len(lacking), lacking)


def _outcome(installed: int, unmet: Sequence[str]) -> str:
    said = f"installed {installed}" if installed else "there"
    return f"{said}; without {' '.join(unmet)}, whose tests skip" if unmet else said


def _try_to_install(host: Host, names: Sequence[str]) -> list[str]:
    """Those of `names` that could not be installed: a test without its peer skips, the set-up goes on."""
    if not names:
        return []
    try:
        _install(host, names)
    except StepFailedError:
        return list(names)
    return []


def _install(host: Host, names: Sequence[str]) -> None:
    """One try with the lists that are there, and one with fresh lists."""
    what, next_step = "System libraries", "Check the network and start the same command again."
    fresh = not any(_APT_LISTS.glob("*_Packages*"))
    if fresh:
        run_logged(update_command(host), what, next_step)
    try:
        run_logged(install_command(host, names), what, next_step)
    except StepFailedError:
        if fresh:
            raise
        run_logged(update_command(host), what, next_step)
        run_logged(install_command(host, names), what, next_step)
