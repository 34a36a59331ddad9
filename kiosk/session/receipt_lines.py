"""The privacy receipt line by line, as screen and paper say it: what is gone since when, what is kept until
when and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.session.view import PrivacyReceipt


@dataclass(frozen=True, slots=True)
class GoneLine:
    """What was deleted at `at`: a sentence's key, and its `n`."""

    key: str
    at: datetime
    n: int = 1


@dataclass(frozen=True, slots=True)
class KeptLine:
    """What is kept until `until`, or as `until_key` says; `what` names it among its kind, `why_key` why."""

    what: str
    key: str
    until: datetime | None = None
    until_key: str = ""
    n: int = 1

    @property
    def why_key(self) -> str:
        return f"thanks.why.{self.what}"


def gone_lines(receipt: PrivacyReceipt) -> list[GoneLine]:
    """What was deleted, the face first."""
    lines = [GoneLine("thanks.screen", receipt.made_at)]
    if receipt.face_deleted_at is None:
        return lines
    if receipt.numbers_until is None:
        lines.insert(0, GoneLine("thanks.template", receipt.face_deleted_at))
    key = "thanks.faces" if receipt.face_count > 1 else "thanks.face"
    return [GoneLine(key, receipt.face_deleted_at, receipt.face_count), *lines]


def kept_lines(receipt: PrivacyReceipt) -> list[KeptLine]:
    """What is kept, the photos first."""
    lines: list[KeptLine] = []
    if receipt.photo_count and receipt.photos_until:
        key = "thanks.photos_one" if receipt.photo_count == 1 else "thanks.photos"
        lines.append(KeptLine("photos", key, receipt.photos_until, n=receipt.photo_count))
    if receipt.numbers_until is not None:
        lines.append(KeptLine("numbers", "thanks.template", receipt.numbers_until))
    if receipt.owes_message:
        lines.append(KeptLine("address", "thanks.address", until_key="thanks.until_sent"))
    if receipt.order_code:
        lines.append(KeptLine("order", "thanks.order", until_key="thanks.law"))
    if receipt.had_consent and receipt.consent_until:
        lines.append(KeptLine("consent", "thanks.consent", receipt.consent_until))
    return lines
