"""Staff, their roles and rights, decisions that wait for them, the log of what they did; ports of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kiosk.checkout.types import Refund as Refund
from kiosk.payments.slip import SlipChecker as SlipChecker
from kiosk.payments.slip import SlipFacts as SlipFacts

MOST_TRIES = 5
"""Wrong PINs after which somebody is locked out for a while."""


class Role(StrEnum):
    """What somebody is here: `RIGHTS` says what each may do."""

    STAFF = "staff"
    MANAGER = "manager"
    TECHNICIAN = "technician"


class Right(StrEnum):
    """What may be done; a page that needs one is not shown without."""

    SEE_SALES = "see_sales"
    DECIDE_PAYMENTS = "decide_payments"
    REFUND = "refund"
    PRINT = "print"  # reprint, printers, paper
    SEND = "send"
    VOUCHERS = "vouchers"
    PHOTOS = "photos"  # import, approve, reject
    OUTBOX = "outbox"
    CLOSE_DAY = "close_day"
    STAFF = "staff"  # add and change staff
    AUDIT = "audit"
    SETTINGS = "settings"
    SELF_TEST = "self_test"
    SUPPORT = "support"  # flight recorder, bundle


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.STAFF: frozenset(
        {Right.SEE_SALES, Right.DECIDE_PAYMENTS, Right.PRINT, Right.SEND, Right.PHOTOS, Right.OUTBOX}
    ),
    Role.MANAGER: frozenset(Right) - {Right.SETTINGS},
    Role.TECHNICIAN: frozenset(
        {Right.PRINT, Right.OUTBOX, Right.STAFF, Right.AUDIT, Right.SETTINGS, Right.SELF_TEST, Right.SUPPORT}
    ),
}


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works here. The hash of the PIN is never in here."""

    staff_id: str
    name: str
    role: Role
    created_at: datetime
    is_active: bool = True
    failed_tries: int = 0
    locked_until: datetime | None = None

    def may(self, right: Right) -> bool:
        return self.is_active and right in RIGHTS[self.role]


