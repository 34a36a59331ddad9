"""A camera among the facts that a kiosk tells the centre of its health: one line of words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kiosk.visits.types import Stream, StreamState, StreamStatus

PREFIX = "stream."
"""Begins the names of these facts; the id of the camera follows."""
_STATES = frozenset(state.value for state in StreamState)


def stream_facts(streams: Iterable[Stream], statuses: Iterable[StreamStatus]) -> dict[str, str]:
    """Each camera of a kiosk with how it stands, since when it is there, where, and its name."""
    states = {status.stream_id: status.state for status in statuses}
    return {
        f"{PREFIX}{one.stream_id}": " ".join(
            (
                states.get(one.stream_id, StreamState.OFF).value,
                one.created_at.isoformat(timespec="seconds"),
                one.site_id,
                one.name,
            )
        )
        for one in streams
    }


def read_fact(fact: object) -> tuple[str, str, str, datetime | None] | None:
    """Site, name, state and since when; None for what is none: a kiosk of another version may tell it
    otherwise."""
    words = fact.split(" ", 3) if isinstance(fact, str) else []
    if len(words) != 4 or words[0] not in _STATES:
        return None
    state, since, site_id, name = words
    try:
        at = datetime.fromisoformat(since)
    except ValueError:
        return None
    return site_id, name, state, at if at.tzinfo else None
