"""Which page belongs to which state of the journey, and which sheet lies over it."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.session.states import Screen
from kiosk.session.view import SessionView

PAGES: dict[Screen, str] = {
    Screen.ATTRACT: "AttractPage",
    Screen.CONSENT: "ConsentPage",
    Screen.CAPTURE: "CapturePage",
    Screen.SEARCHING: "SearchingPage",
    Screen.RESULTS: "ResultsPage",
    Screen.NO_MATCH: "NoMatchPage",
    Screen.MANUAL: "ManualPage",
    Screen.LIGHTBOX: "LightboxPage",
    Screen.BASKET: "BasketPage",
    Screen.PAYMENT: "PaymentPage",
    Screen.PROBLEM: "ProblemPage",
    Screen.DELIVERY: "DeliveryPage",
    Screen.THANKS: "ThanksPage",
    Screen.OUT_OF_SERVICE: "OutOfServicePage",
}

SHEETS = (
    "IdleSheet",
    "MyDataSheet",
    "AidsSheet",
    "FinishSheet",
    "OrderSheet",
    "ConsentTextSheet",
    "CaptureHelpSheet",
    "FilterSheet",
    "TogetherSheet",
    "VoucherSheet",
    "PrintSheet",
    "NoBankAppSheet",
    "ReceiptSheet",
    "MailSheet",
    "LineSheet",
    "KeepSheet",
    "KeepMailSheet",
    "SlipSheet",
)


class Navigator(QObject):
    """Lives on the UI thread. `page` is a file name in qml/pages without its ending; `sheet` likewise, empty
    when none is open. A new page closes the sheet; the idle warning lies over everything."""

    pageChanged = Signal()
    sheetChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = ""
        self._sheet = ""

    def show(self, view: SessionView) -> None:
        """Turns to the page of the view's state."""
        page = PAGES[view.screen]
        if page != self._page:
            self._page = page
            self.closeSheet()
            self.pageChanged.emit()

    @Slot(str)
    def openSheet(self, name: str) -> None:
        """Opens one of `SHEETS`."""
        if name != self._sheet:
            self._sheet = name
            self.sheetChanged.emit()

    @Slot()
    def closeSheet(self) -> None:
        """Puts the open sheet away; harmless without one."""
        self.openSheet("")

    @Slot(result=list)
    def allPages(self) -> list[str]:
        """Every page and sheet, so that the window can compile them before they are needed."""
        return [*PAGES.values(), *SHEETS]

    page = Property(str, lambda self: self._page, notify=pageChanged)
    sheet = Property(str, lambda self: self._sheet, notify=sheetChanged)
