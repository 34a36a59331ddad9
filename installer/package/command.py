"""`python3 -m installer package`: the steps of each package, one line each."""

from __future__ import annotations

from installer.package import clean_root, deb, folder, locked, walk, windows_setup
from installer.steps import run_step

TARGETS = {
    "deb": "deb: the Debian package (where none is asked for)",
    "folder": "folder: the program as one folder, for this platform; on macOS also the app",
    "lock": "lock: the lock of what ships, anew",
    "papers": "papers: third-party notices and bill of materials",
    "walk": "walk: installs the Debian package in a clean root and walks through a sale, as root",
    "windows": "windows: the Windows installer of the folder",
}


def package(target: str) -> None:
    """Makes it. Raises StepFailedError at the first step that cannot go on."""
    if target == "lock":
        run_step("Lock of what ships", locked.make_lock)
        return
    if target == "walk":
        run_step("Clean root", clean_root.make_root)
        walk.walk()
        return
    run_step("Lean environment", folder.make_lean_environment)
    run_step("Notices", folder.write_papers)
    if target == "papers":
        return
    run_step("Freezing", folder.freeze)
    run_step("Check", folder.check_folder)
    if target == "deb":
        run_step("Debian package", deb.make_deb)
    if target == "windows":
        run_step("Windows installer", windows_setup.make_installer)
