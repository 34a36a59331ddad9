"""What this machine has: cameras and print queues, to choose from."""

from __future__ import annotations

import getpass
import sys
import time
from pathlib import Path

import structlog
from pyipp.enums import IppOperation

from kiosk.camera.opencv_camera import OpenCvCamera
from kiosk.camera.types import Wish
from kiosk.errors import KnownError
from kiosk.printing.ipp import IppServer, RefusedError

_log = structlog.get_logger(__name__)
_VIDEO = Path("/sys/class/video4linux")
_TRIED = 3
_PATIENCE_S = 5.0


def found_cameras(folder: Path = _VIDEO) -> tuple[str, ...]:
    """Webcams as `camera.source` names them. On Linux the kernel is asked; elsewhere the first three are
    opened, which takes seconds."""
    if sys.platform == "linux":
        nodes = [path for path in folder.glob("video*") if _first_of_device(path)]
        numbers = sorted(int(path.name.removeprefix("video")) for path in nodes)
    else:
        numbers = [number for number in range(_TRIED) if _opens(number)]
    return tuple(f"webcam:{number}" for number in numbers)


def found_queues(server: str) -> tuple[str, ...]:
    """The queues of the print server, by name; none where it does not answer, which is logged."""
    if sys.platform == "win32":
        return _windows_queues()
    asked = {"requested-attributes": ["printer-name"]}
    try:
        answer = IppServer(server, getpass.getuser()).call(
            IppOperation.CUPS_GET_PRINTERS, "", asked, time.monotonic() + _PATIENCE_S
        )
    except RefusedError:
        return ()
    except KnownError as error:
        _log.warning("queues_not_found", code=error.code)
        return ()
    names = (str(printer.get("printer-name", "")) for printer in answer.printers)
    return tuple(sorted(name for name in names if name))


def _first_of_device(path: Path) -> bool:
    """A webcam has several nodes; the first gives its pictures."""
    try:
        return (path / "index").read_text().strip() == "0"
    except OSError:
        return False


def _opens(number: int) -> bool:
    camera = OpenCvCamera(number, Wish())
    try:
        camera.open()
    except KnownError:
        return False
    finally:
        camera.close()
    return True


def _windows_queues() -> tuple[str, ...]:
    import win32print

    local_and_connected = 2 | 4  # PRINTER_ENUM_LOCAL | PRINTER_ENUM_CONNECTIONS
    return tuple(sorted(str(printer[2]) for printer in win32print.EnumPrinters(local_and_connected)))
