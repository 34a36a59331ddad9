"""A staff's desk for the screens alone: notes every command, tells of a day as one stands at 08:24."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk.events import Event, EventBus
from kiosk.language import Language
from kiosk.payments.types import Payment, PaymentState
from kiosk.printing.types import Paper, PrinterState, PrinterStatus, PrintJob, PrintState, Supply
from kiosk.sales.packages import STANDARD_PACKAGES
from kiosk.sales.types import (
    Finish,
    LineKind,
    Order,
    OrderLine,
    OrderState,
    PackageUse,
    PrintSize,
    Voucher,
    VoucherKind,
)
from kiosk.sending.types import NewPhotosWish, Purpose, Sending, SendingState, Way
from kiosk.staff.told import (
    AuditListed,
    DayFigures,
    HourBar,
    ImportCard,
    OrderRowCard,
    OrderShown,
    OrdersListed,
    OutboxCard,
    OutboxEntry,
    OutboxListed,
    PaperSaved,
    PhotoCard,
    PhotosListed,
    SlipLooked,
    StaffChanged,
    StaffNotice,
    StaffView,
    VoucherMade,
    VouchersListed,
    WishesListed,
)
from kiosk.staff.types import (
    MOST_TRIES,
    RIGHTS,
    AuditAction,
    AuditEntry,
    Decision,
    DecisionAction,
    DecisionKind,
    Refund,
    Role,
    StaffMember,
)
from ui.staff_facade import StaffCommands

NOW = datetime(2026, 11, 20, 1, 24, tzinfo=UTC)
"""08:24 at the venue, a Friday."""
PIN = "4711"
PAGE = 50
SHORT_CODES = "23456789BCDFGHJKLMNPQRSTVWXYZ"
_GLOSSY, _MATTE = Finish.GLOSSY, Finish.MATTE


def at(hour: int, minute: int) -> datetime:
    """A time of the morning at the venue."""
    return datetime(2026, 11, 20, hour, minute, tzinfo=UTC) - timedelta(hours=7)


def _member(staff_id: str, name: str, role: Role, **changes: Any) -> StaffMember:
    return replace(StaffMember(staff_id, name, role, at(5, 0)), **changes)


NOK = _member("nok", "นก", Role.STAFF)
PLOY = _member("ploy", "พลอย", Role.MANAGER)
TOM = _member("tom", "Tom", Role.TECHNICIAN)
SOMCHAI = _member("somchai", "สมชาย", Role.STAFF, is_active=False)
MEMBERS = (NOK, PLOY, TOM, SOMCHAI)

_GIVE, _CONFIRM, _REST = DecisionAction.GIVE_BACK, DecisionAction.CONFIRM, DecisionAction.TAKE_REST
_SLIP, _BANK, _OFF = DecisionAction.SCAN_SLIP, DecisionAction.ASK_BANK, DecisionAction.CALL_OFF


def a_decision(payment_id: str, of: str, kind: DecisionKind, when: datetime, **facts: Any) -> Decision:
    """A payment of an order that waits for staff."""
    usual = Decision(payment_id, f"order-{of[3:].lower()}", of, kind, when, 0, 0)
    return replace(usual, **facts)


TWICE = a_decision(
    "pay-1",
    "K7-2C5W",
    DecisionKind.TWICE,
    at(7, 58),
    due_satang=7946,
    received_satang=15892,
    give_back_satang=7946,
    actions=(_SLIP, _GIVE),
)
LATE = a_decision(
    "pay-2",
    "K7-3H8P",
    DecisionKind.LATE,
    at(8, 9),
    due_satang=29911,
    received_satang=29911,
    give_back_satang=29911,
    late_minutes=4,
    actions=(_GIVE, _CONFIRM),
)
SHORT = a_decision(
    "pay-3",
    "K7-4Q2M",
    DecisionKind.SHORT,
    at(8, 16),
    due_satang=39924,
    received_satang=30000,
    missing_satang=9924,
    give_back_satang=30000,
    actions=(_GIVE, _REST),
)
OVER = a_decision(
    "pay-4",
    "K7-4Q9T",
    DecisionKind.OVER,
    at(8, 19),
    due_satang=39918,
    received_satang=50000,
    give_back_satang=10082,
    actions=(_GIVE,),
)
UNKNOWN = a_decision(
    "pay-5", "K7-4R2X", DecisionKind.UNKNOWN, at(8, 20), due_satang=7952, actions=(_OFF, _SLIP, _BANK)
)
WAITING = a_decision(
    "pay-6",
    "K7-4R3Y",
    DecisionKind.WAITING,
    at(8, 22),
    due_satang=19900,
    has_slip=True,
    actions=(_OFF, _SLIP, _CONFIRM),
)
DECISIONS = (TWICE, LATE, SHORT)


def a_row(code: str, when: datetime, photos: int, satang: int, state: str, **changes: Any) -> OrderRowCard:
    """A line of the list of orders."""
    usual = OrderRowCard(f"order-{code[3:].lower()}", code, when, photos, 0, 0, satang, "", state)
    return replace(usual, **changes)


LATEST = (
    a_row("K7-4R1D", at(8, 22), 10, 49937, "sending", package_key="package.popular"),
    a_row("K7-4Q9T", at(8, 19), 5, 39918, "printing", sheets=2, sheets_done=1),
    a_row("K7-4Q2M", at(8, 16), 5, 39924, "to_decide", sheets=2),
    a_row("K7-4P6B", at(8, 12), 1, 7952, "handed_out"),
    a_row("K7-4N8F", at(8, 10), 12, 149900, "handed_out", package_key="package.unlimited"),
    a_row("K7-3H8P", at(8, 5), 3, 29911, "to_decide"),
    a_row("K7-3G4C", at(8, 1), 2, 22000, "print_held", sheets=3),
    a_row("K7-2C5W", at(7, 58), 1, 7946, "handed_out"),
)


def many_orders(count: int) -> list[OrderRowCard]:
    """The newest first, one each few seconds, in all states."""
    states = ("handed_out",) * 6 + ("sending", "printing", "to_decide", "awaiting", "cancelled", "refunded")
    rows = []
    for number in range(count):
        base = len(SHORT_CODES)
        code = "".join(SHORT_CODES[number // base**power % base] for power in (3, 2, 1, 0))
        state = states[number % len(states)]
        photos, sheets = 1 + number * 7 % 12, 2 if state == "printing" else number * 5 % 4 * (number % 3 == 0)
        rows.append(
            OrderRowCard(
                f"order-{number}",
                f"K7-{code}",
                NOW - timedelta(seconds=40 * number),
                photos,
                sheets,
                sheets // 2,
                7900 * photos + number % 100,
                "package.popular" if photos == 10 else "",
                state,
            )
        )
    return rows


PRINTERS = (
    PrinterStatus("A", PrinterState.PRINTING, ink_percent=62),
    PrinterStatus("B", PrinterState.PAPER_EMPTY, ("media-empty",), is_paused=True),
)
SUPPLIES = (
    Supply("10x15/glossy", 284, 40, 4, at(5, 30)),
    Supply("13x18/glossy", 96, 20, 4, at(5, 30)),
    Supply("20x25/matte", 6, 10, 2, at(5, 30)),
)


def a_job(job_id: str, of: str, state: PrintState, **changes: Any) -> PrintJob:
    """A print job of an order."""
    usual = PrintJob(
        job_id=job_id,
        order_id=f"order-{of[3:].lower()}",
        line_id=f"line-{job_id}",
        order_code=of,
        photo_id="photo-3",
        paper=Paper(PrintSize.S10X15, _GLOSSY),
        copies=2,
        state=state,
        created_at=at(8, 2),
        changed_at=at(8, 4),
        queue="A",
    )
    return replace(usual, **changes)


HELD = (
    a_job("job-1", "K7-3G4C", PrintState.HELD, code="R-105", copies=3),
    a_job("job-2", "K7-2Z7K", PrintState.HELD, code="R-109", copies=1, paper=Paper(PrintSize.S20X25, _MATTE)),
)
TODAY = DayFigures(
    day=date(2026, 11, 20),
    satang=1841200,
    orders=46,
    delivered=44,
    printing=2,
    digital=251,
    prints=36,
    visitors=93,
    found=81,
    not_found=12,
    hours=(HourBar(5, 4, 99600), HourBar(6, 17, 634500), HourBar(7, 19, 812400), HourBar(8, 6, 294700)),
)
OUTBOX = OutboxCard(
    has_centre=True, since=at(7, 55), waiting=12, oldest_at=at(7, 55), parked=1, messages_waiting=0
)
IMPORTS = ImportCard(
    photos=12480,
    to_approve=23,
    is_running=True,
    done=480,
    total=516,
    unreadable=4,
    last_at=at(8, 21),
    watch_folder="/srv/photos/run-2026",
)


def a_staff_view(member: StaffMember | None = NOK, **changes: Any) -> StaffView:
    """The desk as it stands at 08:24 for somebody, or closed to whoever has not signed in."""
    usual = StaffView(
        is_open=True,
        language=Language.ENGLISH,
        event_name="Riverside Run 2026",
        event_name_th="งานวิ่งริมน้ำ 2569",
        members=MEMBERS,
        updated_at=NOW,
    )
    if member is not None:
        usual = replace(
            usual,
            who=member,
            rights=RIGHTS[member.role],
            today=TODAY,
            decisions=DECISIONS,
            latest=LATEST,
            printers=PRINTERS,
            supplies=SUPPLIES,
            held_prints=HELD,
            outbox=OUTBOX,
            imports=IMPORTS,
            wishes=3,
        )
    return replace(usual, **changes)


def _digital(number: int) -> OrderLine:
    return OrderLine(f"line-{number}", LineKind.DIGITAL, f"photo-{number}")


ORDER = Order(
    order_id="order-4q9t",
    code="K7-4Q9T",
    event_id="run",
    language="th",
    state=OrderState.PAID,
    lines=(
        *(_digital(number) for number in (2, 3, 6, 9, 10)),
        OrderLine("line-p", LineKind.PRINT, "photo-3", 10000, PrintSize.S10X15, _GLOSSY, 2),
    ),
    total_satang=39918,
    discount_satang=5000,
    created_at=at(8, 18),
    paid_at=at(8, 19),
    voucher_code="RUN50",
    packages=(PackageUse(STANDARD_PACKAGES.packages[1], 1),),
    kiosk_id="kiosk-7",
)


def _sent(sending_id: str, way: Way, state: SendingState, shown_to: str, **changes: Any) -> Sending:
    usual = Sending(
        sending_id=sending_id,
        order_id=ORDER.order_id,
        order_code=ORDER.code,
        way=way,
        purpose=Purpose.PHOTOS,
        language=Language.THAI,
        state=state,
        created_at=at(8, 19),
        due_at=at(8, 19),
        shown_to=shown_to,
    )
    return replace(usual, **changes)


SHOWN = OrderShown(
    order=ORDER,
    payments=(
        Payment(
            payment_id="pay-4",
            order_id=ORDER.order_id,
            idempotency_key="key-4",
            gateway="paynoi",
            state=PaymentState.OVER,
            amount_satang=39900,
            due_satang=39918,
            received_satang=50000,
            created_at=at(8, 18),
            settled_at=at(8, 19),
        ),
    ),
    prints=(
        a_job("job-5", "K7-4Q9T", PrintState.PRINTED, sheets_done=2),
        a_job("job-6", "K7-4Q9T", PrintState.HELD, code="R-105", paper=Paper(PrintSize.S13X18, _GLOSSY)),
    ),
    sendings=(
        _sent("send-1", Way.LINE, SendingState.SENT, "", sent_at=at(8, 19)),
        _sent("send-2", Way.MAIL, SendingState.FAILED, "s…@example.com", code="M-102", attempts=1),
    ),
    refunds=(Refund("ref-1", ORDER.order_id, "pay-4", 10082, "จ่ายเกิน", "นก", at(8, 21)),),
    link_until=datetime(2026, 12, 20, 1, 0, tzinfo=UTC),
    downloads=3,
    can_reprint=True,
    can_resend=True,
    can_refund=True,
    refundable_satang=39918,
    photo_ids=("photo-2", "photo-3", "photo-6", "photo-9", "photo-10"),
)
VOUCHERS = (
    Voucher("RUN50", VoucherKind.AMOUNT, 5000, use_limit=200, used=37, valid_until=at(23, 0)),
    Voucher("SPONSOR10", VoucherKind.PERCENT, 10, use_limit=None, used=12),
    Voucher("CREW-7F3K", VoucherKind.FREE, 0, use_limit=1, used=1, valid_until=at(20, 0)),
    Voucher("CREW-9M2P", VoucherKind.FREE, 0, use_limit=1, used=0, valid_until=at(20, 0)),
)
DISCOUNTS = {"RUN50": 185000, "SPONSOR10": 42680, "CREW-7F3K": 49900}
ENTRIES = (
    OutboxEntry(
        "parked", "out-1", at(7, 40), "order", "N-109", "The centre refused it.", "Look at the order.", 1
    ),
    OutboxEntry("notice", "note-1", at(7, 50), "order", "S-118"),
    OutboxEntry("sending", "send-2", at(8, 19), "mail.failed", "M-102", "K7-4Q9T s…@example.com", attempts=1),
    OutboxEntry("sending", "send-7", at(8, 20), "line.waiting", "M-109", "K7-4R1D", attempts=3),
    *(OutboxEntry("waiting", f"out-{number}", at(7, 55), "order") for number in range(2, 8)),
)
PHOTOS = tuple(
    PhotoCard(
        f"photo-{number}", 1200 + number, f"IMG_{4200 + number}.jpg", at(6, number % 60), "Nok", number % 4
    )
    for number in range(1, 24)
)
WISHES = tuple(
    NewPhotosWish(
        wish_id=f"wish-{number}",
        order_id=f"order-{code.lower()}",
        order_code=f"K7-{code}",
        event_id="run",
        way=way,
        language=Language.THAI,
        consent_version="2026-11",
        agreed_at=at(7, 10 + number),
        until=datetime(2026, 12, 20, 1, 0, tzinfo=UTC),
        shown_to=shown_to,
        photos_added=added,
    )
    for number, (code, way, shown_to, added) in enumerate(
        [("4N8F", Way.LINE, "", 4), ("3D7R", Way.MAIL, "p…@example.com", 0), ("2X9B", Way.LINE, "", 1)]
    )
)


def audit(count: int) -> tuple[AuditEntry, ...]:
    """Lines of the log, the newest first."""
    done = (
        (NOK, AuditAction.SIGNED_IN, "", {}),
        (NOK, AuditAction.SUPPLY_COUNTED, "20x25/matte", {"left": "6"}),
        (NOK, AuditAction.REFUNDED, "K7-4Q9T", {"satang": "10082", "reason": "จ่ายเกิน"}),
        (NOK, AuditAction.PAYMENT_CONFIRMED, "K7-3F2M", {"how": "confirm"}),
        (PLOY, AuditAction.VOUCHER_MADE, "CREW-9M2P", {"kind": "free", "uses": "1"}),
        (None, AuditAction.SIGN_IN_FAILED, "Tom", {}),
        (TOM, AuditAction.SETTINGS_CHANGED, "printing.warn_at", {"before": "8", "after": "10"}),
        (TOM, AuditAction.PRINTER_RESUMED, "B", {}),
        (PLOY, AuditAction.FAILED, "close_day", {"code": "Q-102"}),
    )
    lines = []
    for number in range(count):
        who, action, subject, detail = done[number % len(done)]
        lines.append(
            AuditEntry(
                audit_id=count - number,
                at=NOW - timedelta(minutes=3 * number),
                staff_id=who.staff_id if who else "",
                staff_name=who.name if who else "",
                action=action,
                subject=subject,
                detail=detail,
                hash="",
            )
        )
    return tuple(lines)


class FakeStaff:
    """Obeys ui.staff_facade.StaffCommands; `calls` holds (command, arguments) in order. Signing in with `PIN`
    opens the desk; what is asked for is answered at once from `orders`, `shown` and the samples above."""

    def __init__(self, view: StaffView | None = None, bus: EventBus | None = None) -> None:
        self.bus = bus or EventBus()
        self.view = view or replace(a_staff_view(None), is_open=False)
        self.calls: list[tuple[Any, ...]] = []
        self.orders: list[OrderRowCard] = list(LATEST)
        self.shown = SHOWN
        self.log = audit(120)

    def publish(self, event: Event) -> None:
        """As if the desk had published it."""
        self.bus.publish(event)

    def show(self, view: StaffView) -> None:
        """The desk stands like this now."""
        self.view = view
        self.bus.publish(StaffChanged(view))

    def tell(self, key: str, code: str = "", **params: str) -> None:
        """A sentence for staff."""
        self.show(replace(self.view, notice=StaffNotice(key, code, params)))

    def __getattr__(self, command: str) -> Callable[..., None]:
        real = inspect.signature(getattr(StaffCommands, command))
        answer = _ANSWERS.get(command)

        def note(*arguments: Any, **named: Any) -> None:
            bound = real.bind(self, *arguments, **named)
            self.calls.append((command, *bound.args[1:]))
            if answer is not None:
                answer(self, *bound.args[1:])

        return note


def _opened(staff: FakeStaff) -> None:
    staff.show(replace(staff.view, is_open=True))


def _closed(staff: FakeStaff) -> None:
    view = a_staff_view(None, language=staff.view.language)
    staff.show(replace(view, is_open=False))


def _signed_in(staff: FakeStaff, staff_id: str, pin: str) -> None:
    member = next(one for one in staff.view.members if one.staff_id == staff_id)
    if pin == PIN:
        staff.show(replace(a_staff_view(member), language=staff.view.language))
        return
    left = MOST_TRIES - member.failed_tries - 1
    notice = StaffNotice("staff.error.K-101", "K-101", {"n": str(left)})
    wrong = replace(member, failed_tries=member.failed_tries + 1)
    members = tuple(wrong if one is member else one for one in staff.view.members)
    staff.show(replace(staff.view, members=members, notice=notice))


def _spoken(staff: FakeStaff, language: Language) -> None:
    staff.show(replace(staff.view, language=language))


def _found(staff: FakeStaff, text: str = "", state: str = "", offset: int = 0) -> None:
    found = [row for row in staff.orders if text in row.code and state in ("", row.state)]
    rows = tuple(found[offset : offset + PAGE])
    staff.publish(OrdersListed(text, state, offset, rows, len(found) > offset + PAGE))


def _looked_through(staff: FakeStaff, before_id: int | None = None) -> None:
    lines = [line for line in staff.log if before_id is None or line.audit_id < before_id]
    staff.publish(AuditListed(tuple(lines[:PAGE]), len(lines) > PAGE))


def _made(staff: FakeStaff, kind: VoucherKind, value: int, count: int, uses: int, days: int) -> None:
    until = NOW + timedelta(days=days)
    staff.publish(
        VoucherMade(
            tuple(
                Voucher(f"CREW-{number + 1}ABC", kind, value, valid_until=until, use_limit=uses)
                for number in range(count)
            )
        )
    )


_ANSWERS: dict[str, Callable[..., None]] = {
    "open": _opened,
    "close": _closed,
    "sign_in": _signed_in,
    "show_language": _spoken,
    "clear_notice": lambda staff: staff.show(replace(staff.view, notice=None)),
    "find_orders": _found,
    "show_order": lambda staff, order_id: staff.publish(
        replace(staff.shown, order=replace(staff.shown.order, order_id=order_id))
    ),
    "scan_slip": lambda staff, payment_id: staff.publish(SlipLooked("looking", payment_id)),
    "list_vouchers": lambda staff: staff.publish(VouchersListed(VOUCHERS, DISCOUNTS)),
    "make_vouchers": _made,
    "list_photos": lambda staff: staff.publish(PhotosListed(PHOTOS, len(PHOTOS))),
    "list_outbox": lambda staff: staff.publish(OutboxListed(ENTRIES)),
    "list_wishes": lambda staff: staff.publish(WishesListed(WISHES)),
    "list_audit": _looked_through,
    "close_day": lambda staff, day: staff.publish(PaperSaved("day", f"/srv/kiosk/reports/day-{day}.pdf")),
    "save_payouts": lambda staff, first, last: staff.publish(
        PaperSaved("payouts", f"/srv/kiosk/reports/payouts-{first}-{last}.csv")
    ),
    "print_vouchers": lambda staff, codes: staff.publish(
        PaperSaved("vouchers", str(Path("/srv/kiosk/reports") / f"vouchers-{len(codes)}.pdf"))
    ),
}
