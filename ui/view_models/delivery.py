"""What was bought and how to take it along; then the privacy receipt: what is gone and what is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import Property, QObject, Signal

from kiosk.session.view import DeliverView, PrivacyReceipt, SessionView
from ui.facade import KioskFacade
from ui.translator import Translator, show_date, show_time


class DeliveryViewModel(QObject):
    """Lives on the UI thread; QML: `Delivery`."""

    changed = Signal()

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._translator = translator
        self._deliver: DeliverView | None = None
        self._receipt: PrivacyReceipt | None = None
        translator.languageChanged.connect(self.changed)

    def show(self, view: SessionView) -> None:
        """Draws from the view's delivery and privacy receipt."""
        if (view.deliver, view.receipt) != (self._deliver, self._receipt):
            self._deliver, self._receipt = view.deliver, view.receipt
            self.changed.emit()

    # the delivery page

    def _of(self, name: str, otherwise: Any) -> Any:
        return getattr(self._deliver, name) if self._deliver else otherwise

    def _valid(self) -> str:
        if self._deliver is None:
            return ""
        date = self._date(self._deliver.expires_at)
        limit = self._deliver.download_limit
        return self._translator.translate("deliver.valid", {"date": date, "n": limit})

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

    # the privacy receipt

    def _date(self, moment: datetime) -> str:
        return show_date(moment, self._translator.now_language)

    def _at(self, moment: datetime) -> str:
        return self._translator.translate("thanks.at", {"time": show_time(moment)})

    def _until(self, moment: datetime) -> str:
        return self._translator.translate("thanks.until", {"date": self._date(moment)})

    def _row(self, icon: str, text: str, when: str) -> dict[str, str]:
        return {"icon": icon, "text": text, "when": when}

    def _deleted(self) -> list[dict[str, str]]:
        receipt = self._receipt
        if receipt is None:
            return []
        words = self._translator.translate
        several = receipt.face_count > 1
        gone = [
            (
                words("thanks.faces" if several else "thanks.face", {"n": receipt.face_count}),
                receipt.face_deleted_at,
            ),
            (words("thanks.template", {}), receipt.face_deleted_at),
            (words("thanks.screen", {}), receipt.made_at),
        ]
        return [self._row("check", text, self._at(at)) for text, at in gone if at is not None]

    def _kept(self) -> list[dict[str, str]]:
        receipt = self._receipt
        if receipt is None:
            return []
        words = self._translator.translate
        rows = []
        if receipt.photo_count and receipt.photos_until:
            photos = self._translator.counted("thanks.photos", receipt.photo_count)
            rows.append(self._row("smartphone", photos, self._until(receipt.photos_until)))
        if receipt.order_code:
            rows.append(self._row("credit-card", words("thanks.order", {}), words("thanks.law", {})))
        if receipt.had_consent and receipt.consent_until:
            consent = words("thanks.consent", {})
            rows.append(self._row("shield-check", consent, self._until(receipt.consent_until)))
        return rows

    def _made_at(self) -> str:
        receipt = self._receipt
        return f"{self._date(receipt.made_at)} · {show_time(receipt.made_at)}" if receipt else ""

    madeAt = Property(str, _made_at, notify=changed)
    deleted = Property(list, _deleted, notify=changed)
    kept = Property(list, _kept, notify=changed)
    receiptUrl = Property(
        str, lambda self: (self._receipt.url or "") if self._receipt else "", notify=changed
    )
