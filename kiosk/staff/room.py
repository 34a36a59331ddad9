"""What every room of the staff's desk shares: who is signed in, their rights, the log, the view, a worker."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.events import Event, EventBus
from kiosk.runtime.worker import JobQueue
from kiosk.staff.ports import StaffParts
from kiosk.staff.told import StaffChanged, StaffNotice, StaffView, notice_of
from kiosk.staff.types import AuditAction, Right, StaffMember

_log = structlog.get_logger(__name__)

_TWICE_S = 1.5

Work = Callable[[StaffMember], "StaffNotice | None"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A command that changes something: what it needs, and how the log tells of it. What is about an order
    or a print is told by the order's code. Without a `right` it is for everybody who is signed in."""

    right: Right | None
    action: AuditAction
    subject: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    order_id: str = ""
    job_id: str = ""


class Room:
    """The ground of the desk. Commands come from any thread and return at once; work is done on one thread,
    one job after the other. Rights are checked here and nowhere else.

    Invariants: whatever changes something is in the log before it is done, and with FAILED and its code where
    it did not come about; an answer that comes for somebody who has signed out meanwhile is dropped.
    """

    def __init__(self, parts: StaffParts) -> None:
        self._parts = parts
        self._lock = threading.RLock()
        self._jobs = JobQueue("staff", parts.bus)
        kiosk = parts.settings().kiosk
        self._view = StaffView(language=kiosk.language, timezone=kiosk.timezone)
        self._waiting = 0
        self._under_way: dict[tuple[object, ...], float] = {}
        self._is_stale = True

    @property
    def bus(self) -> EventBus:
        return self._parts.bus

    @property
    def view(self) -> StaffView:
        """The pages as they are now."""
        with self._lock:
            return self._view

    # -- rights -----------------------------------------------------------------------------------

    def allowed(self, right: Right) -> StaffMember | None:
        """Who is signed in, where they have the right; else None, and the pages say so."""
        return self._may(right)

    def _may(self, right: Right | None) -> StaffMember | None:
        with self._lock:
            who = self._view.who
            if who is not None and (right is None or who.may(right)):
                return who
        self._say_error(_no_right(right))
        return None

    def audit(
        self, who: StaffMember | None, action: AuditAction, subject: str, detail: Mapping[str, str]
    ) -> None:
        """A line of the log, by whoever asked for it, who may have gone since. Raises KnownError DATABASE_*,
        DISK_FULL."""
        self._parts.audit.add(self._parts.clock.now(), who, action, subject, detail)

    def tell(self, notice: StaffNotice) -> None:
        """Shows a sentence on the staff's pages."""
        self._change(notice=notice)

    # -- work -------------------------------------------------------------------------------------

    def _do(self, wish: Wish, work: Work) -> None:
        """Does something that changes things, by whoever has the right. The same wish is dropped while it is
        under way and a moment longer: a button that was touched twice."""
        who = self._may(wish.right)
        if who is None:
            return
        key = (wish.action, wish.subject, wish.order_id, wish.job_id, *sorted(wish.detail.items()))
        now_s = self._parts.clock.monotonic_s
        with self._lock:
            if self._under_way.get(key, 0.0) > now_s():
                return
            self._under_way = {each: until for each, until in self._under_way.items() if until > now_s()}
            self._under_way[key] = math.inf

        def job() -> None:
            try:
                self._write_down(who, wish, work)
            finally:
                with self._lock:
                    self._under_way[key] = now_s() + _TWICE_S

        self._submit(who, job)

    def _write_down(self, who: StaffMember, wish: Wish, work: Work) -> None:
        """The log's line, then the work; where that fails, the line that says so. Whoever was let go or lost
        the right at the command line meanwhile does nothing."""
        still = self._parts.staff.member(who.staff_id)
        if not still.is_active or (wish.right is not None and not still.may(wish.right)):
            raise _no_right(wish.right)
        add, now, subject = self._parts.audit.add, self._parts.clock.now, self._subject(wish)
        add(now(), who, wish.action, subject, wish.detail)
        try:
            notice = work(who)
        except Exception as error:
            code = error.code.value if isinstance(error, KnownError) else "bug"
            failed = {"action": wish.action.value, "code": code}
            add(now(), who, AuditAction.FAILED, subject, failed)
            raise
        self._is_stale = True
        with self._lock:
            if self._is_signed_in(who):
                self._change(notice=notice or StaffNotice(f"staff.done.{wish.action.value}"))

    def _subject(self, wish: Wish) -> str:
        parts = self._parts
        try:
            if wish.job_id and parts.prints is not None:
                return parts.prints.job(wish.job_id).order_code
            if wish.order_id:
                return parts.checkout.order(wish.order_id).code
        except KnownError as error:
            if error.code not in (ErrorCode.ORDER_UNKNOWN, ErrorCode.PRINT_JOB_UNKNOWN):
                raise
        return wish.subject or wish.order_id or wish.job_id

    def _show(self, right: Right, work: Callable[[StaffMember], Event | None]) -> None:
        """Reads something and tells it; nothing of that is in the log."""
        who = self.allowed(right)
        if who is None:
            return

        def job() -> None:
            event = work(who)
            if event is not None:
                self._tell(who, event)

        self._submit(who, job)

    def _submit(self, who: StaffMember | None, job: Callable[[], None]) -> None:
        """On the desk's worker; what goes wrong in the world is said on the pages."""

        def run() -> None:
            try:
                job()
            except KnownError as error:
                _log.warning("staff_command_failed", code=error.code, detail=error.detail)
                if who is None or self._is_signed_in(who):
                    self._say_error(error)
            finally:
                with self._lock:
                    self._waiting -= 1
                    self._change(is_busy=self._waiting > 0)
                self._refresh_if_stale()

        with self._lock:
            self._waiting += 1
            self._change(is_busy=True)
        self._jobs.submit(run)

    # -- the view ---------------------------------------------------------------------------------

    def _change(self, **fields: Any) -> None:
        """Publishes the view with these fields, if that changes it."""
        with self._lock:
            self._change_to(replace(self._view, **fields))

    def _change_to(self, view: StaffView) -> None:
        with self._lock:
            if view != self._view:
                self._view = view
                self.bus.publish(StaffChanged(view))

    def _tell(self, who: StaffMember, event: Event) -> None:
        """Publishes an answer, unless whom it is for has gone."""
        with self._lock:
            if self._is_signed_in(who):
                self.bus.publish(event)

    def _is_signed_in(self, who: StaffMember) -> bool:
        with self._lock:
            return self._view.who is not None and self._view.who.staff_id == who.staff_id

    def _say_error(self, error: KnownError) -> None:
        self._change(notice=notice_of(error))

    def _close_rooms(self) -> None:
        """What goes on only while somebody is here ends."""

    def _refresh_if_stale(self) -> None:
        """Brings the figures up to date; on the desk's worker."""


def _no_right(right: Right | None) -> KnownError:
    return KnownError(ErrorCode.RIGHT_MISSING, f"This needs the right {right or 'to be here'}.")
