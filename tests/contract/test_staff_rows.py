"""The rows behind the staff's pages, on a file and on a server alike."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import create_engine, exc, text

from kiosk.clock import ManualClock
from kiosk.database.audit import SqlAuditLog
from kiosk.database.engine import Database, open_database
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.slips import SqlSlipBook
from kiosk.database.staff import SqlStaffRepository
from kiosk.database.visitor_counts import SqlVisitorCounts, Visitors
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import LineKind, Order, OrderLine, OrderState
from kiosk.staff.types import AuditAction, Role, SlipUse, StaffMember
from tests.empty_databases import ON_SERVER
from tests.peers.postgres import PostgresServer

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MALEE = StaffMember("s1", "Malee", Role.MANAGER, NOW)


@pytest.fixture(scope="module")
def empty_staff_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once; copied for each test, for what is in the log cannot be taken out."""
    path = tmp_path_factory.mktemp("empty") / "kiosk.db"
    open_database(path).close()
    return path


@pytest.fixture(scope="module")
def empty_staff_database(postgres_server: PostgresServer) -> str:
    """The same on the server."""
    url = postgres_server.new_database("empty_staff")
    open_database(url).close()
    return url


def _copied(url: str) -> str:
    """A copy of a database on the server."""
    name = f"staff_{next(_numbers)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    server = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE {name} TEMPLATE "{engine.url.database}"'))
    server.dispose()
    return engine.url.set(database=name).render_as_string(hide_password=False)


_numbers = count(1)


@pytest.fixture(params=["sqlite", ON_SERVER])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        copy = shutil.copyfile(request.getfixturevalue("empty_staff_file"), tmp_path / "kiosk.db")
        return f"sqlite:///{copy}"
    return _copied(request.getfixturevalue("empty_staff_database"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url, ManualClock())
    yield opened
    opened.close()


@pytest.fixture
def change(url: str, database: Database) -> Iterator[Callable[[str], None]]:
    """Somebody who goes around the program."""
    engine = create_engine(url)

    def run(statement: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement))

    yield run
    engine.dispose()


# -- the log ----------------------------------------------------------------------------------------


def test_a_line_comes_back_as_it_was_written_the_newest_first(database: Database) -> None:
    log = SqlAuditLog(database)
    log.add(NOW, None, AuditAction.SIGN_IN_FAILED, "", {"code": "K-101"})
    for number in range(5):
        log.add(NOW + timedelta(seconds=number), MALEE, AuditAction.REFUNDED, f"K1-{number}", {"ไทย": "ก็"})
    newest, *_ = entries = log.entries(most=4)
    assert (newest.audit_id, newest.staff_name, newest.action) == (6, "Malee", AuditAction.REFUNDED)
    assert (newest.subject, newest.detail, newest.at) == ("K1-4", {"ไทย": "ก็"}, NOW + timedelta(seconds=4))
    assert [each.audit_id for each in log.entries(before_id=entries[-1].audit_id)] == [2, 1]
    assert log.verify() == 6


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET detail = '{}' WHERE audit_id = 1",
        "DELETE FROM audit_log WHERE audit_id = 2",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_line(
    database: Database, change: Callable[[str], None], statement: str
) -> None:
    log = SqlAuditLog(database)
    for _ in range(2):
        log.add(NOW, MALEE, AuditAction.REFUNDED)
    with pytest.raises(exc.DBAPIError, match="can only grow"):
        change(statement)
    assert log.verify() == 2


def test_a_server_refuses_to_empty_the_log(empty_staff_database: str) -> None:
    engine = create_engine(empty_staff_database)
    with pytest.raises(exc.DBAPIError, match="can only grow"), engine.begin() as connection:
        connection.execute(text("TRUNCATE audit_log"))
    engine.dispose()


_LIFT = (
    "DROP TRIGGER audit_log_no_update",
    "DROP TRIGGER audit_log_no_delete",
    "DROP TRIGGER audit_log_only_grows ON audit_log",
)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET subject = 'K1-9' WHERE audit_id = 2",
        "DELETE FROM audit_log WHERE audit_id = 1",
        "DELETE FROM audit_log WHERE audit_id = 3",
        "DELETE FROM audit_log",
    ],
)
def test_what_was_changed_around_the_database_is_found(
    database: Database, change: Callable[[str], None], statement: str
) -> None:
    log = SqlAuditLog(database)
    for number in range(3):
        log.add(NOW, MALEE, AuditAction.REFUNDED, f"K1-{number}")
    for lift in _LIFT:
        with suppress(exc.DBAPIError):
            change(lift)
    change(statement)
    with pytest.raises(KnownError) as broken:
        log.verify()
    assert broken.value.code is ErrorCode.AUDIT_BROKEN


