"""Vouchers: listed with what they took off, made by the dozen, and put on paper."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

from kiosk.errors import ErrorCode, KnownError
from kiosk.money import SATANG_PER_BAHT
from kiosk.sales.orders import CODE_ALPHABET
from kiosk.sales.types import Voucher, VoucherKind
from kiosk.sales.vouchers import new_voucher
from kiosk.staff.papers import save_paper
from kiosk.staff.room import Room, Wish
from kiosk.staff.told import PaperSaved, StaffNotice, VoucherMade, VouchersListed
from kiosk.staff.types import AuditAction, Right, StaffMember

_CODE_LENGTH = 8  # 29^8 codes: nobody guesses one
_MOST_AT_ONCE = 200
_MOST_USES = 100_000
_MOST_DAYS = 3650


class VoucherRoom(Room):
    def list_vouchers(self) -> None:
        """VouchersListed."""
        self._show(Right.VOUCHERS, lambda _: self._listed())

    def _listed(self) -> VouchersListed:
        vouchers = self._parts.lists.vouchers()
        codes = [voucher.code for voucher in vouchers]
        return VouchersListed(tuple(vouchers), self._parts.lists.discounts(codes))

    def make_vouchers(self, kind: VoucherKind, value: int, count: int, uses: int, days: int) -> None:
        """VoucherMade. `value`: percent, satang, or 0 for free ones."""
        detail = {"kind": kind.value, "value": str(value), "count": str(count), "uses": str(uses)}
        wish = Wish(Right.VOUCHERS, AuditAction.VOUCHER_MADE, f"{days} days", detail)
        self._do(wish, partial(self._make, kind, value, count, uses, days))

    def _make(
        self, kind: VoucherKind, value: int, count: int, uses: int, days: int, who: StaffMember
    ) -> StaffNotice | None:
        check_vouchers(kind, value, count, uses, days)
        parts = self._parts
        made = []
        for _ in range(count):
            voucher = new_voucher(
                "".join(secrets.choice(CODE_ALPHABET) for _ in range(_CODE_LENGTH)),
                percent=value if kind is VoucherKind.PERCENT else None,
                baht=value // SATANG_PER_BAHT if kind is VoucherKind.AMOUNT else None,
                is_free=kind is VoucherKind.FREE,
                uses=uses,
                now=parts.clock.now(),
                days=days,
                home_kiosk_id=parts.kiosk_id if parts.has_centre() else None,
            )
            parts.vouchers.add_voucher(voucher)
            made.append(voucher)
        self._tell(who, VoucherMade(tuple(made)))
        self._tell(who, self._listed())
        return StaffNotice("staff.done.voucher_made", params={"n": str(count)})

    def print_vouchers(self, codes: Sequence[str]) -> None:
        """PaperSaved, and out of the printer where there is one. The log has no code: codes are money."""
        wish = Wish(Right.VOUCHERS, AuditAction.VOUCHER_PRINTED, detail={"count": str(len(codes))})
        self._do(wish, partial(self._print, tuple(codes)))

    def _print(self, codes: tuple[str, ...], who: StaffMember) -> StaffNotice | None:
        from kiosk.staff.voucher_paper import voucher_paper  # a quarter of a second, and seldom

        parts, kiosk = self._parts, self._parts.settings().kiosk
        vouchers = self._known(codes)
        event = parts.event()
        zone, now = ZoneInfo(kiosk.timezone), parts.clock.now()
        title = event.name if event else kiosk.operator
        pdf = voucher_paper(vouchers, title, event.name_th if event else "", zone, now)
        path = save_paper(parts.folder, "vouchers", pdf, now.astimezone(zone))
        self._tell(who, PaperSaved("vouchers", str(path)))
        key = "voucher_printed" if self._put_on_paper(pdf, path.stem, len(codes), who) else "voucher_saved"
        return StaffNotice(f"staff.done.{key}", params={"path": str(path)})

    def _put_on_paper(self, pdf: bytes, name: str, count: int, who: StaffMember) -> bool:
        """Whether there is a printer; where there is none the file is what there is, and the log says so."""
        printer = self._parts.sheet_printer
        try:
            if printer is not None:
                printer.print_sheet(pdf, name)
                return True
            code = ErrorCode.PRINTER_UNKNOWN
        except KnownError as error:
            if error.code is not ErrorCode.PRINTER_UNKNOWN:
                raise
            code = error.code
        failed = {"action": AuditAction.VOUCHER_PRINTED.value, "code": code.value}
        self.audit(who, AuditAction.FAILED, "", failed)
        self.audit(who, AuditAction.REPORT_SAVED, "vouchers", {"count": str(count)})
        return False

    def _known(self, codes: tuple[str, ...]) -> list[Voucher]:
        known = {voucher.code: voucher for voucher in self._parts.lists.vouchers(most=2000)}
        missing = [code for code in codes if code not in known]
        if missing or not codes:
            raise KnownError(ErrorCode.VOUCHER_UNKNOWN, "No voucher has this code.")
        return [known[code] for code in codes]


def check_vouchers(kind: VoucherKind, value: int, count: int, uses: int, days: int) -> None:
    """Raises KnownError(SETTING_INVALID) for vouchers that nobody can mean."""
    is_value_fine = {
        VoucherKind.PERCENT: 1 <= value <= 100,
        VoucherKind.AMOUNT: value > 0 and value % SATANG_PER_BAHT == 0,
        VoucherKind.FREE: True,
    }[kind]
    if is_value_fine and 1 <= count <= _MOST_AT_ONCE and 1 <= uses <= _MOST_USES and 1 <= days <= _MOST_DAYS:
        return
    raise KnownError(
        ErrorCode.SETTING_INVALID,
        f"Vouchers are of 1 to 100 percent or of whole baht, at most {_MOST_AT_ONCE} at once, "
        f"for 1 to {_MOST_DAYS} days.",
        "Change the numbers.",
    )
