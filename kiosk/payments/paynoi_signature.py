"""PayNoi's signed notices to a merchant: HMAC-SHA256, as hex, over the raw bytes of `data`, keyed by the
api_key. A notice is only a reason to ask: confirm it with `PaymentGateway.check`."""

from __future__ import annotations

import hashlib
import hmac
import json
import re

from kiosk.errors import ErrorCode, KnownError

_DATA = re.compile(r'"data"\s*:\s*')


def sign(data: bytes, api_key: str) -> str:
    """The signature of a notice's raw `data`."""
    return hmac.new(api_key.encode("utf-8"), data, hashlib.sha256).hexdigest()


def read_notice(body: bytes, api_key: str) -> str:
    """The transaction that a webhook's `body` is about.

    Raises KnownError: GATEWAY_NONSENSE for a body that breaks the contract, GATEWAY_REFUSED for one that was
    not signed with `api_key`.
    """
    try:
        text = body.decode("utf-8")
        notice = json.loads(text)
        signature = str(notice["signature"])
        # The signature is over the bytes as they were sent; a rewritten `data` may differ from them.
        start = next(_DATA.finditer(text)).end()
        data, end = json.JSONDecoder().raw_decode(text, start)
        reference = str(data["trans_id"])
    except (ValueError, KeyError, TypeError, StopIteration, RecursionError):
        raise KnownError(ErrorCode.GATEWAY_NONSENSE, "A webhook does not follow the contract.") from None
    right = sign(text[start:end].encode("utf-8"), api_key)
    if not hmac.compare_digest(right.encode("ascii"), signature.encode("utf-8", "replace")):
        raise KnownError(ErrorCode.GATEWAY_REFUSED, "A webhook's signature is wrong.")
    return reference
