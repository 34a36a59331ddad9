"""Shares of sales and the books of a day, on a file and on PostgreSQL."""

from __future__ import annotations

import csv
import io
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from kiosk.checkout.rules import deliveries_of
from kiosk.checkout.types import Refund
from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.shares import SqlShareStore
from kiosk.database.staff_tables import SaleShareRow
from kiosk.database.tables import OrderRow, PhotoRow
from kiosk.language import Language
from kiosk.payments.types import Payment, PaymentState
from kiosk.photos.types import Photo, PhotoEvent
from kiosk.revenue.day_book import DayBook
from kiosk.revenue.types import Kind
from kiosk.sales.types import Finish, LineKind, Order, OrderLine, OrderState, Package, PackageUse, PrintSize
from kiosk.settings import RevenueSection
from tests.empty_databases import ON_SERVER, empty_url

BANGKOK = ZoneInfo("Asia/Bangkok")
DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
STARTER = Package("starter", "package.starter", 5, 29_900)


@dataclass
class Books:
    """A kiosk's rows, its clock and its day book."""

    database: Database
    clock: ManualClock
    folder: Path
    section: RevenueSection = field(default_factory=RevenueSection)

    def __post_init__(self) -> None:
        self.store = SqlCheckoutStore(self.database, self.clock)
        self.shares = SqlShareStore(self.database, self.clock, BANGKOK)
        self.book = DayBook(self.shares, self.folder, BANGKOK, self.clock, lambda: self.section)
        self._made = 0
        photos = SqlPhotoRepository(self.database)
        photos.add_event(PhotoEvent("run", "Run", "วิ่ง", NOON))
        for number, name in enumerate(("Ploy", "Nok", ""), start=1):
            photos.add_photo(a_photo(number, name), ())

    def sell(
        self,
        *lines: OrderLine,
        total: int = 29_900,
        at: datetime = NOON,
        is_paid: bool = True,
        **changes: object,
    ) -> Order:
        """A paid order; `changes` are the payment's."""
        self._made += 1
        number = self._made
        order = Order(
            order_id=f"order-{number}",
            code=f"K1-{number:04d}",
            event_id="run",
            language="th",
            state=OrderState.AWAITING_PAYMENT,
            lines=tuple(replace(line, line_id=f"{number}-{line.line_id}") for line in lines),
            total_satang=total,
            discount_satang=0,
            created_at=at,
            packages=(PackageUse(STARTER, 1),),
            kiosk_id=self.store.kiosk_id,
        )
        payment = Payment(
            payment_id=f"pay-{number}",
            order_id=order.order_id,
            idempotency_key=f"key-{number}",
            gateway="paynoi",
            state=PaymentState.CREATED,
            amount_satang=total,
            due_satang=total,
            received_satang=0,
            created_at=at,
        )
        self.clock.set_by((at - self.clock.now()).total_seconds())
        assert self.store.open_order(order, payment)
        if not is_paid:
            return order
        paid = replace(payment, state=PaymentState.PAID, received_satang=total, settled_at=at)
        paid = replace(paid, **changes)  # type: ignore[arg-type]
        self.store.settle(paid, PaymentState.CREATED, deliveries_of(order, at), at)
        return order

    def give_back(self, order: Order, amount: int, at: datetime, payment_id: str = "") -> None:
        refund_id = f"refund-{order.order_id}-{amount}"
        self.store.give_back(Refund(refund_id, order.order_id, payment_id, amount, "", "Nok", at))


def a_photo(number: int, photographer: str) -> Photo:
    return Photo(
        photo_id=f"{number:032x}",
        event_id="run",
        number=number,
        file_name=f"{number}.jpg",
        content_hash=f"{number:064x}",
        width=6000,
        height=4000,
        taken_at=NOON,
        imported_at=NOON,
        photographer=photographer,
    )


def digital(number: int) -> OrderLine:
    return OrderLine(f"d{number}", LineKind.DIGITAL, f"{number:032x}")


def printed(number: int, amount: int, copies: int = 1) -> OrderLine:
    return OrderLine(
        f"p{number}", LineKind.PRINT, f"{number:032x}", amount, PrintSize.S10X15, Finish.GLOSSY, copies
    )


@pytest.fixture(params=["sqlite", ON_SERVER])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    if request.param == "sqlite":
        database = open_database(tmp_path / "kiosk.db")
    else:
        database = open_database(empty_url(request, tmp_path))
    yield Books(database, ManualClock(NOON), tmp_path / "papers")
    database.close()


def sums(books: Books) -> dict[tuple[str, str], int]:
    """What each party got so far, of everything."""
    total: Counter[tuple[str, str]] = Counter()
    with books.database.reading() as session:
        for row in session.query(SaleShareRow):
            total[row.kind, row.party] += row.amount_satang
    return dict(total)


