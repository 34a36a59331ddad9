"""What a site and a stream may be called and where a stream may come from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.ports import Sites
from kiosk.visits.types import Line, Site, Stream, StreamDraft

LONGEST_NAME = 80
_LONGEST_SOURCE = 500
_LONGEST_USER = 100
_SHORTEST_LINE = 0.02
_NETWORK = ("rtsp", "rtsps")

MISSING, LONG, UNUSABLE, SCHEME, LOGIN, NOT_HERE = (
    "missing",
    "long",
    "unusable",
    "scheme",
    "login",
    "not_here",
)
"""Why a field is refused (`params["why"]`): it is empty; too long; of no use as it is; another scheme than a
network camera's; a user or a password is in the address; no such file is on this machine."""


def invalid_field(field: str, detail: str, next_step: str, why: str = "") -> KnownError:
    """That a field cannot be kept as it was written; which one is in `params`, and why where that is told."""
    params = {"field": field, "why": why} if why else {"field": field}
    return KnownError(ErrorCode.STORE_FIELD_INVALID, detail, next_step, params)


def checked_name(name: str) -> str:
    """A name without what surrounds it. Raises KnownError(STORE_FIELD_INVALID)."""
    name = " ".join(name.split())
    if not name:
        raise invalid_field("name", "The name is empty.", "Give it a name.", MISSING)
    return _checked_text("name", name, LONGEST_NAME)


def checked_draft(draft: StreamDraft, *, only_address: bool = False) -> StreamDraft:
    """A draft as it is kept: a network camera's scheme in small letters; user and password only with one.
    `only_address`: a webcam or a clip makes no sense there, as for workers of a centre, which run anywhere.

    Raises KnownError(STORE_FIELD_INVALID), which names the field and why (`params`), and never repeats the
    source: it may hold a password. Whether a clip is there is asked when it is added.
    """
    name = checked_name(draft.name)
    source = _checked_text("source", draft.source.strip(), _LONGEST_SOURCE)
    source = _checked_source(source, only_address=only_address)
    _check_line(draft.line)
    if not is_address(source):
        return replace(draft, name=name, source=source, user="", password=None)
    user = _checked_text("user", draft.user.strip(), _LONGEST_USER)
    return replace(draft, name=name, source=source, user=user)


def is_address(source: str) -> bool:
    """Whether it is meant as the address of a network camera."""
    return source.partition(":")[0].lower() in _NETWORK


def is_webcam(source: str) -> bool:
    """Whether it names a webcam by its number."""
    kind, _, number = source.partition(":")
    return kind == "webcam" and number.isascii() and number.isdigit()


def opens_anew(before: Stream, draft: StreamDraft) -> bool:
    """Whether the draft names another camera, or the same with another user or password."""
    return (draft.source, draft.user) != (before.source, before.user) or bool(draft.password)


def check_site_name(name: str, site_id: str, sites: Iterable[Site]) -> None:
    """Raises KnownError(SITE_TAKEN) where another site of the chain has the name."""
    if any(one.site_id != site_id and _is_same(one.name, name) for one in sites):
        raise KnownError(ErrorCode.SITE_TAKEN, "There is a site of this name.", "Choose another name.")


def check_stream_name(draft: StreamDraft, stream_id: str, streams: Iterable[Stream]) -> None:
    """Raises KnownError(STREAM_TAKEN) where another stream of the site has the name."""
    if any(
        one.stream_id != stream_id and one.site_id == draft.site_id and _is_same(one.name, draft.name)
        for one in streams
    ):
        raise KnownError(
            ErrorCode.STREAM_TAKEN, "There is a camera of this name at the site.", "Choose another name."
        )


def own_site(sites: Sites, name: str) -> Site:
    """The site of this name, made where there is none of it. Raises KnownError(STORE_FIELD_INVALID)."""
    found = next((site for site in sites.sites() if _is_same(site.name, name)), None)
    return found or sites.add(name)


def site_named(sites: Sequence[Site], name: str) -> Site:
    """The one of this id, else of this name. Raises KnownError(SITE_UNKNOWN), which says which there are."""
    wanted = name.strip()
    found = [one for one in sites if one.site_id == wanted]
    found = found or [one for one in sites if _is_same(one.name, wanted)]
    if not found:
        step = f"Name one of these: {', '.join(one.name for one in sites)}." if sites else "Add it first."
        raise KnownError(ErrorCode.SITE_UNKNOWN, f"There is no site {name!r}.", step)
    return found[0]


def site_unknown() -> KnownError:
    """That there is no such site, or that it is not theirs."""
    return KnownError(ErrorCode.SITE_UNKNOWN, "There is no such site.", "Choose one that is listed.")


def site_in_use() -> KnownError:
    """That a site cannot go."""
    return KnownError(
        ErrorCode.SITE_IN_USE,
        "The site has cameras or visits.",
        "Remove its cameras first; a site that has counted visits stays, so that reports can name it.",
    )


def stream_unknown() -> KnownError:
    """That there is no such stream, or that it is not theirs."""
    return KnownError(ErrorCode.STREAM_UNKNOWN, "There is no such camera.", "Choose one that is listed.")


def _is_same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _checked_text(field: str, text: str, longest: int) -> str:
    if len(text) > longest or not text.isprintable():
        raise invalid_field(
            field,
            f"The {field} is longer than {longest} letters or has signs that cannot be shown.",
            "Correct it.",
            LONG if len(text) > longest else UNUSABLE,
        )
    return text


def _checked_source(source: str, *, only_address: bool) -> str:
    if is_address(source):
        _check_address(source)
        scheme, sign, rest = source.partition(":")
        return scheme.lower() + sign + rest
    if "://" in source:
        raise invalid_field(
            "source", "The address is none of a network camera.", "Write it as rtsp://address/path.", SCHEME
        )
    if only_address:
        raise invalid_field(
            "source",
            "The source is no address of a network camera.",
            "Write it as rtsp://address/path; a webcam belongs to the kiosk that it is plugged into.",
            SCHEME,
        )
    if not source or (source.partition(":")[0] == "webcam" and not is_webcam(source)):
        raise invalid_field(
            "source",
            "The source names no camera.",
            "Write webcam:0, rtsp://address/path, or the path of a clip.",
            MISSING,
        )
    return source


def _check_address(source: str) -> None:
    try:
        parts = urlsplit(source)
        host, has_login = parts.hostname, "@" in parts.netloc
        parts.port  # noqa: B018 - raises where it is none
    except ValueError:
        host, has_login = None, False
    if not host:
        raise invalid_field(
            "source",
            "The address of the camera is not of the form rtsp://host/path.",
            "Correct it; write user and password into their own fields.",
            UNUSABLE,
        )
    if has_login:
        raise invalid_field(
            "source",
            "The address of the camera holds a user or a password.",
            "Write user and password apart from it: a password is kept as a secret, never in the address.",
            LOGIN,
        )


def _check_line(line: Line | None) -> None:
    if line is None:
        return
    places = (line.x1, line.y1, line.x2, line.y2)
    if not all(math.isfinite(place) and 0 <= place <= 1 for place in places):
        raise invalid_field(
            "line", "The line lies outside of the picture.", "Give shares of its size, from 0 to 1.", UNUSABLE
        )
    if math.hypot(line.x2 - line.x1, line.y2 - line.y1) < _SHORTEST_LINE:
        raise invalid_field(
            "line", "The line is too short to be crossed.", "Draw it across the whole way.", UNUSABLE
        )
