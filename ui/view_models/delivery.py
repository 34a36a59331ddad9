"""What was bought and how to take it along; then the privacy receipt: what is gone and what is kept."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.sending.types import SendingState, Way
from kiosk.session.receipt_lines import gone_lines, kept_lines
from kiosk.session.view import DeliverView, HandingView, MessageView, PrivacyReceipt, SessionView
from ui.facade import KioskFacade
from ui.translator import Translator, show_date, show_time

_TRAYS = {
    "": "deliver.print.tray.here",
    "right": "deliver.print.tray",
    "left": "deliver.print.tray.left",
    "below": "deliver.print.tray.below",
}
"""What the settings may call the place of prints in one word; anything else is said as it stands there."""
_KEPT_ICONS = {
    "photos": "smartphone",
    "numbers": "scan-face",
    "address": "mail",
    "order": "credit-card",
    "consent": "shield-check",
}
_MAIL_FORM = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class DeliveryViewModel(QObject):
    """Lives on the UI thread; QML: `Delivery`."""

    changed = Signal()

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kiosk = kiosk
        self._translator = translator
        self._deliver: DeliverView | None = None
        self._handing = HandingView()
        self._receipt: PrivacyReceipt | None = None
        translator.languageChanged.connect(self.changed)

    def show(self, view: SessionView) -> None:
        """Draws from the view's delivery and privacy receipt."""
        if (view.deliver, view.handing, view.receipt) != (self._deliver, self._handing, self._receipt):
            self._deliver, self._handing, self._receipt = view.deliver, view.handing, view.receipt
            self.changed.emit()

    # the delivery page

    def _of(self, name: str, otherwise: Any) -> Any:
        return getattr(self._deliver, name) if self._deliver else otherwise

    def _valid(self) -> str:
        if self._deliver is None:
            return ""
        date = self._date(self._deliver.expires_at)
        limit = self._deliver.download_limit
        key = "deliver.valid_one" if limit == 1 else "deliver.valid"
        return self._translator.translate(key, {"date": date, "n": limit})

    def _paid_at(self) -> str:
        at: datetime | None = self._of("paid_at", None)
        return f"{self._date(at)} · {show_time(at)}" if at else ""

    url = Property(str, lambda self: self._of("url", ""), notify=changed)
    orderCode = Property(str, lambda self: self._of("order_code", ""), notify=changed)
    photoCount = Property(int, lambda self: self._of("photo_count", 0), notify=changed)
    photoIds = Property(list, lambda self: list(self._of("photo_ids", ())), notify=changed)
    wifiName = Property(str, lambda self: self._of("wifi_name", ""), notify=changed)
    printCopies = Property(int, lambda self: self._of("print_copies", 0), notify=changed)
    paid = Property(int, lambda self: self._of("paid_satang", 0), notify=changed)
    paidAt = Property(str, _paid_at, notify=changed)
    valid = Property(str, _valid, notify=changed)

    # prints

    def _print_title(self) -> str:
        prints = self._handing.prints
        if prints is None:
            return ""
        words = self._translator.translate
        if prints.state == "done":
            return words("deliver.print.done", {})
        if prints.state == "printing":
            return words("deliver.print", {"i": min(prints.done + 1, prints.sheets), "n": prints.sheets})
        if prints.state == "held":
            return words("deliver.print.stopped", {})
        return words("deliver.print.kept" if prints.reason_key else "deliver.print.next", {})

    def _print_note(self) -> str:
        """What is in the way, else where they lie."""
        prints = self._handing.prints
        if prints is None:
            return ""
        words = self._translator.translate
        if prints.reason_key:
            return words(prints.reason_key, {"code": self._of("order_code", "")})
        if prints.tray in _TRAYS:
            return words(_TRAYS[prints.tray], {})
        return self._translator.breakable(prints.tray)

    def _print_share(self) -> float:
        prints = self._handing.prints
        return prints.done / prints.sheets if prints else 0.0

    printState = Property(
        str, lambda self: self._handing.prints.state if self._handing.prints else "", notify=changed
    )
    printTitle = Property(str, _print_title, notify=changed)
    printNote = Property(str, _print_note, notify=changed)
    printShare = Property(float, _print_share, notify=changed)
    isPrintHeld = Property(
        bool,
        lambda self: bool(self._handing.prints and self._handing.prints.reason_key),
        notify=changed,
    )

    # messages, and the wish for later photos

    def _message_row(self, message: MessageView) -> dict[str, str]:
        words, place = self._translator.translate, {"address": message.shown_to}
        icon = "mail" if message.way is Way.MAIL else "message-square"
        match message.state:
            case SendingState.SENT:
                return self._row("check", words("deliver.sent", place), "sent")
            case SendingState.FAILED:
                return self._row(icon, words(message.reason_key, place), "failed")
            case _ if message.is_tried:
                return self._row(icon, words("deliver.queued", {}), "queued")
            case _:
                return self._row(icon, words("deliver.sending", place), "sending")

    def _messages(self) -> list[dict[str, str]]:
        shown = [each for each in self._handing.messages if each.state is not SendingState.CANCELLED]
        return [self._message_row(each) for each in shown[-2:]]

    def _keep_date(self) -> str:
        until = self._handing.keeps_until
        return self._date(until) if until else ""

    hasMail = Property(bool, lambda self: Way.MAIL in self._handing.ways, notify=changed)
    hasLine = Property(bool, lambda self: self._handing.line_url != "", notify=changed)
    lineUrl = Property(str, lambda self: self._handing.line_url, notify=changed)
    isLineSent = Property(
        bool,
        lambda self: any(
            each.way is Way.LINE and each.state is SendingState.SENT for each in self._handing.messages
        ),
        notify=changed,
    )
    messages = Property(list, _messages, notify=changed)
    canKeep = Property(bool, lambda self: self._handing.can_keep, notify=changed)
    isKept = Property(bool, lambda self: self._handing.is_kept, notify=changed)
    keepDate = Property(str, _keep_date, notify=changed)

    @Slot(str, result=bool)
    def isMailForm(self, address: str) -> bool:
        """Whether it could be an e-mail address, as far as it was typed."""
        return _MAIL_FORM.fullmatch(address.strip()) is not None

    @Slot(str)
    def sendMail(self, address: str) -> None:
        """The link to this address."""
        self._kiosk.handing_over.send(Way.MAIL, address)

    @Slot(str)
    def keepByMail(self, address: str) -> None:
        """Yes to keeping the face numbers; news come to this address."""
        self._kiosk.handing_over.keep_face(Way.MAIL, address)

    @Slot()
    def keepByLine(self) -> None:
        """Yes to keeping the face numbers; news come by LINE, once the buyer has written to it."""
        self._kiosk.handing_over.keep_face(Way.LINE, "")

    @Slot()
    def stopKeeping(self) -> None:
        """They are deleted now."""
        self._kiosk.handing_over.stop_keeping()

    # the privacy receipt

    def _date(self, moment: datetime) -> str:
        return show_date(moment, self._translator.now_language)

    def _at(self, moment: datetime) -> str:
        return self._translator.translate("thanks.at", {"time": show_time(moment)})

    def _until(self, moment: datetime) -> str:
        return self._translator.translate("thanks.until", {"date": self._date(moment)})

    def _row(self, icon: str, text: str, when: str, why: str = "") -> dict[str, str]:
        return {"icon": icon, "text": text, "when": when, "why": why}

    def _deleted(self) -> list[dict[str, str]]:
        words = self._translator.translate
        lines = gone_lines(self._receipt) if self._receipt else []
        return [self._row("check", words(line.key, {"n": line.n}), self._at(line.at)) for line in lines]

    def _kept(self) -> list[dict[str, str]]:
        words = self._translator.translate
        return [
            self._row(
                _KEPT_ICONS[line.what],
                words(line.key, {"n": line.n}),
                self._until(line.until) if line.until else words(line.until_key, {}),
                words(line.why_key, {}),
            )
            for line in (kept_lines(self._receipt) if self._receipt else [])
        ]

    def _made_at(self) -> str:
        receipt = self._receipt
        return f"{self._date(receipt.made_at)} · {show_time(receipt.made_at)}" if receipt else ""

    madeAt = Property(str, _made_at, notify=changed)
    deleted = Property(list, _deleted, notify=changed)
    kept = Property(list, _kept, notify=changed)
    receiptUrl = Property(
        str, lambda self: (self._receipt.url or "") if self._receipt else "", notify=changed
    )
    canPrint = Property(bool, lambda self: bool(self._receipt and self._receipt.can_print), notify=changed)

    @Slot()
    def printReceipt(self) -> None:
        """The privacy receipt on paper."""
        self._kiosk.handing_over.print_receipt()
