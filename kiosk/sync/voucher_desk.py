"""Vouchers at a kiosk of several: which are used here at once, which the centre is asked about first.

The rule: a voucher without a limit is good everywhere. Each use of one with a limit is held on line through
the centre, for one order at a time. One that a kiosk issued itself is good there alone, also off line. So
none is used more often than it is good for, whoever is off line.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol
from urllib.parse import quote

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.types import Voucher
from kiosk.sync.central_gateway import CentreCalls

_log = structlog.get_logger(__name__)

_FINAL = frozenset(
    {
        ErrorCode.VOUCHER_ELSEWHERE,
        ErrorCode.VOUCHER_UNKNOWN,
        ErrorCode.VOUCHER_USED,
        ErrorCode.VOUCHER_EXPIRED,
        ErrorCode.VOUCHER_OTHER_EVENT,
    }
)
"""What the centre says of the voucher itself."""

_TOLD_EVERY_S = 24 * 3600.0
"""Staff hear of the same at a voucher once a day, however often a visitor tries."""
_ASKED_WITHIN_S = 1.5
"""So that giving back and holding together end within the 10 s of the port."""
_NOTHING_IS_HELD = frozenset({ErrorCode.CENTRE_UNREACHABLE, ErrorCode.NOT_ENROLLED})

_OF_THIS_MACHINE = frozenset(
    {
        ErrorCode.DISK_FULL,
        ErrorCode.DATABASE_DAMAGED,
        ErrorCode.DATABASE_UNREACHABLE,
        ErrorCode.DATABASE_NEWER,
        ErrorCode.FOLDER_NOT_WRITABLE,
    }
)
"""A centre's own trouble of this kind is told as CENTRE_FAILED."""


_ID_SHOWN = 8
"""A kiosk does not know what the others are called; so much of an id tells them apart."""


class HoldNotes(Protocol):
    """Which uses were asked for and not settled yet, across a power cut."""

    def remember(self, order_id: str, code: str) -> None: ...

    def forget(self, order_id: str) -> None: ...

    def remembered(self) -> dict[str, str]:
        """Codes by order."""
        ...


class StaffNotices(Protocol):
    """What staff must hear of."""

    def add(self, error: KnownError, subject: str = "") -> None: ...


