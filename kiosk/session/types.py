"""What is recorded of a visitor's answer about their face, and its port."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.language import Language


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """That somebody agreed, or took it back: text version, time, language. Holds no face."""

    consent_id: str
    event_id: str
    text_version: str
    language: Language
    agreed_at: datetime
    withdrawn_at: datetime | None = None
    face_deleted_at: datetime | None = None


class ConsentRepository(Protocol):
    """The rows of consents."""

    def add_consent(self, consent: ConsentRecord) -> None: ...

    def set_withdrawn(self, consent_id: str, at: datetime) -> None: ...

    def set_face_deleted(self, consent_id: str, at: datetime) -> None: ...