def test_a_sale_is_shared_also_between_the_photographers_of_its_photos(
    books: Books,
) -> None:
    books.sell(digital(1), digital(2), printed(2, 10_000, 2), total=39_900)
    assert books.book.fix_shares() == 1
    photographers = 19_950
    ploy = round(photographers * 29_900 / (2 * 29_900 + 2 * 10_000))
    assert sums(books) == {
        ("platform", ""): 11_970,
        ("organiser", ""): 7_980,
        ("photographer", "Ploy"): ploy,
        ("photographer", "Nok"): photographers - ploy,
    }


def test_shares_are_fixed_once_whatever_the_plan_is_later(books: Books) -> None:
    books.sell(digital(1))
    books.book.fix_shares()
    before = sums(books)
    books.section = RevenueSection(plan="premium")
    assert books.book.fix_shares() == 0
    assert sums(books) == before
    books.sell(digital(1))
    books.book.fix_shares()
    assert sums(books)["photographer", "Ploy"] == 14_950 + 16_445


def test_the_photographers_part_grows_with_the_sales_of_the_month_and_begins_anew(books: Books) -> None:
    books.section = RevenueSection(plan="volume", volume_baht=(400, 600))
    for at in (NOON, NOON, NOON, NOON + timedelta(days=20)):
        books.sell(digital(1), at=at)
    books.book.fix_shares()
    photographer = [
        row.share.amount_satang * 100 // 29_900
        for row in books.shares.shares(NOON, NOON + timedelta(99))
        if row.share.kind is Kind.PHOTOGRAPHER
    ]
    assert photographer == [70, 70, 75, 70]


def test_what_is_given_back_of_the_price_is_taken_off_by_the_same_plan(books: Books) -> None:
    order = books.sell(digital(1), digital(2))
    books.book.fix_shares()
    books.section = RevenueSection(plan="premium")
    books.give_back(order, 29_900, NOON + timedelta(hours=1))
    assert books.book.fix_shares() == 1
    assert set(sums(books).values()) == {0}
    payouts = books.book.payouts(DAY, DAY)
    assert {(each.kind, each.party): (each.sales, each.amount_satang) for each in payouts} == {
        (Kind.PHOTOGRAPHER, "Nok"): (1, 0),
        (Kind.PHOTOGRAPHER, "Ploy"): (1, 0),
        (Kind.ORGANISER, ""): (1, 0),
        (Kind.PLATFORM, ""): (1, 0),
    }


def test_what_is_given_back_is_taken_off_those_who_got_it_though_the_month_has_grown_since(
    books: Books,
) -> None:
    books.section = RevenueSection(plan="volume", volume_baht=(400, 600))
    first = books.sell(digital(1), digital(2))
    for _ in range(3):
        books.sell(digital(3))
    books.book.fix_shares()
    before = sums(books)
    assert before["photographer", "Ploy"] == 10_465, "70 % for two"
    books.give_back(first, 29_900, NOON + timedelta(hours=1))
    books.book.fix_shares()
    after = sums(books)
    assert (after["photographer", "Ploy"], after["photographer", "Nok"]) == (0, 0)
    assert sum(after.values()) == 3 * 29_900


def test_what_is_given_back_is_taken_off_those_who_got_it_though_their_photos_are_deleted(
    books: Books,
) -> None:
    order = books.sell(digital(1), digital(2))
    books.book.fix_shares()
    with books.database.writing() as session:
        session.execute(delete(PhotoRow).where(PhotoRow.photo_id == f"{1:032x}"))
    books.give_back(order, 15_000, NOON + timedelta(hours=1))
    books.give_back(order, 14_900, NOON + timedelta(hours=2))
    books.book.fix_shares()
    assert set(sums(books).values()) == {0}
    assert ("photographer", "") not in sums(books)


def test_a_sale_that_was_given_back_at_another_kiosk_is_taken_off_once_it_is_heard(books: Books) -> None:
    order = books.sell(digital(1), digital(2))
    books.book.fix_shares()
    with books.database.writing() as session:
        session.get_one(OrderRow, order.order_id).state = OrderState.REFUNDED.value
    assert books.book.fix_shares() == 1
    assert set(sums(books).values()) == {0}
    assert books.book.fix_shares() == 0
    report = books.book.report(DAY)
    assert (report.given_back_satang, report.kept_satang) == (29_900, 0)


def test_money_that_came_too_much_is_nobodys_share(books: Books) -> None:
    order = books.sell(digital(3), state=PaymentState.OVER, received_satang=30_900)
    books.book.fix_shares()
    books.give_back(order, 1_000, NOON, "pay-1")
    assert books.book.fix_shares() == 0
    assert sum(sums(books).values()) == 29_900
    assert ("photographer", "") in sums(books)


