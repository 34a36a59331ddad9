"""In which modules the words of the `kiosk` command are."""

from __future__ import annotations

from collections.abc import Mapping

_CENTRAL = (
    "kiosk.cli_central",
    "kiosk.cli_central_proof",
    "kiosk.cli_central_store",
    "kiosk.cli_central_update",
    "kiosk.cli_central_visits",
    "kiosk.cli_central_worker",
)
_HERE: tuple[str, ...] = ()

ROOMS: Mapping[str, tuple[str, ...]] = {
    "audit": ("kiosk.cli_staff",),
    "backup": ("kiosk.cli_backup",),
    "bench": _HERE,
    "bundle": ("kiosk.cli_technician",),
    "calibrate": ("kiosk.cli_calibrate",),
    "call-staff": _HERE,
    "central": _CENTRAL,
    "confirm": ("kiosk.cli_shop",),
    "demo": _HERE,
    "doctor": _HERE,
    "evaluate": ("kiosk.cli_evaluate",),
    "evaluate-liveness": ("kiosk.cli_liveness",),
    "event": ("kiosk.cli_event",),
    "events": ("kiosk.cli_photos",),
    "forget": ("kiosk.cli_forget",),
    "import": ("kiosk.cli_photos",),
    "orders": ("kiosk.cli_shop",),
    "people": ("kiosk.cli_people",),
    "purge": ("kiosk.cli_store",),
    "recorder": ("kiosk.cli_technician",),
    "restore": ("kiosk.cli_backup",),
    "revenue": ("kiosk.cli_revenue",),
    "run": _HERE,
    "search": ("kiosk.cli_photos",),
    "secret": _HERE,
    "selftest": ("kiosk.cli_technician",),
    "session": _HERE,
    "settings": ("kiosk.cli_technician",),
    "simulate": _HERE,
    "sites": ("kiosk.cli_store",),
    "staff": ("kiosk.cli_staff",),
    "streams": ("kiosk.cli_store",),
    "sync": ("kiosk.cli_sync",),
    "templates": ("kiosk.cli_templates",),
    "update": ("kiosk.cli_update", "ui.cli_update"),
    "version": _HERE,
    "visits": ("kiosk.cli_visits",),
    "voucher": ("kiosk.cli_shop",),
}
"""By first word; `_HERE` needs no more than `kiosk.cli` and `ui.command`."""


def every_room() -> tuple[str, ...]:
    """All of them once, for whoever asks for help."""
    return tuple(sorted({module for modules in ROOMS.values() for module in modules}))
