"""The receipt of an order as a page to print: what was bought, exact amounts, no face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2

from kiosk.central.centre import Centre
from kiosk.delivery.phone_pages import PageWriter
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language, sentence, sentences
from kiosk.money import decimal_baht
from kiosk.payments.settlement import DELIVERABLE
from kiosk.payments.types import Payment
from kiosk.sales.types import LineKind, Order, OrderState

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A row of the receipt; amounts in baht with two decimals."""

    what: str
    times: int
    amount: str


class InvoiceWriter:
    """Renders receipts in Thai or English. Immutable; any thread."""

    def __init__(self, centre: Centre) -> None:
        zone = ZoneInfo(centre.settings.server.timezone)
        self._dates = PageWriter(zone)
        self._photos = centre.archive.photos
        self._seller = centre.settings.payment.receiver_name
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, order: Order, payments: Sequence[Payment], language: Language | None = None) -> str:
        """The HTML of a paid or refunded order's receipt, in a language or in the order's own.

        Raises KnownError(ORDER_UNKNOWN) for an order that was not paid.
        """
        if order.state not in (OrderState.PAID, OrderState.REFUNDED) or order.paid_at is None:
            raise KnownError(ErrorCode.ORDER_UNKNOWN, f"Order {order.code} is not paid.", "Pay it first.")
        spoken = language or _language(order.language)
        event = self._photos.event(order.event_id)

        def say(key: str, **params: object) -> str:
            return sentence(spoken, key, **params)

        return self._templates.get_template("invoice.html.j2").render(
            say=say,
            language=spoken.value,
            seller=self._seller,
            event_name=(event.name_th if spoken is Language.THAI else "") or event.name,
            code=order.code,
            paid_at=self._moment(spoken, order.paid_at),
            lines=_lines(order, spoken),
            discount=decimal_baht(order.discount_satang) if order.discount_satang else "",
            voucher=order.voucher_code or "",
            total=decimal_baht(order.total_satang),
            received=decimal_baht(_received(payments)),
            is_refunded=order.state is OrderState.REFUNDED,
        )

    def _moment(self, language: Language, at: datetime) -> str:
        return f"{self._dates.date(language, at)} {self._dates.clock_time(language, at)}"


def _lines(order: Order, language: Language) -> list[InvoiceLine]:
    packages = [
        InvoiceLine(
            _named(use.package.name_key, language),
            use.times,
            decimal_baht(use.package.price_satang * use.times),
        )
        for use in order.packages
    ]
    prints = [
        InvoiceLine(
            sentence(language, "invoice.print", size=line.print_size or ""),
            line.copies,
            decimal_baht(line.amount_satang),
        )
        for line in order.lines
        if line.kind is LineKind.PRINT
    ]
    return [*packages, *prints]


def _named(name_key: str, language: Language) -> str:
    """A package's name: a sentence, or as the owner wrote it."""
    return sentence(language, name_key) if name_key in sentences(language) else name_key


def _received(payments: Sequence[Payment]) -> int:
    """What counted for the order; satang that the gateway asked for on top of the price are in it."""
    return sum(p.received_satang for p in payments if p.state in DELIVERABLE or p.state == "short")


def _language(text: str) -> Language:
    try:
        return Language(text)
    except ValueError:
        return Language.ENGLISH
