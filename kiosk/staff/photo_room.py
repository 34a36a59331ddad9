"""Photos: taken in from a card, and looked at before visitors see them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.approval import WaitingPhoto
from kiosk.photos.import_report import ImportProgress, ImportReport
from kiosk.runtime.pulse import PATIENT_S
from kiosk.runtime.worker import JobQueue
from kiosk.staff.ports import StaffParts
from kiosk.staff.room import Room, Wish
from kiosk.staff.told import PhotoCard, PhotosListed, StaffNotice
from kiosk.staff.types import AuditAction, Right, StaffMember

_TELL_EVERY_S = 0.25


class PhotoRoom(Room):
    """An import runs on a thread of its own and goes on when staff leave the pages."""

    def __init__(self, parts: StaffParts) -> None:
        super().__init__(parts)
        self._imports = JobQueue("staff-import", parts.bus, longest_job_s=PATIENT_S)
        self._import_is_running = threading.Event()
        self._progress_told_s = float("-inf")

    def start_import(self, folder: Path) -> None:
        """The view tells how far it is."""
        wish = Wish(Right.PHOTOS, AuditAction.IMPORT_STARTED, folder.name)
        self._do(wish, partial(self._start_import, folder))

    def _start_import(self, folder: Path, who: StaffMember) -> StaffNotice | None:
        if self._parts.event() is None:
            raise KnownError(
                ErrorCode.EVENT_NONE, "There is no event to import into.", "Make an event first."
            )
        if not self._import_is_running.is_set():
            self._import_is_running.set()
            self._change(imports=replace(self.view.imports, is_running=True, done=0, total=0, unreadable=0))
            self._imports.submit(partial(self._import, folder))
        return None

    def _import(self, folder: Path) -> None:
        report = None
        try:
            report = self._parts.photo_import.import_folder(folder, self._tell_progress)
        except KnownError as error:
            if self.view.who is not None:
                self._say_error(error)
        finally:  # also of a bug
            self._import_is_running.clear()
            self._end_import(report)
            self._is_stale = True

    def _tell_progress(self, step: ImportProgress) -> None:
        """A few times a second, and of its end."""
        self._imports.beat()
        now_s = self._parts.clock.monotonic_s()
        if step.done < step.total and now_s - self._progress_told_s < _TELL_EVERY_S:
            return
        self._progress_told_s = now_s
        with self._lock:
            imports = replace(
                self._view.imports,
                is_running=True,
                done=step.done,
                total=step.total,
                unreadable=step.refused,
            )
            self._change(imports=imports)

    def _end_import(self, report: ImportReport | None) -> None:
        with self._lock:
            imports = replace(self._view.imports, is_running=False)
            if report is None:
                self._change(imports=imports)
                return
            taken = {"n": str(report.taken), "refused": str(len(report.refused))}
            notice = StaffNotice("staff.done.imported", params=taken) if self._view.who else None
            imports = replace(imports, unreadable=len(report.refused), last_at=self._parts.clock.now())
            self._change(imports=imports, notice=notice)

    # -- approval ---------------------------------------------------------------------------------

    def list_photos(self) -> None:
        """PhotosListed."""
        self._show(Right.PHOTOS, lambda _: self._listed_photos())

    def _listed_photos(self) -> PhotosListed:
        event = self._parts.event()
        if event is None:
            return PhotosListed((), 0)
        approval = self._parts.approval
        cards = tuple(_card(photo) for photo in approval.waiting(event.event_id))
        return PhotosListed(cards, approval.count(event.event_id))

    def approve(self, photo_ids: Sequence[str]) -> None:
        """Puts photos on sale."""
        self._do(_wish(AuditAction.PHOTOS_APPROVED, photo_ids), partial(self._judge, tuple(photo_ids), True))

    def reject(self, photo_ids: Sequence[str]) -> None:
        """They never go on sale."""
        self._do(_wish(AuditAction.PHOTOS_REJECTED, photo_ids), partial(self._judge, tuple(photo_ids), False))

    def _judge(self, photo_ids: tuple[str, ...], is_good: bool, who: StaffMember) -> StaffNotice | None:
        approval = self._parts.approval
        count = approval.approve(photo_ids) if is_good else approval.reject(photo_ids)
        self._tell(who, self._listed_photos())
        action = AuditAction.PHOTOS_APPROVED if is_good else AuditAction.PHOTOS_REJECTED
        return StaffNotice(f"staff.done.{action.value}", params={"n": str(count)})


def _card(photo: WaitingPhoto) -> PhotoCard:
    return PhotoCard(
        photo_id=photo.photo_id,
        number=photo.number,
        file_name=photo.file_name,
        taken_at=photo.taken_at,
        photographer=photo.photographer,
        faces=photo.faces,
    )


def _wish(action: AuditAction, photo_ids: Sequence[str]) -> Wish:
    """The log has the id of one photo; of many the first, and how many."""
    first = photo_ids[0] if photo_ids else ""
    return Wish(Right.PHOTOS, action, first, {"count": str(len(photo_ids))})
