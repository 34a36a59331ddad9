"""What staff typed as the source of a camera, taken apart."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote, urlsplit

from kiosk.visits.store_rules import is_address
from kiosk.visits.types import StreamDraft


def taken_apart(draft: StreamDraft) -> StreamDraft:
    """The draft with user and password apart from an address of the form rtsp://user:password@host/path; what
    stands in the address wins. What is no such address stays as it is: `checked_draft` says so."""
    source = draft.source.strip()
    try:
        parts = urlsplit(source)
        has_login = (
            is_address(source) and bool(parts.hostname) and (parts.port or True) and "@" in parts.netloc
        )
    except ValueError:
        has_login = False
    if not has_login:
        return draft
    return replace(
        draft,
        source=parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(),
        user=draft.user if parts.username is None else unquote(parts.username),
        password=draft.password if parts.password is None else unquote(parts.password),
    )


def host_of(source: str) -> str:
    """The machine that an address leads to; empty for webcams and clips."""
    return (urlsplit(source).netloc.rpartition("@")[2] if "://" in source else "").lower()
