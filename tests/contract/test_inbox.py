"""What kiosks tell the centre, on SQLite and on PostgreSQL: once, in order, each within its tenant."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kiosk.central.centre import Centre
from kiosk.central.inbox import Inbox
from kiosk.central.principal import Principal, Role
from kiosk.central.taking import handlers
from kiosk.clock import ManualClock, SystemClock
from kiosk.database.central_tables import DeviceRow, TenantRow
from kiosk.database.charges import SqlCharges
from kiosk.database.engine import Database
from kiosk.database.feed import SqlFeed
from kiosk.database.notices import SqlNotices
from kiosk.database.people_tables import PersonRow, VisitRow
from kiosk.database.records import write_event
from kiosk.database.sync_tables import DeletionRow, InboxRow
from kiosk.database.tables import ConsentRow, EventRow, FeedbackRow, OrderRow, PaymentRow, VoucherRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.charge import Charge, ChargeStatus
from kiosk.sync.record_parts import Record
from kiosk.sync.records import FeedbackRecord, HealthRecord, Kind, OrderRecord
from kiosk.sync.wire import Answer, unpack_page
from tests.sync_records import (
    NOW,
    a_consent,
    a_message,
    a_payment,
    a_person,
    a_photo,
    a_visit,
    a_voucher,
    an_event,
    an_order,
    paid,
)

TENANT, OTHER = "tenant-a", "tenant-b"
KIOSK = Principal("kiosk-1", TENANT, Role.DEVICE)
SECOND = Principal("kiosk-2", TENANT, Role.DEVICE)
STRANGER = Principal("kiosk-9", OTHER, Role.DEVICE)


@pytest.fixture
def database(central_database: Database) -> Database:
    """Of two tenants with two kiosks and one, each with an event."""
    with central_database.writing() as session:
        for tenant_id in (TENANT, OTHER):
            session.add(TenantRow(tenant_id=tenant_id, name=tenant_id, created_at=NOW))
            write_event(session, an_event(f"run-{tenant_id}"), tenant_id)
        session.flush()
        for place, who in enumerate((KIOSK, SECOND, STRANGER)):
            session.add(
                DeviceRow(
                    device_id=who.subject,
                    tenant_id=who.tenant_id,
                    name=who.subject,
                    code_prefix=f"K{place}",
                    key_hash="",
                    enrolled_at=NOW,
                    health="{}",
                )
            )
    return central_database


class Followed:
    """Stands where what hangs on orders is called, and remembers of which."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, str]] = []

    def __call__(self, _session: Session, order: OrderRow, _at: datetime) -> None:
        self.orders.append((order.order_id, order.state))


@pytest.fixture
def followed() -> Followed:
    return Followed()


def inbox_on(database: Database, followed: Followed) -> Inbox:
    centre = SimpleNamespace(database=database, clock=SystemClock())
    return Inbox(cast(Centre, centre), handlers(followed))


@pytest.fixture
def inbox(database: Database, followed: Followed) -> Inbox:
    return inbox_on(database, followed)


_numbers = iter(range(10**9))


def told(inbox: Inbox, who: Principal, kind: Kind | str, record: Record | dict[str, Any]) -> Answer:
    """The answer to a message that was not sent before."""
    (answer,) = inbox.take(who, [a_message(f"message-{next(_numbers)}", kind, record)])
    return answer


