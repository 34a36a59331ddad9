"""Server-sent events: the centre's word that there is something new, over one long answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

import requests
from urllib3.exceptions import HTTPError

from kiosk.sync.connection import OpenSockets, known, nonsense

HEARTBEAT_S = 40.0
"""A centre says something at least every 15 s; one that is silent for so long is gone."""
EVENT_STREAM_TYPE = "text/event-stream"
_LONGEST_LINE = 65536
_MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """A named event and its data."""

    name: str
    data: str


def read_events(lines: Iterable[str]) -> Iterator[ServerEvent]:
    """The events in the lines of a stream (HTML standard, 9.2); comments are heartbeats. Raises
    KnownError(CENTRE_NONSENSE) for an event without end."""
    name, data = "", list[str]()
    for line in lines:
        if len(line) > _LONGEST_LINE or len(data) > _MOST_LINES:
            raise nonsense("an event does not end")
        if not line:
            if data:
                yield ServerEvent(name or "message", "\n".join(data))
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)


class EventStream:
    """An open stream: go through it on one thread, `close` it from any."""

    def __init__(self, response: requests.Response, sockets: OpenSockets, session: requests.Session) -> None:
        self._response = response
        self._sockets = sockets
        self._session = session
        self._is_over = threading.Event()

    def __enter__(self) -> EventStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        with suppress(HTTPError, OSError, requests.RequestException):
            self._response.close()
        self._session.close()

    @property
    def is_over(self) -> bool:
        """Whether it was closed."""
        return self._is_over.is_set()

    def close(self) -> None:
        """Whoever goes through it comes to its end at once."""
        self._is_over.set()
        self._sockets.cut()

    def __iter__(self) -> Iterator[ServerEvent]:
        """Ends when it is closed here. Raises KnownError: CENTRE_UNREACHABLE when the centre ends it or is
        silent for 40 s, CENTRE_NONSENSE."""
        return self.listen(lambda: None)

    def listen(self, heard: Callable[[], None]) -> Iterator[ServerEvent]:
        """As going through it; `heard` is called at whatever the centre says, heartbeats among it."""
        try:
            yield from read_events(self._lines(heard))
        except (requests.RequestException, HTTPError, OSError, ValueError) as failed:
            if not self.is_over:
                raise known(failed, is_question=True) from None
        if not self.is_over:
            raise known(ConnectionError("the stream ended"), is_question=True)

    def _lines(self, heard: Callable[[], None]) -> Iterator[str]:
        """As they come: nothing waits until a buffer is full."""
        rest = b""
        while piece := self._response.raw.read1(_LONGEST_LINE, decode_content=True):
            heard()
            *lines, rest = (rest + piece).replace(b"\r\n", b"\n").split(b"\n")
            for line in lines:
                yield line.decode("utf-8", errors="replace")
            if len(rest) > _LONGEST_LINE:
                raise nonsense("a line does not end")
