"""What the staff's desk says was done is what was done, and the log says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kiosk.database.engine import open_database
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.types import PrintState
from kiosk.sales.types import VoucherKind
from kiosk.staff.desk import StaffDesk
from kiosk.staff.ports import StaffParts
from kiosk.staff.told import PaperSaved, StaffNotice, VoucherMade
from tests.staff_room import QUICK_HASHES, StaffShop, a_print


class Office:
    """The office's printer: there is one, or none."""

    def __init__(self, is_there: bool) -> None:
        self.is_there = is_there
        self.sheets: list[str] = []

    def print_sheet(self, pdf: bytes, name: str) -> None:
        if not self.is_there:
            raise KnownError(ErrorCode.PRINTER_UNKNOWN, "There is no default printer.")
        self.sheets.append(name)


class OfficeShop(StaffShop):
    office: Office | None = None

    def parts(self) -> StaffParts:
        return replace(super().parts(), sheet_printer=self.office)

    def move_in(self, office: Office | None) -> None:
        self.office = office
        for worker in self.desk.workers:
            worker.stop()
        self.desk = StaffDesk(self.parts(), QUICK_HASHES)
        for worker in self.desk.workers:
            worker.start()

    def notice(self) -> StaffNotice:
        assert self.desk.view.notice is not None
        return self.desk.view.notice


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[OfficeShop]:
    open_database(tmp_path / "kiosk.db").close()
    shop = OfficeShop(tmp_path)
    shop.hire("Malee")
    yield shop
    shop.close()


@pytest.mark.parametrize("office", [Office(True), Office(False), None], ids=["printer", "no printer", "none"])
def test_vouchers_without_a_printer_are_a_file_and_are_said_to_be_one(
    shop: OfficeShop, office: Office | None
) -> None:
    shop.move_in(office)
    shop.sign_in("Malee")
    shop.listen(VoucherMade, PaperSaved)
    shop.desk.make_vouchers(VoucherKind.FREE, 0, 2, 1, 30)
    shop.settle()
    shop.desk.print_vouchers([voucher.code for voucher in shop.told(VoucherMade).vouchers])
    shop.settle()
    is_printed = office is not None and office.is_there
    key = "staff.done.voucher_printed" if is_printed else "staff.done.voucher_saved"
    path = shop.told(PaperSaved).path
    assert shop.notice() == StaffNotice(key, params={"path": path})
    assert Path(path).exists()
    logged = [(one.action.value, dict(one.detail)) for one in shop.logged()[2:]]
    expected = [("voucher_printed", {"count": "2"})]
    if not is_printed:
        failed = {"action": "voucher_printed", "code": "R-102"}
        expected += [("failed", failed), ("report_saved", {"count": "2"})]
    assert logged == expected


def test_a_day_that_is_not_over_is_said_to_be_open(shop: OfficeShop) -> None:
    shop.sign_in("Malee")
    shop.desk.close_day(shop.days.today)
    shop.settle()
    assert shop.notice() == StaffNotice("staff.done.day_so_far", params={"path": "/papers/day.pdf"})
    assert shop.actions()[-1] == "report_saved"
    shop.desk.close_day(date(2026, 11, 20))
    shop.settle()
    assert shop.notice().key == "staff.done.day_closed"
    assert shop.actions()[-1] == "day_closed"


def test_a_print_is_told_by_the_code_of_its_order(shop: OfficeShop) -> None:
    order = shop.paid(prints=1)
    shop.prints.jobs = [a_print(order, PrintState.PRINTED)]
    shop.sign_in("Malee")
    shop.desk.reprint("job-1")
    shop.desk.cancel_print("job-1")
    shop.desk.reprint("job-9")
    shop.settle()
    logged = [(one.action.value, one.subject) for one in shop.logged()[1:]]
    expected = [("reprinted", order.code), ("print_cancelled", order.code), ("reprinted", "job-9")]
    assert logged == expected
