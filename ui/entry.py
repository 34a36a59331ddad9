"""The `kiosk` command's first step: what must run when little else does, and small, goes around the rest."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the `kiosk` command."""
    match sys.argv[1:]:
        case ["session"]:
            from kiosk.paths import home_folder
            from kiosk.supervisor.command import run_session

            sys.exit(run_session(home_folder()))
        case ["call-staff", code, again_s]:
            from ui.call_staff import call_staff

            sys.exit(call_staff(code, float(again_s)))
        case _:
            from ui.command import main as command

            command()
