"""The day's papers, and the log of what was done."""

from __future__ import annotations

from datetime import date
from functools import partial

from kiosk.staff.order_room import not_set_up
from kiosk.staff.ports import DayBook
from kiosk.staff.room import Room, Wish
from kiosk.staff.told import AuditListed, PaperSaved, StaffNotice
from kiosk.staff.types import AuditAction, Right, StaffMember

_PAGE = 100


class DayRoom(Room):
    def close_day(self, day: date) -> None:
        """PaperSaved: the closing report; of a day that is not over the figures so far."""
        book = self._parts.day_book
        is_over = book is None or book.is_over(day)
        action = AuditAction.DAY_CLOSED if is_over else AuditAction.REPORT_SAVED
        self._do(Wish(Right.CLOSE_DAY, action, day.isoformat()), partial(self._close, day, is_over))

    def _close(self, day: date, is_over: bool, who: StaffMember) -> StaffNotice | None:
        path = self._book().close_day(day, who.name, self.view.language)
        self._tell(who, PaperSaved("day", str(path)))
        return None if is_over else StaffNotice("staff.done.day_so_far", params={"path": str(path)})

    def save_payouts(self, first: date, last: date) -> None:
        """PaperSaved: who gets what."""
        wish = Wish(Right.CLOSE_DAY, AuditAction.REPORT_SAVED, f"{first.isoformat()}..{last.isoformat()}")
        self._do(wish, partial(self._save_payouts, first, last))

    def _save_payouts(self, first: date, last: date, who: StaffMember) -> StaffNotice | None:
        path = self._book().save_payouts(first, last, self.view.language)
        self._tell(who, PaperSaved("payouts", str(path)))
        return None

    def _book(self) -> DayBook:
        if self._parts.day_book is None:
            raise not_set_up("closing of the day")
        return self._parts.day_book

    def list_audit(self, before_id: int | None = None) -> None:
        """AuditListed: a page, the newest first."""

        def read(_: StaffMember) -> AuditListed:
            entries = self._parts.audit.entries(before_id, _PAGE + 1)
            return AuditListed(tuple(entries[:_PAGE]), len(entries) > _PAGE)

        self._show(Right.AUDIT, read)
