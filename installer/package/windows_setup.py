"""The Windows installer: NSIS over the frozen folder. Compiles anywhere; the folder is made on Windows."""

from __future__ import annotations

import shutil
from pathlib import Path

from installer.package.deb import version
from installer.package.folder import DIST, FOLDER
from installer.steps import StepFailedError, run_logged

SCRIPT = Path(__file__).resolve().parent / "windows" / "kiosk.nsi"
_WHAT = "Windows installer"


def make_installer(folder: Path = FOLDER, target: Path | None = None) -> str:
    """Compiles the installer of a frozen folder. Returns the outcome. Raises StepFailedError."""
    compiler = shutil.which("makensis")
    if compiler is None:
        raise StepFailedError.because(
            _WHAT, "makensis is not there", "Install NSIS (Debian: apt install nsis)."
        )
    target = target or DIST / f"photo-kiosk-setup_{version()}.exe"
    target.parent.mkdir(parents=True, exist_ok=True)
    words = {"VERSION": version(), "FOLDER": folder.resolve(), "TARGET": target.resolve()}
    defines = [f"-D{name}={value}" for name, value in words.items()]
    run_logged([compiler, "-V2", "-WX", *defines, SCRIPT], _WHAT, "Look at kiosk.nsi.")
    return f"{target.name}: {target.stat().st_size / 1e6:.1f} MB"
