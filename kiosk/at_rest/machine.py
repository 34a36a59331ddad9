"""What tells this machine from all others, as its operating system says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_LINUX = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_HEX_DIGITS = 32


def machine_id() -> str:
    """An id that stays for as long as the system is installed; empty where the machine has none (a container,
    a system that was never started). It is no secret, but systemd asks not to tell it: machine-id(5)."""
    if sys.platform == "win32":
        return _of_windows()
    if sys.platform == "darwin":
        return _of_mac()
    return _of_linux(_LINUX)


def _of_linux(files: tuple[Path, ...]) -> str:
    for file in files:
        try:
            told = file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if len(told) == _HEX_DIGITS:  # it says "uninitialized" until the first start has come to its end
            return told
    return ""


def _of_windows() -> str:
    if sys.platform != "win32":
        return ""
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    except OSError:
        return ""


def _of_mac() -> str:
    try:
        told = subprocess.run(
            ["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return uuid_of(told)


def uuid_of(ioreg: str) -> str:
    """The IOPlatformUUID in what macOS' ioreg prints; empty for none."""
    for line in ioreg.splitlines():
        name, _, value = line.partition("=")
        if name.strip() == '"IOPlatformUUID"':
            return value.strip().strip('"')
    return ""
