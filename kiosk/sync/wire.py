"""The envelope of what goes over the wire between kiosk and centre; what is in it: `kiosk.sync.records`.

Down goes a page of changes: for each thing its newest state, in the order of revisions (msgpack, since most
of it is embeddings). Up go messages, each with an id under which it is taken once (JSON).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgpack
from pydantic import (
    Field,
    JsonValue,
    ValidationError,
)

from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.record_parts import Id, Moment, Record

PROTOCOL = 2
"""Goes up when a centre or a kiosk of the version before could misread what is sent."""
PAGE_TYPE = "application/msgpack"


class Change(Record):
    """That a thing is as `record` says since `revision`, or is gone (`is_deleted`, no record)."""

    revision: Annotated[int, Field(ge=1)]
    kind: str
    key: str
    is_deleted: bool
    record: dict[str, Any] | None


class Page(Record):
    """Changes after a cursor, in the order of their revisions. `cursor` is where the next page begins.

    `history` is another one once the centre was put back to a backup: a cursor of the one before says nothing
    of what came since.
    """

    protocol: int
    schema_revision: str
    cursor: Annotated[int, Field(ge=0)]
    history: Annotated[str, Field(max_length=64)] = ""
    has_more: bool
    changes: tuple[Change, ...]


class Message(Record):
    """What a kiosk tells; the same `message_id` is taken once. `kind` is one of `Kind`, or one that only a
    newer side knows."""

    message_id: Id
    kind: Annotated[str, Field(max_length=40)]
    made_at: Moment
    record: dict[str, JsonValue]


class Messages(Record):
    """What a kiosk tells in one call, in the order in which it happened."""

    protocol: int
    messages: Annotated[tuple[Message, ...], Field(min_length=1, max_length=200)]


class Answer(Record):
    """What became of a message: taken (now or before), or refused for good, with a code that says why."""

    message_id: Id
    is_taken: bool
    code: str | None = None
    detail: str = ""


class Answers(Record):
    """An answer for each message, in their order."""

    answers: tuple[Answer, ...]


def pack_page(page: dict[str, Any]) -> bytes:
    """A page as it goes over the wire; times as ISO text."""
    packed: bytes = msgpack.packb(page, default=_plain)
    return packed


def unpack_page(data: bytes) -> Page:
    """Raises KnownError(CENTRE_NONSENSE) for bytes that are no page, cut off ones among them."""
    try:
        return Page.model_validate(msgpack.unpackb(data))
    except (ValueError, msgpack.UnpackException, ValidationError) as broken:
        raise KnownError(
            ErrorCode.CENTRE_NONSENSE,
            f"The centre sent a page that cannot be read ({type(broken).__name__}).",
            "It is asked for again; if this stays, compare the versions of kiosk and centre.",
        ) from broken


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not go over the wire")
