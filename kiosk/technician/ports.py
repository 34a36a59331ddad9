"""What the technician's pages need of the rest of a kiosk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kiosk.camera.types import Frame
from kiosk.capture.types import CameraState
from kiosk.language import Language
from kiosk.payments.types import PaymentGateway
from kiosk.printing.types import Printer, Supply
from kiosk.staff.told import StaffNotice
from kiosk.staff.types import AuditAction, Right, StaffMember
from kiosk.sync.status import SyncStatus
from kiosk.updates.care import UpdateCare


class CameraUnderTest(Protocol):
    """The kiosk's own live view (`kiosk.capture.live_view.LiveView`)."""

    @property
    def state(self) -> CameraState: ...

    def start(self) -> None:
        """Harmless when it runs already."""
        ...

    def stop(self) -> bool: ...

    def newest_frame(self) -> Frame | None: ...


@dataclass(frozen=True, slots=True)
class Around:
    """The rest of the kiosk. `allowed` gives who is signed in and has the right, else None (or raises
    KnownError(RIGHT_MISSING)); `audit` takes who did it (None at the first run), action, subject and detail
    for the log; `tell` shows a sentence on the staff's pages. `printer` is None where staff hand the prints
    out; `sync_status` None where there is no centre, `updates` where no kiosk runs."""

    allowed: Callable[[Right], StaffMember | None]
    audit: Callable[[StaffMember | None, AuditAction, str, Mapping[str, str]], None]
    tell: Callable[[StaffNotice], None]
    camera: CameraUnderTest
    printer: Callable[[], Printer | None]
    supplies: Callable[[], Sequence[Supply]]
    count: Callable[[str, int], None]
    gateway: Callable[[], PaymentGateway]
    sync_status: Callable[[], SyncStatus | None]
    language: Callable[[], Language]
    updates: UpdateCare | None = None
