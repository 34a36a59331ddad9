"""The payment page and the problem page: code, exact amount, stage, and what was asked and received."""

from __future__ import annotations

from base64 import b64encode

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.money import SATANG_PER_BAHT, decimal_baht, display_baht
from kiosk.session.view import PayStage, PayView, Problem, SessionView, SlipView
from ui.facade import KioskFacade
from ui.translator import Translator, show_time

_TITLES: dict[Problem, str] = {
    Problem.SHORT: "problem.short.title",
    Problem.LATE: "problem.late.title",
    Problem.OVER: "problem.over.title",
    Problem.TWICE: "problem.twice.title",
    Problem.UNKNOWN: "problem.unknown.title",
}


class PaymentViewModel(QObject):
    """Lives on the UI thread; QML: `Payment`. Amounts are satang."""

    changed = Signal()

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kiosk = kiosk
        self._translator = translator
        self._pay: PayView | None = None
        self._slip = SlipView()
        translator.languageChanged.connect(self.changed)

    def show(self, view: SessionView) -> None:
        """Draws from the view's payment; None while the code is being prepared."""
        if (view.pay, view.slip) != (self._pay, self._slip):
            self._pay, self._slip = view.pay, view.slip
            self.changed.emit()

    # the code and its amount

    def _stage(self) -> PayStage:
        return self._pay.stage if self._pay else PayStage.PREPARING

    def _qr_image(self) -> str:
        png = self._pay.qr_png if self._pay and self._pay.qr_payload is None else None
        return "data:image/png;base64," + b64encode(png).decode("ascii") if png else ""

    def _due(self) -> int:
        return self._pay.due_satang if self._pay else 0

    def _added_satang(self) -> str:
        """The satang by which the gateway tells payers apart, "08"; empty where the price itself is asked."""
        pay = self._pay
        if pay is None or not pay.confirms_by_itself:
            return ""
        satang = pay.due_satang % SATANG_PER_BAHT
        return f"{satang:02d}" if satang not in (0, pay.price_satang % SATANG_PER_BAHT) else ""

    def _has_code(self) -> bool:
        return self._pay is not None and (self._pay.qr_payload is not None or self._pay.qr_png is not None)

    def _until(self) -> str:
        return show_time(self._pay.expires_at) if self._pay and self._pay.expires_at else ""

    stage = Property(str, lambda self: str(self._stage()), notify=changed)
    qrText = Property(str, lambda self: (self._pay.qr_payload or "") if self._pay else "", notify=changed)
    qrImage = Property(str, _qr_image, notify=changed)
    hasCode = Property(bool, _has_code, notify=changed)
    due = Property(int, _due, notify=changed)
    addedSatang = Property(str, _added_satang, notify=changed)
    receiver = Property(str, lambda self: self._pay.receiver_name if self._pay else "", notify=changed)
    orderCode = Property(str, lambda self: self._pay.order_code if self._pay else "", notify=changed)
    until = Property(str, _until, notify=changed)
    isEnding = Property(bool, lambda self: bool(self._pay and self._pay.is_last_quarter), notify=changed)
    confirmsByItself = Property(
        bool, lambda self: self._pay.confirms_by_itself if self._pay else True, notify=changed
    )

    # the problem

    def _problem(self) -> Problem | None:
        return self._pay.problem if self._pay else None

    def _received(self) -> int:
        return self._pay.received_satang if self._pay else 0

    def _difference(self) -> int:
        return abs(self._due() - self._received())

    def _title(self) -> str:
        problem = self._problem()
        amount = display_baht(self._difference())
        return self._translator.translate(_TITLES[problem], {"amount": amount}) if problem else ""

    def _text(self) -> str:
        problem = self._problem()
        return self._translator.translate(f"problem.{problem}.text", {}) if problem else ""

    def _received_label(self) -> str:
        at = self._pay.received_at if self._pay else None
        return self._translator.translate("problem.short.got", {"time": show_time(at)}) if at else ""

    problem = Property(str, lambda self: str(self._problem() or ""), notify=changed)
    problemTitle = Property(str, _title, notify=changed)
    problemText = Property(str, _text, notify=changed)
    received = Property(int, _received, notify=changed)
    receivedLabel = Property(str, _received_label, notify=changed)
    askedText = Property(str, lambda self: decimal_baht(self._due()), notify=changed)
    receivedText = Property(str, lambda self: decimal_baht(self._received()), notify=changed)
    difference = Property(int, _difference, notify=changed)

    # the slip

    canScanSlip = Property(bool, lambda self: self._slip.is_offered, notify=changed)
    slipStage = Property(str, lambda self: self._slip.stage, notify=changed)
    slipReason = Property(str, lambda self: self._slip.reason_key, notify=changed)

    @Slot()
    def scanSlip(self) -> None:
        """The camera looks for the code on a bank's slip."""
        self._kiosk.handing_over.scan_slip()

    @Slot()
    def stopScanning(self) -> None:
        """It looks no more."""
        self._kiosk.handing_over.stop_scanning()

    # commands

    @Slot()
    def check(self) -> None:
        """The visitor says that they have paid: the bank is asked."""
        self._kiosk.buying.check_payment()

    @Slot()
    def renew(self) -> None:
        """A new code."""
        self._kiosk.buying.renew_payment()

    @Slot()
    def payRest(self) -> None:
        """A code for what is missing."""
        self._kiosk.buying.pay_rest()

    @Slot()
    def askStaff(self) -> None:
        """Calls the event's staff."""
        self._kiosk.buying.ask_staff()
