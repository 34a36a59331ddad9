"""Asks a service over HTTP about a slip (`kiosk.payments.slip.SlipChecker`).

Banks' own slip services differ, and each wants a contract; whoever has one puts this in front of it:

    POST <slip_check_url>
    Authorization: Bearer <slip_check_key>
    {"bank": "002", "reference": "0002123123121200011"}

    200 {"amount": "299.00", "receiver": "xxx-x-x1234-x", "paid_at": "2026-11-20T08:01:30Z", "is_ours": true}
    404  the bank knows no such slip

`amount` is in baht with at most two decimals, as text or number; `receiver` is the account as the bank masks
it; `paid_at` (ISO 8601 with a zone) and `is_ours` (whether that account is this shop's) may be null. Any
other answer counts as none: people look then.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from kiosk.errors import ErrorCode, KnownError
from kiosk.hosts import is_loopback
from kiosk.money import parse_baht
from kiosk.payments.slip import SlipFacts

_CONNECT_TIMEOUT_S = 2.0
_LARGEST_ANSWER_BYTES = 100_000
_LONGEST_RECEIVER = 80


class HttpSlipChecker:
    """Asks at `url` with `key`; an answer may take `timeout_s` in all. Follows no redirect, and the key goes
    over https only, but to this machine itself. Safe from any thread."""

    def __init__(self, url: str, key: str, timeout_s: float = 8.0) -> None:
        """Raises KnownError(SETTING_INVALID) for an address that would send the key in the clear."""
        address = urlsplit(url)
        if address.scheme != "https" and not is_loopback(address.hostname or ""):
            raise KnownError(
                ErrorCode.SETTING_INVALID,
                "slip_check_url would send its key unencrypted.",
                "Begin it with https://.",
            )
        self._url = url
        self._key = key
        self._timeout_s = timeout_s

    def check(self, bank: str, reference: str) -> SlipFacts:
        deadline_s = time.monotonic() + self._timeout_s
        try:
            with requests.post(
                self._url,
                json={"bank": bank, "reference": reference},
                headers={"Authorization": f"Bearer {self._key}"},
                timeout=(min(_CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s),
                stream=True,
                allow_redirects=False,
            ) as response:
                if response.status_code == requests.codes.not_found:
                    raise KnownError(
                        ErrorCode.SLIP_MISMATCH, "The bank knows no such slip.", "Look at the account."
                    )
                if response.status_code != requests.codes.ok:
                    raise _unreachable(f"HTTP {response.status_code}")
                content = _read(response, deadline_s)
        except requests.RequestException as failed:
            raise _unreachable(type(failed).__name__) from None  # its text may hold the address and more
        except (HTTPError, OSError) as failed:
            raise _unreachable("the answer broke off") from failed
        return _facts(content)


def _read(response: requests.Response, deadline_s: float) -> bytes:
    """Piece by piece as it comes, so that a trickle cannot hold the call."""
    content = bytearray()
    while piece := response.raw.read1(65536, decode_content=True):
        content += piece
        if len(content) > _LARGEST_ANSWER_BYTES:
            raise _unreachable("the answer is far too long")
        if time.monotonic() > deadline_s:
            raise _unreachable("the answer did not end in time")
    return bytes(content)


def _facts(content: bytes) -> SlipFacts:
    try:
        answer = json.loads(content, parse_float=str)
        if not isinstance(answer, dict):
            raise ValueError("no object")
        is_ours, paid_at = answer.get("is_ours"), answer.get("paid_at")
        if is_ours not in (True, False, None):
            raise ValueError("is_ours")
        return SlipFacts(
            amount_satang=parse_baht(str(answer["amount"])),
            receiver=_printable(str(answer.get("receiver") or "")),
            paid_at=_time(str(paid_at)) if paid_at else None,
            is_ours=is_ours,
        )
    except (ValueError, KeyError, RecursionError, KnownError):
        raise _unreachable("its answer breaks the contract") from None


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)


def _printable(text: str) -> str:
    return "".join(symbol for symbol in text if symbol.isprintable())[:_LONGEST_RECEIVER]


def _unreachable(why: str) -> KnownError:
    return KnownError(
        ErrorCode.SLIP_CHECK_UNREACHABLE,
        f"The service that checks slips gave no answer: {why}.",
        "Look at the account yourself, and at slip_check_url and its key.",
    )
