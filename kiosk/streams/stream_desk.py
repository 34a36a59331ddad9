"""Cameras are added, changed, switched and removed: what staff do to streams."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.streams.stream_care import StreamCare, StreamSecrets
from kiosk.streams.wall import Wall
from kiosk.visits.ports import Streams
from kiosk.visits.store_rules import LOGIN, LONG, LONGEST_NAME, MISSING, NOT_HERE, SCHEME, UNUSABLE
from kiosk.visits.told import StoreNotice, notice_of
from kiosk.visits.types import Stream, StreamDraft

_log = structlog.get_logger(__name__)

_SENTENCES = {
    ErrorCode.STORE_FIELD_INVALID: "store.stream.refused.field",
    ErrorCode.STREAM_TAKEN: "store.stream.refused.taken",
    ErrorCode.STREAM_UNKNOWN: "store.stream.refused.unknown",
    ErrorCode.SITE_UNKNOWN: "store.stream.refused.site",
    ErrorCode.SECRET_MISSING: "store.stream.refused.keyring",
}
_FIELDS = {
    ("name", MISSING): "store.stream.name_missing",
    ("name", LONG): "store.stream.refused.name_long",
    ("source", MISSING): "store.stream.refused.source",
    ("source", SCHEME): "store.stream.refused.scheme",
    ("source", UNUSABLE): "store.stream.refused.address",
    ("source", LOGIN): "store.stream.address_user",
    ("source", NOT_HERE): "store.stream.refused.path",
    ("password", MISSING): "store.stream.refused.password",
}


class StreamDesk:
    """Commands on streams: each returns at once and is done by a job; its outcome is a StoreNotice."""

    def __init__(
        self,
        streams: Streams,
        wall: Wall,
        submit: Callable[[Callable[[], None]], None],
        secrets: StreamSecrets,
        tell: Callable[[StoreNotice], None],
    ) -> None:
        """`submit` runs a job later, off the caller's thread; `tell` is called from there."""
        self._streams = streams
        self._wall = wall
        self._submit = submit
        self._care = StreamCare(streams, secrets)
        self._tell = tell

    def add(self, draft: StreamDraft) -> None:
        self._do(lambda: self._add(draft))

    def change(self, stream_id: str, draft: StreamDraft) -> None:
        self._do(lambda: self._change(stream_id, draft))

    def switch(self, stream_id: str, *, is_on: bool | None = None, recognises: bool | None = None) -> None:
        self._do(lambda: self._switch(stream_id, is_on, recognises))

    def remove(self, stream_id: str) -> None:
        self._do(lambda: self._remove(stream_id))

    def _do(self, job: Callable[[], StoreNotice]) -> None:
        def run() -> None:
            try:
                self._tell(job())
            except KnownError as error:
                _log.info("stream_refused", code=error.code, detail=error.detail)
                self._tell(_refusal(error))

        self._submit(run)

    def _add(self, draft: StreamDraft) -> StoreNotice:
        stream = self._care.add(draft)
        self._wall.refresh()
        return _done("store.notice.stream_added", stream)

    def _change(self, stream_id: str, draft: StreamDraft) -> StoreNotice:
        stream = self._care.change(stream_id, draft)
        self._wall.refresh()
        return _done("store.notice.stream_changed", stream)

    def _switch(self, stream_id: str, is_on: bool | None, recognises: bool | None) -> StoreNotice:
        stream = self._streams.switch(stream_id, is_on=is_on, recognises=recognises)
        self._wall.refresh()
        if is_on is not None:
            return _done("store.notice.stream_on" if is_on else "store.notice.stream_off", stream)
        return _done(
            "store.notice.recognition_on" if stream.recognises else "store.notice.recognition_off", stream
        )

    def _remove(self, stream_id: str) -> StoreNotice:
        stream = self._care.remove(stream_id)
        self._wall.refresh()
        return _done("store.notice.stream_removed", stream)


def _done(key: str, stream: Stream) -> StoreNotice:
    return StoreNotice(key, params={"name": stream.name})


def _refusal(error: KnownError) -> StoreNotice:
    field = error.params.get("field", ""), error.params.get("why", "")
    sentence = _FIELDS.get(field) or _SENTENCES.get(error.code)
    if sentence is None:
        return notice_of(error)
    return StoreNotice(sentence, error.code.value, {"n": str(LONGEST_NAME)})