class VoucherDesk:
    """Fills `kiosk.checkout.types.VoucherHolds` at a kiosk that has a centre. Any thread."""

    def __init__(
        self,
        own_id: str,
        voucher: Callable[[str], Voucher | None],
        has_order: Callable[[str], bool],
        centre: Callable[[], CentreCalls],
        notes: HoldNotes,
        notices: StaffNotices,
    ) -> None:
        """`voucher` looks one up by its code, `has_order` whether an order is stored here; `centre` gives who
        is asked, or raises KnownError(NOT_ENROLLED)."""
        self._own_id = own_id
        self._voucher = voucher
        self._has_order = has_order
        self._centre = centre
        self._notes = notes
        self._notices = notices
        self._being_placed: set[str] = set()
        self._told_s: dict[tuple[ErrorCode, str], float] = {}
        self._lock = threading.Lock()

    def check(self, voucher: Voucher) -> None:
        """Raises KnownError(VOUCHER_ELSEWHERE) for one that is at home at another kiosk; staff hear of it.
        Asks nobody."""
        home = voucher.home_kiosk_id
        if home not in (None, self._own_id):
            raise self._told(
                _elsewhere(voucher.code, f"kiosk {home[:_ID_SHOWN]}, which issued it"), voucher.code
            )

    def hold(self, code: str, order_id: str) -> None:
        """Asks the centre where it counts the voucher's uses. Before it is asked it is noted that it was, so
        that a use which no order came of is given back after a power cut.

        Raises KnownError: what the centre says of the voucher; VOUCHER_NEEDS_CENTRE where it cannot be asked;
        DISK_FULL, DATABASE_*, FOLDER_NOT_WRITABLE of this kiosk's own database.
        """
        voucher = self._voucher(code)
        if voucher is None:
            return
        self.check(voucher)
        if not _is_counted_by_the_centre(voucher):
            return
        until_s = time.monotonic() + _ASKED_WITHIN_S
        self._settle(code, until_s)
        if time.monotonic() > until_s:
            raise self._told(_needs_centre(code, _too_slow()), code)
        with self._lock:
            self._being_placed.add(order_id)
        try:
            self._notes.remember(order_id, code)
            self._ask(code, "hold", order_id)
        except KnownError as refused:
            self._end_placing(order_id)
            if refused.code in _FINAL or refused.code in _NOTHING_IS_HELD:
                self._notes.forget(order_id)
            if refused.code is ErrorCode.VOUCHER_ELSEWHERE:
                raise self._told(_elsewhere(code, "another kiosk, as the centre says"), code) from refused
            if refused.code is ErrorCode.VOUCHER_USED:
                raise self._told(_used_up(code), code) from refused
            if refused.code in _FINAL or refused.code in _OF_THIS_MACHINE:
                raise
            if refused.code is ErrorCode.NOT_ENROLLED:
                return  # it still stands alone, and its own database counts
            raise self._told(_needs_centre(code, refused), code) from refused

    def kept(self, code: str, order_id: str) -> None:
        """The order is stored and tells the centre by itself."""
        self._notes.forget(order_id)
        self._end_placing(order_id)

    def release(self, code: str, order_id: str) -> None:
        """Gives the use back now, or at the next `resume`."""
        self._end_placing(order_id)
        voucher = self._voucher(code)
        if voucher is None or not _is_counted_by_the_centre(voucher):
            return
        self._notes.remember(order_id, code)
        self._is_given_back(code, order_id)

    def resume(self) -> None:
        """Gives back the uses that no order came of: at start, and every few minutes."""
        self._settle(None)

    # -- the parts --------------------------------------------------------------------------------

    def _settle(self, only: str | None, until_s: float = float("inf")) -> None:
        for order_id, code in self._notes.remembered().items():
            with self._lock:
                is_passed_over = order_id in self._being_placed or only not in (None, code)
            if is_passed_over:
                continue
            if time.monotonic() > until_s:
                return
            if self._has_order(order_id):
                self._notes.forget(order_id)
            elif not self._is_given_back(code, order_id):
                return  # nobody is to wait for a centre as often as there are notes

    def _is_given_back(self, code: str, order_id: str) -> bool:
        """False where the centre cannot be told now."""
        try:
            self._ask(code, "release", order_id)
        except KnownError as failed:
            _log.info("voucher_not_given_back_yet", order_id=order_id, code=failed.code)
            if failed.code not in _FINAL:
                return False
        self._notes.forget(order_id)
        return True

    def _ask(self, code: str, what: str, order_id: str) -> None:
        self._centre().post_json(f"/api/vouchers/{quote(code, safe='')}/{what}", {"order_id": order_id})

    def _end_placing(self, order_id: str) -> None:
        with self._lock:
            self._being_placed.discard(order_id)

    def _told(self, refusal: KnownError, code: str) -> KnownError:
        """The refusal, of which staff hear, too. A notice that cannot be stored does not change it."""
        now_s = time.monotonic()
        with self._lock:
            told_s = self._told_s.get((refusal.code, code))
            if told_s is not None and now_s - told_s < _TOLD_EVERY_S:
                return refusal
        try:
            self._notices.add(refusal, code)
        except KnownError as failed:
            _log.warning("voucher_notice_not_stored", code=failed.code)
            return refusal
        with self._lock:
            self._told_s[refusal.code, code] = now_s
        return refusal


def _elsewhere(code: str, where: str) -> KnownError:
    return KnownError(
        ErrorCode.VOUCHER_ELSEWHERE,
        f"The voucher {code} was tried here. It is good only at {where}.",
        "Send the visitor there, or issue one at the centre: those are good at every kiosk that is on line.",
    )


def _used_up(code: str) -> KnownError:
    return KnownError(
        ErrorCode.VOUCHER_USED,
        f"The voucher {code} was tried here. The centre says that all its uses are used, or held by orders.",
        "Look at the centre which orders used it. An order that nobody paid gives its use back when it is "
        "cancelled.",
    )


def _needs_centre(code: str, why: KnownError) -> KnownError:
    return KnownError(
        ErrorCode.VOUCHER_NEEDS_CENTRE,
        f"The voucher {code} is counted at the centre, which cannot be asked now ({why.code}).",
        "Look at the network. Until it is back, only vouchers that this kiosk issued can be used here.",
    )


def _too_slow() -> KnownError:
    return KnownError(ErrorCode.CENTRE_UNREACHABLE, "The centre is slow to answer.")


def _is_counted_by_the_centre(voucher: Voucher) -> bool:
    return voucher.use_limit is not None and voucher.home_kiosk_id is None
