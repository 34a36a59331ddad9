"""A sheet for staff comes out of the default printer of a real CUPS; without one it is said."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.office_printer import OfficePrinter
from kiosk.sales.types import Voucher, VoucherKind
from kiosk.staff.voucher_paper import voucher_paper
from tests.conftest import entered_or_skipped
from tests.peers.cups import CupsServer


@pytest.fixture
def cups(monkeypatch: pytest.MonkeyPatch) -> Iterator[CupsServer]:
    with ExitStack() as stack:
        server = entered_or_skipped(stack, CupsServer())
        monkeypatch.setenv("CUPS_SERVER", server.socket)
        monkeypatch.delenv("LPDEST", raising=False)
        monkeypatch.delenv("PRINTER", raising=False)
        yield server


@pytest.mark.real_server
def test_a_sheet_of_vouchers_is_printed_by_the_default_printer(
    cups: CupsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    pdf = voucher_paper([Voucher("K7Q2M4XA", VoucherKind.FREE, 0)], "Run", "วิ่ง", UTC, at)
    with pytest.raises(KnownError) as none:
        OfficePrinter().print_sheet(pdf, "vouchers")
    assert none.value.code is ErrorCode.PRINTER_UNKNOWN
    cups.add_pdf("office")
    monkeypatch.setenv("LPDEST", "office")
    OfficePrinter().print_sheet(pdf, "vouchers")
    (printed,) = cups.printed()
    end_s = time.monotonic() + 20
    while not printed.read_bytes().startswith(b"%PDF"):  # it is there before it is written
        assert time.monotonic() < end_s
        time.sleep(0.05)


def test_a_machine_without_a_print_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(KnownError) as none:
        OfficePrinter().print_sheet(b"%PDF", "vouchers")
    assert none.value.code is ErrorCode.PRINTER_UNKNOWN
