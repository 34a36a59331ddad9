"""What messages say, in the language of the order."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from html import escape
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from kiosk.language import Language, sentence
from kiosk.sending.types import Message, OrderToSend, Purpose, Sending, Way
from kiosk.visits.report_words import date_in


def message_of(sending: Sending, order: OrderToSend, zone: ZoneInfo) -> Message:
    """The message of a sending, the same at each attempt."""
    key = f"{sending.way}.{sending.purpose}"
    return Message(
        message_id=sending.sending_id,
        to=sending.address,
        language=sending.language,
        subject=sentence(sending.language, f"mail.{sending.purpose}.subject", event=order.event_name),
        text="\n\n".join(_lines(key, sending, order, zone)),
        html=_html(key, sending, order, zone) if sending.way is Way.MAIL else "",
    )


def _lines(key: str, sending: Sending, order: OrderToSend, zone: ZoneInfo) -> list[str]:
    opening, *notes = _sentences(key, sending, order, zone)
    lines = [opening, order.link_url, *notes]
    if sending.purpose is Purpose.NEW_PHOTOS:
        lines.append(f"{sentence(sending.language, 'mail.stop')}\n{order.receipt_url}")
    return lines


def _sentences(key: str, sending: Sending, order: OrderToSend, zone: ZoneInfo) -> list[str]:
    """What it is about, and what is to be known about the link."""
    language, count = sending.language, _count(sending, order)
    until = _date(language, order.link_until, zone)
    said = [
        sentence(
            language, f"{key}.text_one" if count == 1 else f"{key}.text", n=count, event=order.event_name
        ),
        sentence(language, "mail.until", date=until, code=order.order_code),
    ]
    if is_local(order.link_url):
        said.append(sentence(language, "mail.local"))
    return said


def _count(sending: Sending, order: OrderToSend) -> int:
    return sending.photo_count if sending.purpose is Purpose.NEW_PHOTOS else len(order.photo_ids)


def _html(key: str, sending: Sending, order: OrderToSend, zone: ZoneInfo) -> str:
    """A page that needs no picture, style sheet or script from anywhere."""
    language = sending.language
    opening, *notes = _sentences(key, sending, order, zone)
    paragraphs = "".join(f"<p>{escape(note)}</p>" for note in notes)
    if sending.purpose is Purpose.NEW_PHOTOS:
        stop = escape(sentence(language, "mail.stop"))
        paragraphs += f'<p><a href="{escape(order.receipt_url)}">{stop}</a></p>'
    button = (
        f'<p><a href="{escape(order.link_url)}" style="display:inline-block;padding:14px 28px;'
        'border-radius:8px;background:#d4af37;color:#1a1a1a;text-decoration:none;font-weight:bold">'
        f"{escape(sentence(language, 'mail.button'))}</a></p>"
    )
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"></head>'
        '<body style="font-family:sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a">'
        f'<h1 style="font-size:20px">{escape(order.event_name)}</h1><p>{escape(opening)}</p>'
        f"{button}{paragraphs}</body></html>"
    )


def is_local(url: str) -> bool:
    """Whether an address is good in the local network only."""
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".local")


def _date(language: Language, moment: datetime, zone: ZoneInfo) -> str:
    return date_in(language, moment.astimezone(zone).date())
