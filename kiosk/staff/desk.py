"""The staff's desk: all its rooms behind one door (`ui.staff_facade.StaffCommands`)."""

from __future__ import annotations

from kiosk.runtime.worker import Supervised
from kiosk.staff.day_room import DayRoom
from kiosk.staff.money_room import MoneyRoom
from kiosk.staff.order_room import OrderRoom
from kiosk.staff.outbox_room import OutboxRoom
from kiosk.staff.people_room import PeopleRoom
from kiosk.staff.photo_room import PhotoRoom
from kiosk.staff.print_room import PrintRoom
from kiosk.staff.voucher_room import VoucherRoom


class StaffDesk(PeopleRoom, OrderRoom, MoneyRoom, VoucherRoom, PhotoRoom, PrintRoom, OutboxRoom, DayRoom):
    """Everything that staff do at the kiosk. Commands return at once, from any thread; `tick` is called once
    a second."""

    @property
    def workers(self) -> tuple[Supervised, ...]:
        """To be started and stopped with the kiosk's."""
        return self._jobs, self._imports
