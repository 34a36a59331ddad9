"""Prints: once more, not at all, a printer that goes on, and paper that was counted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kiosk.staff.order_room import not_set_up
from kiosk.staff.ports import PrintDesk
from kiosk.staff.room import Room, Wish
from kiosk.staff.told import StaffNotice
from kiosk.staff.types import AuditAction, Right, StaffMember


class PrintRoom(Room):
    def reprint(self, job_id: str) -> None:
        """The same print once more, at no cost to the visitor."""
        self._with_job(AuditAction.REPRINTED, job_id, lambda prints: prints.reprint(job_id))

    def cancel_print(self, job_id: str) -> None:
        self._with_job(AuditAction.PRINT_CANCELLED, job_id, lambda prints: prints.cancel(job_id))

    def resume_printer(self, queue: str) -> None:
        """Lets a paused queue go on."""
        self._with_prints(AuditAction.PRINTER_RESUMED, queue, {}, lambda prints: prints.resume(queue))

    def count_supply(self, name: str, left: int) -> None:
        """Somebody counted the sheets, or filled them up."""
        detail = {"left": str(left)}
        self._with_prints(
            AuditAction.SUPPLY_COUNTED, name, detail, lambda prints: prints.count(name, max(0, left))
        )

    def _with_job(self, action: AuditAction, job_id: str, act: Callable[[PrintDesk], object]) -> None:
        self._do(Wish(Right.PRINT, action, job_id=job_id), partial(self._act, act))

    def _with_prints(
        self,
        action: AuditAction,
        subject: str,
        detail: dict[str, str],
        act: Callable[[PrintDesk], object],
    ) -> None:
        self._do(Wish(Right.PRINT, action, subject, detail), partial(self._act, act))

    def _act(self, act: Callable[[PrintDesk], object], _: StaffMember) -> StaffNotice | None:
        prints = self._parts.prints
        if prints is None:
            raise not_set_up("printer")
        act(prints)
        prints.wake()
        return None
