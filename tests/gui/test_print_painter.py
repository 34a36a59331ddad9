"""Pages painted by Qt: into a PDF, and on a queue of a real CUPS, as they would be on one of Windows."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from kiosk.printing.cups import CupsPrinter
from kiosk.printing.page import print_page
from kiosk.printing.types import Paper, PrintPage, SpoolState
from kiosk.sales.types import Finish, PrintSize
from tests.peers.cups import CupsServer
from ui.print_painter import exact, paint, paint_on

RED = (200, 30, 30)


def page_of(size: PrintSize, is_lying: bool, copies: int = 1) -> PrintPage:
    sides = (600, 400) if is_lying else (400, 600)
    file = io.BytesIO()
    Image.new("RGB", sides, RED).save(file, "JPEG", quality=95)
    return print_page(file.getvalue(), [], Paper(size, Finish.GLOSSY), copies, None, None)


def shown(pdf: Path, folder: Path) -> Image.Image:
    subprocess.run(["pdftoppm", "-r", "50", "-png", "-singlefile", pdf, folder / "shown"], check=True)
    return Image.open(folder / "shown.png").convert("RGB")


def edges(image: Image.Image) -> set[object]:
    """The colours at the edges and in the middle, roughly."""
    places = [
        (x, y)
        for x in (1, image.width // 2, image.width - 2)
        for y in (1, image.height // 2, image.height - 2)
    ]
    found = [image.getpixel(place) for place in places]
    return {tuple(round(part / 40) for part in colour) for colour in found if isinstance(colour, tuple)}


@pytest.mark.parametrize("size", list(PrintSize))
@pytest.mark.parametrize("is_lying", [False, True])
def test_a_painted_page_is_as_large_as_its_paper_and_filled_up_to_the_edges(
    qtbot: QtBot, tmp_path: Path, size: PrintSize, is_lying: bool
) -> None:
    if shutil.which("pdfinfo") is None:
        pytest.skip("poppler-utils is not installed")
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    file = tmp_path / "page.pdf"
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(file))
    paint_on(printer, exact(size), "print-1", page_of(size, is_lying))
    said = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    told = dict(line.split(":", 1) for line in said.splitlines())
    short, long = (int(side) * 10 / 25.4 * 72 for side in size.value.split("x"))
    found = [float(word) for word in told["Page size"].split() if word[0].isdigit()]
    assert found == pytest.approx([long, short] if is_lying else [short, long], abs=1)
    assert told["Title"].strip() == "print-1"
    assert told["Pages"].strip() == "1"
    assert edges(shown(file, tmp_path)) == {tuple(round(part / 40) for part in RED)}


def test_a_printer_that_is_not_there_is_named(qtbot: QtBot) -> None:
    with pytest.raises(KnownError) as error:
        paint("nowhere", "print-1", page_of(PrintSize.S10X15, is_lying=True))
    assert error.value.code is ErrorCode.PRINTER_UNKNOWN


@pytest.mark.slow
def test_a_page_painted_on_a_real_queue_is_found_there_by_its_name(
    cups_server: CupsServer, tmp_path: Path
) -> None:
    behind = cups_server.add_printer("dnp")
    script = (
        "from PySide6.QtGui import QGuiApplication\n"
        "from tests.gui.test_print_painter import page_of\n"
        "from kiosk.sales.types import PrintSize\n"
        "from ui.print_painter import paint\n"
        "application = QGuiApplication([])\n"
        "paint('dnp', 'print-1', page_of(PrintSize.S10X15, True, copies=2))\n"
    )
    environment = {**os.environ, "CUPS_SERVER": cups_server.socket, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=program_root(), check=True, timeout=60
    )
    printer = CupsPrinter(cups_server.socket)
    found = printer.find("dnp", "print-1")
    assert found is not None
    deadline = time.monotonic() + 30
    while printer.job("dnp", found.spool_id).state is not SpoolState.DONE:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert behind.put_out() == {"print-1": 2}
    assert "x-dimension=10160 y-dimension=15240" in behind.sheets()[0].media
    assert edges(shown(behind.document("print-1"), tmp_path)) == {tuple(round(part / 40) for part in RED)}
