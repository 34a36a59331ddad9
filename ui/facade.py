"""The part of the kiosk that the screens talk to. `kiosk.app.Kiosk` has it; tests bring their own."""

from __future__ import annotations

from typing import Protocol

from kiosk.events import EventBus
from kiosk.session.buying import Buying
from kiosk.session.corrections import Corrections
from kiosk.session.finding import Finding
from kiosk.session.handing_over import HandingOver
from kiosk.session.journey import Journey
from kiosk.session.pictures import Pictures
from kiosk.session.together import Together
from kiosk.session.view import SessionView
from kiosk.sync.status import SyncStatus
from ui.staff_facade import StaffCommands
from ui.technician_facade import TechnicianCommands


class KioskFacade(Protocol):
    """Commands in groups: each returns at once and is safe from any thread; the outcome arrives on `bus`.
    `pictures` is for worker threads."""

    @property
    def bus(self) -> EventBus: ...

    @property
    def view(self) -> SessionView: ...

    @property
    def sync_status(self) -> SyncStatus | None:
        """How it stands with the centre; None where there is none."""
        ...

    @property
    def journey(self) -> Journey: ...

    @property
    def finding(self) -> Finding: ...

    @property
    def corrections(self) -> Corrections: ...

    @property
    def together(self) -> Together: ...

    @property
    def buying(self) -> Buying: ...

    @property
    def handing_over(self) -> HandingOver: ...

    @property
    def pictures(self) -> Pictures: ...

    @property
    def staff(self) -> StaffCommands:
        """The staff's pages, over the visitor's."""
        ...

    @property
    def technician(self) -> TechnicianCommands: ...
