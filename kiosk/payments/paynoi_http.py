"""One call to PayNoi over HTTP, bounded in time and size; all that fails becomes the port's errors."""

from __future__ import annotations

import json
import re
import time
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from kiosk.errors import ErrorCode, KnownError
from kiosk.hosts import is_loopback

CONNECT_TIMEOUT_S = 2.0
_LARGEST_ANSWER_BYTES = 1_000_000
_LONGEST_MESSAGE = 120
_LONG_NUMBER = re.compile(r"\d{6,}")
_TOLD_STATUSES = {400, 401, 403, 404, 405, 422, 429}


class PayNoiConnection:
    """Posts JSON to `base_url`/ppay_api. A connection may take 2 s and the answer `timeout_s`; one that comes
    in pieces is cut off at the first piece after `timeout_s`. Follows no redirect: the api_key goes to the
    configured place only, and over https only, but to this machine itself. Safe from any thread."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        """Raises KnownError(SETTING_INVALID) for an address that would send the api_key in the clear."""
        address = urlsplit(base_url)
        if address.scheme != "https" and not is_loopback(address.hostname or ""):
            raise KnownError(
                ErrorCode.SETTING_INVALID,
                "payment.paynoi_url would send its key unencrypted.",
                "Begin it with https://.",
            )
        self._url = base_url.rstrip("/") + "/ppay_api"
        self._timeout_s = timeout_s

    def post(self, body: dict[str, str | int]) -> dict[str, object]:
        """The answer's object; numbers with a point stay text, so that amounts lose nothing.

        Raises KnownError: GATEWAY_UNREACHABLE where the question cannot have arrived, GATEWAY_TIMEOUT where
        it may have (no or half an answer, or a server error), GATEWAY_REFUSED where the gateway says no,
        GATEWAY_NONSENSE for an answer that breaks the contract.
        """
        deadline = time.monotonic() + self._timeout_s
        timeouts = (min(CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s)
        try:
            with requests.post(
                self._url, json=body, timeout=timeouts, stream=True, allow_redirects=False
            ) as response:
                _check_status(response.status_code)
                content = _read(response, deadline)
        except requests.RequestException as failed:
            raise _known(failed) from None  # its text holds the address and may hold more
        except (HTTPError, OSError) as failed:
            raise _unanswered("The answer broke off.") from failed
        answer = _parse(content)
        if str(answer.get("status")) != "1":
            raise _refused(f"The gateway said: {_safe(str(answer.get('msg', 'no reason')))}.")
        return answer


def _read(response: requests.Response, deadline: float) -> bytes:
    """The body, piece by piece as it comes, so that a trickle cannot hold the call."""
    content = bytearray()
    while piece := response.raw.read1(65536, decode_content=True):
        content += piece
        if len(content) > _LARGEST_ANSWER_BYTES:
            raise nonsense("the answer is far too long")
        if time.monotonic() > deadline:
            raise _unanswered("The answer did not end in time.")
    return bytes(content)


def _check_status(status: int) -> None:
    if status == requests.codes.ok:
        return
    if status in _TOLD_STATUSES:
        raise _refused(f"The gateway answered with HTTP {status}.")
    if status >= 500 or status == requests.codes.request_timeout:
        raise _unanswered(f"The gateway answered with HTTP {status}.")
    raise nonsense(f"HTTP {status}")


def _parse(content: bytes) -> dict[str, object]:
    try:
        answer = json.loads(content, parse_float=str)
    except (ValueError, RecursionError):
        raise nonsense("not JSON") from None
    if not isinstance(answer, dict):
        raise nonsense("not a JSON object")
    return answer


def _known(failed: requests.RequestException) -> KnownError:
    """Unreachable only where no connection came about; after that, the question may have arrived."""
    if isinstance(failed, requests.ConnectionError):
        inner = failed.args[0] if failed.args else None
        reason = inner.reason if isinstance(inner, MaxRetryError) else inner
        before_asking = requests.ConnectTimeout | requests.exceptions.SSLError
        if isinstance(failed, before_asking) or isinstance(reason, NewConnectionError):
            return _unreachable(type(failed).__name__)
    if isinstance(failed, ValueError):  # requests' way to say that the address is none
        return _unreachable("its address is not one")
    return _unanswered(f"The gateway did not answer ({type(failed).__name__}).")


def _unreachable(reason: str) -> KnownError:
    return KnownError(
        ErrorCode.GATEWAY_UNREACHABLE,
        f"The payment gateway cannot be reached: {reason}.",
        "Look at the network and at the gateway's address.",
    )


def _unanswered(detail: str) -> KnownError:
    return KnownError(
        ErrorCode.GATEWAY_TIMEOUT, detail, "The payment may exist: check it, do not ask for it again."
    )


def _refused(detail: str) -> KnownError:
    return KnownError(ErrorCode.GATEWAY_REFUSED, detail, "Look at the gateway's account and settings.")


def nonsense(reason: str) -> KnownError:
    """GATEWAY_NONSENSE because of `reason`, which must not repeat the answer."""
    return KnownError(
        ErrorCode.GATEWAY_NONSENSE,
        f"The gateway's answer breaks its contract: {reason}.",
        "Check the payment at the gateway.",
    )


def _safe(text: str) -> str:
    """The gateway's words, short and on one line, without anything that may be an account or a phone."""
    line = "".join(symbol if symbol.isprintable() else " " for symbol in text)
    return _LONG_NUMBER.sub("...", line)[:_LONGEST_MESSAGE]