def test_lines_of_many_threads_make_one_chain(database: Database) -> None:
    logs = [SqlAuditLog(database) for _ in range(4)]

    def write(log: SqlAuditLog) -> None:
        for _ in range(5):
            log.add(NOW, MALEE, AuditAction.PAYMENT_CHECKED)

    threads = [Thread(target=write, args=(log,)) for log in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert logs[0].verify() == 20


# -- staff ------------------------------------------------------------------------------------------


def test_staff_come_back_as_they_were_stored(database: Database) -> None:
    staff = SqlStaffRepository(database)
    staff.add(MALEE, "hash-1")
    staff.add(replace(MALEE, staff_id="s2", name="Ann", is_active=False), "hash-2")
    assert [each.name for each in staff.members()] == ["Malee", "Ann"]
    staff.note_tries("s1", 5, NOW)
    assert staff.member("s1") == replace(MALEE, failed_tries=5, locked_until=NOW)
    staff.set_pin_hash("s1", "hash-3")
    assert (staff.pin_hash("s1"), staff.member("s1")) == ("hash-3", MALEE)
    staff.change(replace(MALEE, role=Role.STAFF, is_active=False))
    assert (staff.member("s1").role, staff.member("s1").is_active) == (Role.STAFF, False)


def test_a_name_is_one_persons_and_who_is_not_there_is_unknown(database: Database) -> None:
    staff = SqlStaffRepository(database)
    staff.add(MALEE, "hash")
    with pytest.raises(KnownError) as taken:
        staff.add(replace(MALEE, staff_id="s2"), "hash")
    assert taken.value.code is ErrorCode.STAFF_TAKEN
    for ask in (staff.member, staff.pin_hash):
        with pytest.raises(KnownError) as unknown:
            ask("s9")
        assert unknown.value.code is ErrorCode.STAFF_UNKNOWN


# -- slips and visitors -----------------------------------------------------------------------------


def an_order(database: Database, name: str) -> None:
    order = Order(
        order_id=name,
        code=f"K1-00{name.upper()}",
        event_id="run",
        language="th",
        state=OrderState.AWAITING_PAYMENT,
        lines=(OrderLine(f"line-{name}", LineKind.DIGITAL, "photo-1"),),
        total_satang=100,
        discount_satang=0,
        created_at=NOW,
    )
    payment = Payment(f"pay-{name}", name, f"key-{name}", "fake", PaymentState.CREATED, 100, 100, 0, NOW)
    assert SqlCheckoutStore(database).open_order(order, payment)


def test_a_slip_that_was_taken_stands_for_one_payment_only(database: Database) -> None:
    for name in ("o1", "o2"):
        an_order(database, name)
    slips = SqlSlipBook(database)
    shown = SlipUse("002", "REF1", "o1", "pay-o1", 0, False, "", NOW)
    taken = replace(shown, amount_satang=29900, staff_name="Malee")
    slips.take(replace(shown, order_id="o2", payment_id="pay-o2"))  # somebody else had a picture of it
    slips.take(shown)
    slips.take(taken)
    slips.take(shown)  # the visitor shows it again
    assert slips.find("002", "REF1") == taken
    assert slips.of_payments(["pay-o1", "pay-o2"]) == {"pay-o1": taken}
    with pytest.raises(KnownError) as used:
        slips.take(replace(shown, order_id="o2", payment_id="pay-o2"))
    assert used.value.code is ErrorCode.SLIP_USED
    slips.take(replace(shown, bank="004", order_id="o2", payment_id="pay-o2"))
    assert slips.find("004", "REF2") is None


def test_visitors_are_counted_by_the_hour(database: Database) -> None:
    counts = SqlVisitorCounts(database)
    half_past = NOW + timedelta(minutes=30)
    for found in (1, 0):
        counts.add("run", half_past, 1, found, 1 - found)
    counts.add("run", NOW + timedelta(hours=1), 1, 0, 0)
    assert counts.between(NOW, NOW + timedelta(hours=1)) == Visitors(2, 1, 1)
    assert counts.between(NOW, NOW + timedelta(hours=2)) == Visitors(3, 1, 1)
