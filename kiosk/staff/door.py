"""Coming to the staff's pages and going: the keypad, who is signed in, and the minute when nobody is."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial

from kiosk.checkout.types import OrderPaid, OrderRefunded, PaymentChanged
from kiosk.errors import KnownError
from kiosk.events import Event
from kiosk.language import Language
from kiosk.printing.types import PrintersChanged, PrintsChanged
from kiosk.sending.types import SendingsChanged
from kiosk.staff.front_page import read_front_page
from kiosk.staff.pins import Keys, PinHashes, Refused
from kiosk.staff.ports import StaffParts
from kiosk.staff.room import Room
from kiosk.staff.told import StaffNotice, StaffView, notice_of
from kiosk.staff.types import AuditAction, Right, StaffMember

_REFRESH_EVERY_S = 10.0
_NEWS: tuple[type[Event], ...] = (
    PaymentChanged,
    OrderPaid,
    OrderRefunded,
    PrintsChanged,
    PrintersChanged,
    SendingsChanged,
)


class Door(Room):
    """Invariants: while nobody is signed in the view holds nothing but the keypad; pages that open begin
    empty; a PIN that was typed before they closed lets nobody in after."""

    def __init__(self, parts: StaffParts, hashes: PinHashes | None = None) -> None:
        super().__init__(parts)
        self._keys = Keys(parts.staff, hashes)
        self._touched_s = self._refreshed_s = parts.clock.monotonic_s()
        self._is_refreshing = threading.Event()
        self._opened = 0
        self._greeting: StaffNotice | None = None
        for kind in _NEWS:
            parts.bus.subscribe(kind, self._note_news)

    # -- commands ---------------------------------------------------------------------------------

    def open(self) -> None:
        """The hidden gesture: the keypad."""
        self.touch()
        with self._lock:
            if not self._view.is_open:
                self._opened += 1
                self._change_to(replace(self._empty(), is_open=True))
        self._submit(None, self._read_members)

    def close(self) -> None:
        """Back to the visitor's page; whoever was signed in is signed out."""
        with self._lock:
            who = self._view.who
            self._change_to(self._empty())
        self._close_rooms()
        if who is not None:
            self._jobs.submit(partial(self._note_sign_out, who))

    def sign_in(self, staff_id: str, pin: str) -> None:
        """The view says who it is, or why not."""
        self.touch()
        self._submit(None, partial(self._sign_in, staff_id, pin, self._opened))

    def greet_with(self, notice: StaffNotice) -> None:
        """Whoever signs in reads this first, until somebody has who can look after it."""
        with self._lock:
            self._greeting = notice

    def touch(self) -> None:
        """Somebody is there."""
        self._touched_s = self._parts.clock.monotonic_s()

    def show_language(self, language: Language) -> None:
        self.touch()
        self._change(language=language)

    def clear_notice(self) -> None:
        self._change(notice=None)

    def tick(self) -> None:
        """Once a second: signs out whoever has gone, and brings the pages up to date."""
        if not self.view.is_open:
            return
        now_s = self._parts.clock.monotonic_s()
        if now_s - self._touched_s >= self._parts.settings().staff.idle_s:
            self.close()
            return
        if now_s - self._refreshed_s >= _REFRESH_EVERY_S:
            self._is_stale = True
        if self.view.who is not None and self._is_stale and not self._is_refreshing.is_set():
            self._is_refreshing.set()
            self._jobs.submit(self._refresh)

    # -- the parts --------------------------------------------------------------------------------

    def _empty(self) -> StaffView:
        kiosk, view = self._parts.settings().kiosk, self._view
        return StaffView(
            is_set_up=view.is_set_up,
            language=kiosk.language,
            timezone=kiosk.timezone,
            imports=view.imports if view.imports.is_running else StaffView().imports,
        )

    def _read_members(self) -> None:
        members = self._parts.staff.members()
        event = self._parts.event()
        with self._lock:
            if not self._view.is_open:
                return
            self._change(
                is_set_up=bool(members),
                members=tuple(each for each in members if each.is_active or self._view.who is not None),
                event_name=event.name if event else "",
                event_name_th=event.name_th if event else "",
            )

    def _sign_in(self, staff_id: str, pin: str, opened: int) -> None:
        parts, now = self._parts, self._parts.clock.now()
        lock_for = timedelta(minutes=parts.settings().staff.lock_minutes)
        came = self._keys.open(staff_id, pin, now, lock_for)
        if isinstance(came, Refused):
            code = {"code": came.error.code.value}
            parts.audit.add(now, came.member, AuditAction.SIGN_IN_FAILED, "", code)
            if came.is_lock_new:
                parts.audit.add(now, came.member, AuditAction.LOCKED_OUT)
            self._say_refused(came, opened)
        elif self._is_still_open(opened):
            parts.audit.add(now, came, AuditAction.SIGNED_IN)
            self._let_in(came, opened)

    def _is_still_open(self, opened: int) -> bool:
        """Whether the pages were not closed since they were opened for the so-many-th time."""
        with self._lock:
            return self._view.is_open and self._opened == opened

    def _let_in(self, who: StaffMember, opened: int) -> None:
        with self._lock:
            if not self._is_still_open(opened):
                return
            rights = frozenset(right for right in Right if who.may(right))
            self._change(who=who, rights=rights, notice=self._greeting, paced_until=None)
            if who.may(Right.SUPPORT):
                self._greeting = None
        self._read_members()
        self._is_stale = True
        self._refresh_if_stale()

    def _say_refused(self, came: Refused, opened: int) -> None:
        member = came.member
        with self._lock:
            if not self._is_still_open(opened):
                return
            self._change(
                notice=notice_of(came.error),
                members=tuple(
                    member if member is not None and each.staff_id == member.staff_id else each
                    for each in self._view.members
                ),
                paced_until=came.locked_until if member is None else None,
            )

    def _note_sign_out(self, who: StaffMember) -> None:
        self._parts.audit.add(self._parts.clock.now(), who, AuditAction.SIGNED_OUT)

    def _note_news(self, _: Event) -> None:
        self._is_stale = True

    def _refresh(self) -> None:
        try:
            self._refresh_if_stale()
        except KnownError as error:
            self._say_error(error)
        finally:
            self._is_refreshing.clear()

    def _refresh_if_stale(self) -> None:
        who = self.view.who
        if who is None or not self._is_stale:
            return
        self._is_stale, self._refreshed_s = False, self._parts.clock.monotonic_s()
        page = read_front_page(self._parts, who)
        with self._lock:
            if self._is_signed_in(who):
                self._change_to(page.on(self._view))