def test_the_books_of_a_day_add_up(books: Books) -> None:
    books.sell(digital(1), digital(2), due_satang=29_937, received_satang=29_937)
    over = books.sell(digital(1), state=PaymentState.OVER, received_satang=40_000, confirmed_by="Nok")
    books.give_back(over, 10_100, NOON, "pay-2")
    gone = books.sell(digital(2), printed(2, 5_000, 2), total=34_900)
    books.give_back(gone, 34_900, NOON + timedelta(hours=2))
    books.sell(digital(1), at=NOON + timedelta(days=1))
    report = books.book.report(DAY)
    assert (report.orders, report.photos, report.sheets) == (3, 4, 2)
    assert report.paid_satang == 29_900 + 29_900 + 34_900
    assert (report.code_satang, report.extra_satang) == (37, 10_100)
    assert (report.given_back_satang, report.extra_given_back_satang) == (34_900, 10_100)
    assert report.kept_satang == 29_937 + 29_900
    assert report.by_gateway == {"paynoi": 94_700}
    assert report.by_staff_satang == 29_900
    assert sum(each.amount_satang for each in report.payouts) == 59_800


def test_short_money_is_of_the_price_where_it_was_topped_up_and_else_extra(books: Books) -> None:
    def come_short(order: Order, payment_id: str, received: int) -> Payment:
        payment = books.store.payment(payment_id)
        short = replace(payment, state=PaymentState.SHORT, received_satang=received, settled_at=NOON)
        assert books.store.update_payment(short, PaymentState.CREATED)
        return short

    topped = books.sell(digital(1), is_paid=False)
    short = come_short(topped, "pay-1", 10_000)
    rest = replace(
        short,
        payment_id="rest",
        idempotency_key="rest",
        gateway="promptpay",
        state=PaymentState.CREATED,
        amount_satang=19_900,
        due_satang=19_900,
        received_satang=0,
        created_at=NOON + timedelta(minutes=1),
        settled_at=None,
    )
    books.store.add_payment(rest)
    paid = replace(rest, state=PaymentState.PAID, received_satang=19_900, settled_at=NOON)
    books.store.settle(paid, PaymentState.CREATED, deliveries_of(topped, NOON), NOON)
    gone = books.sell(digital(2), is_paid=False)
    come_short(gone, "pay-2", 5_000)
    books.give_back(gone, 5_000, NOON, "pay-2")
    report = books.book.report(DAY)
    assert (report.paid_satang, report.by_gateway) == (29_900, {"paynoi": 10_000, "promptpay": 19_900})
    assert (report.extra_satang, report.extra_given_back_satang, report.kept_satang) == (5_000, 5_000, 29_900)
    books.store.settle(
        replace(short, state=PaymentState.OVER, received_satang=12_000),
        PaymentState.SHORT,
        deliveries_of(topped, NOON),
        NOON,
    )
    report = books.book.report(DAY)
    assert report.by_gateway == {"paynoi": 10_000, "promptpay": 19_900}
    assert report.extra_satang == 7_000


def test_a_day_begins_and_ends_at_the_venues_midnight(books: Books) -> None:
    books.sell(digital(1), at=datetime(2026, 11, 19, 16, 59, 59, tzinfo=UTC))
    books.sell(digital(1), at=datetime(2026, 11, 19, 17, 0, tzinfo=UTC))
    books.sell(digital(1), at=datetime(2026, 11, 20, 16, 59, 59, tzinfo=UTC))
    books.sell(digital(1), at=datetime(2026, 11, 20, 17, 0, tzinfo=UTC))
    assert books.book.report(DAY).orders == 2


def test_a_day_that_is_closed_stays_as_it_was(books: Books) -> None:
    order = books.sell(digital(1))
    assert books.book.close(DAY, "Nok").closed_at is None, "it is not over"
    books.clock.set_by(86_400)
    closed = books.book.close(DAY, "Nok")
    assert (closed.orders, closed.closed_by) == (1, "Nok")
    books.give_back(order, 29_900, NOON)
    assert books.book.report(DAY) == closed
    assert books.book.close(DAY, "Ploy") == closed


@pytest.mark.parametrize("language", list(Language))
def test_the_papers_can_be_read(books: Books, language: Language) -> None:
    books.sell(digital(1), digital(2))
    books.clock.set_by(86_400)
    day, payouts = books.book.close_day(DAY, "Nok", language), books.book.save_payouts(DAY, DAY, language)
    lines = list(csv.DictReader(io.StringIO(payouts.with_suffix(".csv").read_text("utf-8-sig"))))
    assert sum(float(line["payout_baht"]) for line in lines) == pytest.approx(299.00)
    sales = io.StringIO(payouts.with_name(f"{payouts.stem}-sales.csv").read_text("utf-8-sig"))
    assert sum(float(line["share_baht"]) for line in csv.DictReader(sales)) == pytest.approx(299.00)
    assert "kept_baht,299.00" in day.with_suffix(".csv").read_text("utf-8-sig")
    for path, words in ((day, "299.00"), (payouts, "Ploy")):
        text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
        assert words in text.stdout