def rows(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def changed(database: Database, tenant_id: str = TENANT) -> list[tuple[str, str]]:
    packed = SqlFeed(database).page(tenant_id, 0)
    return [(change.kind, change.key) for change in unpack_page(packed.data).changes]


OWN_EVENT, OTHER_EVENT = f"run-{TENANT}", f"run-{OTHER}"


def test_an_order_is_taken_with_all_that_hangs_on_it_and_told_to_the_kiosks(
    inbox: Inbox, database: Database, followed: Followed
) -> None:
    order = an_order("order-1", OWN_EVENT, KIOSK.subject)
    assert told(inbox, KIOSK, "order", order).is_taken
    with database.reading() as session:
        row = session.get_one(OrderRow, "order-1")
        assert (row.tenant_id, row.kiosk_id, row.state) == (TENANT, KIOSK.subject, "awaiting_payment")
    assert changed(database) == [("order", "order-1")]
    assert followed.orders == [("order-1", "awaiting_payment")]
    before = SqlFeed(database).last_revision(TENANT)
    assert told(inbox, KIOSK, "order", order).is_taken
    assert SqlFeed(database).last_revision(TENANT) == before, "nothing new is told of"


def test_only_the_kiosk_that_made_an_order_moves_its_open_payment(inbox: Inbox, database: Database) -> None:
    told(inbox, KIOSK, "order", an_order("order-1", OWN_EVENT, KIOSK.subject))
    unknown = a_payment("order-1-payment", state="unknown")
    later = an_order("order-1", OWN_EVENT, KIOSK.subject, payments=(unknown,))

    def state() -> str:
        with database.reading() as session:
            return session.get_one(PaymentRow, "order-1-payment").state

    assert told(inbox, SECOND, "order", later).is_taken
    assert state() == "pending"
    assert told(inbox, KIOSK, "order", later).is_taken
    assert state() == "unknown"


def test_an_order_paid_at_two_kiosks_is_told_to_staff_once(inbox: Inbox, database: Database) -> None:
    states = {"state": "paid", "paid_at": NOW}
    first = an_order("order-1", OWN_EVENT, KIOSK.subject, payments=(paid("pay-1"),), **states)
    second = an_order(
        "order-1",
        OWN_EVENT,
        KIOSK.subject,
        payments=(paid("pay-2", created_at=NOW + timedelta(minutes=1)),),
        **states,
    )
    for who, order in ((KIOSK, first), (SECOND, second), (KIOSK, first), (SECOND, second)):
        assert told(inbox, who, "order", order).is_taken
    (notice,) = SqlNotices(database, tenant_id=TENANT).open_notices()
    assert (notice.code, notice.subject) == (ErrorCode.PAYMENT_TWICE, "pay-2")
    assert "K1-4Q2M" in notice.detail
    assert "79 baht" in notice.next_step
    assert ("notice", notice.notice_id) in changed(database)


def confirmed(staff: str, minutes: int, **changes: Any) -> OrderRecord:
    """Order order-1, whose only payment was confirmed so many minutes after now."""
    at = NOW + timedelta(minutes=minutes)
    payment = paid("pay-1", confirmed_by=staff, settled_at=at, **changes)
    return an_order("order-1", OWN_EVENT, KIOSK.subject, payments=(payment,), state="paid", paid_at=at)


@pytest.mark.parametrize("is_bob_first", [False, True])
def test_a_payment_that_staff_confirmed_at_two_kiosks_is_told_to_staff_once(
    inbox: Inbox, database: Database, is_bob_first: bool
) -> None:
    both = [(KIOSK, confirmed("Ann", 1)), (SECOND, confirmed("Bob", 2, received_satang=7924))]
    for who, order in reversed(both) if is_bob_first else both:
        assert told(inbox, who, "order", order).is_taken
    notices = SqlNotices(database, tenant_id=TENANT)
    (notice,) = notices.open_notices()
    assert (notice.code, notice.subject) == (ErrorCode.PAYMENT_CONFIRMED_TWICE, "pay-1")
    assert notice.detail == (
        "The same payment of order K1-4Q2M was confirmed twice: Ann confirmed 79.00 baht, "
        "Bob confirmed 79.24 baht."
    )
    assert ("notice", notice.notice_id) in changed(database)
    with database.reading() as session:
        assert session.get_one(PaymentRow, "pay-1").confirmed_by == "Bob", "whoever is heard first"
    notices.settle(notice.notice_id)
    for who, order in both:
        assert told(inbox, who, "order", order).is_taken
    assert notices.open_notices() == []


def test_one_of_the_staff_who_confirms_at_two_kiosks_is_told_of(inbox: Inbox, database: Database) -> None:
    told(inbox, KIOSK, "order", confirmed("Ann", 1))
    told(inbox, SECOND, "order", confirmed("Ann", 2))
    (notice,) = SqlNotices(database, tenant_id=TENANT).open_notices()
    assert notice.code == ErrorCode.PAYMENT_CONFIRMED_TWICE


def test_confirmations_that_know_of_each_other_are_no_news_for_staff(
    inbox: Inbox, database: Database
) -> None:
    """Short money that somebody else accepts keeps its time, and so does what the bank adds."""
    for order in (
        confirmed("Ann", 1, state="short", received_satang=5000),
        confirmed("Bob", 1),
        confirmed("Bob", 1),
        confirmed("Bob", 1, received_satang=7924),
    ):
        assert told(inbox, KIOSK, "order", order).is_taken
    assert SqlNotices(database, tenant_id=TENANT).open_notices() == []


def a_charge(database: Database, tenant_id: str = TENANT) -> SqlCharges:
    """The bank was asked for the payment of order-1, and has not said yet whether it came."""
    charge = Charge("charge-1", tenant_id, KIOSK.subject, "pay-1-key", "K1-4Q2M", 7900, NOW)
    charges = SqlCharges(database)
    charges.begin(replace(charge, status=ChargeStatus.PENDING, due_satang=7900))
    return charges


def ends(charges: SqlCharges, status: ChargeStatus, received_satang: int = 0) -> None:
    charges.change("charge-1", lambda known: replace(known, status=status, received_satang=received_satang))


@pytest.mark.parametrize("is_charge_first", [False, True])
@pytest.mark.parametrize(
    ("status", "received_satang", "bank_has"),
    [
        (ChargeStatus.EXPIRED, 0, "none"),
        (ChargeStatus.FAILED, 0, "none"),
        (ChargeStatus.COMPLETED, 5000, "50.00 baht"),
    ],
)
def test_money_that_staff_confirmed_and_the_bank_does_not_have_is_told_to_staff_once(
    inbox: Inbox,
    database: Database,
    status: ChargeStatus,
    received_satang: int,
    bank_has: str,
    is_charge_first: bool,
) -> None:
    charges, order = a_charge(database), confirmed("Ann", 1, gateway="central")
    steps = [lambda: told(inbox, KIOSK, "order", order), lambda: ends(charges, status, received_satang)]
    notices = SqlNotices(database, tenant_id=TENANT)
    for step in reversed(steps) if is_charge_first else steps:
        assert notices.open_notices() == []
        step()
    (notice,) = notices.open_notices()
    assert (notice.code, notice.subject) == (ErrorCode.PAYMENT_NOT_AT_BANK, "pay-1")
    assert notice.detail == f"Order K1-4Q2M: staff confirmed 79.00 baht, the bank has {bank_has}."
    assert ("notice", notice.notice_id) in changed(database)
    notices.settle(notice.notice_id)
    told(inbox, KIOSK, "order", order)
    ends(charges, ChargeStatus.COMPLETED, 7900)
    told(inbox, KIOSK, "order", order)
    assert notices.open_notices() == []


@pytest.mark.parametrize(
    ("gateway", "confirmed_by", "status", "received_satang", "tenant_id"),
    [
        ("central", "Ann", ChargeStatus.COMPLETED, 7900, TENANT),
        ("central", "Ann", ChargeStatus.UNKNOWN, 0, TENANT),
        ("central", "Ann", ChargeStatus.REFUSED, 0, TENANT),
        ("central", None, ChargeStatus.EXPIRED, 0, TENANT),
        ("promptpay", "Ann", ChargeStatus.EXPIRED, 0, TENANT),
        ("central", "Ann", ChargeStatus.EXPIRED, 0, OTHER),
    ],
)
def test_staff_whom_the_bank_does_not_contradict_hear_nothing(
    inbox: Inbox,
    database: Database,
    gateway: str,
    confirmed_by: str | None,
    status: ChargeStatus,
    received_satang: int,
    tenant_id: str,
) -> None:
    charges = a_charge(database, tenant_id)
    payment = paid("pay-1", gateway=gateway, confirmed_by=confirmed_by)
    order = an_order("order-1", OWN_EVENT, KIOSK.subject, payments=(payment,), state="paid", paid_at=NOW)
    told(inbox, KIOSK, "order", order)
    ends(charges, status, received_satang)
    told(inbox, KIOSK, "order", order)
    assert SqlNotices(database, tenant_id=TENANT).open_notices() == []


def test_an_order_of_before_kiosks_had_ids_is_of_the_kiosk_that_tells_of_it(
    inbox: Inbox, database: Database
) -> None:
    assert told(inbox, KIOSK, "order", an_order("order-1", OWN_EVENT, "")).is_taken
    with database.reading() as session:
        assert session.get_one(OrderRow, "order-1").kiosk_id == KIOSK.subject


def test_a_message_that_comes_five_times_at_once_is_taken_once(
    database: Database, open_again: Callable[[], Database], followed: Followed
) -> None:
    barrier, answers, failures = threading.Barrier(5), [], []
    message = a_message("message-x", "order", an_order("order-1", OWN_EVENT, KIOSK.subject))

    def send(inbox: Inbox) -> None:
        try:
            barrier.wait()
            answers.extend(inbox.take(KIOSK, [message]))
        except BaseException as failed:  # noqa: BLE001 - told by the main thread
            failures.append(failed)

    inboxes = [inbox_on(open_again(), followed) for _ in range(5)]
    threads = [threading.Thread(target=send, args=(one,)) for one in inboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert answers == [Answer(message_id="message-x", is_taken=True)] * 5
    assert followed.orders == [("order-1", "awaiting_payment")]
    assert rows(database, InboxRow) == 1


def test_two_kiosks_that_tell_of_one_new_order_at_once_are_both_heard(
    database: Database, open_again: Callable[[], Database], followed: Followed
) -> None:
    answers, failures = [], []

    def send(inbox: Inbox, who: Principal, barrier: threading.Barrier, name: str) -> None:
        try:
            barrier.wait()
            payments = (a_payment(f"{name}-{who.subject}"),)
            answers.append(
                told(inbox, who, "order", an_order(name, OWN_EVENT, KIOSK.subject, payments=payments))
            )
        except BaseException as failed:  # noqa: BLE001
            failures.append(failed)

    inboxes = {who: inbox_on(open_again(), followed) for who in (KIOSK, SECOND)}
    for number in range(10):
        barrier = threading.Barrier(2)
        threads = [
            threading.Thread(target=send, args=(inboxes[who], who, barrier, f"order-{number}"))
            for who in (KIOSK, SECOND)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert [answer for answer in answers if not answer.is_taken] == []
    assert rows(database, OrderRow) == 10
    assert rows(database, PaymentRow) == 20


def test_answers_are_kept_for_two_months(database: Database, followed: Followed) -> None:
    clock = ManualClock(NOW)
    centre = SimpleNamespace(database=database, clock=clock)
    inbox = Inbox(cast(Centre, centre), handlers(followed))
    assert told(inbox, KIOSK, Kind.CONSENT, a_consent("old", OWN_EVENT)).is_taken
    clock.advance(59 * 24 * 3600)
    assert told(inbox, KIOSK, Kind.CONSENT, a_consent("new", OWN_EVENT)).is_taken
    assert inbox.prune() == 0
    clock.advance(2 * 24 * 3600)
    assert inbox.prune() == 1
    assert rows(database, InboxRow) == 1


def test_a_kiosks_own_event_has_its_sales_at_the_centre_and_is_no_news_to_other_kiosks(
    inbox: Inbox, database: Database
) -> None:
    before = changed(database)
    assert told(inbox, KIOSK, Kind.EVENT, an_event("own", name="Own")).is_taken
    assert told(inbox, SECOND, Kind.EVENT, an_event("own", name="Another name")).is_taken
    assert changed(database) == before
    assert told(inbox, KIOSK, Kind.ORDER, an_order("o", "own", KIOSK.subject)).is_taken
    with database.reading() as session:
        assert session.get_one(EventRow, "own").name == "Own"


@pytest.mark.parametrize(
    ("kind", "record", "code"),
    [
        ("order", {"order_id": "x"}, ErrorCode.RECORD_INVALID),
        ("moon", {}, ErrorCode.RECORD_INVALID),
        ("event", an_event(OTHER_EVENT), ErrorCode.EVENT_UNKNOWN),
        ("photo", a_photo("run", 1).model_dump(mode="json"), ErrorCode.MESSAGE_REFUSED),
        ("order", an_order("o", "nowhere", KIOSK.subject), ErrorCode.EVENT_UNKNOWN),
        ("order", an_order("o", OTHER_EVENT, KIOSK.subject), ErrorCode.EVENT_UNKNOWN),
        ("consent", a_consent("c", OTHER_EVENT), ErrorCode.EVENT_UNKNOWN),
        ("voucher", a_voucher("FREE", SECOND.subject), ErrorCode.VOUCHER_ELSEWHERE),
        ("voucher", a_voucher("FREE"), ErrorCode.VOUCHER_ELSEWHERE),
        ("voucher", a_voucher("FREE", KIOSK.subject, event_id=OTHER_EVENT), ErrorCode.EVENT_UNKNOWN),
        (
            "order",
            an_order("o", OWN_EVENT, KIOSK.subject, lines=an_order("o", "run", "").lines * 2),
            ErrorCode.RECORD_INVALID,
        ),
        (
            "person",
            a_person("p", faces=(a_person("p").faces[0].model_copy(update={"embedding": b"abc"}),)),
            ErrorCode.RECORD_INVALID,
        ),
        (
            "health",
            {"at": "0001-01-01T00:00:00+14:00", "version": "", "facts": {}},
            ErrorCode.RECORD_INVALID,
        ),
        ("health", {"at": NOW.isoformat(), "version": "a\x00", "facts": {}}, ErrorCode.RECORD_INVALID),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_code_and_stays_so(
    inbox: Inbox, database: Database, kind: str, record: Record | dict[str, Any], code: ErrorCode
) -> None:
    message = a_message("message-x", kind, record)
    (answer,) = inbox.take(KIOSK, [message])
    assert (answer.is_taken, answer.code) == (False, code)
    assert answer.detail
    assert inbox.take(KIOSK, [message]) == [answer]
    good = a_message("message-x", "order", an_order("order-1", OWN_EVENT, KIOSK.subject))
    assert inbox.take(KIOSK, [good]) == [answer], "what was refused under an id stays refused"
    for table in (OrderRow, VoucherRow, ConsentRow, PersonRow):
        assert rows(database, table) == 0
    assert changed(database) == []
    assert inbox.take(SECOND, [good])[0].is_taken, "another device's message of this id is another one"


def test_refusing_one_message_keeps_the_others(inbox: Inbox, database: Database) -> None:
    answers = inbox.take(
        KIOSK,
        [
            a_message("1", "order", an_order("order-1", OWN_EVENT, KIOSK.subject)),
            a_message("2", "order", {}),
            a_message("3", "visit", a_visit("visit-1", KIOSK.subject)),
        ],
    )
    assert [(answer.message_id, answer.is_taken) for answer in answers] == [
        ("1", True),
        ("2", False),
        ("3", True),
    ]


def test_a_database_that_fails_in_the_middle_leaves_that_message_untold_and_the_ones_before_it_taken(
    database: Database,
) -> None:
    fails = [True]

    def follow(_session: Session, order: OrderRow, _at: datetime) -> None:
        if order.order_id == "order-2" and fails[0]:
            raise KnownError(ErrorCode.DATABASE_UNREACHABLE, "The database does not answer.")

    centre = cast(Centre, SimpleNamespace(database=database, clock=SystemClock()))
    inbox = Inbox(centre, handlers(follow))
    messages = [
        a_message(
            f"m{number}",
            "order",
            an_order(f"order-{number}", OWN_EVENT, KIOSK.subject, payments=(a_payment(f"pay-{number}"),)),
        )
        for number in (1, 2, 3)
    ]
    with pytest.raises(KnownError) as failed:
        inbox.take(KIOSK, messages)
    assert failed.value.code is ErrorCode.DATABASE_UNREACHABLE
    assert changed(database) == [("order", "order-1")]
    assert rows(database, InboxRow) == rows(database, OrderRow) == 1
    fails[0] = False
    assert all(answer.is_taken for answer in inbox.take(KIOSK, messages))
    assert [key for _, key in changed(database)] == ["order-1", "order-2", "order-3"]


def test_nothing_of_another_tenant_is_changed_or_told_apart_from_what_does_not_exist(
    inbox: Inbox, database: Database
) -> None:
    order = an_order("order-1", OWN_EVENT, KIOSK.subject)
    for kind, record in (
        ("order", order),
        ("consent", a_consent("consent-1", OWN_EVENT)),
        ("visit", a_visit("visit-1", KIOSK.subject)),
        ("person", a_person("person-1")),
        ("voucher", a_voucher("FREE", KIOSK.subject)),
    ):
        assert told(inbox, KIOSK, kind, record).is_taken
    before = changed(database)

    refused = told(inbox, STRANGER, "order", order)
    unknown = told(inbox, STRANGER, "order", an_order("nowhere", "nowhere", STRANGER.subject))
    assert refused.code == ErrorCode.ORDER_UNKNOWN
    assert unknown.code == ErrorCode.EVENT_UNKNOWN
    withdrawn = a_consent("consent-1", OTHER_EVENT, withdrawn_at=NOW)
    ended = a_visit("visit-1", STRANGER.subject, ended_at=NOW, revision=9)
    assert told(inbox, STRANGER, "consent", withdrawn).code == ErrorCode.RECORD_INVALID
    assert told(inbox, STRANGER, "visit", ended).code == ErrorCode.RECORD_INVALID
    assert told(inbox, STRANGER, "person", a_person("person-1", name="X")).code == ErrorCode.RECORD_INVALID
    said = FeedbackRecord(event_id=OWN_EVENT, photo_id="p", ordinal=1, said_at=NOW)
    assert told(inbox, STRANGER, "feedback", said).is_taken
    assert rows(database, FeedbackRow) == 0

    assert told(inbox, STRANGER, "voucher", a_voucher("FREE", STRANGER.subject)).is_taken, "codes are theirs"
    with database.reading() as session:
        assert session.get_one(ConsentRow, "consent-1").withdrawn_at is None
        assert session.get_one(VisitRow, "visit-1").ended_at is None
        assert session.get_one(PersonRow, "person-1").name == "Malee"
        assert session.get_one(VoucherRow, (TENANT, "FREE")).home_kiosk_id == KIOSK.subject
    assert changed(database) == before


def test_a_consent_is_what_all_that_was_told_of_it_says(inbox: Inbox, database: Database) -> None:
    def at(minutes: int) -> datetime:
        return NOW + timedelta(minutes=minutes)

    for changes in (
        {"agreed_at": at(1), "face_deleted_at": at(2)},
        {"agreed_at": at(0), "withdrawn_at": at(5), "face_deleted_at": at(5)},
        {"agreed_at": at(1), "withdrawn_at": at(4), "face_deleted_at": at(3)},
        {"agreed_at": at(1)},
    ):
        assert told(inbox, KIOSK, "consent", a_consent("consent-1", OWN_EVENT, **changes)).is_taken
    with database.reading() as session:
        row = session.get_one(ConsentRow, "consent-1")
        assert (row.agreed_at, row.withdrawn_at, row.face_deleted_at) == (at(0), at(4), at(5))
        assert row.tenant_id == TENANT


def test_feedback_is_added_once_and_taken_back_once(inbox: Inbox, database: Database) -> None:
    said = FeedbackRecord(event_id=OWN_EVENT, photo_id="p", ordinal=1, said_at=NOW)
    whole = said.model_copy(update={"ordinal": None})
    for record in (said, said, whole, whole):
        assert told(inbox, KIOSK, "feedback", record).is_taken
    assert rows(database, FeedbackRow) == 2
    for record in (said, said, whole):
        assert told(inbox, KIOSK, "feedback", record.model_copy(update={"is_taken_back": True})).is_taken
    assert rows(database, FeedbackRow) == 0
    gone = said.model_copy(update={"event_id": "nowhere"})
    assert told(inbox, KIOSK, "feedback", gone).is_taken


def test_a_voucher_is_the_kiosks_that_issued_it_first(inbox: Inbox, database: Database) -> None:
    assert told(inbox, KIOSK, "voucher", a_voucher("FREE", KIOSK.subject)).is_taken
    assert told(inbox, KIOSK, "voucher", a_voucher("FREE", KIOSK.subject, used=1)).is_taken
    assert told(inbox, KIOSK, "voucher", a_voucher("FREE", KIOSK.subject)).is_taken
    assert told(inbox, SECOND, "voucher", a_voucher("FREE", SECOND.subject)).code == ErrorCode.VOUCHER_TAKEN
    with database.reading() as session:
        row = session.get_one(VoucherRow, (TENANT, "FREE"))
        assert (row.home_kiosk_id, row.used) == (KIOSK.subject, 1)
    assert changed(database) == [("voucher", "FREE")]


def test_a_person_is_told_to_all_kiosks_of_the_tenant_and_stays_forgotten(
    inbox: Inbox, database: Database
) -> None:
    assert told(inbox, KIOSK, "person", a_person("person-1")).is_taken
    assert told(inbox, SECOND, "person", a_person("person-1", name="Mali")).is_taken
    assert changed(database) == [("person", "person-1")]
    with database.writing() as session:
        session.delete(session.get_one(PersonRow, "person-1"))
        session.add(
            DeletionRow(
                deletion_id="d",
                tenant_id=TENANT,
                requested_at=NOW,
                requested_by="",
                photo_ids="[]",
                faces="[]",
                person_id="person-1",
            )
        )
    assert told(inbox, KIOSK, "person", a_person("person-1")).is_taken
    assert rows(database, PersonRow) == 0


def test_how_a_kiosk_is_stands_with_the_device_and_nothing_else(inbox: Inbox, database: Database) -> None:
    health = HealthRecord(at=NOW, version="1.0", facts={"disk": "full", "free_gb": 1.5, "photos": 7})
    assert told(inbox, KIOSK, "health", health).is_taken
    with database.reading() as session:
        row = session.get_one(DeviceRow, KIOSK.subject)
        assert json.loads(row.health) == {
            "at": NOW.isoformat(),
            "version": "1.0",
            "facts": {"disk": "full", "free_gb": 1.5, "photos": 7},
        }
        assert row.last_seen_at is not None
        assert session.get_one(DeviceRow, SECOND.subject).health == "{}"
