"""The HTML of the phone page: templates filled with sentences, dates and tiles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2

from kiosk.delivery.purchases import DataKind, DataReceipt, Purchase
from kiosk.language import Language, sentence

_TEMPLATES = Path(__file__).parent / "templates"
_BUDDHIST_OFFSET = 543

_RECEIPT_SENTENCES = {
    DataKind.FACE: "thanks.face",
    DataKind.TEMPLATE: "thanks.template",
    DataKind.SCREEN: "thanks.screen",
    DataKind.PHOTOS: "thanks.photos",
    DataKind.PAYMENT: "thanks.order",
    DataKind.CONSENT: "thanks.consent",
    DataKind.FACE_NUMBERS: "phone.receipt.face_numbers",
    DataKind.ADDRESS: "phone.receipt.address",
}


_REASONS = {
    DataKind.PHOTOS: "thanks.why.photos",
    DataKind.PAYMENT: "thanks.why.order",
    DataKind.CONSENT: "thanks.why.consent",
    DataKind.FACE_NUMBERS: "thanks.why.numbers",
    DataKind.ADDRESS: "thanks.why.address",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One photo of the grid; `index` from 1. `number` is the photo number, None when its row is gone: then it
    was deleted, because somebody in it asked for it."""

    index: int
    number: int | None
    time: str
    is_there: bool
    is_open: bool
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A line of the privacy receipt: what, and when or until when; of what is kept, why."""

    kind: DataKind
    what: str
    when: str
    why: str = ""


class PageWriter:
    """Renders pages in a language. Dates are those of the kiosk's `zone`. Immutable; any thread."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, template: str, language: Language, **values: object) -> str:
        """The HTML of `template`; `say(key, …)` in it is the sentence in `language`."""

        def say(key: str, **params: object) -> str:
            return sentence(language, key, **params)

        return self._templates.get_template(template).render(
            say=say, language=language.value, languages=list(Language), **values
        )

    def date(self, language: Language, moment: datetime) -> str:
        """Such as "20 Dec 2026"; in Thai with the Buddhist year, "20 ธ.ค. 2569"."""
        local = moment.astimezone(self._zone)
        months = sentence(language, "phone.months").split()
        year = local.year + (_BUDDHIST_OFFSET if language is Language.THAI else 0)
        return sentence(language, "phone.date", day=local.day, month=months[local.month - 1], year=year)

    def clock_time(self, language: Language, moment: datetime) -> str:
        """Hours and minutes of 24, as people of the language write them."""
        return sentence(language, "phone.time", time=self._hours(moment))

    def _hours(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%H:%M}"

    def receipt_lines(
        self, language: Language, receipt: DataReceipt, purchase: Purchase
    ) -> tuple[list[ReceiptLine], list[ReceiptLine], list[ReceiptLine]]:
        """Lines for what is deleted, what is kept, and what of the kept the visitor may delete now."""

        def what(kind: DataKind) -> str:
            key, photos = _RECEIPT_SENTENCES[kind], len(purchase.photo_ids)
            is_one = kind is DataKind.PHOTOS and photos == 1
            return sentence(language, f"{key}_one" if is_one else key, n=photos)

        def until(moment: datetime | None) -> str:
            if moment is None:
                return sentence(language, "thanks.law")
            return sentence(language, "thanks.until", date=self.date(language, moment))

        deleted = [
            ReceiptLine(
                gone.kind, what(gone.kind), sentence(language, "thanks.at", time=self._hours(gone.at))
            )
            for gone in receipt.deleted
        ]
        kept = [
            ReceiptLine(
                held.kind, what(held.kind), until(held.until), sentence(language, _REASONS[held.kind])
            )
            for held in receipt.kept
        ]
        deletable = [line for line, held in zip(kept, receipt.kept, strict=True) if held.is_deletable]
        return deleted, kept, deletable
