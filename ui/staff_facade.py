"""The part of a kiosk that the staff's pages talk to; tests bring their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.sales.types import VoucherKind
from kiosk.staff.told import StaffView
from kiosk.staff.types import DecisionAction, Role


class StaffCommands(Protocol):
    """Each returns at once and is safe from any thread; the outcome is in the next view, in its notice, or in
    the event named beside it. Without the right for it a command does nothing but say so."""

    @property
    def bus(self) -> EventBus: ...

    @property
    def view(self) -> StaffView: ...

    # -- coming and going
    def open(self) -> None:
        """The hidden gesture: the keypad, over whatever page the visitor is on."""
        ...

    def close(self) -> None:
        """Back to the visitor's page; whoever was signed in is signed out."""
        ...

    def sign_in(self, staff_id: str, pin: str) -> None: ...

    def touch(self) -> None:
        """Somebody is there."""
        ...

    def show_language(self, language: Language) -> None: ...

    def clear_notice(self) -> None: ...

    # -- orders and money
    def find_orders(self, text: str = "", state: str = "", offset: int = 0) -> None:
        """OrdersListed. `text` is a code or a part of one; `state` as in OrderRowCard, empty for all."""
        ...

    def show_order(self, order_id: str) -> None:
        """OrderShown."""
        ...

    def decide(self, payment_id: str, action: DecisionAction, received_satang: int | None = None) -> None:
        """`received_satang` is what came by the account, where it is not what the decision says."""
        ...

    def scan_slip(self, payment_id: str) -> None:
        """Looks for a slip with the kiosk's camera: SlipLooked, until `take_slip` or `stop_scanning`."""
        ...

    def take_slip(self, amount_satang: int) -> None:
        """The slip that was found is taken for so much money."""
        ...

    def stop_scanning(self) -> None: ...

    def refund(self, order_id: str, amount_satang: int, reason: str) -> None: ...

    def reprint(self, job_id: str) -> None: ...

    def cancel_print(self, job_id: str) -> None: ...

    def resend(self, order_id: str) -> None:
        """A fresh link, and the messages of the order once more."""
        ...

    # -- vouchers
    def list_vouchers(self) -> None:
        """VouchersListed."""
        ...

    def make_vouchers(self, kind: VoucherKind, value: int, count: int, uses: int, days: int) -> None:
        """VoucherMade. `value`: percent, satang, or 0 for free ones."""
        ...

    def print_vouchers(self, codes: Sequence[str]) -> None:
        """PaperSaved, and out of the printer where there is one."""
        ...

    # -- photos
    def start_import(self, folder: Path) -> None: ...

    def list_photos(self) -> None:
        """PhotosListed."""
        ...

    def approve(self, photo_ids: Sequence[str]) -> None: ...

    def reject(self, photo_ids: Sequence[str]) -> None: ...

    # -- printers
    def resume_printer(self, queue: str) -> None: ...

    def count_supply(self, name: str, left: int) -> None: ...

    # -- what waits
    def list_outbox(self) -> None:
        """OutboxListed."""
        ...

    def retry(self, kind: str, entry_id: str) -> None:
        """A parked or failed message is tried again; a notice is settled."""
        ...

    def list_wishes(self) -> None:
        """WishesListed."""
        ...

    # -- the day, the staff, the log
    def close_day(self, day: date) -> None:
        """PaperSaved."""
        ...

    def save_payouts(self, first: date, last: date) -> None:
        """PaperSaved."""
        ...

    def add_member(self, name: str, role: Role, pin: str) -> None: ...

    def change_member(self, staff_id: str, name: str, role: Role, is_active: bool) -> None: ...

    def set_pin(self, staff_id: str, pin: str) -> None: ...

    def list_audit(self, before_id: int | None = None) -> None:
        """AuditListed."""
        ...
