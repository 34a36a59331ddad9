"""What the centre has changed comes down: page by page, each with the place where the next begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Protocol

import msgpack
import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.priority import work_in_the_background
from kiosk.sync.connection import nonsense
from kiosk.sync.records import Kind
from kiosk.sync.wire import PAGE_TYPE, PROTOCOL, Page, unpack_page

_log = structlog.get_logger(__name__)

CHANGES_PATH = "/api/sync/changes"
PAGE_LIMIT = 1000
"""Changes a page: about 2.7 MB where each is a photo with a face, which a slow network brings in seconds."""
LARGEST_PAGE = 64_000_000


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a part of a page did here; ids, never what stands behind them.

    `stale_faces` are photos by event whose faces an index may hold in an earlier state. `paid_orders` were
    not paid before; `charged_payments` are this kiosk's own, of which the centre has news.
    """

    events: frozenset[str] = frozenset()
    stale_faces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    orders: tuple[str, ...] = ()
    paid_orders: tuple[str, ...] = ()
    charged_payments: tuple[str, ...] = ()
    deletions: tuple[str, ...] = ()
    notices: int = 0


class PullStore(Protocol):
    """Where changes are taken in. Raises KnownError DATABASE_*, DISK_FULL."""

    def cursor(self) -> int:
        """The revision up to which everything was taken in."""
        ...

    def history(self) -> str:
        """Which history of the centre the cursor is of."""
        ...

    def start_over(self, history: str) -> None:
        """The centre was put back to an earlier state and has another history since: everything is asked for
        and told anew."""
        ...

    def apply(self, page: Page, since: int, is_over: Callable[[], bool] = ...) -> Iterator[Pulled]:
        """Takes in the page that follows the cursor `since`, in parts of one transaction each, which holds
        the cursor too: what it yields is on disk, and once it is over the next time goes on there. A record
        that is broken is put aside with a notice. Where another process has moved the cursor meanwhile, the
        rest is dropped: it is to be asked for again from there."""
        ...


class Pages(Protocol):
    """Who gives pages (`kiosk.sync.client.CentralClient`)."""

    def get_bytes(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        limit_bytes: int = LARGEST_PAGE,
        wanted_type: str | None = None,
    ) -> bytes: ...


class Puller:
    """Pulls on one thread at a time. Doing it again is harmless; stopping anywhere loses nothing."""

    def __init__(self, centre: Pages, store: PullStore, limit: int = PAGE_LIMIT) -> None:
        self._centre = centre
        self._store = store
        self._limit = limit

    def pull(self, is_over: Callable[[], bool] = lambda: False) -> Iterator[Pulled]:
        """Everything that is new, part by part, until there is no more or it is over.

        Raises KnownError: what the client raises; CENTRE_NEWER, CENTRE_OLDER (what came before the first
        thing that this kiosk does not know is taken in); CENTRE_NONSENSE; what the store raises.
        """
        cursor = self._store.cursor()
        with closing(_Ahead(self._fetch)) as ahead:
            while not is_over():
                page = read_page(ahead.take(cursor))
                if page.cursor < cursor or page.history != self._store.history():
                    _log.warning("centre_was_set_back", cursor=cursor, told=page.cursor)
                    self._store.start_over(page.history)
                    cursor = 0
                    continue
                known, stranger = _known_part(page)
                if page.has_more and page.cursor <= cursor:
                    raise nonsense("it says that there is more and does not get on")
                if page.has_more and stranger is None:
                    ahead.begin(page.cursor)
                yield from self._store.apply(known, cursor, is_over)
                if stranger is not None:
                    raise _newer(f"it sends things of the kind {stranger[:40]!r}")
                cursor = self._store.cursor()
                if cursor == page.cursor and not page.has_more:
                    return

    def _fetch(self, cursor: int) -> bytes:
        asked = {"cursor": cursor, "limit": self._limit, "protocol": PROTOCOL}
        return self._centre.get_bytes(CHANGES_PATH, asked, LARGEST_PAGE, PAGE_TYPE)


class _Ahead:
    """Fetches the next page while the one in hand is taken in."""

    def __init__(self, fetch: Callable[[int], bytes]) -> None:
        self._fetch = fetch
        self._fetcher: ThreadPoolExecutor | None = None
        self._begun: tuple[int, Future[bytes]] | None = None

    def begin(self, cursor: int) -> None:
        """Only where there is more than a page, so that looking for news needs no second connection."""
        if self._fetcher is None:
            self._fetcher = ThreadPoolExecutor(1, "sync-pages", initializer=work_in_the_background)
        self._begun = cursor, self._fetcher.submit(self._fetch, cursor)

    def take(self, cursor: int) -> bytes:
        """The page after a cursor. Raises what fetching it raises."""
        begun, self._begun = self._begun, None
        return begun[1].result() if begun and begun[0] == cursor else self._fetch(cursor)

    def close(self) -> None:
        """Nobody waits for a page that is under way."""
        if self._fetcher is not None:
            self._fetcher.shutdown(wait=False, cancel_futures=True)


def read_page(data: bytes) -> Page:
    """Raises KnownError: CENTRE_NEWER, CENTRE_OLDER by what it says of itself, also where the rest cannot be
    read for it; CENTRE_NONSENSE for bytes that are no page, cut off ones among them."""
    try:
        page = unpack_page(data)
    except KnownError:
        with suppress(ValueError, TypeError, LookupError, msgpack.UnpackException):
            check_protocol(int(msgpack.unpackb(data)["protocol"]))
        raise
    check_protocol(page.protocol)
    return page


def check_protocol(protocol: int) -> None:
    """Raises KnownError CENTRE_NEWER, CENTRE_OLDER for a protocol that is not this kiosk's."""
    if protocol > PROTOCOL:
        raise _newer(f"it speaks protocol {protocol}, this kiosk {PROTOCOL}")
    if protocol < PROTOCOL:
        raise KnownError(
            ErrorCode.CENTRE_OLDER,
            f"The centre is older than this kiosk: it speaks protocol {protocol}, this kiosk {PROTOCOL}.",
            "Update the centre; the kiosk goes on selling, and what it tells is kept.",
        )


def _known_part(page: Page) -> tuple[Page, str | None]:
    """The page without the kinds that this kiosk does not know, up to where the first of them stands; and
    that one."""
    strangers = [change for change in page.changes if change.kind not in _KINDS]
    if not strangers:
        return page, None
    first = min(strangers, key=lambda change: change.revision)
    known = tuple(change for change in page.changes if change.revision < first.revision)
    cursor = min(page.cursor, first.revision - 1)
    return page.model_copy(update={"changes": known, "cursor": cursor}), first.kind


_KINDS = frozenset(kind.value for kind in Kind)


def _newer(reason: str) -> KnownError:
    return KnownError(
        ErrorCode.CENTRE_NEWER,
        f"The centre is newer than this kiosk: {reason}.",
        "Update this kiosk; it goes on selling, and what it tells still arrives.",
    )
