"""What a print server says of a printer, in the words of the kiosk.

Keywords of RFC 8011 § 5.4.12 (printer-state-reasons), PWG 5100.9, and those that CUPS adds. Each may end in
-error, -warning or -report; printers that stand still for want of paper call even that a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kiosk.printing.types import PrinterState

_SUFFIXES = ("-error", "-warning", "-report")
_STATES = {
    "media-jam": PrinterState.JAMMED,
    "cover-open": PrinterState.COVER_OPEN,
    "door-open": PrinterState.COVER_OPEN,
    "interlock-open": PrinterState.COVER_OPEN,
    "input-tray-missing": PrinterState.PAPER_EMPTY,
    "media-empty": PrinterState.PAPER_EMPTY,
    "media-needed": PrinterState.PAPER_EMPTY,
    "marker-supply-empty": PrinterState.INK_EMPTY,
    "toner-empty": PrinterState.INK_EMPTY,
    "cups-remote-stopped": PrinterState.PAUSED,
    "moving-to-paused": PrinterState.PAUSED,
    "paused": PrinterState.PAUSED,
    "connecting-to-device": PrinterState.OFFLINE,
    "offline": PrinterState.OFFLINE,
    "shutdown": PrinterState.OFFLINE,
    "timed-out": PrinterState.OFFLINE,
    "media-low": PrinterState.PAPER_LOW,
}
"""The first that applies names the state: what someone must do at the printer comes before what its queue
tells of the consequences."""
_HARMLESS = (
    "none",
    "cups-",
    "cleaning",
    "com.",
    "developer",
    "fuser",
    "job-",
    "marker-supply-low",
    "marker-waste",
    "output-area-almost-full",
    "resuming",
    "spool-area-full",
    "toner-low",
    "warming",
)
"""Stop nothing, or are no reason at all."""


def bare(reason: str) -> str:
    """A keyword without its severity."""
    for suffix in _SUFFIXES:
        reason = reason.removesuffix(suffix)
    return reason


def state_of(reasons: Sequence[str], is_stopped: bool, is_printing: bool) -> PrinterState:
    """How a printer stands. A reason that nobody knows is trouble unless it is only a warning or a report."""
    keywords = {bare(reason) for reason in reasons}
    for keyword, state in _STATES.items():
        if keyword in keywords:
            return state
    unknown = [reason for reason in reasons if not reason.startswith(_HARMLESS)]
    if any(not reason.endswith(("-warning", "-report")) for reason in unknown):
        return PrinterState.TROUBLE
    if is_stopped:
        return PrinterState.PAUSED
    return PrinterState.PRINTING if is_printing else PrinterState.READY


def lowest_percent(levels: Iterable[object]) -> int | None:
    """The lowest of marker-levels; a negative one is unknown or of no interest (RFC 8011 has none, CUPS -1
    to -3)."""
    known = [level for level in levels if isinstance(level, int) and 0 <= level <= 100]
    return min(known, default=None)
