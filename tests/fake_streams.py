"""Streams in memory, for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from kiosk.clock import Clock, ManualClock
from kiosk.visits.store_rules import (
    check_stream_name,
    checked_draft,
    opens_anew,
    site_unknown,
    stream_unknown,
)
from kiosk.visits.types import Stream, StreamDraft


class FakeStreams:
    """`kiosk.visits.ports.Streams` of a kiosk, or with an empty `kiosk_id` of a centre's camera workers.
    `is_site` tells which sites there are."""

    def __init__(
        self,
        kiosk_id: str = "kiosk-1",
        clock: Clock | None = None,
        is_site: Callable[[str], bool] = lambda _site_id: True,
    ) -> None:
        self._kiosk_id = kiosk_id
        self._clock = clock or ManualClock()
        self._is_site = is_site
        self._streams: dict[str, Stream] = {}

    def streams(self) -> list[Stream]:
        return sorted(self._streams.values(), key=lambda one: (one.name, one.stream_id))

    def stream(self, stream_id: str) -> Stream:
        if stream_id not in self._streams:
            raise stream_unknown()
        return self._streams[stream_id]

    def add(self, draft: StreamDraft) -> Stream:
        draft = self._checked(draft, "")
        stream = replace(a_stream(uuid4().hex), kiosk_id=self._kiosk_id, created_at=self._clock.now())
        return self.put(_written(stream, draft))

    def change(self, stream_id: str, draft: StreamDraft) -> Stream:
        self.stream(stream_id)
        draft = self._checked(draft, stream_id)
        before = self.stream(stream_id)
        revision = before.access_revision + opens_anew(before, draft)
        return self.put(replace(_written(before, draft), access_revision=revision))

    def switch(self, stream_id: str, *, is_on: bool | None = None, recognises: bool | None = None) -> Stream:
        stream = self.stream(stream_id)
        return self.put(
            replace(
                stream,
                is_on=stream.is_on if is_on is None else is_on,
                recognises=stream.recognises if recognises is None else recognises,
            )
        )

    def remove(self, stream_id: str) -> None:
        del self._streams[self.stream(stream_id).stream_id]

    def put(self, stream: Stream) -> Stream:
        """As if it had been written so."""
        self._streams[stream.stream_id] = stream
        return stream

    def _checked(self, draft: StreamDraft, stream_id: str) -> StreamDraft:
        draft = checked_draft(draft, only_address=not self._kiosk_id)
        if not self._is_site(draft.site_id):
            raise site_unknown()
        check_stream_name(draft, stream_id, self._streams.values())
        return draft


def a_stream(stream_id: str, source: str = "webcam:0", user: str = "") -> Stream:
    """One that is on, with recognition, called as its id."""
    return Stream(
        stream_id=stream_id,
        site_id="shop",
        kiosk_id="kiosk-1",
        name=stream_id,
        source=source,
        user=user,
        is_on=True,
        recognises=True,
        line=None,
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


def _written(stream: Stream, draft: StreamDraft) -> Stream:
    return replace(
        stream,
        site_id=draft.site_id,
        name=draft.name,
        source=draft.source,
        user=draft.user,
        line=draft.line,
    )
