"""Where the packaged program begins: the `kiosk` command."""

from __future__ import annotations

import multiprocessing
import os
import sys


def give_children_the_systems_libraries() -> None:
    """Takes back what the loader of the package set for itself: programs of the system (`lp`, `dpkg`) are to
    find the system's libraries. This process has read it already, and a kiosk that it starts sets its own."""
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        before = os.environ.pop(f"{name}_ORIG", None)
        if before:
            os.environ[name] = before
        else:
            os.environ.pop(name, None)


def main() -> None:
    """Runs the command line."""
    multiprocessing.freeze_support()  # a process that `multiprocessing` started is no command
    give_children_the_systems_libraries()
    if sys.platform == "win32":  # pipes and files get UTF-8, as on a terminal
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    from ui.entry import main as kiosk

    kiosk()


if __name__ == "__main__":
    main()
