"""What print servers say, in the words of the kiosk; papers as they call them."""

from __future__ import annotations

import pytest

from kiosk.printing.paper import nearest_size, pixels
from kiosk.printing.reasons import lowest_percent, state_of
from kiosk.printing.types import PrinterState
from kiosk.sales.types import PrintSize

INCHES = [(10160, 15240), (12700, 17780), (20320, 25400), (10500, 14800), (21000, 29700)]


@pytest.mark.parametrize(
    ("reasons", "is_stopped", "is_printing", "state"),
    [
        ((), False, False, PrinterState.READY),
        ((), False, True, PrinterState.PRINTING),
        ((), True, False, PrinterState.PAUSED),
        (("paused",), True, False, PrinterState.PAUSED),
        (("media-empty-error", "paused"), True, False, PrinterState.PAPER_EMPTY),
        (("media-empty-warning",), False, True, PrinterState.PAPER_EMPTY),
        (("media-jam-error", "media-empty-error"), True, False, PrinterState.JAMMED),
        (("door-open-error",), False, False, PrinterState.COVER_OPEN),
        (("interlock-open",), False, False, PrinterState.COVER_OPEN),
        (("input-tray-missing",), False, False, PrinterState.PAPER_EMPTY),
        (("marker-supply-empty-error",), True, False, PrinterState.INK_EMPTY),
        (("marker-supply-low-warning",), False, True, PrinterState.PRINTING),
        (("media-low-report",), False, False, PrinterState.PAPER_LOW),
        (("offline-report",), False, False, PrinterState.OFFLINE),
        (("connecting-to-device",), False, True, PrinterState.OFFLINE),
        (("timed-out",), True, False, PrinterState.OFFLINE),
        (("cups-waiting-for-job-completed",), False, True, PrinterState.PRINTING),
        (("cups-ipp-missing-job-history",), False, False, PrinterState.READY),
        (("com.dnp.lamp-old-warning",), False, False, PrinterState.READY),
        (("fan-broken-error",), True, False, PrinterState.TROUBLE),
        (("fan-slow-warning",), False, True, PrinterState.PRINTING),
        (("output-area-full-error",), True, False, PrinterState.TROUBLE),
    ],
)
def test_a_printers_reasons_name_its_state(
    reasons: tuple[str, ...], is_stopped: bool, is_printing: bool, state: PrinterState
) -> None:
    assert state_of(reasons, is_stopped, is_printing) is state


def test_the_lowest_ink_that_is_known_counts() -> None:
    assert lowest_percent([75, 33, -1, 101, "full"]) == 33
    assert lowest_percent([-2, -3]) is None
    assert lowest_percent([0, 50]) == 0


@pytest.mark.parametrize(
    ("size", "offered"),
    [
        (PrintSize.S10X15, (10160, 15240)),
        (PrintSize.S13X18, (12700, 17780)),
        (PrintSize.S20X25, (20320, 25400)),
    ],
)
def test_a_paper_of_centimetres_is_found_among_those_of_inches(
    size: PrintSize, offered: tuple[int, int]
) -> None:
    assert nearest_size(size, INCHES) == offered
    turned = [(height, width) for width, height in INCHES]
    assert nearest_size(size, turned) == offered[::-1]


def test_a_paper_that_a_printer_does_not_have_is_not_replaced_by_another() -> None:
    assert nearest_size(PrintSize.S20X25, [(10160, 15240), (21590, 27940)]) is None
    assert nearest_size(PrintSize.S10X15, []) is None


def test_an_exact_paper_comes_before_a_like_one() -> None:
    assert nearest_size(PrintSize.S10X15, [(10160, 15240), (10000, 15000)]) == (10000, 15000)


def test_papers_in_pixels_at_300_dpi() -> None:
    assert [pixels(size) for size in PrintSize] == [(1181, 1772), (1535, 2126), (2362, 2953)]
