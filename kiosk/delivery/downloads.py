"""Sending originals: what part was asked for, how often it may be had, and when it counts as had.

A download counts once, when its last byte was handed over while the phone was still there. A transfer that
breaks off does not count and can be started again or resumed (Range, RFC 9110 §14); of a resumed or split
download only the part with the last byte counts, so it counts once. Transfers that are under way are held
against the limit, so that many at once cannot exceed it.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import structlog
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kiosk.delivery.links import downloads_used
from kiosk.delivery.types import DownloadLink, LinkRepository
from kiosk.errors import ErrorCode, KnownError

_log = structlog.get_logger(__name__)

_CHUNK_BYTES = 64 * 1024
_STALL_S = 60.0
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to `end` (exclusive) of `size`."""

    start: int
    end: int
    size: int

    @property
    def is_whole(self) -> bool:
        return self.start == 0 and self.end == self.size

    @property
    def reaches_end(self) -> bool:
        return self.end == self.size

    @property
    def header(self) -> str:
        """Value of Content-Range."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def asked_span(range_header: str | None, size: int) -> Span | None:
    """The part that a Range header asks for; None when it lies outside (HTTP 416).

    No header, several parts or nonsense mean the whole, as RFC 9110 allows.
    """
    match = _RANGE.fullmatch(range_header.strip()) if range_header else None
    if match is None or match.group(0) == "bytes=-":
        return Span(0, size, size)
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return Span(0, size, size)
    return Span(start, end, size) if start < end else None


class Hold:
    """One download under way: ends by `complete` or else by `release`; what comes after has no effect."""

    def __init__(self, complete: Callable[[], None], release: Callable[[], None]) -> None:
        self._complete = complete
        self._release = release
        self._is_over = False

    def complete(self) -> None:
        """The last byte is out: counts."""
        self._end_by(self._complete)

    def release(self) -> None:
        """The transfer is over; it counts only if it was complete."""
        self._end_by(self._release)

    def _end_by(self, action: Callable[[], None]) -> None:
        if not self._is_over:
            self._is_over = True
            action()


class DownloadCounter:
    """Keeps downloads within the link's limit. Thread-safe within one process, which serves all phones."""

    def __init__(self, links: LinkRepository) -> None:
        self._links = links
        self._running: dict[str, Counter[str]] = {}
        self._lock = threading.Lock()

    def check(self, link: DownloadLink, object_name: str) -> None:
        """Raises KnownError(LINK_EXHAUSTED) when nothing is left of the limit."""
        if downloads_used(self._links.object_downloads(link.link_id), object_name) >= link.download_limit:
            raise KnownError(
                ErrorCode.LINK_EXHAUSTED,
                f"Link {link.link_id} has reached its download limit.",
                "Make a new link for the order.",
                {"n": str(link.download_limit)},
            )

    def begin(self, link: DownloadLink, object_name: str) -> Hold | None:
        """Holds one download; None when the last ones left are under way just now.

        Raises KnownError(LINK_EXHAUSTED)."""
        self.check(link, object_name)
        with self._lock:
            running = self._running.get(link.link_id, Counter())
            counts = Counter(self._links.object_downloads(link.link_id)) + running
            if downloads_used(counts, object_name) >= link.download_limit:
                return None
            self._running.setdefault(link.link_id, Counter())[object_name] += 1
        return Hold(
            complete=lambda: self._complete(link.link_id, object_name),
            release=lambda: self._release(link.link_id, object_name),
        )

    def _complete(self, link_id: str, object_name: str) -> None:
        """From held to counted in one step. A failing count never breaks the transfer."""
        with self._lock:
            try:
                self._links.count_download(link_id, object_name)
            except KnownError as error:
                _log.warning("download_not_counted", link_id=link_id, code=error.code)
            self._let_go(link_id, object_name)

    def _release(self, link_id: str, object_name: str) -> None:
        with self._lock:
            self._let_go(link_id, object_name)

    def _let_go(self, link_id: str, object_name: str) -> None:
        running = self._running[link_id]
        running[object_name] -= 1
        if running.total() == 0:
            del self._running[link_id]


def read_span(file: BinaryIO, span: Span) -> Iterator[bytes]:
    """The span in chunks. A file that ends early raises EOFError: better a broken download than a short one
    that looks whole."""
    file.seek(span.start)
    left = span.end - span.start
    while left:
        chunk = file.read(min(_CHUNK_BYTES, left))
        if not chunk:
            raise EOFError("the original is shorter than its length said")
        left -= len(chunk)
        yield chunk


class Transfer(Response):
    """Sends chunks to the phone and knows whether they got out.

    `on_complete` is called once, when all was sent and the phone had not gone away; `on_end` always, last.
    Both run on worker threads, as does the iterator. A phone that takes nothing for a minute is given up.
    """

    def __init__(
        self,
        chunks: Iterator[bytes],
        headers: Mapping[str, str],
        on_complete: Callable[[], None],
        on_end: Callable[[], None],
        status_code: int = 200,
    ) -> None:
        self.status_code = status_code
        self.background = None
        self.body = b""
        self.raw_headers = [(name.lower().encode(), text.encode("latin-1")) for name, text in headers.items()]
        self._chunks = chunks
        self._on_complete = on_complete
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watcher = asyncio.create_task(_gone(receive))
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            async for chunk in iterate_in_threadpool(self._chunks):
                message = {"type": "http.response.body", "body": chunk, "more_body": True}
                await asyncio.wait_for(send(message), _STALL_S)
                if watcher.done():
                    return
            await run_in_threadpool(self._on_complete)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, EOFError, OSError, KnownError) as broken:
            # The status line is out already; leaving without the end makes the server cut the connection,
            # which is how a phone learns that the file is not whole.
            _log.warning("transfer_broken", cause=type(broken).__name__)
        finally:
            watcher.cancel()
            # Not awaited: it has to run even when this task is cancelled by the end of the server.
            asyncio.get_running_loop().run_in_executor(None, self._on_end)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
