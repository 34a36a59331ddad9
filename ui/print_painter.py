"""Paints a page on a printer by Qt: how prints get to the queues of Windows, which take no PDF."""

from __future__ import annotations

from PySide6.QtCore import QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.paper import DPI, hundredths, nearest_size
from kiosk.printing.types import PrintPage
from kiosk.sales.types import PrintSize

_IN_MM = 100


def paint(queue: str, name: str, page: PrintPage) -> None:
    """Hands a page to a queue as a document of a name. From any thread; returns when the system's spooler has
    it. Raises KnownError PRINTER_UNKNOWN, PRINT_REFUSED."""
    info = QPrinterInfo.printerInfo(queue)
    if info.isNull():
        raise KnownError(
            ErrorCode.PRINTER_UNKNOWN,
            f"This machine has no printer {queue}.",
            "Add it, or name another in printing.queues.",
        )
    printer = QPrinter(info, QPrinter.PrinterMode.HighResolution)
    paint_on(printer, _nearest(info, page.paper.size), name, page)


def paint_on(printer: QPrinter, paper: QPageSize, name: str, page: PrintPage) -> None:
    """Fills the whole paper with the page's picture, up to its edges. Raises KnownError PRINT_REFUSED."""
    image = QImage.fromData(page.jpeg)
    is_lying = image.width() > image.height()
    turned = QPageLayout.Orientation.Landscape if is_lying else QPageLayout.Orientation.Portrait
    printer.setDocName(name)
    printer.setResolution(DPI)
    printer.setCopyCount(page.copies)
    printer.setColorMode(QPrinter.ColorMode.Color)
    printer.setPageLayout(QPageLayout(paper, turned, QMarginsF(0, 0, 0, 0)))
    printer.setFullPage(True)
    painter = QPainter()
    if image.isNull() or not painter.begin(printer):
        raise KnownError(
            ErrorCode.PRINT_REFUSED,
            f"The page cannot be painted on {printer.printerName()}.",
            "Print a test page of the system on it.",
        )
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(_covering(printer.paperRect(QPrinter.Unit.DevicePixel), image), image)
    if not painter.end():
        raise KnownError(ErrorCode.PRINT_REFUSED, f"{printer.printerName()} did not take the page.")


def exact(size: PrintSize) -> QPageSize:
    """A paper as large as it is sold, for printers that take any."""
    width, height = hundredths(size)
    millimetres = QSizeF(width / _IN_MM, height / _IN_MM)
    return QPageSize(millimetres, QPageSize.Unit.Millimeter, size.value, QPageSize.SizeMatchPolicy.ExactMatch)


def _nearest(info: QPrinterInfo, size: PrintSize) -> QPageSize:
    """The paper as the printer calls it, else its exact size."""
    offered: dict[tuple[int, int], QPageSize] = {}
    for paper in info.supportedPageSizes():
        sides = paper.size(QPageSize.Unit.Millimeter)
        offered[round(sides.width() * _IN_MM), round(sides.height() * _IN_MM)] = paper
    nearest = nearest_size(size, list(offered))
    return offered[nearest] if nearest is not None else exact(size)


def _covering(paper: QRectF, image: QImage) -> QRectF:
    """Where a picture lies that fills a paper, its middle in the paper's; what is too much falls outside."""
    scale = max(paper.width() / image.width(), paper.height() / image.height())
    width, height = image.width() * scale, image.height() * scale
    return QRectF((paper.width() - width) / 2, (paper.height() - height) / 2, width, height)
