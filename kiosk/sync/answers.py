"""What an answer of the centre means: its content, or the known error that it tells."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from urllib.parse import urljoin, urlsplit

from requests.structures import CaseInsensitiveDict

from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.connection import Answer, nonsense

JSON_TYPE = "application/json"
CONTENT_HASH = "X-Content-SHA256"
"""The sha256 of a file, in hexadecimal digits; also beside the address of a store that has the file."""
AT_WORK = "at_work"
"""In `params` of CENTRE_FAILED where the centre itself says that it failed at what it was sent; not where a
proxy says that there is none, and not where an answer was lost."""
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_LOGIN_REQUIRED = 511  # RFC 6585: what a network that wants a login ought to answer
_LONGEST_WORDS = 300
_LONGEST_PAUSE_S = 300.0
_SHORTEST_PAUSE_S = 1.0

_CENTRES_OWN = ("A-", "D-", "G-", "F-")
"""Rooms whose trouble is that of the machine which tells it; this kiosk's own are not to be taken for it."""
_OF_ITS_OWN = frozenset(
    {ErrorCode.OBJECT_STORE_UNREACHABLE, ErrorCode.SECRET_MISSING, ErrorCode.CENTRE_FAILED}
)


def check(answer: Answer, url: str, wanted_type: str | None) -> None:
    """Lets a good answer of the wanted type pass (None: any but HTML).

    Raises KnownError: NETWORK_LOGIN_PAGE for a redirect to another host and for HTML; the code that the
    centre's body names; CENTRE_LOGIN_REFUSED (401), CENTRE_BUSY (429, with `retry_after_s` in `params`),
    CENTRE_FAILED (5xx), CENTRE_NONSENSE.
    """
    status = answer.status
    if status == _LOGIN_REQUIRED:
        raise login_page()
    if 300 <= status < 400:
        raise _led_elsewhere(answer, url)
    if status >= 400:
        raise _error_of(answer)
    if answer.media_type in _HTML:
        raise login_page()
    if status not in (200, 201, 202, 204, 206):
        raise nonsense(f"HTTP {status}")
    if wanted_type is not None and answer.media_type != wanted_type:
        raise nonsense(f"it is of type {answer.media_type[:40] or 'none'}, not {wanted_type}")


def check_file(answer: Answer) -> None:
    """Lets a file pass that is as long as the answer says and has the sha256 that the centre says.

    Raises KnownError(FILE_DAMAGED).
    """
    length, digest = answer.headers.get("Content-Length"), answer.headers.get(CONTENT_HASH)
    is_packed = "Content-Encoding" in answer.headers
    is_whole = length is None or is_packed or length == str(len(answer.content))
    if digest is None:
        raise damaged("without its hash")
    if not is_whole or digest.lower() != sha256(answer.content).hexdigest():
        raise damaged("damaged")


def damaged(how: str) -> KnownError:
    """FILE_DAMAGED: a file came truncated, damaged, without its hash."""
    return KnownError(
        ErrorCode.FILE_DAMAGED,
        f"A file of the centre came {how}.",
        "It is asked for again by itself; if this stays, look at the centre's store.",
    )


def with_hash_of(told: Answer, answer: Answer) -> Answer:
    """The answer of a store that the centre has led to, with the hash that the centre has told for it."""
    digest = told.headers.get(CONTENT_HASH)
    if digest is None:
        return answer
    return replace(answer, headers=CaseInsensitiveDict({**answer.headers, CONTENT_HASH: digest}))


def is_same_origin(url: str, other: str) -> bool:
    """Whether both addresses are of one scheme, host and port."""
    return _origin(url) == _origin(other)


def redirect_target(answer: Answer, url: str) -> str | None:
    """Where a redirect leads; None where the answer is none."""
    location = answer.headers.get("Location")
    if answer.status not in (301, 302, 303, 307, 308) or not location:
        return None
    return urljoin(url, location)


def login_page() -> KnownError:
    """That a network answers in the centre's place, as those of hotels do."""
    return KnownError(
        ErrorCode.NETWORK_LOGIN_PAGE,
        "The network answers with a page of its own in place of the centre: it wants a login.",
        "Open a browser on this machine and log in to the network, or use another network.",
    )


def is_about_login(error: KnownError) -> bool:
    """Whether a fresh login may help."""
    return error.code is ErrorCode.CENTRE_LOGIN_REFUSED


def pause_of(error: KnownError) -> float:
    """Seconds that the centre asked to be left alone for; 0 where it did not."""
    try:
        return float(error.params.get("retry_after_s", 0))
    except ValueError:
        return 0.0


def _led_elsewhere(answer: Answer, url: str) -> KnownError:
    target = redirect_target(answer, url)
    if target is None:
        return nonsense(f"HTTP {answer.status}")
    if (urlsplit(target).hostname or "").lower() != (urlsplit(url).hostname or "").lower():
        return login_page()
    return KnownError(
        ErrorCode.CENTRE_NONSENSE,
        "The centre has another address now.",
        "Set central.url to it; no credentials are sent after a redirect.",
    )


def _error_of(answer: Answer) -> KnownError:
    told = _told(answer)
    if answer.status == 429:
        return _busy(answer, told)
    if told is not None and not _is_its_own(told.code):
        return told
    if answer.status >= 500:
        named = f", {told.code}: {told.detail}" if told else ""
        return KnownError(
            ErrorCode.CENTRE_FAILED,
            f"The centre failed (HTTP {answer.status}{named}).",
            "It is tried again by itself; if this stays, look at the centre.",
            {AT_WORK: "yes"} if told is not None or answer.status == 500 else None,
        )
    if answer.media_type in _HTML:
        return login_page()
    if answer.status == 401:
        return KnownError(
            ErrorCode.CENTRE_LOGIN_REFUSED, "The centre refused the login.", "Enrol this kiosk anew."
        )
    return nonsense(f"HTTP {answer.status}")


def _told(answer: Answer) -> KnownError | None:
    """The known error that the body names."""
    if answer.media_type != JSON_TYPE:
        return None
    try:
        error = json.loads(answer.content)["error"]
        code = ErrorCode(error["code"])
        detail, next_step = error.get("detail", ""), error.get("next_step", "")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return KnownError(code, _words(detail), _words(next_step))


def _words(text: object) -> str:
    """Another machine's words, short and on one line."""
    line = "".join(symbol if symbol.isprintable() else " " for symbol in str(text))
    return line[:_LONGEST_WORDS]


def _is_its_own(code: ErrorCode) -> bool:
    return code.startswith(_CENTRES_OWN) or code in _OF_ITS_OWN


def _busy(answer: Answer, told: KnownError | None) -> KnownError:
    try:
        pause_s = float(answer.headers.get("Retry-After", ""))
    except ValueError:  # a date, or nothing
        pause_s = _SHORTEST_PAUSE_S
    pause_s = min(max(pause_s, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S)
    return KnownError(
        ErrorCode.CENTRE_BUSY,
        told.detail if told else "The centre is asked too often.",
        "It is tried again by itself.",
        {"retry_after_s": f"{pause_s:g}"},
    )


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port
