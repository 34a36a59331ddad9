"""How many prints may be sold: the port of whoever knows what paper there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from kiosk.sales.basket import MOST_PRINTS
from kiosk.sales.types import PrintItem


class PrintLimits(Protocol):
    """What of prints may be sold now; `kiosk.printing.shelf.Shelf`. Raises KnownError DATABASE_*."""

    def most(self, event_id: str) -> int:
        """Sheets that one more order of the event may hold. Cheap."""
        ...

    def check(self, prints: Iterable[PrintItem], event_id: str) -> None:
        """Before an order is made of them. Raises KnownError PRINT_SIZE_NOT_OFFERED for paper that has run
        out, PRINT_QUOTA where it would be too many (`n`: how many it may be)."""
        ...


class NoPrintLimits:
    """Where nobody counts paper, such as at a centre: no more than a basket holds."""

    def most(self, event_id: str) -> int:
        return MOST_PRINTS

    def check(self, prints: Iterable[PrintItem], event_id: str) -> None:
        """Nothing to look at."""
