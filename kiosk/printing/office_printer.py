"""A sheet for staff on the machine's own default printer: whatever stands in the office, not the photo
printers. By `lp` of CUPS; on Windows papers are printed from their folder."""

from __future__ import annotations

import shutil
import subprocess

from kiosk.errors import ErrorCode, KnownError

_TIMEOUT_S = 10.0


class OfficePrinter:
    """Fills `kiosk.staff.ports.SheetPrinter`. Each call is bounded to 10 s; any thread."""

    def print_sheet(self, pdf: bytes, name: str) -> None:
        """Raises KnownError PRINTER_UNKNOWN (there is no default printer), PRINTER_UNREACHABLE."""
        program = shutil.which("lp")
        if program is None:
            raise _none()
        try:
            done = subprocess.run(
                [program, "-t", name, "-"], input=pdf, capture_output=True, timeout=_TIMEOUT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as failed:
            raise _away(type(failed).__name__) from failed
        if done.returncode == 0:
            return
        said = done.stderr.decode("utf-8", "replace")
        raise _none() if "default destination" in said else _away(f"lp ended with {done.returncode}")


def _none() -> KnownError:
    return KnownError(
        ErrorCode.PRINTER_UNKNOWN,
        "This machine has no default printer.",
        "Print the paper from its folder, or set a default printer up.",
    )


def _away(why: str) -> KnownError:
    return KnownError(
        ErrorCode.PRINTER_UNREACHABLE,
        f"The default printer took nothing: {why}.",
        "Look at cable and switch, and print the paper from its folder.",
    )