class AuditAction(StrEnum):
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    LOCKED_OUT = "locked_out"
    SIGNED_OUT = "signed_out"
    PAYMENT_CONFIRMED = "payment_confirmed"
    PAYMENT_CALLED_OFF = "payment_called_off"
    PAYMENT_CHECKED = "payment_checked"
    SLIP_TAKEN = "slip_taken"
    REFUNDED = "refunded"
    REPRINTED = "reprinted"
    PRINT_CANCELLED = "print_cancelled"
    PRINTER_RESUMED = "printer_resumed"
    SUPPLY_COUNTED = "supply_counted"
    RESENT = "resent"
    LINK_RENEWED = "link_renewed"
    VOUCHER_MADE = "voucher_made"
    VOUCHER_PRINTED = "voucher_printed"
    IMPORT_STARTED = "import_started"
    PHOTOS_APPROVED = "photos_approved"
    PHOTOS_REJECTED = "photos_rejected"
    MESSAGE_RETRIED = "message_retried"
    NOTICE_SETTLED = "notice_settled"
    DAY_CLOSED = "day_closed"
    REPORT_SAVED = "report_saved"
    STAFF_ADDED = "staff_added"
    STAFF_CHANGED = "staff_changed"
    PIN_CHANGED = "pin_changed"
    SETTINGS_CHANGED = "settings_changed"
    SETTINGS_UNDONE = "settings_undone"
    SECRET_SET = "secret_set"  # noqa: S105 - a word
    SELF_TEST = "self_test"
    CALIBRATED = "calibrated"
    BUNDLE_MADE = "bundle_made"
    TEMPLATES_REISSUED = "templates_reissued"
    TEMPLATES_RECOVERED = "templates_recovered"
    SET_UP = "set_up"
    KIOSK_ENDED = "kiosk_ended"
    KIOSK_RESTARTED = "kiosk_restarted"
    UPDATE_STAGED = "update_staged"
    UPDATE_CHOSEN = "update_chosen"
    UPDATE_ENDED = "update_ended"
    FAILED = "failed"  # what was asked for (`subject`) did not come about; `detail` has the code


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log. `hash` covers the line and the hash of the one before, so that none can be changed
    or taken out unseen. `detail` holds no secret, no phone number, no address and no face."""

    audit_id: int
    at: datetime
    staff_id: str
    staff_name: str
    action: AuditAction
    subject: str
    detail: Mapping[str, str]
    hash: str


class AuditLog(Protocol):
    """The log can only grow: the database itself refuses to change or delete a line. Raises KnownError
    DATABASE_*, AUDIT_BROKEN (`verify`: somebody changed the file around us)."""

    def add(
        self,
        at: datetime,
        staff: StaffMember | None,
        action: AuditAction,
        subject: str = "",
        detail: Mapping[str, str] | None = None,
    ) -> None: ...

    def entries(self, before_id: int | None = None, most: int = 100) -> list[AuditEntry]:
        """The newest first."""
        ...

    def verify(self) -> int:
        """How many lines there are, each as it was written."""
        ...


class StaffRepository(Protocol):
    """The rows of staff. Raises KnownError DATABASE_*, STAFF_UNKNOWN, STAFF_TAKEN."""

    def members(self) -> list[StaffMember]: ...

    def member(self, staff_id: str) -> StaffMember: ...

    def add(self, member: StaffMember, pin_hash: str) -> None: ...

    def change(self, member: StaffMember) -> None:
        """Name, role and whether they still work here."""
        ...

    def pin_hash(self, staff_id: str) -> str: ...

    def set_pin_hash(self, staff_id: str, pin_hash: str) -> None:
        """Also forgets failed tries."""
        ...

    def note_tries(self, staff_id: str, failed_tries: int, locked_until: datetime | None) -> None: ...


class DecisionKind(StrEnum):
    """Why a payment waits for staff; WAITING is one that only staff can confirm."""

    SHORT = "short"
    LATE = "late"
    OVER = "over"
    TWICE = "twice"
    UNKNOWN = "unknown"
    WAITING = "waiting"


class DecisionAction(StrEnum):
    """What can be done about it."""

    CONFIRM = "confirm"  # the money is there in full: the order is paid
    TAKE_REST = "take_rest"  # what is missing came another way
    GIVE_BACK = "give_back"  # what came, or what came too much, is given back
    ASK_BANK = "ask_bank"
    CALL_OFF = "call_off"  # no money came and none will
    SCAN_SLIP = "scan_slip"


@dataclass(frozen=True, slots=True)
class Decision:
    """A payment that waits for staff, the oldest first. `give_back_satang` is what GIVE_BACK gives back;
    `actions` are in the order of their buttons, the one to recommend last. `has_slip`: the visitor showed a
    slip for it, which was not used before; whether it is right is for staff to see."""

    payment_id: str
    order_id: str
    order_code: str
    kind: DecisionKind
    at: datetime
    due_satang: int
    received_satang: int
    missing_satang: int = 0
    give_back_satang: int = 0
    late_minutes: int = 0
    has_slip: bool = False
    actions: tuple[DecisionAction, ...] = ()


@dataclass(frozen=True, slots=True)
class SlipUse:
    """A slip that was shown for a payment. Once staff took it (`staff_name`), or its payment counted
    (`is_settled`), it stands for no other; until then whoever shows it last has it beside their payment: a
    picture of somebody else's slip keeps nobody's own from being seen. `amount_satang` is what the service
    told, or staff read from it, 0 where nobody did yet."""

    bank: str
    reference: str
    order_id: str
    payment_id: str
    amount_satang: int
    is_checked_online: bool
    staff_name: str
    at: datetime
    is_settled: bool = False

    def may_be_of(self, payment_id: str) -> bool:
        """Whether it may stand for this payment."""
        return self.payment_id == payment_id or not (self.staff_name or self.is_settled)
