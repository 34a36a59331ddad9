"""What prints are sold at the moment: by paper, ink, printers and the limits of an order and an event."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.types import Paper, PrintStore, Stock, Supply
from kiosk.sales.types import PrintItem


@dataclass(frozen=True, slots=True)
class ShelfRules:
    """`papers` have a price. So many sheets in one order and in a whole event (0: as many as there is paper).
    Staff are warned at `warn_at` sheets of a supply; from `stop_at` on it is sold no more."""

    papers: frozenset[Paper]
    per_order: int = 20
    per_event: int = 0
    warn_at: int = 10
    stop_at: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    """As it was at the last look."""

    stock: Mapping[str, Stock] = field(default_factory=dict)
    owed: Mapping[Paper, int] = field(default_factory=dict)
    out: frozenset[str] = frozenset()


class Shelf:
    """Answers from what `look` saw last, so that screens may ask at any time; `check` asks the rows.

    `queue_of` names the queue of a paper, empty for none; None where staff hand prints out and every paper
    with a price is there. Both may be replaced while it runs. Any thread.
    """

    def __init__(
        self, store: PrintStore, rules: ShelfRules, queue_of: Callable[[Paper], str] | None, clock: Clock
    ) -> None:
        self.rules = rules
        self._store = store
        self.queue_of = queue_of
        self._clock = clock
        self._seen = _Seen()
        self._sold: dict[str, int] = {}
        self._lock = threading.Lock()

    def look(self, out: Collection[str] = ()) -> None:
        """Looks at the rows anew; `out` are the queues that print nothing for now. Raises KnownError
        DATABASE_*."""
        seen = _Seen(self._store.stock(), self._store.sheets_owed(), frozenset(out))
        with self._lock:
            events = list(self._sold)
        sold = {event_id: self._store.sheets_sold(event_id, self._clock.now()) for event_id in events}
        with self._lock:
            self._seen = seen
            self._sold.update(sold)

    @property
    def queues(self) -> tuple[str, ...]:
        """Those that the papers are printed on."""
        named = (self._queue(paper) for paper in sorted(self.rules.papers))
        return tuple(dict.fromkeys(queue for queue in named if queue))

    def papers_of(self, queue: str) -> tuple[Paper, ...]:
        """The papers that a queue prints on."""
        return tuple(paper for paper in sorted(self.rules.papers) if self._queue(paper) == queue)

    def supplies(self) -> tuple[Supply, ...]:
        """Of each paper that is printed here and of each queue's ink; none where staff hand prints out."""
        if self.queue_of is None:
            return ()
        rules, stock = self.rules, self._seen.stock
        printed = [paper.name for paper in sorted(rules.papers) if self._queue(paper)]
        names = [*printed, *(ink_of(queue) for queue in self.queues)]
        return tuple(
            Supply(name, counted.left, rules.warn_at, rules.stop_at, counted.counted_at)
            if (counted := stock.get(name))
            else Supply(name, None, rules.warn_at, rules.stop_at)
            for name in names
        )

    def printed(self) -> frozenset[Paper]:
        """The papers that somebody prints on here, whether there are any now or not."""
        by_hand = self.queue_of is None
        return frozenset(paper for paper in self.rules.papers if by_hand or self._queue(paper))

    def offered(self) -> frozenset[Paper]:
        """The papers that prints are sold on now."""
        return frozenset(paper for paper in self.rules.papers if self._is_offered(paper))

    def most(self, event_id: str) -> int:
        """Sheets that one more order of the event may hold. Asks the rows at an event's first time only."""
        with self._lock:
            sold = self._sold.get(event_id)
        if sold is None:
            sold = self._store.sheets_sold(event_id, self._clock.now())
            with self._lock:
                self._sold[event_id] = sold
        return self._most(sold)

    def check(self, prints: Iterable[PrintItem], event_id: str) -> None:
        """Before an order is made of them: asks the rows. Raises KnownError PRINT_SIZE_NOT_OFFERED for paper
        that has run out, PRINT_QUOTA where it would be too many (`n`: how many it may be)."""
        items = list(prints)
        if not items:
            return
        seen = _Seen(self._store.stock(), self._store.sheets_owed(), self._seen.out)
        with self._lock:
            self._seen = seen
        wanted: dict[Paper, int] = {}
        for item in items:
            paper = Paper(item.size, item.finish)
            wanted[paper] = wanted.get(paper, 0) + item.copies
        for paper, sheets in wanted.items():
            if not self._is_offered(paper):
                raise KnownError(ErrorCode.PRINT_SIZE_NOT_OFFERED, f"{paper.name} is not to be had now.")
            left = self._left(paper)
            if left is not None and sheets > left:
                raise _too_many(left, f"of {paper.name} are left")
        most = self._most(self._store.sheets_sold(event_id, self._clock.now()))
        if sum(wanted.values()) > most:
            raise _too_many(most, "may be in this order")

    # -- the parts --------------------------------------------------------------------------------

    def _queue(self, paper: Paper) -> str:
        return self.queue_of(paper) if self.queue_of is not None else ""

    def _is_offered(self, paper: Paper) -> bool:
        if paper not in self.rules.papers:
            return False
        if self.queue_of is None:
            return True
        queue = self._queue(paper)
        left = self._left(paper)
        return bool(queue) and queue not in self._seen.out and (left is None or left > 0)

    def _left(self, paper: Paper) -> int | None:
        """Sheets that can still be sold: of the paper and of the ink of its queue; None: nobody counted."""
        queue = self._queue(paper)
        if not queue:
            return None
        seen = self._seen
        owed_by_queue = sum(seen.owed.get(other, 0) for other in self.papers_of(queue))
        rest = [
            stock.left - owed - self.rules.stop_at
            for stock, owed in (
                (seen.stock.get(paper.name), seen.owed.get(paper, 0)),
                (seen.stock.get(ink_of(queue)), owed_by_queue),
            )
            if stock is not None
        ]
        return max(0, min(rest)) if rest else None

    def _most(self, sold: int) -> int:
        rules = self.rules
        return min(rules.per_order, max(0, rules.per_event - sold)) if rules.per_event else rules.per_order


def ink_of(queue: str) -> str:
    """The name of the supply that a queue's ink is counted as."""
    return f"ink/{queue}"


def _too_many(most: int, why: str) -> KnownError:
    return KnownError(ErrorCode.PRINT_QUOTA, f"Only {most} sheets {why}.", params={"n": str(most)})
